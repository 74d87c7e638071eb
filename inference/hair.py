"""DullRazor: find hair, dark and light, and paint over it with the skin beside it.

As in the original, closings with lines show what is darker than its surroundings, only what is long and thin is taken
for hair, and the skin beside it takes its place. What is added: light hair, lines traced in grey levels rather than in
a black and white picture, so that faint hair is followed; and a verification fitted on data, so that network, vessels
and bright spots are left alone.

Source: Lee, Ng, Gallagher, Coldman, McLean 1997, DullRazor: a software approach to hair removal from images,
doi:10.1016/S0010-4825(97)00020-6.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from inference.lines import Image, Lines, Plane, dark_lines, darkening, light_lines, square

_WORKING_SIDE_PX: Final = 600  # a short side above is halved, or more: hair is still a line there
LEAST_LOG_LENGTH: Final = math.log(14)  # of a line, in pixels of a photo of 225: 6 % of the short side
_REDDEST: Final = 0.6  # the part of a line's contrast that is missing in red: more is a vessel
_KEPT_OF_MEAN: Final = 0.2  # of its line's mean: network that touches a hair is weaker than the hair
_EDGE: Final = 0.5  # of the contrast in the middle of a hair: there it ends
_LEAST_CONTRAST: Final = 15  # grey levels
_BORDER: Final = 128  # of a margin: above is hair
_MOST_HAIR: Final = 0.4  # of the photo: more is cloth or noise
_FILLS: Final = ((5, 1.0), (15, 0.02))  # sides of the squares that are averaged, and their weights


@dataclass(frozen=True, slots=True)
class Verification:
    """When a line is hair; fitted by benchmarks/hair_verification.py.

    Attributes:
        weights: of the measures of a line, see inference.lines; the last may be missing.
        bias: added to them, less the threshold; above 0 is hair.
    """

    weights: tuple[float, ...]
    bias: float


DARK: Final = Verification((1.022, 3.325, 2.64, 0.309, -1.599, -3.021), -21.359 - 0.25)
LIGHT: Final = Verification((0.687, 2.761, 19.397, 0.549, -0.505), -27.971 - 0.5)


def remove_hair(image_rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Find hair and replace it by the skin around it.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.

    Returns:
        (H, W, 3) uint8, RGB, without hair: the same object where there is none, else a new array, that differs only on
        the mask and where hair's blurred edge lies beside it, at most one pixel in a photo of 600 px and two in larger
        ones; and the hair mask, (H, W) bool.
    """
    height, width = image_rgb.shape[:2]
    factor = math.ceil(min(height, width) / _WORKING_SIDE_PX)
    size = (width // factor, height // factor)
    small_rgb = image_rgb if factor == 1 else cv2.resize(image_rgb, size, interpolation=cv2.INTER_AREA)
    margin = _margin(small_rgb)
    found = _inside(margin)
    if not 0 < cv2.countNonZero(found) <= _MOST_HAIR * found.size:
        return image_rgb, np.zeros((height, width), np.bool_)
    repaired_rgb = _repaired(small_rgb, found)
    if factor == 1:
        return repaired_rgb, found > 0
    mask = _inside(cv2.resize(margin, (width, height), interpolation=cv2.INTER_LINEAR))
    fill_rgb = cv2.resize(repaired_rgb, (width, height), interpolation=cv2.INTER_LINEAR)
    return _as_pixels(cv2.copyTo(fill_rgb, cv2.dilate(mask, square(2 * factor - 1)), image_rgb.copy())), mask > 0


def _as_pixels(image: MatLike) -> NDArray[np.uint8]:
    return image.astype(np.uint8, copy=False)


def _inside(margin: Plane) -> Plane:
    return cv2.threshold(margin, _BORDER, 255, cv2.THRESH_BINARY)[1]


def _margin(image_rgb: Image) -> Plane:
    """Return how surely each pixel is hair, see _outlined: dark first, or skin between dark hairs would seem light."""
    darkening_rgb = darkening(image_rgb)
    dark = _hair_margin(dark_lines(darkening_rgb), DARK)
    return cv2.max(dark, _hair_margin(light_lines(image_rgb, darkening_rgb, _inside(dark)), LIGHT))


def dark_hair(lines: Lines) -> Plane:
    """Return 255 where dark lines are hair, else 0: (H, W) uint8."""
    return _inside(_hair_margin(lines, DARK))


def _hair_margin(lines: Lines, verification: Verification) -> Plane:
    """Return how surely each pixel is hair, see _outlined."""
    is_hair = _is_hair(lines, verification)
    if not is_hair.any():
        return np.zeros_like(lines.contrast)
    weakest = np.where(is_hair, np.minimum(np.exp(lines.measures[1]) * _KEPT_OF_MEAN, 254), 255).astype(np.uint8)
    is_strong = cv2.subtract(lines.standing_out, np.take(weakest, lines.labels))
    return _outlined(lines.contrast, cv2.copyTo(lines.traced, is_strong))


def _is_hair(lines: Lines, verification: Verification) -> NDArray[np.bool_]:
    """Verify that each line is long and thin, stands out, and is neither a vessel nor the photo's frame."""
    is_hair = np.asarray(verification.weights) @ lines.measures + verification.bias > 0
    is_hair &= lines.measures[0] > LEAST_LOG_LENGTH
    is_hair &= ~(lines.measures[5:] > _REDDEST).any(axis=0)
    is_hair &= ~lines.is_frame
    is_hair[0] = False
    return is_hair


def _outlined(contrast: Plane, traced: Plane) -> Plane:
    """Return half by how much the contrast lies above that of a hair's edge, from 128 on; 0 far from hair.

    Not yet a mask, so that it can be enlarged to a larger photo and still end between two pixels.
    """
    height, width = contrast.shape
    middle = cv2.resize(cv2.dilate(traced, square(3)), (width, height), interpolation=cv2.INTER_LINEAR)
    edge = np.maximum(cv2.convertScaleAbs(middle, alpha=_EDGE), np.uint8(_LEAST_CONTRAST))
    return cv2.copyTo(cv2.addWeighted(contrast, 0.5, edge, -0.5, _BORDER), middle)


def _repaired(image_rgb: Image, found: Plane) -> NDArray[np.uint8]:
    """Return a copy with hair and its blurred edge replaced by the skin beside it, the nearest most of all."""
    hole = cv2.dilate(found, square(3))
    skin = cv2.threshold(hole, 0, 1, cv2.THRESH_BINARY_INV)[1]
    skin_rgb = cv2.copyTo(image_rgb, skin)
    places = np.flatnonzero(~skin.view(np.bool_))
    total = np.zeros((len(places), 3), np.float32)
    count = np.zeros((len(places), 1), np.float32)
    for side, weight in _FILLS:
        sums = cv2.boxFilter(skin_rgb, cv2.CV_16U, (side, side), normalize=False)  # 255 · 15² fits into 16 bits
        counts = cv2.boxFilter(skin, cv2.CV_16U, (side, side), normalize=False)
        total += _taken(sums, places) * np.float32(weight)
        count += _taken(counts[..., None], places) * np.float32(weight)
    if not count.all():  # too far from any skin: left as it is
        total[count[:, 0] == 0] = _taken(image_rgb, places[count[:, 0] == 0])
        count[count == 0] = 1
    repaired_rgb = _as_pixels(image_rgb.copy())
    fill = (total * (1 / count) + np.float32(0.5)).astype(np.uint8)
    repaired_rgb.reshape(-1, 3).view("V3")[places, 0] = fill.view("V3")[:, 0]  # three bytes at once
    return repaired_rgb


def _taken(pixels: NDArray[Any], places: NDArray[np.intp]) -> NDArray[Any]:
    return np.take(pixels.reshape(-1, pixels.shape[2]), places, axis=0)
