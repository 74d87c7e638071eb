"""Average the weights of several sittings: about as good as all of them asked together.

    python -m training.soup OUT CHECKPOINT…

Writes OUT, for `python -m training.train … --start OUT`. The checkpoints are of one network: all rounded to eight bits
or none, and taught from the same start; one that is named twice counts twice.

Source: Wortsman et al. 2022, Model soups, arXiv:2203.05482.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from training.command_line import folders
from training.whole import whole


def soup(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of each weight; what is counted and no weight is that of the first.

    Raises:
        ValueError: they are not states of one network.
    """
    if any(state.keys() != states[0].keys() for state in states):
        raise ValueError("some of the checkpoints have learnt with eight bits, others without")
    mean = {
        name: torch.stack([state[name] for state in states]).mean(0) if value.is_floating_point() else value
        for name, value in states[0].items()
    }
    return {name: value.round() if name.endswith("zero_point") else value for name, value in mean.items()}


def main(out: Path, checkpoints: Sequence[Path]) -> None:
    """Read, average, write."""
    averaged = soup([torch.load(path, mmap=True)["averaged"] for path in checkpoints])
    with whole(out) as written:
        torch.save({"averaged": averaged}, written)


if __name__ == "__main__":
    parser = folders(__doc__, "out")
    parser.add_argument("checkpoints", type=Path, nargs="+")
    main(**vars(parser.parse_args()))
