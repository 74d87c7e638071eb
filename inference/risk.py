"""What to do next, and why. Advice, no diagnosis.

Sources: NICE guideline NG12, Suspected cancer: recognition and referral, 2015, section 1.7 (suspected melanoma or
squamous cell carcinoma: an appointment within two weeks; suspected basal cell carcinoma: routine referral). Since
October 2023 England asks for cancer to be found or ruled out within 28 days instead, and NG12 was updated; the advice
here stays that of 2015. Freeman et al., BMJ 2020;368:m127 and Cochrane review CD013192 (the main harm of such programs
is false reassurance: hence no level says "safe", and doubt is a reason to be seen).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inference.calibration import malignancy_probability, ranked
from inference.classes import LesionClass


class RiskLevel(StrEnum):
    """What to do next, most urgent first."""

    URGENT = "urgent"  # be seen by a doctor within two weeks
    SOON = "soon"  # make an appointment in the coming weeks
    ROUTINE = "routine"  # keep watching, show it at the next visit, earlier if it changes


class RiskReason(StrEnum):
    """Why a level was chosen, most urgent first."""

    MELANOMA_LIKELY = "melanoma_likely"
    CARCINOMA_LIKELY = "carcinoma_likely"  # or a stage before it: bcc, akiec
    MALIGNANCY_POSSIBLE = "malignancy_possible"
    UNCERTAIN = "uncertain"
    NOTHING_STANDS_OUT = "nothing_stands_out"


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """From which probabilities on a rule holds. The numbers belong to the model.

    Attributes:
        urgent_melanoma_probability: of melanoma alone.
        soon_malignancy_probability: of the malignant classes together.
        uncertain_top_probability: below it the likeliest class is not trusted.
    """

    urgent_melanoma_probability: float
    soon_malignancy_probability: float
    uncertain_top_probability: float


_LEVEL_OF: Final = {
    RiskReason.MELANOMA_LIKELY: RiskLevel.URGENT,
    RiskReason.CARCINOMA_LIKELY: RiskLevel.SOON,
    RiskReason.MALIGNANCY_POSSIBLE: RiskLevel.SOON,
    RiskReason.UNCERTAIN: RiskLevel.SOON,
    RiskReason.NOTHING_STANDS_OUT: RiskLevel.ROUTINE,
}


def risk_level(reasons: tuple[RiskReason, ...]) -> RiskLevel:
    """Return what the first, most urgent reason asks for."""
    return _LEVEL_OF[reasons[0]]


def is_milder(level: RiskLevel, than: RiskLevel) -> bool:
    """Return whether a level asks for less haste than another."""
    order = list(RiskLevel)
    return order.index(level) > order.index(than)


def risk_reasons(probability_of: Mapping[LesionClass, float], policy: RiskPolicy) -> tuple[RiskReason, ...]:
    """Return every rule that holds, most urgent first; at least one.

    Args:
        probability_of: all seven classes, calibrated.
        policy: this model's thresholds.
    """
    is_melanoma_likely = _is_melanoma_likely(probability_of, policy)
    is_carcinoma_likely = top_class(probability_of) in {LesionClass.BCC, LesionClass.AKIEC}
    is_malignant_in_all = malignancy_probability(probability_of) >= policy.soon_malignancy_probability
    holds = {
        RiskReason.MELANOMA_LIKELY: is_melanoma_likely,
        RiskReason.CARCINOMA_LIKELY: is_carcinoma_likely,
        RiskReason.MALIGNANCY_POSSIBLE: is_malignant_in_all and not (is_melanoma_likely or is_carcinoma_likely),
        RiskReason.UNCERTAIN: max(probability_of.values()) < policy.uncertain_top_probability,
    }
    reasons = tuple(reason for reason in holds if holds[reason])
    return reasons or (RiskReason.NOTHING_STANDS_OUT,)


def most_urgent(
    told: Sequence[Mapping[LesionClass, float]], policy: RiskPolicy
) -> tuple[Mapping[LesionClass, float], tuple[RiskReason, ...]]:
    """Return which of several probabilities give the most urgent reason, and their reasons; of equals the first."""
    reasons = [risk_reasons(probability_of, policy) for probability_of in told]
    first = min(range(len(told)), key=lambda i: list(RiskReason).index(reasons[i][0]))
    return told[first], reasons[first]


def class_of_concern(probability_of: Mapping[LesionClass, float], reasons: tuple[RiskReason, ...]) -> LesionClass:
    """Return the class that the advice is about: melanoma, the likeliest malignant one, or else the likeliest.

    Args:
        probability_of: all seven classes, calibrated.
        reasons: of the advice; none of a photo that is declined.
    """
    if RiskReason.MELANOMA_LIKELY in reasons:
        return LesionClass.MEL
    if RiskReason.MALIGNANCY_POSSIBLE in reasons:
        return top_class({lesion: share for lesion, share in probability_of.items() if lesion.is_malignant})
    return top_class(probability_of)


def shown_classes(
    probability_of: Mapping[LesionClass, float], concern: LesionClass | None
) -> tuple[tuple[LesionClass, float], ...]:
    """Return the three likeliest classes, likeliest first; the one that the advice is about is always one of them."""
    likeliest = ranked(probability_of)[:3]
    shown = likeliest if concern is None or concern in likeliest else [*likeliest[:2], concern]
    return tuple((lesion, probability_of[lesion]) for lesion in shown)


def top_class(probability_of: Mapping[LesionClass, float]) -> LesionClass:
    """Return the likeliest class."""
    return max(probability_of, key=lambda lesion_class: probability_of[lesion_class])


def _is_melanoma_likely(probability_of: Mapping[LesionClass, float], policy: RiskPolicy) -> bool:
    is_top = top_class(probability_of) is LesionClass.MEL
    return is_top or probability_of[LesionClass.MEL] >= policy.urgent_melanoma_probability
