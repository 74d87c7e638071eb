"""What the photos of a test part got, and a figure of them with its interval."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.risk import RiskLevel
from training.measures import MALIGNANT_INDICES, Labels, Metric, Probabilities, interval

_SEED: Final = 0


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

    @property
    def found(self) -> Labels:
        """The likeliest class of each photo."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def malignancy(self) -> NDArray[np.float64]:
        """The probabilities of the malignant classes together."""
        return np.asarray(self.probabilities[:, MALIGNANT_INDICES].sum(axis=1), np.float64)

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
