"""Run the benchmarks in one go, print the figures and write their sections of RESULTS.md anew.

    python -m benchmarks [DATA] [--rounds N] [--only SECTION…] [--results FILE]

DATA is the folder of the data sets; what needs them is left out without it. `make bench` runs this on one thread.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

from benchmarks.measuring import software
from benchmarks.results import RESULTS, measured, replace_section
from benchmarks.sections import SECTIONS, Section


def main() -> int:
    """Measure, print, write."""
    arguments = _arguments()
    head = [
        "# Results of the benchmarks",
        "",
        "Written by `make bench`, and the sections on the whole service by `make load`, `make chaos`, `make soak` and",
        "`make fuzz`. Times of `make bench` are medians of works that take turns in one run; “usual copy” is",
        "[`baseline/usual_copy.py`](baseline/usual_copy.py) unless the line says otherwise.",
        "",
        f"With: {software()}.",
    ]
    print("\n".join(head))
    replace_section(arguments.results, "", head)
    for name in arguments.only or SECTIONS:
        measure(SECTIONS[name], arguments.data, arguments.rounds, arguments.results)
    return 0


def measure(section: Section, data: Path | None, rounds: int, results: Path) -> None:
    """Measure a section and write it; what needs the data sets is left as it is without them."""
    if section.needs_data and data is None:
        print(f"## {section.title}\n\nLeft out: it needs the data sets (`make bench DATA=folder`).")
        return
    measured(section.title, partial(section.figures, data or Path(), rounds), results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", metavar="DATA", nargs="?", type=Path, help="folder of the data sets")
    parser.add_argument("--rounds", metavar="N", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--only", metavar="SECTION", nargs="+", choices=SECTIONS, help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--results", metavar="FILE", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
