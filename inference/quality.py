"""Can this photo be judged at all? A poor photo is an answer of its own, not an error."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage

_BORDER_PX: Final = 4  # left out of sharpness: blurring has no neighbours there
_FLAT: Final = 0.01  # squared grey levels a pixel: keeps the ratio finite on an empty picture


class DeclineReason(StrEnum):
    """Why a photo can't be judged; each has its own advice on retaking it."""

    TOO_SMALL = "too_small"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    NO_LESION = "no_lesion"


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What was measured.

    Attributes:
        side_px: of the centre square, as it came.
        brightness: mean grey level, 0 to 255.
        sharpness: see sharpness().
        lesion_logit: above 0 the network rather sees a lesion than bare skin or something else.
    """

    side_px: int
    brightness: float
    sharpness: float
    lesion_logit: float


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What this model can work with; fitted on photos that were made worse on purpose."""

    min_side_px: int
    min_brightness: float
    max_brightness: float
    min_sharpness: float
    min_lesion_logit: float


def quality_report(view_rgb: RgbImage, input_rgb: RgbImage, lesion_logit: float) -> QualityReport:
    """Measure a photo.

    Args:
        view_rgb: (S, S, 3) uint8, RGB: the centre square.
        input_rgb: (side, side, 3) uint8, RGB: the same without hair, at the network's size.
        lesion_logit: what the network says.
    """
    grey = cv2.cvtColor(input_rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return QualityReport(view_rgb.shape[0], float(grey.mean()), sharpness(grey), lesion_logit)


def decline_reason(report: QualityReport, limits: QualityLimits) -> DeclineReason | None:
    """Return the first thing to mend, or None. Light comes before focus: what is dark never looks sharp."""
    is_wrong = {
        DeclineReason.TOO_SMALL: report.side_px < limits.min_side_px,
        DeclineReason.DARK: report.brightness < limits.min_brightness,
        DeclineReason.BRIGHT: report.brightness > limits.max_brightness,
        DeclineReason.BLURRED: report.sharpness < limits.min_sharpness,
        DeclineReason.NO_LESION: report.lesion_logit < limits.min_lesion_logit,
    }
    return next((reason for reason in DeclineReason if is_wrong[reason]), None)


def sharpness(grey: NDArray[np.float32]) -> float:
    """Return how much steeper edges are than after a blur by one more pixel, in the direction where that is least.

    A ratio, so that neither a pale lesion nor a dim light looks blurred; measured at the network's size, so that a
    photo's own size does not matter; in the worst direction, so that a shaken hand is found as well as a wrong focus.

    Args:
        grey: (S, S) float32, 0 to 255, at the network's size, without hair.

    Returns:
        1 where one more blur changes nothing, as in a blurred photo; about 1.5 in a sharp one; 0 on an empty picture.

    Source: Crété-Roffet et al. 2007, The Blur Effect, doi:10.1117/12.702790, with structure tensors in place of rows.
    """
    blurred = cv2.GaussianBlur(grey, (0, 0), 1).astype(np.float32, copy=False)
    ratios = np.linalg.eigvals(np.linalg.solve(_structure_tensor(blurred) + _FLAT * np.eye(2), _structure_tensor(grey)))
    return float(np.sqrt(np.maximum(ratios.real, 0).min()))


def _structure_tensor(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean product of the gradient with itself, (2, 2), in squared grey levels a pixel."""
    inner = slice(_BORDER_PX, -_BORDER_PX)
    slopes = [cv2.Sobel(grey, cv2.CV_32F, *axis)[inner, inner].ravel() / 8 for axis in ((1, 0), (0, 1))]
    gradient = np.stack(slopes).astype(np.float64)
    return np.asarray(gradient @ gradient.T / gradient.shape[1])
