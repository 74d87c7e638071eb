"""The shipped network in plain float32, as it would be if nobody had quantised it.

Its weights are those of the shipped file, multiplied out; what only rounds in between is left away.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper


def float_network(path: Path) -> bytes:
    """Return the network without integers, an ONNX file.

    Args:
        path: model.onnx, quantised with pairs of QuantizeLinear and DequantizeLinear.
    """
    return bytes(in_float(onnx.load(path)).SerializeToString())


def in_float(model: Any) -> Any:  # noqa: ANN401 - onnx ships no types that mypy could see
    """Return the model with float32 weights, and without what rounds between its layers."""
    graph = model.graph
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    source_of_rounded = {node.output[0]: node for node in graph.node if node.op_type == "QuantizeLinear"}
    nodes = []
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            constants[node.output[0]] = _multiplied_out(node, constants)
        elif node.op_type == "DequantizeLinear":
            rounding = source_of_rounded[node.input[0]]
            # Bytes from a zero point of 0 know nothing negative: the quantiser let them stand for the ReLU.
            is_relu = not constants[rounding.input[2]].any()
            nodes.append(helper.make_node("Relu" if is_relu else "Identity", rounding.input[:1], node.output))
        elif node.op_type != "QuantizeLinear":
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    weights = [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used]
    plain = helper.make_graph(nodes, graph.name, graph.input, graph.output, weights)
    return helper.make_model(plain, opset_imports=model.opset_import, ir_version=model.ir_version)


def _multiplied_out(node: Any, constants: dict[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:  # noqa: ANN401
    values, scale, zero_point = (constants[name] for name in node.input)
    axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 1)
    shape = [-1 if dimension == axis and scale.size > 1 else 1 for dimension in range(values.ndim)]
    centred = values.astype(np.float32) - zero_point.astype(np.float32).reshape(shape)
    return np.asarray(centred * scale.reshape(shape), np.float32)
