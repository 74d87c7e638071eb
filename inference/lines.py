"""Lines in a photo: what is darker or lighter than the skin beside it, long and thin.

Source: the closings with lines are those of DullRazor, see hair.py; that they are traced in grey levels follows
Soille, Talbot 2001, Directional Morphological Filtering, doi:10.1109/34.969120.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Image: TypeAlias = MatLike
"""(H, W, 3) uint8, RGB."""
Plane: TypeAlias = MatLike
"""(H, W) uint8."""

_TRACING_SIDE_PX: Final = 225  # short side at which lines are traced, about; a pixel keeps the strongest of its four
_DARK_WIDTH: Final = 15 / 450  # of the short side: lines that close and open are longer than hair is wide
_LIGHT_WIDTH: Final = 13 / 450
_TRACE: Final = 13 / 225  # of the short side: a line as long as this must fit into a hair
_DIRECTIONS: Final = 16  # 12 lose one hair in ten, 20 find no more
_SURROUNDINGS: Final = 41 / 225  # of the short side
_TEXTURE_WEIGHT: Final = 3.0  # a line must stand out from the texture around it so many times
_DARK_LEVEL: Final = 10  # by which a pixel must stand out to be part of a dark line
_LIGHT_LEVEL: Final = 8
LEAST_LENGTH: Final = 14  # of hair, in pixels of a photo of 225: 6 % of the short side
FRAME_PX: Final = 4  # a thinner line along the photo's edge is its frame


@dataclass(frozen=True, slots=True)
class Lines:
    """What may be hair in a photo of at most 600 px, traced at about half its size.

    Attributes:
        contrast: (H, W) uint8: by how much a pixel is darker or lighter than the skin across the hair, at full size.
        traced: (h, w) uint8: the same at half size.
        standing_out: (h, w) uint8: by how much a line stands out from the texture around it.
        labels: (h, w) uint16: which line a pixel belongs to, 0 for none.
        places: (pixels,) intp: where labels is not 0, in the flat plane.
        boxes: (lines + 1, 5) int32: left, top, width, height, pixels of each line; of the background first.
        measures: (6, or 5 of light lines, lines + 1) float64, see _measures.
    """

    contrast: Plane
    traced: Plane
    standing_out: Plane
    labels: NDArray[np.uint16]
    places: NDArray[np.intp]
    boxes: MatLike
    measures: NDArray[np.float64]

    @property
    def is_frame(self) -> NDArray[np.bool_]:
        """Whether each line lies along the photo's edge, (lines + 1,)."""
        left, top, width, height, _ = self.boxes.T
        rows, columns = self.labels.shape
        return _is_at_edge(left, width, columns) | _is_at_edge(top, height, rows)


def _is_at_edge(start: MatLike, extent: MatLike, side_px: int) -> NDArray[np.bool_]:
    return (extent <= FRAME_PX) & ((start < FRAME_PX) | (start + extent > side_px - FRAME_PX))


def darkening(image_rgb: Image) -> Image:
    """Return by how much each pixel is darker than the skin beside it, in each channel."""
    return cv2.subtract(_closed(image_rgb, _odd(min(image_rgb.shape[:2]) * _DARK_WIDTH)), image_rgb)


def dark_lines(darkening_rgb: Image) -> Lines:
    """Return all that is darker than its surroundings, long and thin; takes what darkening() returns."""
    red, green, blue = channels(darkening_rgb)
    return _lines_of(cv2.max(cv2.max(red, green), blue), _DARK_LEVEL, cv2.subtract(green, red))


def light_lines(image_rgb: Image, darkening_rgb: Image, dark_hair: Plane) -> Lines:
    """Return all that is lighter than its surroundings, long and thin, once dark hair is filled up.

    Args:
        image_rgb: (H, W, 3) uint8, RGB, at most 600 px on the short side.
        darkening_rgb: what darkening() returns.
        dark_hair: (H, W) uint8, not 0 on dark hair.
    """
    green = channels(image_rgb)[1]  # red is saturated on skin, blue is noisy
    if cv2.hasNonZero(dark_hair):
        cv2.add(green, channels(darkening_rgb)[1], green, cv2.dilate(dark_hair, square(3)))
    opened = _opened(green, _odd(min(green.shape) * _LIGHT_WIDTH))
    return _lines_of(cv2.subtract(green, opened), _LIGHT_LEVEL, None)


def _lines_of(contrast: Plane, least_level: int, redness: Plane | None) -> Lines:
    step = max(1, round(min(contrast.shape) / _TRACING_SIDE_PX))
    traced = _pooled(contrast, step)
    strength = _strength(traced)
    texture = _around(cv2.subtract(traced, strength))
    standing_out = cv2.subtract(strength, cv2.convertScaleAbs(texture, alpha=_TEXTURE_WEIGHT))
    is_line = _without_frame(cv2.threshold(standing_out, least_level, 1, cv2.THRESH_BINARY)[1])
    if not cv2.hasNonZero(is_line):
        return _no_lines(contrast, traced, standing_out)
    number, components, boxes, _ = cv2.connectedComponentsWithStats(is_line, connectivity=8, ltype=cv2.CV_16U)
    scale = _TRACING_SIDE_PX / min(traced.shape)
    lengths = np.maximum(np.hypot(boxes[:, 2], boxes[:, 3]), 1) * scale
    if lengths[1:].max() <= LEAST_LENGTH:
        return _no_lines(contrast, traced, standing_out)
    labels = components.astype(np.uint16, copy=False)
    planes = [standing_out, strength, traced, texture, *([] if redness is None else [_pooled(redness, step)])]
    places = np.flatnonzero(is_line.view(np.bool_))
    measures = _measures(boxes, _means(places, labels, number, planes), lengths, scale)
    return Lines(contrast, traced, standing_out, labels, places, boxes, measures)


def _no_lines(contrast: Plane, traced: Plane, standing_out: Plane) -> Lines:
    """Return that there is none that is long enough to be hair: nothing but background."""
    height, width = traced.shape
    labels, boxes = np.zeros((height, width), np.uint16), np.array([[0, 0, width, height, height * width]], np.int32)
    return Lines(contrast, traced, standing_out, labels, np.empty(0, np.intp), boxes, np.zeros((6, 1)))


def _without_frame(is_line: Plane) -> Plane:
    """Blank each edge of the photo that is a line for most of its length; is_line itself is changed."""
    edges = (is_line[:FRAME_PX], 0), (is_line[-FRAME_PX:], 0), (is_line[:, :FRAME_PX], 1), (is_line[:, -FRAME_PX:], 1)
    for edge, axis in edges:
        along = cv2.reduce(edge, axis, cv2.REDUCE_MAX)  # three times as fast as numpy's
        if 2 * cv2.countNonZero(along) > along.size:
            edge[:] = 0
    return is_line


def _strength(strongest: Plane) -> Plane:
    """Return the strength of the strongest line through each pixel: the weakest of its pixels in the best direction."""
    length_px = max(5, round(min(strongest.shape) * _TRACE))
    strength = np.zeros_like(strongest)
    for line in _lines(length_px):
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
    line = labels.ravel().take(places)
    sums = [np.bincount(line, plane.ravel().take(places), number) for plane in planes]
    return np.array(sums) / np.maximum(np.bincount(line, minlength=number), 1)


def _measures(
    boxes: MatLike, means: NDArray[np.float64], lengths: NDArray[np.float64], scale: float
) -> NDArray[np.float64]:
    """Return what tells hair from other lines, (6, or 5 of light lines, lines + 1).

    These are log length (in pixels of a photo of 225 px), log strength, straightness (what of the contrast lies in a
    straight line), log texture, log fullness (a mesh fills its box, a hair does not), and, of dark lines, redness,
    which is high in vessels.
    """
    standing_out, strength, traced, texture, *redness = means
    return np.stack(
        [
            np.log(lengths),
            np.log(np.maximum(standing_out, 1)),
            strength / np.maximum(traced, 1),
            np.log(texture + 1),
            np.log(np.maximum(boxes[:, 4] * scale**2 / lengths**2, 1e-3)),
            *(red / np.maximum(traced, 1) for red in redness),
        ]
    )


def _pooled(plane: Plane, step: int) -> Plane:
    """Return the greatest of each square of pixels, so that a hair one pixel thin stays whole."""
    if step == 1:
        return plane
    height, width = plane.shape
    if step == 2 and height % 2 == 0 and width % 2 == 0:  # four times as fast as a dilation
        return cv2.max(*channels(cv2.max(plane[::2], plane[1::2]).reshape(height // 2, width // 2, 2)))
    return np.ascontiguousarray(cv2.dilate(plane, square(step), anchor=(0, 0))[::step, ::step])


def channels(image_rgb: Image) -> list[Plane]:
    """Return the planes of a picture; three times as fast as OpenCV where it must make an array for them."""
    planes = np.empty((image_rgb.shape[2], *image_rgb.shape[:2]), np.uint8)
    cv2.split(image_rgb, list(planes))
    return list(planes)


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
def square(side_px: int) -> Plane:
    """Return a structuring element."""
    return np.ones((side_px, side_px), np.uint8)


@lru_cache(maxsize=16)
def _lines(length_px: int) -> tuple[Plane, ...]:
    return tuple(_line(length_px, math.pi * step / _DIRECTIONS) for step in range(_DIRECTIONS))


def _line(length_px: int, angle: float) -> Plane:
    """Return a line through the middle of the smallest odd rectangle that holds it; angle in radians."""
    reach = (length_px - 1) / 2
    across, down = round(abs(math.cos(angle)) * reach), round(abs(math.sin(angle)) * reach)
    line = np.zeros((2 * down + 1, 2 * across + 1), np.uint8)
    is_falling = math.cos(angle) * math.sin(angle) >= 0
    cv2.line(line, (0, 0 if is_falling else 2 * down), (2 * across, 2 * down if is_falling else 0), 1)
    return line
