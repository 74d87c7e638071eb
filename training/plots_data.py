"""The pictures of what HAM10000 is made of."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inference.classes import LesionClass
from training.plotting import HARMLESS, INK, LIGHT_BLUE, MALIGNANT, NAMES, PALE, QUIET, colour_of, figure

_SEXES: Final = {"female": LIGHT_BLUE, "male": HARMLESS, "unknown": PALE}
_AGE_STEP: Final = 5  # HAM10000 tells ages in steps of five years

Rows = Iterable[Mapping[str, str]]


def classes_and_sexes(rows: Rows) -> Figure:
    """Draw how many photos there are of each class and of each sex, and the sexes within each class."""
    told = [(LesionClass(row["dx"]), row["sex"]) for row in rows]
    counts = {one: sum(lesion_class is one for lesion_class, _ in told) for one in LesionClass}
    order = sorted(counts, key=lambda one: counts[one])
    drawn = figure(3.6)
    left, middle, right = drawn.subplots(1, 3, width_ratios=(3, 1.7, 2.4))
    _draw_classes(left, {one: counts[one] for one in order})
    _draw_sexes(middle, [sex for _, sex in told])
    shares = {sex: [_share_of(told, one, sex) for one in order] for sex in _SEXES}
    _draw_sexes_of_classes(right, shares, [one.value for one in order])
    return drawn


def _draw_classes(axes: Any, counts: Mapping[LesionClass, int]) -> None:  # noqa: ANN401 - matplotlib may be missing
    labels = [f"{NAMES[one]}  {one.value}" for one in counts]
    axes.barh(labels, counts.values(), color=[colour_of(one) for one in counts])
    for place, count in enumerate(counts.values()):
        axes.text(count, place, f" {count:,} ({100 * count / sum(counts.values()):.1f} %)", va="center", fontsize=8)
    axes.set_xlim(0, 1.45 * max(counts.values()))
    axes.set_title("Photos by class")
    axes.text(0.98, 0.03, "orange: malignant", color=MALIGNANT, transform=axes.transAxes, ha="right", fontsize=8)
    _strip(axes)


def _draw_sexes(axes: Any, sexes: list[str]) -> None:  # noqa: ANN401 - see above
    counts = [sexes.count(sex) for sex in _SEXES]
    axes.bar(list(_SEXES), counts, color=list(_SEXES.values()), width=0.7)
    for place, count in enumerate(counts):
        axes.text(place, count, f"{count:,}", ha="center", va="bottom", fontsize=8)
    axes.set_title("Photos by sex")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(bottom=False, labelcolor=INK)


def _draw_sexes_of_classes(axes: Any, shares: Mapping[str, list[float]], codes: list[str]) -> None:  # noqa: ANN401
    start = np.zeros(len(codes))
    for sex, of_class in shares.items():
        axes.barh(codes, of_class, left=start, color=_SEXES[sex], height=0.75)
        for place, (share, begun) in enumerate(zip(of_class, start, strict=True)):
            if share > 10:
                ink = "white" if _SEXES[sex] == HARMLESS else INK
                axes.text(begun + share / 2, place, f"{share:.0f} %", ha="center", va="center", color=ink, fontsize=8)
        start += np.array(of_class)
    axes.set_title("Sex within each class")
    axes.set_xlim(0, 100)
    _strip(axes)


def _share_of(told: list[tuple[LesionClass, str]], lesion_class: LesionClass, sex: str) -> float:
    of_class = [each for one, each in told if one is lesion_class]
    return 100 * of_class.count(sex) / len(of_class)


def ages(rows: Rows) -> Figure:
    """Draw how old those photographed are, in all and of each class."""
    told = [(LesionClass(row["dx"]), float(row["age"])) for row in rows if row["age"]]
    drawn = figure(3.4)
    left, right = drawn.subplots(1, 2, width_ratios=(1, 1.25))
    _draw_ages(left, np.array([age for _, age in told]))
    _draw_ages_of_classes(right, {one: np.array([age for each, age in told if each is one]) for one in LesionClass})
    return drawn


def _draw_ages(axes: Any, values: NDArray[np.float64]) -> None:  # noqa: ANN401 - see above
    places, counts = np.unique(values, return_counts=True)
    axes.bar(places, counts, width=0.8 * _AGE_STEP, color=HARMLESS)
    axes.set_title("Photos by age")
    axes.set_xlabel("age, years")
    axes.set_xticks(range(0, 90, 10))


def _draw_ages_of_classes(axes: Any, ages_of: Mapping[LesionClass, NDArray[np.float64]]) -> None:  # noqa: ANN401
    order = sorted(ages_of, key=lambda one: float(np.median(ages_of[one])))
    for place, one in enumerate(order):
        low, first, median, third, high = np.percentile(ages_of[one], (10, 25, 50, 75, 90))
        axes.plot((low, high), (place, place), color=colour_of(one), linewidth=1.2)
        axes.plot((first, third), (place, place), color=colour_of(one), linewidth=6, solid_capstyle="butt")
        axes.plot(median, place, marker="|", markersize=13, markeredgewidth=2.5, color=INK)
    axes.set_yticks(range(len(order)), [f"{NAMES[one]}  {one.value}" for one in order])
    axes.set_title("Age within each class")
    axes.set_xlabel("age, years: median, middle half, middle four fifths")
    axes.set_xlim(0, 90)
    axes.tick_params(axis="y", left=False, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)


def _strip(axes: Any) -> None:  # noqa: ANN401 - see above
    """Take away what the numbers beside the bars tell as well."""
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(left=False, labelcolor=INK, colors=QUIET)
