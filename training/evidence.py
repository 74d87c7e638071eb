"""Fit how what two networks say of a photo is weighed: does it show a lesion at all?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.quality import QualityReport
from training.logistic import logistic_regression

FEATURES: Final = ("lesion_logit", "presence_logit", "peak_logit")
_SHARES: Final = {"phone_skin": 0.5, "dermoscopic_skin": 0.2, "everyday_picture": 0.15, "flat_or_drawn": 0.15}
_SHRINKAGE: Final = 1.0  # L2 penalty on the weights of standardised features


@dataclass(frozen=True, slots=True)
class Weights:
    """What each of FEATURES counts; none less than nothing."""

    lesion_logit_weight: float
    presence_logit_weight: float
    peak_logit_weight: float

    def evidence(self, reports: Sequence[QualityReport]) -> NDArray[np.float64]:
        """Return how much speaks for a lesion in each photo."""
        weights = [self.lesion_logit_weight, self.presence_logit_weight, self.peak_logit_weight]
        return np.asarray(features(reports) @ np.array(weights), np.float64)


def features(reports: Sequence[QualityReport]) -> NDArray[np.float64]:
    """Return (N, 3)."""
    return np.array([[getattr(report, name) for name in FEATURES] for report in reports], np.float64)


def fitted_weights(
    lesions: Mapping[str, Sequence[QualityReport]], empty: Mapping[str, Sequence[QualityReport]]
) -> Weights:
    """Fit a logistic regression; data sets of lesions weigh the same, empty pictures by their kind.

    A feature that would count against a lesion is left out: it would only make good for another one.
    """
    inputs = np.concatenate([features(reports) for reports in (*lesions.values(), *empty.values())])
    is_lesion = np.repeat([True, False], [sum(map(len, lesions.values())), sum(map(len, empty.values()))])
    shares = [*(1 / len(lesions) for _ in lesions), *(_SHARES[kind] for kind in empty)]
    sizes = [len(reports) for reports in (*lesions.values(), *empty.values())]
    weight = np.concatenate([np.full(size, share / size) for size, share in zip(sizes, shares, strict=True)])
    used = list(range(len(FEATURES)))
    while True:
        slopes, _ = logistic_regression(inputs[:, used], is_lesion, weight, _SHRINKAGE)
        if slopes.min() >= 0 or len(used) == 1:
            break
        used.pop(int(slopes.argmin()))
    found = dict(zip(used, np.round(slopes, 4).tolist(), strict=True))
    return Weights(*(max(0.0, found.get(index, 0.0)) for index in range(len(FEATURES))))
