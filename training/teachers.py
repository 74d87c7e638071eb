"""Networks that teach another: it learns to answer as they do together, beside what the labels say.

They are shown the very pictures that it learns from, laid over each other and worn as these are.

Source: Hinton et al. 2015, Distilling the Knowledge in a Neural Network, arXiv:1503.02531; Beyer et al. 2022,
Knowledge distillation: A good teacher is patient and consistent, arXiv:2106.05237.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from inference.classes import LesionClass
from training.precision import learning_precision
from training.rounding import network_of, set_rounding


class Teachers:
    """Some trained networks, asked together."""

    def __init__(self, checkpoints: Sequence[Path]) -> None:
        networks = [network_of(torch.load(path, mmap=True)["averaged"]) for path in checkpoints]
        for network in networks:
            set_rounding(network, is_on=False)
            network.eval().requires_grad_(requires_grad=False).to(memory_format=torch.channels_last)
        self._networks = [torch.compile(network) for network in networks]

    @torch.no_grad()  # type: ignore[untyped-decorator]  # mypy skips torch
    def probabilities(self, pictures: Tensor) -> Tensor:
        """(N, 3, S, S), normalised, to (N, classes): the mean of what they say, all classes equally common."""
        with learning_precision():
            said = [network(pictures)[:, : len(LesionClass)] for network in self._networks]
        return torch.stack([each.float().softmax(1) for each in said]).mean(0)
