"""DullRazor: find hair, and paint the skin over it.

Source: Lee, Ng, Gallagher, Coldman, McLean 1997, DullRazor: a software approach to hair removal from images,
doi:10.1016/S0010-4825(97)00020-6.
"""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_DIRECTIONS: Final = 8
_CLOSING_TO_SIDE: Final = 0.038  # the closing's line bridges hair up to about 4 % of the short side: 17 px of 450
_LENGTH_TO_SIDE: Final = 0.055  # what is shorter than 5.5 % of the short side is no hair: 25 px of 450
_MIN_CONTRAST: Final = 18  # grey levels by which hair differs from the skin beside it


def remove_hair(image_rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Find dark hair and replace it by the skin around it.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.

    Returns:
        (H, W, 3) uint8, RGB, without hair: the same object where there is none, else a new array;
        and the hair mask, (H, W) bool.
    """
    mask = hair_mask(image_rgb)
    if not mask.any():
        return image_rgb, mask
    return _repaired(image_rgb, mask), mask


def hair_mask(image_rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mark what is darker than its surroundings, long and thin.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.

    Returns:
        (H, W) bool, True on hair.
    """
    short_side_px = min(image_rgb.shape[:2])
    closing_px = max(5, round(short_side_px * _CLOSING_TO_SIDE))
    length_px = max(9, round(short_side_px * _LENGTH_TO_SIDE))
    closings = [cv2.morphologyEx(image_rgb, cv2.MORPH_CLOSE, line) for line in _lines(closing_px, 4)]
    contrast = cv2.subtract(np.maximum.reduce(closings), image_rgb).max(axis=2)
    candidates = (contrast > _MIN_CONTRAST).astype(np.uint8)
    long_parts = [cv2.morphologyEx(candidates, cv2.MORPH_OPEN, line) for line in _lines(length_px, _DIRECTIONS)]
    long_and_any = np.maximum.reduce(long_parts)
    blobs = cv2.morphologyEx(candidates, cv2.MORPH_OPEN, _disc(max(3, round(closing_px * 0.6))))
    thin = cv2.subtract(long_and_any, blobs)
    thin = np.maximum.reduce([cv2.morphologyEx(thin, cv2.MORPH_OPEN, line) for line in _lines(length_px, _DIRECTIONS)])
    return cv2.dilate(thin, _disc(3)).astype(bool)


def _repaired(image_rgb: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    side = max(7, round(min(image_rgb.shape[:2]) * _CLOSING_TO_SIDE) * 2 + 1)
    weight = np.where(mask, np.float32(1e-6), np.float32(1))
    total = cv2.boxFilter(image_rgb * weight[..., None], cv2.CV_32F, (side, side), normalize=False)
    count = cv2.boxFilter(weight, cv2.CV_32F, (side, side), normalize=False)
    fill = np.clip(total / count[..., None] + 0.5, 0, 255).astype(np.uint8)
    return np.where(mask[..., None], fill, image_rgb)


@lru_cache(maxsize=32)
def _lines(length_px: int, directions: int) -> tuple[NDArray[np.uint8], ...]:
    return tuple(_line(length_px, 180 * step / directions) for step in range(directions))


def _line(length_px: int, angle_degrees: float) -> NDArray[np.uint8]:
    size = length_px | 1
    centre = size // 2
    reach = np.array([np.cos(np.radians(angle_degrees)), np.sin(np.radians(angle_degrees))]) * (size / 2 - 0.5)
    kernel = np.zeros((size, size), np.uint8)
    ends = np.rint(np.array([centre - reach, centre + reach])).astype(int)
    return cv2.line(kernel, ends[0].tolist(), ends[1].tolist(), 1).astype(np.uint8)


def _disc(diameter_px: int) -> NDArray[np.uint8]:
    size = diameter_px | 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)).astype(np.uint8)
