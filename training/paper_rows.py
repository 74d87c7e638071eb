"""Which settings of paper.py are measured already, and where that is told.

    python -m training.paper_rows RUN MODELS [--side PX] [--epochs N]

Says so, or ends with 1 where one of the splits is still to be measured. It needs neither photos nor PyTorch: nobody
prepares the one and installs the other only to hear that there is nothing to do.
"""

import sys
from pathlib import Path
from typing import Any, Final

from training.command_line import folders
from training.told import told

SPLITS: Final = ("image", "lesion")
SIDE_PX: Final = 64
EPOCHS: Final = 5


def rows(run: Path, models: Path) -> list[dict[str, Any]]:
    """Return the rows of the card, and those that RUN has added."""
    return list((told("paper", run, models) or {"rows": []})["rows"])


def missing(run: Path, models: Path, side_px: int, epochs: int) -> list[str]:
    """Return the splits that were not measured with these settings; where there are none, say so."""
    known = {(one["side_px"], one["epochs"], one["split"]) for one in rows(run, models)}
    left = [split for split in SPLITS if (side_px, epochs, split) not in known]
    if not left:
        where = run / "paper.json" if (run / "paper.json").exists() else f'{models / "figures.json"}, under "paper"'
        print(f"Pictures of {side_px} pixels and {epochs} epochs are measured already, with both splits: see {where}.")
        print(
            "Others are measured by: make paper DATA=folder SIDE=pixels EPOCHS=number, one of them or both", flush=True
        )
    return left


if __name__ == "__main__":
    parser = folders(__doc__, "run", "models")
    parser.add_argument("--side", type=int, default=SIDE_PX)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    words = parser.parse_args()
    sys.exit(1 if missing(words.run, words.models, words.side, words.epochs) else 0)
