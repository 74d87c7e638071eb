"""The one preprocessing that training and production share."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.hair import remove_hair

RgbImage: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, 0-255."""

_HAIR_SIDE_PX: Final = 448  # twice the network's input: hair is still a line there, and the work stays small


def scaled_down(image_rgb: RgbImage, long_side_px: int) -> RgbImage:
    """Return the image with at most this long side; smaller images are returned as they are."""
    height, width = image_rgb.shape[:2]
    factor = long_side_px / max(height, width)
    if factor >= 1:
        return image_rgb
    return resized(image_rgb, max(1, round(width * factor)), max(1, round(height * factor)))


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
