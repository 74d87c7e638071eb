"""Draw the model card's pictures from the answers that training/evaluate.py measures.

    python -m training.plots DATA CACHE RUN MODELS

Writes MODELS/card. Photos of HAM10000 in them are CC BY-NC 4.0.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inference.classes import LesionClass
from inference.heatmap import class_heatmap, overlay
from inference.model import load_model
from training.answers import Answers
from training.command_line import folders
from training.curves import average_precision, precision_recall, reliability, roc
from training.data import load, table
from training.evaluate import asked
from training.examples import Example, right_ones, wrong_ones
from training.measures import area_under_roc, confusion, errors_of_answered, share, share_answered
from training.outcomes import MOST_WRONG, Outcomes
from training.plots_data import ages, classes_and_sexes
from training.plotting import HARMLESS, INK, MALIGNANT, NAMES, PALE, QUIET, STYLE, colour_of, figure, save

_CLASSES: Final = list(LesionClass)
_CODES: Final = [lesion_class.value for lesion_class in LesionClass]
_TICKS: Final = ((0, 0.5, 1), ("0", "0.5", "1"))
_ON_LINES: Final = {"fontsize": 8.5, "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1}}

Scores = NDArray[np.float64]
Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pictures are drawn from.

    Attributes:
        dermoscopic: what the photos of the test part got.
        phone: likewise.
        said: the network's answers to the dermoscopic ones.
        views: these photos, (N, 224, 224, 3) uint8, RGB.
        rows: HAM10000's metadata, all parts.
    """

    dermoscopic: Outcomes
    phone: Outcomes
    said: Answers
    views: NDArray[np.uint8]
    rows: list[dict[str, str]]


def confusion_matrices(shown: Shown) -> Figure:
    """Draw which class each photo was taken for: counts, and shares of the true class."""
    drawn = figure(4.3)
    for axes, name, photos in zip(drawn.subplots(1, 2), ("Dermoscopic", "Phone"), _both(shown), strict=True):
        known = photos.labels >= 0
        counts = confusion(photos.found[known], photos.labels[known], len(_CLASSES))
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15)
        for (row, column), count in np.ndenumerate(counts):
            if count:
                ink = "white" if shares[row, column] > 0.55 else INK
                axes.text(column, row - 0.13, f"{count}", ha="center", va="center", color=ink, fontsize=9)
                told = f"{100 * shares[row, column]:.0f} %"
                axes.text(column, row + 0.25, told, ha="center", va="center", color=ink, fontsize=6.5)
        axes.set_xticks(range(len(_CODES)), _CODES)
        axes.set_yticks(range(len(_CODES)), _CODES)
        axes.set_xlabel("likeliest class")
        axes.set_ylabel("true class")
        axes.set_title(f"{name}: {known.sum():,} photos")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelcolor=INK)
    return drawn


def roc_of_classes(shown: Shown) -> Figure:
    """Draw for each class how many are found at the price of how many false alarms."""
    drawn, panels = _panels()
    for axes, title, colour, scores, is_positive in _one_against_others(shown.dermoscopic, panels):
        axes.plot((0, 1), (0, 1), color=PALE, linewidth=1)
        axes.plot(*roc(scores, is_positive), color=colour)
        axes.set_title(title)
        axes.text(0.97, 0.05, f"area {area_under_roc(scores, is_positive):.3f}", ha="right", **_ON_LINES)
    drawn.supxlabel("false alarms: share of all other photos", fontsize=9)
    drawn.supylabel("found: share of the class", fontsize=9)
    return drawn


def precision_recall_of_classes(shown: Shown) -> Figure:
    """Draw for each class how many of those named are right, against how many of the class are found."""
    drawn, panels = _panels()
    for axes, title, colour, scores, is_positive in _one_against_others(shown.dermoscopic, panels):
        axes.axhline(is_positive.mean(), color=PALE, linewidth=1)
        axes.plot(*precision_recall(scores, is_positive), color=colour)
        axes.set_title(title)
        axes.text(0.03, 0.05, f"average {average_precision(scores, is_positive):.3f}", **_ON_LINES)
    drawn.supxlabel("recall: share of the class that is found", fontsize=9)
    drawn.supylabel("precision: share right of those named", fontsize=9)
    return drawn


def _panels() -> tuple[Figure, NDArray[Any]]:
    drawn = figure(4.9)
    panels = drawn.subplots(2, 4, sharex=True, sharey=True)
    for axes in panels.flat:
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        axes.set_xticks(*_TICKS)
        axes.set_yticks(*_TICKS)
    return drawn, panels


def _one_against_others(photos: Outcomes, panels: NDArray[Any]) -> Iterator[tuple[Any, str, str, Scores, Truth]]:
    """Yield axes, title, colour, scores and truth of each class, and of the malignant ones together."""
    for index, one in enumerate(_CLASSES):
        yield panels.flat[index], NAMES[one], colour_of(one), photos.probabilities[:, index], photos.labels == index
    yield panels.flat[-1], "any malignant class", MALIGNANT, photos.malignancy, photos.is_malignant


def decisions(shown: Shown) -> Figure:
    """Draw what leaving out the least sure photos brings, and where the shipped advice stands on the malignant ROC."""
    drawn = figure(4.4)
    left, right = drawn.subplots(1, 2)
    left.axhline(100 * MOST_WRONG, color=PALE, linewidth=1)
    for (name, style), photos in zip(_STYLES.items(), _both(shown), strict=True):
        _draw_answered(left, photos, name, style)
        right.plot(*roc(photos.malignancy, photos.is_malignant), label=name, **style)
        right.plot(*_operating_point(photos), "o", color=style["color"], markersize=8, markeredgecolor="white")
    left.set(xlim=(0, 100), ylim=(0, None), xlabel="photos answered, surest first, %")
    left.set_ylabel("of these answered wrongly, %")
    left.set_title("Answering only when sure")
    left.legend(loc="upper left")
    right.set(xlim=(-0.02, 1), ylim=(0, 1.02), xlabel="false alarms: share of the other lesions")
    right.set(ylabel="found: share of the malignant lesions", aspect="equal")
    right.set_title("Malignant or not, and the advice that ships")
    right.text(0.97, 0.05, "●  told to see a doctor: urgent or soon", ha="right", fontsize=8.5)
    return drawn


_STYLES: Final[Mapping[str, dict[str, Any]]] = {
    "dermoscopic": {"color": HARMLESS},
    "phone": {"color": INK, "linestyle": (0, (4, 2)), "linewidth": 1.2},
}


def _draw_answered(axes: Any, photos: Outcomes, name: str, style: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Draw the errors of those answered, and how many are answered at the error that the card tells of."""
    known = photos.labels >= 0
    probabilities, labels = photos.probabilities[known], photos.labels[known]
    axes.plot(*(100 * values for values in errors_of_answered(probabilities, labels)), label=name, **style)
    answered = 100 * share_answered(probabilities, labels, MOST_WRONG)
    axes.plot(answered, 100 * MOST_WRONG, "o", color=style["color"], markersize=6, markeredgecolor="white")
    axes.annotate(f"{answered:.0f} %", (answered, 100 * MOST_WRONG), (4, -12), textcoords="offset points", fontsize=8.5)


def _operating_point(photos: Outcomes) -> tuple[float, float]:
    return share(photos.is_alarmed[~photos.is_malignant]), share(photos.is_alarmed[photos.is_malignant])


def reliabilities(shown: Shown) -> Figure:
    """Draw what was told against what came true: of the likeliest class, and of malignancy."""
    photos, drawn = shown.dermoscopic, figure(5.2)
    upper, lower = drawn.subplots(2, 2, sharex=True, height_ratios=(4, 1))
    told = {
        "The likeliest class": (photos.probabilities.max(axis=1), photos.found == photos.labels),
        "Any malignant class": (photos.malignancy, photos.is_malignant),
    }
    for above, below, (title, (scores, came_true)) in zip(upper, lower, told.items(), strict=True):
        _draw_reliability(above, scores, came_true)
        above.set_title(title)
        below.hist(scores, bins=np.linspace(0, 1, 41), color=QUIET)
        below.set_xlabel("probability told")
    upper[0].set_ylabel("share for which it came true")
    lower[0].set_ylabel("photos")
    return drawn


def _draw_reliability(axes: Any, scores: Scores, came_true: Truth) -> None:  # noqa: ANN401 - matplotlib may be missing
    bins = reliability(scores, came_true)
    axes.plot((0, 1), (0, 1), color=PALE, linewidth=1)
    axes.vlines(bins.told, bins.low, bins.high, color=HARMLESS, linewidth=1.2)
    axes.plot(bins.told, bins.true, "o", color=HARMLESS, markersize=5)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))


def examples(shown: Shown) -> Figure:
    """Draw a photo of each class that is named rightly, and one that is named wrongly, with their heat-maps."""
    probabilities, labels = shown.dermoscopic.probabilities, shown.dermoscopic.labels
    drawn = figure(5.75)
    panels = drawn.subplots(4, len(_CLASSES), gridspec_kw={"hspace": 0.02, "wspace": 0.03})
    for axes in panels.flat:
        axes.axis("off")
    for row, chosen in ((0, right_ones(probabilities, labels)), (2, wrong_ones(probabilities, labels))):
        for above, below, example in zip_longest(panels[row], panels[row + 1], chosen):
            if example:
                _draw_example(above, below, shown, example)
    return drawn


def _draw_example(above: Any, below: Any, shown: Shown, example: Example) -> None:  # noqa: ANN401 - see above
    view_rgb = shown.views[example.index]
    heatmap = class_heatmap(shown.said.maps[example.index], example.found)
    above.imshow(view_rgb)
    below.imshow(overlay(view_rgb, heatmap))
    found = f"named {_CODES[example.found]}, {100 * example.probability:.0f} %"
    above.set_title(f"{_CODES[example.label]}\n{found}", fontsize=8.5)


def _both(shown: Shown) -> tuple[Outcomes, Outcomes]:
    return shown.dermoscopic, shown.phone


DRAWINGS: Final[Mapping[str, Callable[[Shown], Figure]]] = {
    "classes.png": lambda shown: classes_and_sexes(shown.rows),
    "ages.png": lambda shown: ages(shown.rows),
    "decisions.png": decisions,
    "confusion.png": confusion_matrices,
    "roc.png": roc_of_classes,
    "precision_recall.png": precision_recall_of_classes,
    "reliability.png": reliabilities,
    "examples.jpg": examples,
}
"""By the name of the file."""


def draw_all(data: Path, cache: Path, run: Path, models: Path) -> None:
    """Write every picture into MODELS/card."""
    cv2.setNumThreads(1)
    model = load_model(models)
    dermoscopic, phone = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    got, said = asked(run, model, dermoscopic, "dermoscopic")
    on_phones, _ = asked(run, model, phone, "phone")
    rows = list(table(data / "ham10000" / "metadata.csv").values())
    shown = Shown(got, on_phones, said, dermoscopic.views[dermoscopic.parts == "test"], rows)
    folder = models / "card"
    folder.mkdir(exist_ok=True)
    with rc_context(STYLE):
        for name, drawing in DRAWINGS.items():
            save(drawing(shown), folder / name, model.sha256)


if __name__ == "__main__":
    draw_all(**vars(folders(__doc__, "data", "cache", "run", "models").parse_args()))
