"""What the figures are: balanced accuracy, calibration error, intervals. Arrays in, numbers out."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inference.classes import LesionClass

Labels: TypeAlias = NDArray[np.int64]
"""(N,) indices into LesionClass."""
Probabilities: TypeAlias = NDArray[np.float64]
"""(N, classes), rows sum to one."""
Metric: TypeAlias = Callable[[NDArray[np.intp]], float]
"""A figure of the photos with these indices; nan where it is not defined."""

MALIGNANT_INDICES: Final = [index for index, lesion_class in enumerate(LesionClass) if lesion_class.is_malignant]
MELANOMA: Final = list(LesionClass).index(LesionClass.MEL)
RESAMPLES: Final = 2000
ECE_BINS: Final = 15


def share(hits: NDArray[np.bool_]) -> float:
    """Return the share of True; nan of nothing."""
    return float(hits.mean()) if len(hits) else float("nan")


def balanced_accuracy(found: Labels, labels: Labels, classes: Labels | None = None) -> float:
    """Return the mean recall over these classes, nan if one is missing; over those that occur if none are given."""
    counted = np.unique(labels) if classes is None else classes
    return float(np.mean([share(found[labels == label] == label) for label in counted]))


def confusion(found: Labels, labels: Labels, classes: int) -> NDArray[np.int64]:
    """Return (classes, classes) counts: row is the true class, column the one found."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, found), 1)
    return counts


def calibration_error(probabilities: Probabilities, labels: Labels, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error of the top class, over bins of equal mass.

    Source: Nixon et al. 2019, Measuring Calibration in Deep Learning, arXiv:1904.01685 (equal-mass bins).
    """
    told = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == labels
    order = np.argsort(told, kind="stable")
    gaps = [len(part) * abs(hits[part].mean() - told[part].mean()) for part in np.array_split(order, bins) if len(part)]
    return float(sum(gaps) / len(labels))


def calibration_error_by_chance(probabilities: Probabilities, rng: np.random.Generator) -> float:
    """Return the calibration error that exactly right probabilities show in so few photos: the mean of 200 draws."""
    sure_of = probabilities.cumsum(axis=1)[:, :-1]
    draws = [(rng.random((len(sure_of), 1)) > sure_of).sum(axis=1) for _ in range(200)]
    return float(np.mean([calibration_error(probabilities, labels) for labels in draws]))


def log_loss(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean negative log-likelihood, in nats."""
    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def area_under_roc(scores: NDArray[np.float64], is_positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive scores above a negative, ties counted half; nan if either is missing."""
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    if not positives or not negatives:
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def threshold_for_share(scores: NDArray[np.float64], wanted: float) -> float:
    """Return the largest threshold that at least this share of the scores reaches."""
    descending = np.sort(scores)[::-1]
    return float(descending[int(np.ceil(wanted * len(scores))) - 1])


def malignancy(probabilities: Probabilities) -> NDArray[np.float64]:
    """Return the probabilities of the malignant classes together, (N,)."""
    return np.asarray(probabilities[:, MALIGNANT_INDICES].sum(axis=1), np.float64)


def sensitivity_at(scores: NDArray[np.float64], is_positive: NDArray[np.bool_], specificity: float) -> float:
    """Return the share of positives above the lowest threshold that this share of the others stays below."""
    others = np.sort(scores[~is_positive])
    if not len(others) or not is_positive.any():
        return float("nan")
    threshold = others[min(int(np.ceil(specificity * len(others))), len(others)) - 1]
    return share(scores[is_positive] > threshold)


def errors_of_answered(probabilities: Probabilities, labels: Labels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of photos answered and the share of these answered wrongly, surest photos first.

    Source: Geifman, El-Yaniv 2017, Selective Classification for Deep Neural Networks, arXiv:1705.08500.
    """
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    is_wrong = (probabilities.argmax(axis=1) != labels)[order]
    answered = np.arange(1, len(labels) + 1)
    return answered / len(labels), np.cumsum(is_wrong) / answered


def share_answered(probabilities: Probabilities, labels: Labels, most_wrong: float) -> float:
    """Return the largest share of photos, surest first, of which no more than this share is answered wrongly."""
    answered, wrong = errors_of_answered(probabilities, labels)
    return float(answered[wrong <= most_wrong].max(initial=0.0))


def limit_of_answers(probabilities: Probabilities, labels: Labels, most_wrong: float) -> float | None:
    """Return the lowest top probability from which on at most this share of answers is wrong; None if there is none."""
    _, wrong = errors_of_answered(probabilities, labels)
    honest = np.flatnonzero(wrong <= most_wrong)
    return float(np.sort(probabilities.max(axis=1))[::-1][honest[-1]]) if len(honest) else None


def interval(
    metric: Metric, groups: NDArray[np.int64], rng: np.random.Generator, resamples: int = RESAMPLES
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a figure; whole lesions (groups) are drawn, not photos."""
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    drawn = (
        metric(np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))]))
        for _ in range(resamples)
    )
    low, high = np.nanpercentile(np.fromiter(drawn, np.float64, resamples), [2.5, 97.5])
    return float(low), float(high)


def rounded_down(threshold: float, places: int = 4) -> float:
    """Return a threshold with few decimal places, so that whoever reached it still does."""
    return float(np.floor(threshold * 10**places) / 10**places)
