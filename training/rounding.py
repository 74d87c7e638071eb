"""The rounding to eight bits, in PyTorch: a network that learns with it loses little by it.

Each BatchNorm is folded into its convolution first, as in the file. Values between the layers take 256 levels of fixed
distance, weights 129 of each channel's largest; gradients pass as if nothing were rounded, and end where it is cut off.
Where it learns in bfloat16, a level may be off by up to 0.7 of the distance: what counts is measured on the file.

Source: Jacob et al. 2017, Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference, arXiv:1712.05877; Bengio et al. 2013 (the straight-through gradient), arXiv:1308.3432.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

import torch
from onnx import ModelProto
from torch import Tensor, nn
from torch.nn import functional as F

from training.data import IMAGENET_MEAN, IMAGENET_STD
from training.network import LesionNet, bottlenecks, width_of
from training.start import module_name, named_convolutions, norm_name, show

Levels: TypeAlias = dict[str, list[dict[str, object]]]  # how onnxruntime is told: scale and zero point of a tensor

_VALUES: Final = 255  # steps between the least and the largest
_WEIGHTS: Final = 64  # steps to either side of zero: seven bits, see export.write_int8
_TINY: Final = 1e-9  # what never says anything has a range, too


class RoundedValues(nn.Module):  # type: ignore[misc]  # mypy skips torch: it is not installed everywhere
    """Rounds what passes to one of 256 levels, or lets it pass where it is off."""

    def __init__(self, *, is_positive: bool = False) -> None:
        super().__init__()
        self.is_on = True
        self.is_positive = is_positive
        self.register_buffer("scale", torch.tensor(1.0))
        self.register_buffer("zero_point", torch.tensor(0.0))

    def set_range(self, low: float, high: float) -> None:
        """Take levels from low to high; zero is one of them."""
        low, high = min(low, 0.0), max(high, 0.0)
        self.scale.fill_(max(high - low, _TINY) / _VALUES)
        self.zero_point.fill_(round(-low / float(self.scale)))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same."""
        if not self.is_on:
            return x
        wide = x.float()
        least, most = -self.zero_point * self.scale, (_VALUES - self.zero_point) * self.scale
        within = torch.minimum(torch.maximum(wide, least), most)
        return (within + ((within / self.scale).round() * self.scale - within).detach()).to(x.dtype)


class RoundedConvolution(nn.Conv2d):  # type: ignore[misc]  # likewise
    """A convolution that has taken in its BatchNorm, with weights of seven bits per channel."""

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
        outputs, inputs = convolution.weight.shape[:2]
        super().__init__(inputs, outputs, convolution.kernel_size, convolution.stride, convolution.padding)
        self.is_on = True
        factor = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
        self.weight.data.copy_(convolution.weight.detach() * factor[:, None, None, None])
        self.bias.data.copy_(norm.bias.detach() - norm.running_mean * factor)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/stride, W/stride)."""
        if not self.is_on:
            return super().forward(x)
        scale = self.weight.detach().abs().amax((1, 2, 3), keepdim=True).clamp(min=_TINY) / _WEIGHTS
        rounded = self.weight + ((self.weight / scale).round() * scale - self.weight).detach()
        return F.conv2d(x, rounded, self.bias, self.stride, self.padding)


def round_network(network: LesionNet) -> None:
    """Fold and round a network in place; its ranges are to be seen, or loaded, after."""
    for name, convolution in named_convolutions(network):
        norm = norm_name(name)
        network.set_submodule(name, RoundedConvolution(convolution, network.get_submodule(norm)))
        network.set_submodule(norm, RoundedValues(is_positive=norm.endswith(("bn1", "bn2"))))
    for block in bottlenecks(network).values():
        block.out = RoundedValues(is_positive=True)
    network.seen = RoundedValues()


def network_of(state: Mapping[str, Tensor]) -> LesionNet:
    """Return the network of a state_dict, rounded if that is one of a rounded network."""
    network = LesionNet(width=width_of(state))
    if has_ranges(state):
        round_network(network)
    network.load_state_dict(state)
    return network


def has_ranges(state: Mapping[str, Tensor]) -> bool:
    """Tell whether a state_dict is one of a rounded network."""
    return "seen.scale" in state


def set_rounding(network: LesionNet, *, is_on: bool) -> None:
    """Round what the network says and weighs, or don't."""
    for module in network.modules():
        if isinstance(module, RoundedValues | RoundedConvolution):
            module.is_on = is_on


@torch.inference_mode()  # type: ignore[untyped-decorator]  # mypy skips torch
def see_ranges(network: LesionNet, pictures: Tensor) -> None:
    """Set each range from the mean, over pictures, of the least and the largest value there.

    Args:
        network: rounded.
        pictures: (N, 3, S, S) float32, normalised, of the train part.
    """
    seen: dict[RoundedValues, list[Tensor]] = {}

    def look(module: RoundedValues, _inputs: object, said: Tensor) -> None:
        seen.setdefault(module, []).append(torch.stack(said.flatten(1).aminmax(dim=1)))

    rounded = [module for module in network.modules() if isinstance(module, RoundedValues)]
    hooks = [module.register_forward_hook(look) for module in rounded]
    set_rounding(network.eval(), is_on=False)
    show(network, pictures)
    set_rounding(network, is_on=True)
    for hook in hooks:
        hook.remove()
    for module, extremes in seen.items():
        low, high = torch.cat(extremes, dim=1).mean(dim=1).tolist()
        module.set_range(0.0 if module.is_positive else low, high)
    channels = list(zip(IMAGENET_MEAN, IMAGENET_STD, strict=True))
    network.seen.set_range(min(-mean / std for mean, std in channels), max((1 - mean) / std for mean, std in channels))


def levels(network: LesionNet, body: ModelProto) -> Levels:
    """Return the levels of each tensor of a body that write_body wrote of this network."""
    after = {node.input[0]: node.output[0] for node in body.graph.node if node.op_type == "Relu"}
    found = {"image": network.seen}
    for node in body.graph.node:
        said = after.get(node.output[0], node.output[0])
        if node.op_type == "Conv":
            found[said] = network.get_submodule(norm_name(module_name(node.name)))
        elif node.op_type == "Add":
            found[said] = bottlenecks(network)[module_name(node.name)].out
    return {
        tensor: [
            {
                "scale": module.scale.numpy().copy(),
                "zero_point": module.zero_point.numpy().astype("uint8"),
            }
        ]
        for tensor, module in found.items()
    }
