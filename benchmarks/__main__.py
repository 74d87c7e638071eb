"""Run every benchmark in one go, print the figures and write them to RESULTS.md.

    python -m benchmarks [DATA] [--rounds N] [--only SECTION…] [--results FILE]

DATA is the folder of the data sets; what needs them is left out without it. `make bench` runs this on one thread.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import load, machine
from benchmarks.results import HEAD, RESULTS, joined, row, sections
from benchmarks.sections import SECTIONS, Section


def main() -> int:
    """Measure, print, write."""
    arguments = _arguments()
    lines = [
        "# Results of the benchmarks",
        "",
        "Written by `make bench`. Times are medians of works that take turns in one run; “usual copy” is",
        "[`baseline/usual_copy.py`](baseline/usual_copy.py) unless the line says otherwise.",
        "",
        f"- When: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        *(f"- On: {line}" for line in machine()),
        before := f"- Load before: {load()}",
    ]
    print("\n".join(lines[5:]))
    for name in arguments.only or SECTIONS:
        section = list(_section(SECTIONS[name], arguments.data, arguments.rounds))
        print("\n".join(section))
        lines += section
    after = f"- Load after: {load()}"
    print(after)
    lines.insert(lines.index(before) + 1, after)
    arguments.results.write_text(joined(sections("\n".join(lines)) | _of_others(arguments.results)), encoding="utf-8")
    return 0


def _of_others(results: Path) -> dict[str, list[str]]:
    """Return what `make load`, `make chaos` and `make soak` wrote: they take too long for every day."""
    own = {section.title for section in SECTIONS.values()}
    kept = sections(results.read_text(encoding="utf-8")) if results.exists() else {}
    return {title: lines for title, lines in kept.items() if title and title not in own}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", metavar="DATA", nargs="?", type=Path, help="folder of the data sets")
    parser.add_argument("--rounds", metavar="N", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--only", metavar="SECTION", nargs="+", choices=SECTIONS, help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--results", metavar="FILE", type=Path, default=RESULTS)
    return parser.parse_args()


def _section(section: Section, data: Path | None, rounds: int) -> Iterator[str]:
    yield from ("", f"## {section.title}", "")
    if section.needs_data and data is None:
        yield "Left out: it needs the data sets (`make bench DATA=folder`)."
        return
    yield from HEAD
    yield from map(row, section.figures(data, rounds))


if __name__ == "__main__":
    sys.exit(main())
