"""Can this photo be judged at all? A poor photo is an answer of its own, not an error."""

from dataclasses import dataclass
from enum import StrEnum
from math import log, log2
from typing import Final

import cv2
import numpy as np

from inference.image import RgbImage, Square, centre_square
from inference.lesion import LesionRegion, ProbabilityMap, Segmentation
from inference.sharpness import BLOWN_LEVEL, not_enlarged, sharpness

_BRIGHTEST: Final = 0.05  # of the pixels may be brighter than what is called the light
_COLOURFUL: Final = 0.05  # of the pixels may be more colourful than what is called so
_SKIN: Final = 0.75  # of the pixels are at most as bright as much of the skin
_SPECK_PX: Final = 7  # smaller white places are scale, bubbles and gloss, which belong to a lesion or a dermatoscope
_RIM_SHARE: Final = 1 / 8  # of each side, where glare does no harm
_ALMOST_SURE: Final = 0.95  # is a place of a lesion that counts beside another
_SUREST: Final = 1e-3  # a probability is told no surer than this


class DeclineReason(StrEnum):
    """Why a photo can't be judged, most important first; each has its own advice on retaking it."""

    TOO_SMALL = "too_small"
    DARK = "dark"
    BRIGHT = "bright"
    GLARE = "glare"
    COLOUR_CAST = "colour_cast"
    BLURRED = "blurred"
    NO_LESION = "no_lesion"
    TOO_FAR = "too_far"
    CUT_OFF = "cut_off"
    SEVERAL = "several"


class Caution(StrEnum):
    """What may be amiss with a photo that is judged nevertheless; the patient is told."""

    CUT_OFF = "cut_off"
    EDGE_UNSEEN = "edge_unseen"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What was measured.

    Attributes:
        side_px: of the view, in the photo as it was decoded. One whose long side is longer than 1024 px was reduced to
            a half, a quarter or an eighth where that left 480 px of its short side, or of a small lesion's view; one
            that was still longer than 1280 px was scaled down to that or, where only a part is looked at, or that left
            less than 480 px of the short side, to at most 3840 px.
        light: grey level that the brightest channel reaches in the brightest twentieth of the view, 0 to 255. Of dark
            skin in good light that is far above what light skin has in the dark.
        blown_share: of the inner view that is nothing but light, 0 to 1.
        red_to_green: how much redder than green the skin is, in stops (powers of two); skin is brighter than most
            lesions, so that each channel's upper quartile is mostly of skin.
        green_to_blue: likewise.
        colourfulness: by how many grey levels the channels of the most colourful twentieth of the view differ; 0 of a
            black-and-white photo.
        sharpness: see sharpness().
        lesion_logit: above 0 the network rather sees a lesion than bare skin or something else.
        presence_logit: likewise, the segmentation network.
        peak_logit: of the place in the middle of the view that is most likely lesion.
        lesion_share: the longer side of the lesion over the shorter side of the photo; 0 where none was found.
        border_share: of the lesion's outline that lies on the border of the photo, 0 to 1.
        left_out_share: of the lesion's box that the view leaves out, 0 to 1.
        second_share: the area of the second largest place that is almost surely lesion, over that of the largest.
    """

    side_px: int
    light: float
    blown_share: float
    red_to_green: float
    green_to_blue: float
    colourfulness: float
    sharpness: float
    lesion_logit: float
    presence_logit: float
    peak_logit: float
    lesion_share: float
    border_share: float
    left_out_share: float
    second_share: float


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What this model can work with; fitted on photos that were made worse on purpose.

    A photo beyond a limit is declined; one beyond a limit that is noted is answered, with a caution,
    as is one whose view leaves out more than a tenth of the lesion, and one in which its edge is not found.
    A small lesion whose view has enough_side_px is near enough.
    The last four are of the gate: a weighted sum of what both networks say of a lesion must reach the least evidence.
    """

    min_side_px: int
    min_light: float
    max_blown_share: float
    max_glare_share: float
    min_red_to_green: float
    max_red_to_green: float
    min_green_to_blue: float
    max_green_to_blue: float
    min_colourfulness: float
    min_sharpness: float
    min_lesion_share: float
    enough_side_px: int
    max_border_share: float
    max_second_share: float
    noted_border_share: float
    noted_second_share: float
    noted_left_out_share: float
    lesion_logit_weight: float
    presence_logit_weight: float
    peak_logit_weight: float
    min_lesion_evidence: float

    def lesion_evidence(self, report: QualityReport) -> float:
        """Return how much speaks for a lesion."""
        return (
            self.lesion_logit_weight * report.lesion_logit
            + self.presence_logit_weight * report.presence_logit
            + self.peak_logit_weight * report.peak_logit
        )


def quality_report(image_rgb: RgbImage, input_rgb: RgbImage, seen: Segmentation, lesion_logit: float) -> QualityReport:
    """Measure a photo.

    Args:
        image_rgb: (H, W, 3) uint8, RGB: the whole photo.
        input_rgb: (side, side, 3) uint8, RGB: what the classifying network is given: the view, without hair.
        seen: what the segmentation network says of the whole photo.
        lesion_logit: what the classifying network says of its input.
    """
    red, green, blue = cv2.split(input_rgb)
    brightest = cv2.max(cv2.max(red, green), blue)
    colours = cv2.subtract(brightest, cv2.min(cv2.min(red, green), blue))
    stops = [log2(1 + _level(channel, _SKIN)) for channel in (red, green, blue)]
    region, view = seen.region, seen.view or centre_square(*image_rgb.shape[:2])
    return QualityReport(
        side_px=view.side,
        light=_level(brightest, 1 - _BRIGHTEST),
        blown_share=blown_share(green),
        red_to_green=stops[0] - stops[1],
        green_to_blue=stops[1] - stops[2],
        colourfulness=_level(colours, 1 - _COLOURFUL),
        sharpness=sharpness(not_enlarged(cv2.cvtColor(input_rgb, cv2.COLOR_RGB2GRAY), view.side)),
        lesion_logit=lesion_logit,
        presence_logit=_logit(seen.presence_probability),
        peak_logit=_logit(_peak_probability(seen.probability_map, view, *image_rgb.shape[:2])),
        lesion_share=region.longer_px / min(image_rgb.shape[:2]) if region else 0.0,
        border_share=region.border_share if region else 0.0,
        left_out_share=_left_out(region, view) if region else 0.0,
        second_share=second_share(seen.probability_map),
    )


def decline_reason(report: QualityReport, limits: QualityLimits) -> DeclineReason | None:
    """Return the first thing to mend, or None.

    Light comes before focus, as what is dark never looks sharp, and focus before framing, as nothing is found in a
    blur.
    """
    is_wrong = {
        DeclineReason.TOO_SMALL: report.side_px < limits.min_side_px,
        DeclineReason.DARK: report.light < limits.min_light,
        DeclineReason.BRIGHT: report.blown_share > limits.max_blown_share,
        DeclineReason.GLARE: report.blown_share > limits.max_glare_share,
        DeclineReason.COLOUR_CAST: not (
            limits.min_red_to_green <= report.red_to_green <= limits.max_red_to_green
            and limits.min_green_to_blue <= report.green_to_blue <= limits.max_green_to_blue
            and report.colourfulness >= limits.min_colourfulness
        ),
        DeclineReason.BLURRED: report.sharpness < limits.min_sharpness,
        DeclineReason.NO_LESION: limits.lesion_evidence(report) < limits.min_lesion_evidence,
        DeclineReason.TOO_FAR: (
            0 < report.lesion_share < limits.min_lesion_share and report.side_px < limits.enough_side_px
        ),
        DeclineReason.CUT_OFF: report.border_share > limits.max_border_share,
        DeclineReason.SEVERAL: report.second_share > limits.max_second_share,
    }
    return next((reason for reason in DeclineReason if is_wrong[reason]), None)


def cautions(report: QualityReport, limits: QualityLimits) -> tuple[Caution, ...]:
    """Return what to tell about a photo that is not declined; mostly nothing."""
    is_out = report.left_out_share > limits.noted_left_out_share
    is_noted = {
        Caution.CUT_OFF: is_out or report.border_share > limits.noted_border_share,
        Caution.EDGE_UNSEEN: not report.lesion_share,  # one was seen, but not where: its framing is not known
        Caution.SEVERAL: report.second_share > limits.noted_second_share,
    }
    return tuple(caution for caution in Caution if is_noted[caution])


def blown_share(green: cv2.typing.MatLike) -> float:
    """Return the share of the inner picture that is so bright that nothing is left to see.

    Args:
        green: (S, S) uint8: of skin, green is clipped when red has long been, and shows most of a lesion.
    """
    rim_px = round(green.shape[0] * _RIM_SHARE)
    inner = np.ascontiguousarray(green[rim_px:-rim_px, rim_px:-rim_px])
    is_blown = cv2.threshold(inner, BLOWN_LEVEL - 1, 1, cv2.THRESH_BINARY)[1]
    patches = cv2.morphologyEx(is_blown, cv2.MORPH_OPEN, np.ones((_SPECK_PX, _SPECK_PX), np.uint8))
    return cv2.countNonZero(patches) / patches.size


def second_share(probability_map: ProbabilityMap) -> float:
    """Return the area of the second largest lesion over that of the largest, of places that are almost surely lesion.

    Args:
        probability_map: (h, w) float32 in [0, 1]: how likely each place is lesion.

    Returns:
        0 where there are not two.
    """
    is_sure = (probability_map >= _ALMOST_SURE).view(np.uint8)
    areas = sorted(np.bincount(cv2.connectedComponents(is_sure)[1].ravel())[1:], reverse=True)
    return float(areas[1] / areas[0]) if len(areas) > 1 else 0.0


def _left_out(region: LesionRegion, view: Square) -> float:
    width = min(region.right, view.left + view.side) - max(region.left, view.left)
    height = min(region.bottom, view.top + view.side) - max(region.top, view.top)
    area = (region.right - region.left) * (region.bottom - region.top)
    return 1 - max(width, 0) * max(height, 0) / area if area else 0.0


def _peak_probability(probability_map: ProbabilityMap, view: Square, height_px: int, width_px: int) -> float:
    """Return the highest probability in the middle half of the view."""
    rows, columns = probability_map.shape
    top, bottom = (int((view.top + view.side * part) * rows / height_px) for part in (0.25, 0.75))
    left, right = (int((view.left + view.side * part) * columns / width_px) for part in (0.25, 0.75))
    return float(probability_map[top : bottom + 1, left : right + 1].max())


def _level(channel: cv2.typing.MatLike, share: float) -> float:
    """Return the grey level that this share of the pixels does not exceed."""
    counts = cv2.calcHist([channel], [0], None, [256], [0, 256]).ravel()
    return float(np.searchsorted(np.cumsum(counts), share * channel.size))


def _logit(probability: float) -> float:
    sure = min(max(probability, _SUREST), 1 - _SUREST)
    return log(sure / (1 - sure))
