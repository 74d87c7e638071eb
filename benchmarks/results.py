"""RESULTS.md: who measures something writes that section anew and leaves the others as they are."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.measuring import ROOT, Figure, load, machine

RESULTS: Final = ROOT / "benchmarks" / "RESULTS.md"
HEAD: Final = ("| figure | usual copy | Lentigo | aim | |", "|---|---|---|---|---|")


def row(figure: Figure) -> str:
    """Return the line of a table that says what was measured."""
    verdict = {True: "met", False: "**missed**", None: ""}[figure.is_met]
    return f"| {figure.name} | {figure.usual} | {figure.ours} | {figure.aim} | {verdict} |"


def sections(text: str) -> dict[str, list[str]]:
    """Return the lines of every section by its title; what stands before the first has the title ''."""
    found: dict[str, list[str]] = {"": []}
    title = ""
    for line in text.splitlines():
        if line.startswith("## "):
            title = line.removeprefix("## ")
            found[title] = []
        else:
            found[title].append(line)
    return found


def ours(text: str, title: str, name: str) -> str:
    """Return this project's figure of this name in the section of this title.

    Raises:
        KeyError: there is none.
    """
    rows = (line.strip("| ").split(" | ") for line in sections(text)[title])
    return {cells[0]: cells[2] for cells in rows if len(cells) > 2}[name]


def measured(title: str, measure: Callable[[], Iterable[Figure]], results: Path = RESULTS) -> Sequence[Figure]:
    """Measure, print, and write the section of this title, with the time, the machine and how busy it was."""
    before = load()
    figures = list(measure())
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}; load before {before}, after {load()}."
    lines = ["", when, "", *HEAD, *map(row, figures), ""]
    print(f"## {title}", *lines, sep="\n")
    replace_section(results, title, lines)
    return figures


def replace_section(results: Path, title: str, lines: Sequence[str]) -> None:
    """Write one section of the results, in its place or at the end."""
    found = sections(results.read_text(encoding="utf-8") if results.exists() else "# Results of the benchmarks\n")
    found[title] = list(lines)
    results.write_text(joined(found), encoding="utf-8")


def joined(found: dict[str, list[str]]) -> str:
    """Return the text of these sections."""
    parts = ("\n".join([*([f"## {title}"] if title else []), *lines]).strip("\n") for title, lines in found.items())
    return "\n\n".join(part for part in parts if part) + "\n"
