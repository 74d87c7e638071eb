"""Count who is refused, and who is told what is wrong with a photo."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from inference.quality import Caution, DeclineReason, QualityLimits, QualityReport, cautions, decline_reason
from training.measures import share

_CAUTIONS_OF: Final = {
    DeclineReason.CUT_OFF: {Caution.CUT_OFF, Caution.EDGE_UNSEEN},
    DeclineReason.SEVERAL: {Caution.SEVERAL},
}


def refusals(of: Sequence[QualityReport], limits: QualityLimits, reason: DeclineReason) -> dict[str, float | int]:
    """Return how many photos there are, and the shares refused, so for this very reason, and answered with its caution.

    A caution that tells of something else is none of this reason; most reasons have no caution.
    """
    reasons = [decline_reason(report, limits) for report in of]
    return {
        "photos": len(of),
        "refused": rounded_share([each is not None for each in reasons]),
        "named": rounded_share([each is reason for each in reasons]),
        "noted": rounded_share([bool(_CAUTIONS_OF.get(reason, set()) & set(each)) for each in noted(of, limits)]),
    }


def good_figures(of: Sequence[QualityReport], limits: QualityLimits) -> dict[str, Any]:
    """Return how many good photos there are, the shares refused, for each reason, and the share told any caution."""
    reasons = [decline_reason(report, limits) for report in of]
    because = {str(reason): rounded_share([each is reason for each in reasons]) for reason in DeclineReason}
    return {
        "photos": len(of),
        "refused": rounded_share([each is not None for each in reasons]),
        "refused_because": because,
        "noted": rounded_share([bool(each) for each in noted(of, limits)]),
    }


def noted(of: Sequence[QualityReport], limits: QualityLimits) -> list[tuple[Caution, ...]]:
    """Return the cautions that each photo is answered with; none where it is refused."""
    return [() if decline_reason(report, limits) else cautions(report, limits) for report in of]


def empty_figures(of: Sequence[QualityReport], limits: QualityLimits) -> dict[str, float | int]:
    """Return how many pictures without a lesion there are, and the shares refused: in all, and by the gate alone."""
    gated = [limits.lesion_evidence(report) < limits.min_lesion_evidence for report in of]
    refused = [decline_reason(report, limits) is not None for report in of]
    return {"photos": len(of), "refused": rounded_share(refused), "gated": rounded_share(gated)}


def told_of(way: Mapping[str, Any]) -> float:
    """Return the share of photos whose fault the patient is told: refused for that very reason, or by its caution."""
    return float(way["named"] + way["noted"])


def refused_for_another_reason(way: Mapping[str, Any]) -> float:
    """Return the share of photos refused whose fault the patient is not told."""
    return float(way["refused"] - way["named"])


def rounded_share(hits: Sequence[bool]) -> float:
    """Return the share of True, to four places; nan of nothing."""
    return round(share(np.array(hits, np.bool_)), 4)
