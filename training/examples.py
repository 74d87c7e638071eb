"""Which photos the model card shows, by a fixed rule, so that nobody picks the pretty ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.classes import LesionClass
from training.measures import Labels, Probabilities


@dataclass(frozen=True, slots=True)
class Example:
    """A photo of the test part.

    Attributes:
        index: of the photo.
        label: its true class, in LesionClass order.
        found: its likeliest class.
        probability: of that.
    """

    index: int
    label: int
    found: int
    probability: float


def right_ones(probabilities: Probabilities, labels: Labels) -> list[Example | None]:
    """Return for each class the photo named rightly with the median probability; None where none is."""
    return [
        _example(probabilities, labels, _named(probabilities, labels, label, is_right=True), 0.5) for label in _LABELS
    ]


def wrong_ones(probabilities: Probabilities, labels: Labels) -> list[Example | None]:
    """Return for each class the photo named wrongly with the highest probability; None where none is."""
    return [
        _example(probabilities, labels, _named(probabilities, labels, label, is_right=False), 1.0) for label in _LABELS
    ]


_LABELS = range(len(LesionClass))


def _named(probabilities: Probabilities, labels: Labels, label: int, *, is_right: bool) -> NDArray[np.intp]:
    """Return the photos of a class that are named rightly (wrongly), least sure first."""
    of_class = np.flatnonzero((labels == label) & ((probabilities.argmax(axis=1) == label) == is_right))
    return of_class[np.argsort(probabilities[of_class].max(axis=1), kind="stable")]


def _example(probabilities: Probabilities, labels: Labels, sorted_: NDArray[np.intp], place: float) -> Example | None:
    if not len(sorted_):
        return None
    index = int(sorted_[int(place * (len(sorted_) - 1))])
    found = int(probabilities[index].argmax())
    return Example(index, int(labels[index]), found, float(probabilities[index, found]))
