"""Logits to probabilities that mean what they say."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.classes import MALIGNANT, LesionClass


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns this network's logits into probabilities; fitted on photos that it was not trained on.

    Attributes:
        temperature: above 1 where the network is surer than it should be.
        log_prior_shift: of each class, in LesionClass order: from the mix of classes in training to the one
            assumed in use.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599; Saerens, Latinne, Decaestecker
    2002, Adjusting the Outputs of a Classifier to New a Priori Probabilities, doi:10.1162/089976602753284446.
    """

    temperature: float
    log_prior_shift: tuple[float, ...]


def probabilities(logits: NDArray[np.float32], calibration: Calibration) -> dict[LesionClass, float]:
    """Return softmax(logits / temperature + log_prior_shift), in LesionClass order, summing to 1.

    Args:
        logits: (7,) float32, in LesionClass order.
        calibration: this model's.
    """
    shifted = logits.astype(np.float64) / calibration.temperature + np.asarray(calibration.log_prior_shift)
    weights = np.exp(shifted - shifted.max())
    return dict(zip(LesionClass, (weights / weights.sum()).tolist(), strict=True))


def malignancy_probability(probability_of: Mapping[LesionClass, float]) -> float:
    """Return the sum over melanoma, basal cell carcinoma and actinic keratosis or Bowen's disease."""
    return sum(probability_of[lesion_class] for lesion_class in LesionClass if lesion_class in MALIGNANT)
