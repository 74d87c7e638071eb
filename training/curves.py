"""The points of the curves that the model card draws. Arrays in, arrays out."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from training.measures import ECE_BINS

_Z: Final = 1.96  # standard deviations to either side hold 95 %

Floats = NDArray[np.float64]


def roc(scores: Floats, is_positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return false alarms and hits, as shares of the negatives and the positives, from (0, 0) to (1, 1)."""
    hits, named = _hits_and_named(scores, is_positive)
    positives = int(is_positive.sum())
    alarms = (named - hits) / (len(scores) - positives)
    return np.append(0.0, alarms), np.append(0.0, hits / positives)


def precision_recall(scores: Floats, is_positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return recall and precision of every threshold, highest threshold first."""
    hits, named = _hits_and_named(scores, is_positive)
    return np.asarray(hits / hits[-1], np.float64), np.asarray(hits / named, np.float64)


def average_precision(scores: Floats, is_positive: NDArray[np.bool_]) -> float:
    """Return the mean precision over the positives, each at the threshold that it reaches.

    Source: Boyd, Eng, Page 2013, Area under the Precision-Recall Curve, doi:10.1007/978-3-642-40994-3_29.
    """
    recall, precision = precision_recall(scores, is_positive)
    return float((np.diff(recall, prepend=0.0) * precision).sum())


def _hits_and_named(scores: Floats, is_positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return how many positives, and how many in all, reach each score that occurs, highest first."""
    order = np.argsort(-scores, kind="stable")
    is_last = np.append(np.diff(scores[order]) != 0, True)
    named = np.flatnonzero(is_last).astype(np.float64) + 1
    return np.cumsum(is_positive[order])[is_last].astype(np.float64), named


@dataclass(frozen=True, slots=True)
class Reliability:
    """What was told and what was true, in bins of as many photos each.

    Attributes:
        told: (bins,) mean probability.
        true: (bins,) share for which it came true.
        low: (bins,) the lower end of the 95 % interval of that share.
        high: (bins,) its upper end.
    """

    told: Floats
    true: Floats
    low: Floats
    high: Floats


def reliability(told: Floats, came_true: NDArray[np.bool_], bins: int = ECE_BINS) -> Reliability:
    """Sort photos into bins by what was told of each.

    Source: Nixon et al. 2019, arXiv:1904.01685 (equal-mass bins); Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    parts = [part for part in np.array_split(np.argsort(told, kind="stable"), bins) if len(part)]
    counts = np.array([len(part) for part in parts])
    true = np.array([came_true[part].mean() for part in parts])
    spread = _Z**2 / counts
    middle = (true + spread / 2) / (1 + spread)
    reach = np.sqrt(spread * (true * (1 - true) + spread / 4)) / (1 + spread)
    return Reliability(np.array([told[part].mean() for part in parts]), true, middle - reach, middle + reach)
