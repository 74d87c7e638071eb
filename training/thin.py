"""Leave out a part of the inner channels of a network, those that its answers hang on least; training goes on from it.

    python -m training.thin CACHE OUT CHECKPOINT [--width N]

What a channel is worth is how much the loss would change without it, to the first order. What is left out is taken to
be a linear mix of what stays, so that the next convolution can make up for it before anything is trained.

Source: Molchanov et al. 2019, Importance Estimation for Neural Network Pruning, arXiv:1906.10771; He et al. 2017,
Channel Pruning for Accelerating Very Deep Neural Networks, arXiv:1707.06168.
"""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inference.classes import LesionClass
from training.batches import sampling_chances
from training.command_line import folders
from training.data import load, network_inputs
from training.network import FULL_WIDTH, LesionNet, bottlenecks, width_of
from training.rounding import has_ranges, network_of
from training.whole import whole

_WIDTH: Final = FULL_WIDTH * 3 // 4
_PHOTOS: Final = 1024
_BATCH: Final = 32
_RIDGE: Final = 1e-3  # of the mean variance


class Seen:
    """What passed between two convolutions: moments over all positions, and what each channel is worth."""

    def __init__(self, channels: int) -> None:
        self.count = 0
        self.sum = torch.zeros(channels, dtype=torch.float64)
        self.products = torch.zeros(channels, channels, dtype=torch.float64)
        self.worth = torch.zeros(channels, dtype=torch.float64)

    def look(self, _module: nn.Module, inputs: tuple[Tensor]) -> None:
        """Take note of what goes into a convolution, and of its gradient when that is known."""
        (values,) = inputs
        rows = values.detach().permute(0, 2, 3, 1).flatten(0, 2)
        self.count += len(rows)
        self.sum += rows.sum(0)
        self.products += rows.T @ rows
        kept = values.detach()
        values.register_hook(lambda gradient: self._weigh(kept, gradient))

    def _weigh(self, values: Tensor, gradient: Tensor) -> None:
        self.worth += (values * gradient).sum((2, 3)).square().sum(0)

    def best(self, count: int) -> tuple[Tensor, Tensor]:
        """Return the indices of the channels that are worth most, and of the others, in their order."""
        order = self.worth.argsort(descending=True)
        return order[:count].sort().values, order[count:].sort().values

    def mix(self, kept: Tensor, left_out: Tensor) -> tuple[Tensor, Tensor]:
        """Return (left out, kept) and (left out,): the linear mix of the kept that is nearest to what is left out."""
        mean = self.sum / self.count
        covariance = self.products / self.count - mean.outer(mean)
        within = covariance[kept][:, kept]
        ridge = _RIDGE * within.diagonal().mean() * torch.eye(len(kept), dtype=torch.float64)
        mixed = torch.linalg.solve(within + ridge, covariance[kept][:, left_out]).T
        return mixed.float(), (mean[left_out] - mixed @ mean[kept]).float()


def thinned(network: LesionNet, pictures: Tensor, labels: Tensor, width: int) -> LesionNet:
    """Return a network of this width that answers as much like another as it can without training.

    Args:
        network: not rounded; in eval().
        pictures: (N, 3, S, S) float32, normalised, of the train part.
        labels: (N,) int64, their classes.
        width: see LesionNet.
    """
    seen = _watched(network, pictures, labels)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    thin = LesionNet(width=width)
    inner = {name: module.conv2.out_channels for name, module in bottlenecks(thin).items()}
    for name in bottlenecks(network):
        for before, after in (("1", "2"), ("2", "3")):
            values = seen[f"{name}.conv{after}"]
            kept, left_out = values.best(inner[name])
            mixed, offset = values.mix(kept, left_out)
            kernel = state[f"{name}.conv{after}.weight"]
            missing = kernel[:, left_out]
            state[f"{name}.conv{after}.weight"] = kernel[:, kept] + torch.einsum("olhw,lk->okhw", missing, mixed)
            state[f"{name}.bn{after}.running_mean"] -= torch.einsum("olhw,l->o", missing, offset)
            state[f"{name}.conv{before}.weight"] = state[f"{name}.conv{before}.weight"][kept]
            for part in ("weight", "bias", "running_mean", "running_var"):
                state[f"{name}.bn{before}.{part}"] = state[f"{name}.bn{before}.{part}"][kept]
    thin.load_state_dict(state)
    return thin


def _watched(network: LesionNet, pictures: Tensor, labels: Tensor) -> dict[str, Seen]:
    seen, hooks = {}, []
    for name, block in bottlenecks(network).items():
        for inside in ("conv2", "conv3"):
            convolution: nn.Conv2d = getattr(block, inside)
            seen[f"{name}.{inside}"] = Seen(convolution.in_channels)
            hooks.append(convolution.register_forward_pre_hook(seen[f"{name}.{inside}"].look))
    for start in range(0, len(pictures), _BATCH):
        part = slice(start, start + _BATCH)
        F.cross_entropy(network(pictures[part])[:, : len(LesionClass)], labels[part], reduction="sum").backward()
        network.zero_grad()
    for hook in hooks:
        hook.remove()
    return seen


def main(cache: Path, out: Path, checkpoint: Path, width: int) -> None:
    """Read, thin, write; a network that has this width is written as it is.

    Raises:
        ValueError: the network has learnt with eight bits, or is thinner.
    """
    state = torch.load(checkpoint, mmap=True)["averaged"]
    if has_ranges(state) or width_of(state) < width:
        raise ValueError(f"{checkpoint} is no float network of at least this width")
    if width_of(state) > width:
        photos, rng = load(cache / "dermoscopic.npz"), np.random.default_rng(0)
        part = photos.part("train")
        chosen = rng.choice(part, _PHOTOS, replace=False, p=sampling_chances(photos.labels[part]))
        pictures = torch.from_numpy(network_inputs(photos.views[chosen]))
        labels = torch.from_numpy(photos.labels[chosen])
        state = thinned(network_of(state).eval(), pictures, labels, width).state_dict()
    with whole(out) as written:
        torch.save({"averaged": state, "step": 0}, written)


if __name__ == "__main__":
    parser = folders(__doc__, "cache", "out", "checkpoint")
    parser.add_argument("--width", type=int, default=_WIDTH, help="of the first stage's 3×3 convolutions")
    main(**vars(parser.parse_args()))
