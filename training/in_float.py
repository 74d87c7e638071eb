"""The file that ships, computed in float32: what does its arithmetic with eight bits cost?

The weights are those of the file. Values between the layers are not rounded, but end where their ranges end, as they
did while the network learnt: with the ranges that begin at zero, that is its ReLU too.

Source: Jacob et al. 2017, arXiv:1712.05877 (a value of eight bits stands for scale · (it - zero point)).
"""

from typing import Final

import numpy as np
from onnx import ModelProto, helper, numpy_helper

_MOST: Final = 255  # that eight bits say


def in_float(rounded: ModelProto) -> ModelProto:
    """Return a network whose values between the layers have eight bits (QDQ) as one whose values are in float32."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in rounded.graph.initializer}
    nodes, ends = [], dict[str, np.ndarray]()
    for node in rounded.graph.node:
        if node.op_type == "QuantizeLinear":
            scale, zero_point = (constants[name].astype(np.float32) for name in node.input[1:])
            least, most = f"{node.output[0]}_least", f"{node.output[0]}_most"
            ends |= {least: -zero_point * scale, most: (_MOST - zero_point) * scale}
            nodes.append(helper.make_node("Clip", [node.input[0], least, most], node.output))
        elif node.op_type == "DequantizeLinear" and node.input[0] not in constants:
            nodes.append(helper.make_node("Identity", [node.input[0]], node.output))
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in rounded.graph.initializer if tensor.name in used]
    model = ModelProto()
    model.CopyFrom(rounded)
    for field in (model.graph.node, model.graph.initializer, model.graph.value_info):
        del field[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend([*kept, *(numpy_helper.from_array(value, name) for name, value in ends.items())])
    return model
