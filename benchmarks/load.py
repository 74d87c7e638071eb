"""The long measurements of the whole service: each writes its own section of RESULTS.md.

python -m benchmarks.load [--only SECTION…] [--results FILE]
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks import arrivals, capacity, gateway, many
from benchmarks.measuring import Figure
from benchmarks.results import RESULTS, measured

SECTIONS: Final[dict[str, tuple[str, Callable[[], Iterator[Figure]]]]] = {
    "gateway": ("One gateway, texts, SQLite, emulator in another process", gateway.figures),
    "share": ("The whole service beside the network alone, SQLite", capacity.share_of_network),
    "arrivals": ("Photos at random, beside the queueing model, SQLite", arrivals.waits_beside_model),
    "help": ("Another user while 200 photos wait, at Telegram's pace", capacity.help_while_photos_wait),
    "workers": ("A second worker, PostgreSQL", many.second_worker),
    "fail-over": ("The gateway dies and another one stands by, PostgreSQL", many.fail_over),
}


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", metavar="SECTION", nargs="+", choices=SECTIONS, help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--results", metavar="FILE", type=Path, default=RESULTS)
    asked = parser.parse_args()
    for name in asked.only or SECTIONS:
        title, figures = SECTIONS[name]
        measured(title, figures, asked.results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
