"""What the photos of a test part got, and the figures of them with their intervals."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.risk import RiskLevel
from training.measures import (
    MALIGNANT_INDICES,
    MELANOMA,
    Labels,
    Metric,
    Probabilities,
    area_under_roc,
    balanced_accuracy,
    calibration_error,
    interval,
    log_loss,
    malignancy,
    sensitivity_at,
    share,
    share_answered,
)

_SEED: Final = 0
MOST_WRONG: Final = 0.05  # of the answers, where the least sure are left out
FEWEST_OF_A_KIND: Final = 5  # photos that a share is told of


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What N photos of a test part got, and what they are.

    Attributes:
        probabilities: (N, 7).
        labels: (N,), -1 for a squamous cell carcinoma, which HAM10000 has no class for.
        groups: (N,) lesions or patients.
        levels: (N,) RiskLevel's values, empty where the photo was declined.
        is_gated: (N,) whether the gate saw no lesion.
        is_in_set: (N, 7) which classes are in the prediction set.
        found_of_equals: (N,) the likeliest class where all are taken to be equally common.
    """

    probabilities: Probabilities
    labels: Labels
    groups: NDArray[np.int64]
    levels: NDArray[np.str_]
    is_gated: NDArray[np.bool_]
    is_in_set: NDArray[np.bool_]
    found_of_equals: Labels

    def only(self, members: NDArray[np.intp]) -> "Outcomes":
        """Return some of the photos."""
        return Outcomes(**{field.name: getattr(self, field.name)[members] for field in fields(self)})

    @property
    def found(self) -> Labels:
        """The likeliest class of each photo."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def malignancy(self) -> NDArray[np.float64]:
        """The probabilities of the malignant classes together."""
        return malignancy(self.probabilities)

    @property
    def is_malignant(self) -> NDArray[np.bool_]:
        """Whether each lesion is malignant."""
        return np.isin(self.labels, [*MALIGNANT_INDICES, -1])

    @property
    def is_alarmed(self) -> NDArray[np.bool_]:
        """Whether each was sent to a doctor before the next visit; who was declined was not."""
        return np.isin(self.levels, [RiskLevel.URGENT, RiskLevel.SOON])


def measured(metric: Metric, groups: NDArray[np.int64]) -> dict[str, float]:
    """Return value, low and high, to four places."""
    low, high = interval(metric, groups, np.random.default_rng(_SEED))
    value = metric(np.arange(len(groups)))
    return {name: round(number, 4) for name, number in (("value", value), ("low", low), ("high", high))}


def differences(
    more: Mapping[str, Metric], less: Mapping[str, Metric], groups: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """Return by how much each figure is higher than the same figure of other answers to the same photos."""

    def difference(name: str) -> Metric:
        return lambda i: more[name](i) - less[name](i)

    return {name: measured(difference(name), groups) for name in more}


def worth(told: Probabilities, labels: Labels) -> dict[str, Metric]:
    """Return accuracies and log loss of those with a class, and the area under ROC of malignancy of all."""
    known, found, of_all = labels >= 0, told.argmax(axis=1), malignancy(told)
    malignant, occurring = np.isin(labels, [*MALIGNANT_INDICES, -1]), np.unique(labels[known])
    return {
        "balanced_accuracy": _of_known(known, lambda i: balanced_accuracy(found[i], labels[i], occurring)),
        "accuracy": _of_known(known, lambda i: share(found[i] == labels[i])),
        "malignant_auc": lambda i: area_under_roc(of_all[i], malignant[i]),
        "log_loss": _of_known(known, lambda i: log_loss(told[i], labels[i])),
    }


def _of_known(known: NDArray[np.bool_], metric: Metric) -> Metric:
    return lambda i: metric(i[known[i]])


def metrics(photos: Outcomes) -> dict[str, Metric]:
    """Return the figures of a test part that get an interval, each a function of indices into it.

    A draw that lacks a class is no draw of the balanced accuracy: a mean over fewer classes is another figure.
    """
    labels, levels = photos.labels, photos.levels
    told, melanoma = photos.malignancy, photos.probabilities[:, MELANOMA]
    is_malignant, is_alarmed = photos.is_malignant, photos.is_alarmed
    known = labels >= 0
    occurring = np.unique(labels[known])
    of_known, of_worth = partial(_of_known, known), worth(photos.probabilities, labels)
    return {
        "balanced_accuracy": of_worth["balanced_accuracy"],
        "balanced_accuracy_equal_classes": of_known(
            lambda i: balanced_accuracy(photos.found_of_equals[i], labels[i], occurring)
        ),
        "accuracy": of_worth["accuracy"],
        "ece": of_known(lambda i: calibration_error(photos.probabilities[i], labels[i])),
        "malignant_sensitivity": lambda i: share(is_alarmed[i][is_malignant[i]]),
        "malignant_specificity": lambda i: share(~is_alarmed[i][~is_malignant[i]]),
        "malignant_auc": of_worth["malignant_auc"],
        "malignant_at_80_specificity": lambda i: sensitivity_at(told[i], is_malignant[i], 0.8),
        "melanoma_at_90_specificity": lambda i: sensitivity_at(melanoma[i], labels[i] == MELANOMA, 0.9),
        "answered_at_5_error": of_known(lambda i: share_answered(photos.probabilities[i], labels[i], MOST_WRONG)),
        "set_coverage": of_known(lambda i: share(photos.is_in_set[i, labels[i]])),
        "set_size": of_known(lambda i: float(photos.is_in_set[i].sum(axis=1).mean())),
        "melanoma_sensitivity": lambda i: share(is_alarmed[i][labels[i] == MELANOMA]),
        "melanoma_urgent": lambda i: share(levels[i][labels[i] == MELANOMA] == RiskLevel.URGENT),
        "melanoma_auc": lambda i: area_under_roc(melanoma[i], labels[i] == MELANOMA),
        "declined": lambda i: share(levels[i] == ""),
        "refused_by_gate": lambda i: share(photos.is_gated[i]),
    }
