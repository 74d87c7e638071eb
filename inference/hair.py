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
from functools import lru_cache
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Image: TypeAlias = MatLike
"""(H, W, 3) uint8, RGB."""
Plane: TypeAlias = MatLike
"""(H, W) uint8."""

_WORKING_SIDE_PX: Final = 600  # a short side above is halved, or more: hair is still a line there
_TRACING_SIDE_PX: Final = 225  # short side at which lines are traced, about; a pixel keeps the strongest of its four
_DARK_WIDTH: Final = 15 / 450  # of the short side: lines that close and open are longer than hair is wide
_LIGHT_WIDTH: Final = 13 / 450
_TRACE: Final = 13 / 225  # of the short side: a line as long as this must fit into a hair
_DIRECTIONS: Final = 16  # 12 lose one hair in ten, 20 find no more
_SURROUNDINGS: Final = 41 / 225  # of the short side
_TEXTURE_WEIGHT: Final = 3.0  # a line must stand out from the texture around it so many times
_KEPT_OF_MEAN: Final = 0.2  # of its line's mean: network that touches a hair is weaker than the hair
_EDGE: Final = 0.5  # of the contrast in the middle of a hair: there it ends
_LEAST_CONTRAST: Final = 15  # grey levels
_BORDER: Final = 128  # of a margin: above is hair
_SHORTEST: Final = 14 / 225  # of the short side
_MOST_HAIR: Final = 0.4  # of the photo: more is cloth or noise
_FRAME_PX: Final = 4  # a thinner line along the photo's edge is its frame
_REDDEST: Final = 0.6  # the part of a line's contrast that is missing in red: more is a vessel
_FILLS: Final = ((5, 1.0), (15, 0.02))  # sides of the squares that are averaged, and their weights


@dataclass(frozen=True, slots=True)
class Verification:
    """When a line is hair; fitted by benchmarks/hair_verification.py.

    Attributes:
        least_level: by which a pixel must stand out to be part of a line.
        weights: of the measures of a line, see _measures; the last may be missing.
        bias: added to them; above 0 is hair.
    """

    least_level: int
    weights: tuple[float, ...]
    bias: float


DARK: Final = Verification(10, (1.013, 1.73, 12.119, 0.911, -0.778, -4.429), -23.247)
LIGHT: Final = Verification(8, (1.064, 1.982, 18.005, 0.015, -0.143), -25.091)


@dataclass(frozen=True, slots=True)
class Lines:
    """What may be hair in a photo of at most 600 px, traced at about half its size.

    Attributes:
        contrast: (H, W) uint8: by how much a pixel is darker or lighter than the skin across the hair, at full size.
        traced: (h, w) uint8: the same at half size.
        standing_out: (h, w) uint8: by how much a line stands out from the texture around it.
        labels: (h, w) uint16: which line a pixel belongs to, 0 for none.
        boxes: (lines + 1, 5) int32: left, top, width, height, pixels of each line; of the background first.
        measures: (6, lines + 1) float64, see _measures.
    """

    contrast: Plane
    traced: Plane
    standing_out: Plane
    labels: NDArray[np.uint16]
    boxes: MatLike
    measures: NDArray[np.float64]


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
    return _as_pixels(cv2.copyTo(fill_rgb, cv2.dilate(mask, _square(2 * factor - 1)), image_rgb.copy())), mask > 0


def _as_pixels(image: MatLike) -> NDArray[np.uint8]:
    return image.astype(np.uint8, copy=False)


def _inside(margin: Plane) -> Plane:
    return cv2.threshold(margin, _BORDER, 255, cv2.THRESH_BINARY)[1]


def _margin(image_rgb: Image) -> Plane:
    """Return how surely each pixel is hair, see _outlined: dark first, or skin between dark hairs would seem light."""
    darkening_rgb = darkening(image_rgb)
    dark = hair_margin(dark_lines(darkening_rgb), DARK)
    return cv2.max(dark, hair_margin(light_lines(image_rgb, darkening_rgb, dark), LIGHT))


def darkening(image_rgb: Image) -> Image:
    """Return by how much each pixel is darker than the skin beside it, in each channel."""
    return cv2.subtract(_closed(image_rgb, _odd(min(image_rgb.shape[:2]) * _DARK_WIDTH)), image_rgb)


def dark_lines(darkening_rgb: Image) -> Lines:
    """Return all that is darker than its surroundings, long and thin; takes what darkening() returns."""
    red, green, blue = (cv2.extractChannel(darkening_rgb, channel) for channel in range(3))
    return _lines_of(cv2.max(cv2.max(red, green), blue), DARK.least_level, cv2.subtract(green, red))


def light_lines(image_rgb: Image, darkening_rgb: Image, dark: Plane) -> Lines:
    """Return all that is lighter than its surroundings, long and thin, once dark hair is filled up."""
    green = cv2.extractChannel(image_rgb, 1)  # red is saturated on skin, blue is noisy
    cv2.add(green, cv2.extractChannel(darkening_rgb, 1), green, cv2.dilate(_inside(dark), _square(3)))
    opened = _opened(green, _odd(min(green.shape) * _LIGHT_WIDTH))
    return _lines_of(cv2.subtract(green, opened), LIGHT.least_level, None)


def _lines_of(contrast: Plane, least_level: int, redness: Plane | None) -> Lines:
    step = max(1, round(min(contrast.shape) / _TRACING_SIDE_PX))
    traced = _pooled(contrast, step)
    strength = _strength(traced)
    texture = _around(cv2.subtract(traced, strength))
    standing_out = cv2.subtract(strength, cv2.convertScaleAbs(texture, alpha=_TEXTURE_WEIGHT))
    is_line = _without_frame(cv2.threshold(standing_out, least_level, 1, cv2.THRESH_BINARY)[1])
    number, components, boxes, _ = cv2.connectedComponentsWithStats(is_line, connectivity=8, ltype=cv2.CV_16U)
    labels = components.astype(np.uint16, copy=False)
    planes = [standing_out, strength, traced, texture, *([] if redness is None else [_pooled(redness, step)])]
    means = _means(np.flatnonzero(is_line.view(np.bool_)), labels, number, planes)
    return Lines(contrast, traced, standing_out, labels, boxes, _measures(boxes, means, labels.shape))


def _without_frame(is_line: Plane) -> Plane:
    """Blank each edge of the photo that is a line for most of its length; is_line itself is changed."""
    for edge in (is_line[:_FRAME_PX], is_line[-_FRAME_PX:], is_line[:, :_FRAME_PX].T, is_line[:, -_FRAME_PX:].T):
        if edge.any(axis=0).mean() > 0.5:
            edge[:] = 0
    return is_line


def hair_margin(lines: Lines, verification: Verification) -> Plane:
    """Return how surely each pixel is hair, see _outlined."""
    is_hair = _is_hair(lines, verification)
    if not is_hair.any():
        return np.zeros_like(lines.contrast)
    weakest = np.where(is_hair, np.minimum(np.exp(lines.measures[1]) * _KEPT_OF_MEAN, 254), 255).astype(np.uint8)
    is_strong = cv2.subtract(lines.standing_out, np.take(weakest, lines.labels))
    return _outlined(lines.contrast, cv2.copyTo(lines.traced, is_strong))


def _strength(strongest: Plane) -> Plane:
    """Return the strength of the strongest line through each pixel: the weakest of its pixels in the best direction."""
    length_px = max(5, round(min(strongest.shape) * _TRACE))
    strength = np.zeros_like(strongest)
    for line in _lines(length_px, _DIRECTIONS):
        cv2.max(strength, cv2.morphologyEx(strongest, cv2.MORPH_OPEN, line), strength)
    return strength


def _around(texture: Plane) -> Plane:
    """Return the mean of the surroundings."""
    side_px = _odd(min(texture.shape) * _SURROUNDINGS)
    return cv2.blur(texture, (side_px, side_px))


def _means(
    places: NDArray[np.intp], labels: NDArray[np.uint16], number: int, planes: list[Plane]
) -> NDArray[np.float64]:
    """Return the mean of each plane over each line, (planes, number); of the background 0."""
    line = labels.ravel()[places]
    sums = [np.bincount(line, plane.ravel()[places], number) for plane in planes]
    return np.array(sums) / np.maximum(np.bincount(line, minlength=number), 1)


def _measures(boxes: MatLike, means: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return what tells hair from other lines, (6, lines + 1).

    These are log length (in pixels of a photo of 225 px), log strength, straightness (what of the contrast lies in a
    straight line), log texture, log fullness (a mesh fills its box, a hair does not), and redness, which is high in
    vessels.
    """
    scale = _TRACING_SIDE_PX / min(shape)
    _, _, width, height, pixels = boxes.T
    length = np.maximum(np.hypot(width, height), 1) * scale
    standing_out, strength, traced, texture, *redness = means
    return np.stack(
        [
            np.log(length),
            np.log(np.maximum(standing_out, 1)),
            strength / np.maximum(traced, 1),
            np.log(texture + 1),
            np.log(np.maximum(pixels * scale**2 / length**2, 1e-3)),
            *(red / np.maximum(traced, 1) for red in redness),
        ]
    )


def _is_hair(lines: Lines, verification: Verification) -> NDArray[np.bool_]:
    """Verify that each line is long and thin, stands out, and is neither a vessel nor the photo's frame."""
    left, top, width, height, _ = lines.boxes.T
    shape = lines.labels.shape
    is_hair = np.asarray(verification.weights) @ lines.measures + verification.bias > 0
    is_hair &= lines.measures[0] > math.log(_SHORTEST * _TRACING_SIDE_PX)
    is_hair &= ~(lines.measures[5:] > _REDDEST).any(axis=0)
    is_hair &= ~_is_rim(left, width, shape[1]) & ~_is_rim(top, height, shape[0])
    is_hair[0] = False
    return is_hair


def _is_rim(start: MatLike, extent: MatLike, side_px: int) -> NDArray[np.bool_]:
    return (extent <= _FRAME_PX) & ((start < _FRAME_PX) | (start + extent > side_px - _FRAME_PX))


def _outlined(contrast: Plane, traced: Plane) -> Plane:
    """Return half by how much the contrast lies above that of a hair's edge, from 128 on; 0 far from hair.

    Not yet a mask, so that it can be enlarged to a larger photo and still end between two pixels.
    """
    height, width = contrast.shape
    middle = cv2.resize(cv2.dilate(traced, _square(3)), (width, height), interpolation=cv2.INTER_LINEAR)
    edge = np.maximum(cv2.convertScaleAbs(middle, alpha=_EDGE), np.uint8(_LEAST_CONTRAST))
    return cv2.copyTo(cv2.addWeighted(contrast, 0.5, edge, -0.5, _BORDER), middle)


def _repaired(image_rgb: Image, found: Plane) -> NDArray[np.uint8]:
    """Return a copy with hair and its blurred edge replaced by the skin beside it, the nearest most of all."""
    hole = cv2.dilate(found, _square(3))
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


def _pooled(plane: Plane, step: int) -> Plane:
    """Return the greatest of each square of pixels, so that a hair one pixel thin stays whole."""
    return plane if step == 1 else np.ascontiguousarray(cv2.dilate(plane, _square(step), anchor=(0, 0))[::step, ::step])


def _closed(image_rgb: Image, line_px: int) -> Image:
    across, down = (cv2.morphologyEx(image_rgb, cv2.MORPH_CLOSE, line) for line in _axes(line_px))
    return cv2.max(across, down)


def _opened(plane: Plane, line_px: int) -> Plane:
    across, down = (cv2.morphologyEx(plane, cv2.MORPH_OPEN, line) for line in _axes(line_px))
    return cv2.min(across, down)


def _odd(length_px: float) -> int:
    return max(5, round(length_px)) | 1


@lru_cache(maxsize=16)
def _axes(line_px: int) -> tuple[Plane, Plane]:
    return np.ones((1, line_px), np.uint8), np.ones((line_px, 1), np.uint8)


@lru_cache(maxsize=16)
def _square(side_px: int) -> Plane:
    return np.ones((side_px, side_px), np.uint8)


@lru_cache(maxsize=16)
def _lines(length_px: int, directions: int) -> tuple[Plane, ...]:
    return tuple(_line(length_px, math.pi * step / directions) for step in range(directions))


def _line(length_px: int, angle: float) -> Plane:
    """Return a line through the middle of the smallest odd rectangle that holds it; angle in radians."""
    reach = (length_px - 1) / 2
    across, down = round(abs(math.cos(angle)) * reach), round(abs(math.sin(angle)) * reach)
    line = np.zeros((2 * down + 1, 2 * across + 1), np.uint8)
    is_falling = math.cos(angle) * math.sin(angle) >= 0
    cv2.line(line, (0, 0 if is_falling else 2 * down), (2 * across, 2 * down if is_falling else 0), 1)
    return line
