"""A moving average of the weights of a network that learns: it answers better than the last of them.

Source: Polyak, Juditsky 1992, Acceleration of Stochastic Approximation by Averaging, doi:10.1137/0330046.
"""

import torch
from torch import nn


@torch.no_grad()  # type: ignore[untyped-decorator]  # mypy skips torch
def move(averaged: nn.Module, network: nn.Module, kept: float) -> None:
    """Move the average towards the network; kept of it stays, 0 to 1, and counts are taken over."""
    for mean, value in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(value, 1 - kept)
        else:
            mean.copy_(value)
