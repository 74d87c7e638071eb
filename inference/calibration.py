"""Logits to probabilities that mean what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inference.classes import LesionClass

ClassMix: TypeAlias = Mapping[LesionClass, float]
"""How common each class is; above 0, and only how they compare counts."""

EQUAL_MIX: Final[ClassMix] = dict.fromkeys(LesionClass, 1.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns this network's logits into probabilities; fitted on photos that it was not trained on.

    Attributes:
        temperature: above 1 where the network is surer than it should be.
        log_prior_shift: of each class, in LesionClass order: what takes the network's numbers to the mix of the photos
            it was fitted on. Without it they are not those of equally common classes, see for_mix: only nearly so, as
            the network was trained for such.
        class_shares: of each class among the photos it was fitted for, in LesionClass order, above 0.
        set_probability: the classes that have at least this probability are the prediction set, see prediction_set.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599; Saerens, Latinne, Decaestecker
    2002, Adjusting the Outputs of a Classifier to New a Priori Probabilities, doi:10.1162/089976602753284446.
    """

    temperature: float
    log_prior_shift: tuple[float, ...]
    class_shares: tuple[float, ...] = (1 / len(LesionClass),) * len(LesionClass)
    set_probability: float = 0.0


def class_mix(told: str) -> ClassMix:
    """Read a mix as people write it: nv=80 bkl=10 bcc=4 akiec=3 mel=1 df=1 vasc=1, with spaces or commas between.

    Raises:
        ValueError: it does not name every class once with a share above 0.
    """
    parts = [part.partition("=") for part in told.replace(",", " ").split()]
    shares = {code: float(share) for code, _, share in parts if share.replace(".", "", 1).isdecimal()}
    return checked_mix(shares if len(shares) == len(parts) else {})


def checked_mix(mix: ClassMix | Mapping[str, float]) -> ClassMix:
    """Return a mix in LesionClass order.

    Raises:
        ValueError: it lacks a class, has others, or shares that are not above 0.
    """
    is_known = set(mix) == set(LesionClass) and all(isinstance(share, Real) for share in mix.values())
    if not is_known or not isfinite(sum(mix.values())) or not all(share > 0 for share in mix.values()):
        raise ValueError(f"must name a share above 0 for each of {', '.join(LesionClass)}, as in nv=80")
    return {lesion_class: float(mix[lesion_class]) for lesion_class in LesionClass}


def for_mix(calibration: Calibration, mix: ClassMix) -> Calibration:
    """Return the calibration for people among whom the classes are common in another mix.

    Source: Saerens et al. 2002, as above: what is told of each class is multiplied by how much commoner it is there.
    """
    wanted = np.array([mix[lesion_class] for lesion_class in LesionClass])
    shift = np.array(calibration.log_prior_shift) + np.log(wanted / wanted.sum()) - np.log(calibration.class_shares)
    return replace(calibration, log_prior_shift=tuple((shift - shift.max()).tolist()))


def probabilities(logits: NDArray[np.float32], calibration: Calibration) -> dict[LesionClass, float]:
    """Return softmax(logits / temperature + log_prior_shift), in LesionClass order, summing to 1.

    Args:
        logits: (7,) float32, in LesionClass order.
        calibration: this model's.
    """
    shifted = logits.astype(np.float64) / calibration.temperature + np.asarray(calibration.log_prior_shift)
    weights = np.exp(shifted - shifted.max())
    return dict(zip(LesionClass, (weights / weights.sum()).tolist(), strict=True))


def prediction_set(probability_of: Mapping[LesionClass, float], calibration: Calibration) -> tuple[LesionClass, ...]:
    """Return the classes that can't be ruled out, likeliest first: the true one is among them for 9 photos in 10.

    That holds for photos like those the threshold was fitted on. The likeliest class is always in it.

    Source: Sadinle, Lei, Wasserman 2019, Least Ambiguous Set-Valued Classifiers with Bounded Error Levels,
    doi:10.1080/01621459.2017.1395341.
    """
    first, *others = ranked(probability_of)
    return first, *(other for other in others if probability_of[other] >= calibration.set_probability)


def ranked(probability_of: Mapping[LesionClass, float]) -> list[LesionClass]:
    """Return the classes, likeliest first."""
    return sorted(probability_of, key=lambda lesion_class: -probability_of[lesion_class])


def is_rarer_than_average(probability_of: Mapping[LesionClass, float], calibration: Calibration) -> bool:
    """Return whether malignant classes are rarer than among the photos of calibration, in whose mix this was told."""
    share_of = dict(zip(LesionClass, calibration.class_shares, strict=True))
    return malignancy_probability(probability_of) < malignancy_probability(share_of)


def malignancy_probability(probability_of: Mapping[LesionClass, float]) -> float:
    """Return the sum over melanoma, basal cell carcinoma and actinic keratosis or Bowen's disease."""
    return sum(probability_of[lesion_class] for lesion_class in LesionClass if lesion_class.is_malignant)
