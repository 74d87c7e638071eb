"""The first convolution as onnxruntime does it fastest: over blocks of two by two pixels, with the same sums.

It multiplies what three colours say at one place slowly; the twelve values of a block take less than half the time. A
kernel of 7×7 pixels with a stride of two becomes one of 4×4 blocks with a stride of one, with a row and a column of
zeros where blocks reach further.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

_Number = TypeVar("_Number", bound=np.generic)

_BLOCK: Final = 2
_PIXELS: Final = 7
_BLOCKS: Final = 4
_PADS: Final = [2, 2, 1, 1]  # in blocks: of the three pixels before, four are two blocks; of the three after, one is


def kernel_in_blocks(kernel: NDArray[_Number]) -> NDArray[_Number]:
    """(outputs, C, 7, 7) to (outputs, 4·C, 4, 4): channels in the order of ONNX's SpaceToDepth."""
    outputs, inputs = kernel.shape[:2]
    wide = np.pad(kernel, ((0, 0), (0, 0), (1, 0), (1, 0)))
    split = wide.reshape(outputs, inputs, _BLOCKS, _BLOCK, _BLOCKS, _BLOCK)
    return np.ascontiguousarray(split.transpose(0, 3, 5, 1, 2, 4).reshape(outputs, -1, _BLOCKS, _BLOCKS))


def kernel_in_pixels(kernel: NDArray[_Number]) -> NDArray[_Number]:
    """Return what kernel_in_blocks was given; a kernel of pixels, as in older files, is returned as it is."""
    if kernel.shape[2] == _PIXELS:
        return kernel
    outputs = len(kernel)
    split = kernel.reshape(outputs, _BLOCK, _BLOCK, -1, _BLOCKS, _BLOCKS).transpose(0, 3, 4, 1, 5, 2)
    return np.ascontiguousarray(split.reshape(outputs, -1, _PIXELS + 1, _PIXELS + 1)[:, :, 1:, 1:])


def in_blocks(body: ModelProto) -> ModelProto:
    """Return a body in eight bits, image → features, whose first convolution works on blocks of the image.

    Raises:
        ValueError: its first convolution is not one of 7×7 pixels, or its weights have a zero point.
    """
    model = ModelProto()
    model.CopyFrom(body)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    makers = {output: node for node in model.graph.node for output in node.output}
    convolution = next(node for node in model.graph.node if node.op_type == "Conv")
    kernel = _weights(makers[convolution.input[1]], constants)
    kernel.CopyFrom(numpy_helper.from_array(kernel_in_blocks(numpy_helper.to_array(kernel)), kernel.name))
    taken = [attribute for attribute in convolution.attribute if attribute.name in ("kernel_shape", "strides", "pads")]
    for attribute in taken:
        convolution.attribute.remove(attribute)
    shape = {"kernel_shape": [_BLOCKS, _BLOCKS], "strides": [1, 1], "pads": _PADS}
    convolution.attribute.extend(helper.make_attribute(name, value) for name, value in shape.items())
    rounding = next(node for node in model.graph.node if "image" in node.input)
    rounding.input[0] = "blocks"
    model.graph.node.insert(0, helper.make_node("SpaceToDepth", ["image"], ["blocks"], blocksize=_BLOCK))
    del model.graph.value_info[:]
    return model


def _weights(node: NodeProto, constants: Mapping[str, TensorProto]) -> TensorProto:
    kernel, _, zero_point = (constants[name] for name in node.input)
    if list(kernel.dims[2:]) != [_PIXELS, _PIXELS]:
        raise ValueError(f"The first convolution is of {list(kernel.dims[2:])} pixels, not 7×7")
    if numpy_helper.to_array(zero_point).any():
        raise ValueError("The weights of the first convolution have a zero point: padding would count")
    return kernel
