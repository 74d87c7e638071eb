"""Hair of known place, drawn over real photos: curved, crossing, tapering, lit, blurred, of many colours."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

COLOURS_RGB: Final = (
    *((28, 22, 20), (45, 32, 26), (70, 48, 34), (110, 70, 45), (140, 85, 50), (165, 120, 75)),  # black to fair brown
    *((190, 160, 115), (215, 195, 160), (150, 148, 146), (205, 203, 200), (236, 234, 230)),  # blond, grey, white
)
SHARES: Final = (0.2, 0.2, 0.16, 0.1, 0.06, 0.06, 0.05, 0.05, 0.04, 0.04, 0.04)
_OWN_COLOUR: Final = 0.3  # of strands that do not have the colour of the others
_STEPS: Final = 60  # straight pieces of a strand
_FINER: Final = 4  # strands are drawn so many times larger, then averaged
_WIDTHS_PX: Final = (1.2, 5.0)  # at a short side of 450 px
_STRANDS: Final = (4, 26)


def with_hair(image_rgb: NDArray[np.uint8], rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Draw 4 to 25 strands over a photo.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
        rng: the source of chance.

    Returns:
        The photo with hair, and the (H, W) bool mask of pixels that hair covers by half or more, before it is blurred.
    """
    height, width = image_rgb.shape[:2]
    scale = min(height, width) / 450
    picture = image_rgb.astype(np.float32)
    is_hair = np.zeros((height, width), np.bool_)
    common = rng.choice(len(COLOURS_RGB), p=SHARES)
    for _ in range(int(rng.integers(*_STRANDS))):
        chosen = rng.choice(len(COLOURS_RGB), p=SHARES) if rng.random() < _OWN_COLOUR else common
        colour = np.clip(np.array(COLOURS_RGB[chosen]) + rng.normal(0, 8, 3), 0, 255)
        cover = _cover(width, height, *_strand(width, height, scale, rng))
        is_hair |= cover >= 0.5
        soft = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.3, 0.9) * max(1, scale)) * rng.uniform(0.8, 1)
        light = 1 + 0.35 * rng.random() * np.sin(np.linspace(0, 1, width) * rng.uniform(3, 12) + rng.uniform(0, 6))
        lit = np.clip(colour * light[:, None], 0, 255)
        picture += soft[..., None] * (lit - picture)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8), is_hair


def _strand(
    width: int, height: int, scale: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points of a curve, (steps, 2) x and y, and its width at each of them."""
    length = rng.uniform(0.12, 1.1) * width
    angle = rng.uniform(0, 2 * np.pi)
    centre = np.array([rng.uniform(0, width), rng.uniform(0, height)])
    along = np.array([np.cos(angle), np.sin(angle)])
    aside = np.array([-along[1], along[0]])
    bends = rng.normal(0, 0.12, 2) * length
    ends = [centre - along * length / 2, centre + along * length / 2]
    inner = [centre - along * length / 6 + aside * bends[0], centre + along * length / 6 + aside * bends[1]]
    t = np.linspace(0, 1, _STEPS)[:, None]
    points = (1 - t) ** 3 * ends[0] + 3 * (1 - t) ** 2 * t * inner[0] + 3 * (1 - t) * t**2 * inner[1] + t**3 * ends[1]
    tapers = (np.ones(_STEPS), 1 - 0.75 * t[:, 0], np.sin(np.pi * (0.12 + 0.76 * t[:, 0])))
    widths = rng.uniform(*_WIDTHS_PX) * scale * tapers[rng.integers(len(tapers))]
    return points, np.maximum(widths, 0.7 * scale)


def _cover(width: int, height: int, points: NDArray[np.float64], widths: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return which part of each pixel the strand covers, (height, width) float32 in [0, 1]."""
    cover = np.zeros((height, width), np.float32)
    margin = int(widths.max()) + 2
    left, top = np.clip(np.floor(points.min(axis=0)).astype(int) - margin, 0, [width, height])
    right, bottom = np.clip(np.ceil(points.max(axis=0)).astype(int) + margin, 0, [width, height])
    if left < right and top < bottom:
        large = np.zeros(((bottom - top) * _FINER, (right - left) * _FINER), np.uint8)
        places = ((points - [left, top]) * _FINER).astype(int).tolist()
        for start, end, width_px in zip(places[:-1], places[1:], widths[:-1], strict=True):
            cv2.line(large, start, end, 255, max(1, round(width_px * _FINER)))
        part = cv2.resize(large, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        cover[top:bottom, left:right] = part.astype(np.float32) / 255
    return cover
