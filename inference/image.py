"""The one preprocessing that training and production share."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.hair import remove_hair

RgbImage: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, 0-255."""

_PLAIN_LEVELS: Final = 5  # as near to black or white all of a border is; the paper of our own answers is not
_LEAST_KEPT, _MOST_KEPT = 0.25, 0.98  # of a side, inside a border; of no photo of the data sets it is less
_MOST_PLAIN: Final = 0.1  # of a side of the photo, just inside its border
_BLURRED_PX: Final = 16  # as far inside, JPEG has mixed a border with the photo: the side of its blocks of colour
_HAIR_SIDE_PX: Final = 448  # twice the network's input: hair is still a line there, and the work stays small


def scaled_down(image_rgb: RgbImage, long_side_px: int) -> RgbImage:
    """Return the image with at most this long side; smaller images are returned as they are."""
    height, width = image_rgb.shape[:2]
    factor = long_side_px / max(height, width)
    if factor >= 1:
        return image_rgb
    return resized(image_rgb, max(1, round(width * factor)), max(1, round(height * factor)))


def without_border(image_rgb: RgbImage) -> RgbImage:
    """Return what lies inside a plain white or black border, as albums, prints and screens put around a photo.

    With a white one, the network took malignant lesions for harmless ones; see docs/photo.md. Skin in too much light is
    as white, but ends in no straight line.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.

    Returns:
        (h, w, 3) uint8, RGB; a view, not a copy. The same object where there is no border, or little else.
    """
    corners = image_rgb[[0, 0, -1, -1], [0, -1, 0, -1]]
    if not _is_plain(corners[:, None]).any() or not any(_is_plain(edge[None])[0] for edge in _edges(image_rgb)):
        return image_rgb  # as nearly always: the rest takes milliseconds
    rows = np.flatnonzero(~_is_plain(image_rgb))
    if not len(rows):
        return image_rgb
    inner_rgb = image_rgb[rows[0] : rows[-1] + 1]
    columns = np.flatnonzero(~_is_plain(inner_rgb.swapaxes(0, 1)))
    inner_rgb = inner_rgb[:, columns[0] : columns[-1] + 1]
    kept = min(np.array(inner_rgb.shape[:2]) / image_rgb.shape[:2])
    inner_rgb = inner_rgb[_BLURRED_PX:-_BLURRED_PX, _BLURRED_PX:-_BLURRED_PX]
    if not _LEAST_KEPT <= kept <= _MOST_KEPT or not inner_rgb.size:
        return image_rgb
    is_straight = all(_is_plain(edge[:, None]).mean() <= _MOST_PLAIN for edge in _edges(inner_rgb))
    return inner_rgb if is_straight else image_rgb


def _edges(image_rgb: RgbImage) -> tuple[RgbImage, ...]:
    return image_rgb[0], image_rgb[-1], image_rgb[:, 0], image_rgb[:, -1]


def _is_plain(lines: RgbImage) -> NDArray[np.bool_]:
    """Return of each line of pixels, (N, L, 3), whether it is nothing but white or nothing but black: (N,)."""
    is_white = lines.min(axis=(1, 2)) >= 255 - _PLAIN_LEVELS
    return np.asarray(is_white | (lines.max(axis=(1, 2)) <= _PLAIN_LEVELS), np.bool_)


@dataclass(frozen=True, slots=True)
class Square:
    """A part of a photo, in pixels from its left upper corner."""

    left: int
    top: int
    side: int


def centre_square(height_px: int, width_px: int) -> Square:
    """Return the largest square in the middle of a photo of this size."""
    side = min(height_px, width_px)
    return Square((width_px - side) // 2, (height_px - side) // 2, side)


def lesion_view(image_rgb: RgbImage, square: Square | None = None) -> RgbImage:
    """Return a square of the photo: what the network looks at and what the patient is shown.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
        square: what lesion.view_square chose; None for the centre square, of side min(H, W).

    Returns:
        (S, S, 3) uint8, RGB; a view, not a copy.
    """
    if square is None:
        square = centre_square(*image_rgb.shape[:2])
    return image_rgb[square.top : square.top + square.side, square.left : square.left + square.side]


def network_input(view_rgb: RgbImage, side_px: int) -> RgbImage:
    """Return the square that the network is given: without hair, at the network's size.

    Hair is removed at no more than 448 px, where it still is a line.

    Args:
        view_rgb: (S, S, 3) uint8, RGB.
        side_px: the network's input side.

    Returns:
        (side_px, side_px, 3) uint8, RGB.
    """
    hairless_rgb, _ = remove_hair(scaled_down(view_rgb, _HAIR_SIDE_PX))
    return resized(hairless_rgb, side_px, side_px)


def resized(image_rgb: RgbImage, width_px: int, height_px: int) -> RgbImage:
    """Return the image at this size: averages to shrink, linear to grow.

    OpenCV averages whole pixels several times as fast as parts of them: so first by a whole number, where that is
    possible, and what is left between pixels; at less than one and a half that skips none.
    """
    height, width = image_rgb.shape[:2]
    times = max(1, min(width // width_px, height // height_px))
    if times > 1 and width % times == 0 and height % times == 0:
        image_rgb = _resized(image_rgb, width // times, height // times, cv2.INTER_AREA)
        height, width = image_rgb.shape[:2]
    across, down = round(width / width_px), round(height / height_px)
    if max(across, down) < 2:
        return _resized(image_rgb, width_px, height_px, cv2.INTER_LINEAR)
    if min(across, down) >= 2:
        image_rgb = _resized(image_rgb, across * width_px, down * height_px, cv2.INTER_LINEAR)
    return _resized(image_rgb, width_px, height_px, cv2.INTER_AREA)


def _resized(image_rgb: RgbImage, width_px: int, height_px: int, interpolation: int) -> RgbImage:
    return cv2.resize(image_rgb, (width_px, height_px), interpolation=interpolation).astype(np.uint8, copy=False)


def normalized(
    image_rgb: RgbImage, mean: tuple[float, float, float], std: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Return the network's tensor.

    Args:
        image_rgb: (S, S, 3) uint8, RGB.
        mean: of each channel, on a scale of 0 to 1.
        std: likewise.

    Returns:
        (3, S, S) float32.
    """
    scale = np.float32(1) / (np.asarray(std, np.float32) * np.float32(255))
    offset = np.asarray(mean, np.float32) / np.asarray(std, np.float32)
    planes = np.ascontiguousarray(image_rgb.transpose(2, 0, 1))  # while they are bytes: six times as fast
    return np.asarray(planes * scale[:, None, None] - offset[:, None, None], np.float32)
