"""The network of the usual copy: a whole ResNet50 in float32, as the exporters of the usual tools write it.

Its weights are drawn by chance: how long it takes and how much memory it needs does not hang on what it has learnt.

Source: He et al. 2015, Deep Residual Learning, arXiv:1512.03385.
"""

from typing import Any, Final

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

_SIDE_PX: Final = 224
_CLASSES: Final = 7
_STAGES: Final = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # width, blocks, stride of the first
_OPSET: Final = 18


class _Graph:
    """Nodes and weights of a network that grows."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self._rng = np.random.default_rng(0)

    def add(self, kind: str, *inputs: str, name: str = "", **attributes: object) -> str:
        """Return the name of what the new node says."""
        said = name or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [said], **attributes))
        return said

    def weight(self, *shape: int) -> str:
        """Return the name of new weights: what goes through them stays of its size."""
        scale = (2 / np.prod(shape[1:])) ** 0.5 if len(shape) > 1 else 0.0
        name = f"weight_{len(self.weights)}"
        values = scale * self._rng.standard_normal(shape, np.float32)
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def convolved(self, x: str, inputs: int, outputs: int, side: int, stride: int = 1, **named: str) -> str:
        """Return what a convolution of side×side says; a BatchNorm is folded into it."""
        pads = [side // 2] * 4
        kernel, offset = self.weight(outputs, inputs, side, side), self.weight(outputs)
        return self.add("Conv", x, kernel, offset, strides=[stride, stride], pads=pads, **named)

    def block(self, x: str, inputs: int, width: int, stride: int) -> str:
        """Return what a bottleneck says."""
        y = self.add("Relu", self.convolved(x, inputs, width, 1))
        y = self.add("Relu", self.convolved(y, width, width, 3, stride))
        y = self.convolved(y, width, 4 * width, 1)
        shortcut = x if inputs == 4 * width else self.convolved(x, inputs, 4 * width, 1, stride)
        return self.add("Relu", self.add("Add", y, shortcut))


def resnet50() -> bytes:
    """Return the network, an ONNX file: image (1, 3, 224, 224) → logits (1, 7), class_activation_map (1, 7, 7, 7)."""
    graph = _Graph()
    x = graph.add("Relu", graph.convolved("image", 3, 64, 7, 2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    inputs = 64
    for width, blocks, stride in _STAGES:
        for index in range(blocks):
            x = graph.block(x, inputs, width, stride if index == 0 else 1)
            inputs = 4 * width
    graph.convolved(x, inputs, _CLASSES, 1, name="class_activation_map")
    graph.weights.append(numpy_helper.from_array(np.array([2, 3], np.int64), "plane"))
    graph.add("ReduceMean", "class_activation_map", "plane", name="logits", keepdims=0)
    cells = _SIDE_PX // 32
    shapes = {"image": [1, 3, _SIDE_PX, _SIDE_PX], "logits": [1, _CLASSES]}
    shapes |= {"class_activation_map": [1, _CLASSES, cells, cells]}
    image, *said = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items())
    made = helper.make_graph(graph.nodes, "resnet50", [image], said, graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=10)
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
