"""How the model card writes tables, pictures and numbers."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from training.card_words import PICTURES

Figures: TypeAlias = Mapping[str, Any]


def picture(name: str) -> str:
    """Return a picture of the folder card/ with its alt text."""
    return f"![{PICTURES[name]}](card/{name})"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def change(figures: Figures, measure: str) -> str:
    """Return a figure before and after, and the interval of what changed."""
    of = figures[measure]
    return f"{of['before']:.3f} → {of['after']:.3f} ({of['low']:+.3f} to {of['high']:+.3f})"


def interval(figure: Figures | None) -> str:
    """Return a figure and its interval; a dash for what can't be told or would claim certainty."""
    if figure is None:
        return "–"
    if figure["low"] == figure["high"]:
        return f"{figure['value']:.3f} (–)"
    return f"{figure['value']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})"


def signed(figure: Figures) -> str:
    """Return by how much something changed, and the interval of that."""
    return f"{figure['value']:+.3f} ({figure['low']:+.3f} to {figure['high']:+.3f})"


def share(value: float | None) -> str:
    """Return a share in per cent; a dash where there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def hundred(value: float) -> str:
    """Return how many of 100."""
    return f"{100 * value:.0f}"
