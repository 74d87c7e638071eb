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
from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from inference.lines import LEAST_LENGTH, Image, Lines, Plane, dark_lines, darkening, light_lines, square

_WORKING_SIDE_PX: Final = 600  # a short side above is halved, or more: hair is still a line there
_REDDEST: Final = 0.6  # the part of a line's contrast that is missing in red: more is a vessel
_KEPT_OF_MEAN: Final = 0.2  # of its line's mean: network that touches a hair is weaker than the hair
_EDGE: Final = 0.5  # of the contrast in the middle of a hair: there it ends
_LEAST_CONTRAST: Final = np.array([15.0])  # grey levels, as OpenCV takes a number
_BORDER: Final = 128  # of a margin: above is hair
_MOST_HAIR: Final = 0.4  # of the photo: more is cloth or noise
_FILLS: Final = ((5, 1.0), (11, 0.02))  # sides of the squares that are averaged at half size, and their weights
_NEIGHBOURS: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))  # of hair: its blurred edge


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
        the mask and where hair's blurred edge lies beside it, at most two pixels away; and the hair mask, (H, W) bool.
    """
    height, width = image_rgb.shape[:2]
    factor = math.ceil(min(height, width) / _WORKING_SIDE_PX)
    size = (width // factor, height // factor)
    small_rgb = image_rgb if factor == 1 else cv2.resize(image_rgb, size, interpolation=cv2.INTER_AREA)
    margin = _margin(small_rgb)
    found = _inside(margin)
    if not 0 < cv2.countNonZero(found) <= _MOST_HAIR * found.size:
        return image_rgb, np.zeros((height, width), np.bool_)
    mask, hole = found, cv2.dilate(found, _NEIGHBOURS)
    fill_rgb = _filled(small_rgb, hole)
    if factor > 1:
        mask = _inside(cv2.resize(margin, (width, height), interpolation=cv2.INTER_LINEAR))
        hole = cv2.dilate(mask, _NEIGHBOURS)
    repaired_rgb = cv2.resize(fill_rgb, (width, height), interpolation=cv2.INTER_LINEAR)
    skin = cv2.threshold(hole, 0, 1, cv2.THRESH_BINARY_INV)[1]
    return _as_pixels(cv2.copyTo(image_rgb, skin, repaired_rgb)), mask > 0


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
    if not len(lines.places):
        return np.zeros_like(lines.contrast)
    is_hair = _is_hair(lines, verification)
    if not is_hair.any():
        return np.zeros_like(lines.contrast)
    weakest = np.where(is_hair, np.minimum(np.exp(lines.measures[1]) * _KEPT_OF_MEAN, 254), 255).astype(np.uint8)
    is_strong = lines.standing_out.ravel().take(lines.places) > weakest[lines.labels.ravel().take(lines.places)]
    places = lines.places[is_strong]
    traced = np.zeros_like(lines.traced)
    traced.ravel()[places] = lines.traced.ravel().take(places)
    return _outlined(lines.contrast, traced)


def _is_hair(lines: Lines, verification: Verification) -> NDArray[np.bool_]:
    """Verify that each line is long and thin, stands out, and is neither a vessel nor the photo's frame."""
    is_hair = np.asarray(verification.weights) @ lines.measures + verification.bias > 0
    is_hair &= lines.measures[0] > math.log(LEAST_LENGTH)
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
    edge = cv2.max(cv2.convertScaleAbs(middle, alpha=_EDGE), _LEAST_CONTRAST)  # ten times as fast as numpy's
    return cv2.copyTo(cv2.addWeighted(contrast, 0.5, edge, -0.5, _BORDER), middle)


def _filled(image_rgb: Image, hole: Plane) -> Image:
    """Return the picture at half its size, with the hole replaced by the skin beside it, the nearest most of all.

    Half the size is enough for what is a mean of many pixels, and costs half the time.
    """
    height, width = hole.shape
    half = (max(1, width // 2), max(1, height // 2))
    small_rgb = _as_pixels(cv2.resize(image_rgb, half, interpolation=cv2.INTER_AREA))
    skin = cv2.threshold(cv2.resize(hole, half, interpolation=cv2.INTER_AREA), 0, 1, cv2.THRESH_BINARY_INV)[1]
    counted = cv2.cvtColor(small_rgb, cv2.COLOR_RGB2RGBA)  # the fourth channel counts the skin
    cv2.insertChannel(skin, counted, 3)
    counted = cv2.copyTo(counted, skin)
    places = np.flatnonzero(~skin.view(np.bool_))
    total = np.zeros((len(places), 4), np.float32)
    for side, weight in _FILLS:
        sums = cv2.boxFilter(counted, cv2.CV_16U, (side, side), normalize=False)  # 255 · 11² fits into 16 bits
        taken = np.take(sums.view(np.uint64), places).view(np.uint16)  # eight bytes at once
        total += taken.reshape(-1, 4) * np.float32(weight)
    is_near = total[:, 3] > 0  # of what is too far from any skin nothing is known: left as it is
    if not is_near.all():
        places, total = places[is_near], total[is_near]
    fill = (total[:, :3] / total[:, 3:] + np.float32(0.5)).astype(np.uint8)
    small_rgb.reshape(-1, 3).view("V3")[places, 0] = fill.view("V3")[:, 0]  # three bytes at once
    return small_rgb
