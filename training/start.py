"""Where training starts: at the pretrained backbone, or at the network that shipped last."""

import io
import lzma
import re
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from onnx import ModelProto, numpy_helper
from torch import Tensor, nn

from training.blocks import kernel_in_pixels
from training.network import LesionNet

_BATCH: Final = 32
_HEADS: Final = {
    "head_weight": "head.weight",
    "head_bias": "head.bias",
    "clinical_weight": "clinical_head.weight",
    "clinical_bias": "clinical_head.bias",
}  # the gate of the file was fitted on features: the head that helps to learn them starts anew
_OF_PARENT: Final = re.compile(r"(\w+)/\1\.")


def load_backbone(network: LesionNet, path: Path) -> None:
    """Fill everything but the heads from a .npz.xz of torchvision's parameter names.

    Raises:
        RuntimeError: the file lacks a parameter of the network.
    """
    with lzma.open(path) as file:
        weights = np.load(io.BytesIO(file.read()))
    state = {name: torch.from_numpy(weights[name]) for name in weights.files if not name.startswith("fc.")}
    missing, unexpected = network.load_state_dict(state, strict=False)
    lacking = [name for name in missing if "head." not in name and "num_batches" not in name]
    if lacking or unexpected:
        raise RuntimeError(f"{path}: lacks {lacking}, has {unexpected}")


def shipped(path: Path, pictures: Tensor) -> LesionNet:
    """Return the network of a model.onnx, so that another sitting goes on where the last one ended.

    There every BatchNorm is folded into its convolution, whose weights are rounded. Here it is unfolded again: the
    pictures tell the mean and spread of what each convolution says, and scale and offset are set to give that back.

    Args:
        path: what export.py wrote.
        pictures: (N, 3, S, S) float32, normalised, of the train part.
    """
    weights = _convolutions(onnx.load(path))
    kernel, offset = weights["conv1"]
    weights["conv1"] = kernel_in_pixels(kernel), offset
    network: LesionNet = LesionNet(width=len(weights["layer1.0.conv2"][0])).eval()
    for name, convolution in named_convolutions(network):
        kernel, offset = weights[name]
        convolution.weight.data.copy_(torch.from_numpy(kernel))
        _unfold(network.get_submodule(norm_name(name)), torch.from_numpy(offset), 0.0, 1.0)
    state = network.state_dict()
    for tensor in onnx.load(path).graph.initializer:
        if tensor.name in _HEADS:
            name = _HEADS[tensor.name]
            state[name].copy_(torch.from_numpy(numpy_helper.to_array(tensor).copy()).reshape(state[name].shape))
    _measure(network, pictures, {name: torch.from_numpy(offset) for name, (_, offset) in weights.items()})
    return network


def _convolutions(model: ModelProto) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return kernel and offset of each convolution of the body, in float32, by the name of its module."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            rounded, scale = constants[node.input[0]], constants[node.input[1]]
            constants[node.output[0]] = rounded.astype(np.float32) * scale.reshape(-1, *[1] * (rounded.ndim - 1))
    return {
        module_name(node.name): (constants[node.input[1]].copy(), constants[node.input[2]].copy())
        for node in model.graph.node
        if node.op_type == "Conv" and node.name.endswith("/Conv")
    }


def module_name(node_name: str) -> str:
    """/layer2/layer2.0/downsample/downsample.0/Conv to layer2.0.downsample.0: the module of a node of the file."""
    return _OF_PARENT.sub(r"\1.", node_name.rpartition("/")[0].lstrip("/")).replace("/", ".")


def named_convolutions(network: LesionNet) -> list[tuple[str, nn.Conv2d]]:
    """Return the convolutions of a network with their names."""
    return [(name, module) for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]


def norm_name(convolution: str) -> str:
    """Return the name of the BatchNorm that follows a convolution."""
    head, _, last = convolution.rpartition(".")
    norm = last.replace("conv", "bn") if "conv" in last else str(int(last) + 1)
    return f"{head}.{norm}" if head else norm


def _unfold(norm: nn.BatchNorm2d, offset: Tensor, mean: Tensor | float, variance: Tensor | float) -> None:
    """Make a BatchNorm add the offset and nothing else, if its inputs have this mean and variance."""
    mean, variance = torch.as_tensor(mean).expand(offset.shape), torch.as_tensor(variance).expand(offset.shape)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.data.copy_((variance + norm.eps).sqrt())
    norm.bias.data.copy_(offset + mean)


def show(network: LesionNet, pictures: Tensor) -> None:
    """Let a network look at (N, 3, S, S) pictures, some at a time, for the sake of its hooks."""
    for start in range(0, len(pictures), _BATCH):
        network(pictures[start : start + _BATCH])


@torch.inference_mode()  # type: ignore[untyped-decorator]  # mypy skips torch
def _measure(network: LesionNet, pictures: Tensor, offsets: dict[str, Tensor]) -> None:
    sums: dict[str, list[Tensor]] = {name: [] for name in offsets}
    hooks = [
        convolution.register_forward_hook(
            lambda _module, _inputs, said, name=name: sums[name].append(
                torch.stack([said.mean((0, 2, 3)), said.square().mean((0, 2, 3))])
            )
        )
        for name, convolution in named_convolutions(network)
    ]
    show(network, pictures)
    for hook in hooks:
        hook.remove()
    for name, seen in sums.items():
        mean, square = torch.stack(seen).mean(0)
        _unfold(network.get_submodule(norm_name(name)), offsets[name], mean, (square - mean.square()).clamp(min=0))
