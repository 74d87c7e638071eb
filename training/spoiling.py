"""Real photos made worse on purpose: what each check of photo quality is fitted on, and measured by.

Lengths are shares of the short side. How far each way of spoiling moves the classifier's answers stands in
models/figures.json; it was chosen so that an answer can't be trusted any more.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage, lesion_view, resized
from inference.lesion import LesionRegion
from inference.quality import DeclineReason
from training import augment

Spoiling = Callable[[RgbImage, np.random.Generator], RgbImage]

_QUALITY: Final = 85  # of the JPEGs that messengers send
_MASK_SIDE_PX: Final = 160
_GAMMA: Final = 2.2
_FAR_PX: Final = (1280, 960)  # of a photo from afar


def sent(image_rgb: RgbImage, quality: int = _QUALITY) -> RgbImage:
    """Compress the way messengers do."""
    return augment.compressed(image_rgb, quality)


def blurred(sigma_to_side: float, image_rgb: RgbImage, _: np.random.Generator) -> RgbImage:
    """Put a photo out of focus."""
    return sent(_blurred(sigma_to_side, image_rgb))


def _blurred(sigma_to_side: float, image_rgb: RgbImage) -> RgbImage:
    sigma_px = sigma_to_side * min(image_rgb.shape[:2])
    return cv2.GaussianBlur(image_rgb, (0, 0), sigma_px).astype(np.uint8, copy=False)


def blurred_in_blocks(sigma_to_side: float, image_rgb: RgbImage, rng: np.random.Generator) -> RgbImage:
    """Put a photo out of focus, and compress it small and hard, so that it is full of the edges of blocks."""
    return compressed(10, 160, _blurred(sigma_to_side, image_rgb), rng)


def compressed(quality: int, short_px: int, image_rgb: RgbImage, _: np.random.Generator) -> RgbImage:
    """Scale a photo down, compress it hard, and scale it up to what it was."""
    height, width = image_rgb.shape[:2]
    factor = min(1.0, short_px / min(height, width))
    small = sent(resized(image_rgb, round(width * factor), round(height * factor)), quality)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)


def shaken(length_to_side: float, image_rgb: RgbImage, rng: np.random.Generator) -> RgbImage:
    """Move the hand along a line in any direction while the shutter is open."""
    half_px = max(1, round(length_to_side * min(image_rgb.shape[:2]) / 2))
    side = 2 * half_px + 1
    row = np.zeros((side, side), np.float32)
    row[half_px] = 1
    turn = cv2.getRotationMatrix2D((half_px, half_px), rng.uniform(0, 180), 1)
    line = cv2.warpAffine(row, turn, (side, side))
    return sent(cv2.filter2D(image_rgb, -1, line / line.sum()).astype(np.uint8, copy=False))


def relit(gains: tuple[float, float, float], image_rgb: RgbImage, _: np.random.Generator) -> RgbImage:
    """Let so many times the red, green and blue light in; what is too much is clipped, as on a sensor."""
    light = (np.arange(256)[:, None] / 255) ** _GAMMA * np.array(gains)
    table = (np.clip(light, 0, 1) ** (1 / _GAMMA) * 255 + 0.5).astype(np.uint8)
    return sent(cv2.LUT(image_rgb, table[None]).astype(np.uint8, copy=False))


def without_colour(image_rgb: RgbImage, _: np.random.Generator) -> RgbImage:
    """Take the photo in black and white."""
    return sent(cv2.merge([cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY)] * 3).astype(np.uint8, copy=False))


def glared(area: float, spots: int, stretch: float, image_rgb: RgbImage, rng: np.random.Generator) -> RgbImage:
    """Lay soft-edged reflections of a lamp over the middle of a photo.

    Args:
        area: of all of them, as a share of the square view.
        spots: how many.
        stretch: how many times as long as wide each is.
        image_rgb: the photo.
        rng: where they lie.
    """
    y, x = (np.mgrid[:_MASK_SIDE_PX, :_MASK_SIDE_PX] + 0.5) / _MASK_SIDE_PX - 0.5
    radius = np.sqrt(area / spots / np.pi)
    light = np.zeros((_MASK_SIDE_PX, _MASK_SIDE_PX))
    for _ in range(spots):
        (left, top), angle = rng.uniform(-0.2, 0.2, 2), rng.uniform(0, np.pi)
        along = (x - left) * np.cos(angle) + (y - top) * np.sin(angle)
        across = (y - top) * np.cos(angle) - (x - left) * np.sin(angle)
        distance = np.hypot(along / np.sqrt(stretch), across * np.sqrt(stretch)) / radius
        light = np.maximum(light, np.clip((1.15 - distance) / 0.3, 0, 1))
    return sent(_with_light(light.astype(np.float32) * 300, image_rgb))


def veiled(strength: float, image_rgb: RgbImage, _: np.random.Generator) -> RgbImage:
    """Let a flash wash out the middle of a photo; it adds so many times the light that is white."""
    y, x = (np.mgrid[:_MASK_SIDE_PX, :_MASK_SIDE_PX] + 0.5) / _MASK_SIDE_PX - 0.5
    flash = (strength * np.exp(-(x**2 + y**2) / 0.45**2)).astype(np.float32)
    light = _over(flash, image_rgb)[..., None] + (image_rgb / np.float32(255)) ** _GAMMA
    return sent((np.clip(light, 0, 1) ** (1 / _GAMMA) * 255 + 0.5).astype(np.uint8))


def _with_light(grey_levels: NDArray[np.float32], image_rgb: RgbImage) -> RgbImage:
    added = np.clip(_over(grey_levels, image_rgb), 0, 255).astype(np.uint8)
    return cv2.add(image_rgb, cv2.merge([added] * 3)).astype(np.uint8, copy=False)


def _over(square: NDArray[np.float32], image_rgb: RgbImage) -> NDArray[np.float32]:
    """Enlarge a square to the centre square of a photo; beside it goes on what its edge is."""
    height, width = image_rgb.shape[:2]
    side = min(height, width)
    large = cv2.resize(square, (side, side), interpolation=cv2.INTER_LINEAR)
    top, left = (height - side) // 2, (width - side) // 2
    edges = (top, height - side - top, left, width - side - left)
    return cv2.copyMakeBorder(large, *edges, cv2.BORDER_REPLICATE).astype(np.float32, copy=False)


SPOILT: Final[Mapping[str, tuple[DeclineReason, Spoiling]]] = {
    "blurred_1_percent": (DeclineReason.BLURRED, partial(blurred, 0.01)),
    "blurred_2_percent": (DeclineReason.BLURRED, partial(blurred, 0.02)),
    "shaken_8_percent": (DeclineReason.BLURRED, partial(shaken, 0.08)),
    "blurred_in_jpeg_blocks": (DeclineReason.BLURRED, partial(blurred_in_blocks, 0.015)),
    "jpeg_quality_5_at_160_px": (DeclineReason.BLURRED, partial(compressed, 5, 160)),
    "light_divided_by_16": (DeclineReason.DARK, partial(relit, (1 / 16,) * 3)),
    "light_times_8": (DeclineReason.BRIGHT, partial(relit, (8.0,) * 3)),
    "glare_8_percent": (DeclineReason.GLARE, partial(glared, 0.08, 1, 1.5)),
    "glare_15_percent_in_4_spots": (DeclineReason.GLARE, partial(glared, 0.15, 4, 1.2)),
    "glare_20_percent_in_a_streak": (DeclineReason.GLARE, partial(glared, 0.2, 1, 5.0)),
    "flash_in_the_middle": (DeclineReason.GLARE, partial(veiled, 1.0)),
    "weak_flash_in_the_middle": (DeclineReason.GLARE, partial(veiled, 0.5)),
    "yellow_light": (DeclineReason.COLOUR_CAST, partial(relit, (1.5, 1.0, 0.1))),
    "blue_light": (DeclineReason.COLOUR_CAST, partial(relit, (0.2, 0.6, 2.5))),
    "green_light": (DeclineReason.COLOUR_CAST, partial(relit, (0.35, 1.3, 0.35))),
    "red_light": (DeclineReason.COLOUR_CAST, partial(relit, (2.0, 0.15, 0.15))),
    "black_and_white": (DeclineReason.COLOUR_CAST, without_colour),
}
"""What is done to a photo, and how it must then be declined."""


def cut_off(image_rgb: RgbImage, region: LesionRegion, rng: np.random.Generator) -> RgbImage:
    """Move the photo so that half of the lesion lies beyond one of its edges."""
    x, y = round(region.centre_x), round(region.centre_y)
    halves = [image_rgb[:, x:], image_rgb[:, :x], image_rgb[y:], image_rgb[:y]]
    roomy = [half for half in halves if min(half.shape[:2]) >= min(image_rgb.shape[:2]) / 3]
    return sent(roomy[int(rng.integers(len(roomy)))]) if roomy else image_rgb


def filled(image_rgb: RgbImage, region: LesionRegion) -> RgbImage:
    """Go so near that the lesion goes on beyond all edges of the photo."""
    width, height = (round((region.right - region.left) * 0.55), round((region.bottom - region.top) * 0.55))
    top, left = (
        round(max(0, middle - side / 2)) for middle, side in ((region.centre_y, height), (region.centre_x, width))
    )
    inside = image_rgb[top : top + max(height, 8), left : left + max(width, 8)]
    factor = min(image_rgb.shape[:2]) / min(inside.shape[:2])
    return sent(resized(inside, round(inside.shape[1] * factor), round(inside.shape[0] * factor)))


def side_by_side(image_rgb: RgbImage, other_rgb: RgbImage) -> RgbImage:
    """Return one photo of two lesions, far enough apart."""
    side = min(*image_rgb.shape[:2], *other_rgb.shape[:2])
    return sent(np.hstack([resized(lesion_view(each), side, side) for each in (image_rgb, other_rgb)]))


def from_afar(lesion_px: int, image_rgb: RgbImage, region: LesionRegion, skin_rgb: RgbImage) -> RgbImage:
    """Return the lesion in the middle of a large photo of bare skin.

    Args:
        lesion_px: the longer side of the lesion that is left.
        image_rgb: the photo from near.
        region: of its lesion.
        skin_rgb: what lies around.
    """
    near_rgb = lesion_view(image_rgb)
    share = near_rgb.shape[0] * lesion_px / region.longer_px / _FAR_PX[1]
    return sent(laid_on_skin(near_rgb, min(share, 1), skin_rgb, 0.5, 0.5))


def laid_on_skin(near_rgb: RgbImage, share: float, skin_rgb: RgbImage, across: float, down: float) -> RgbImage:
    """Return a square photo laid on skin of its own colour, as if taken from farther away.

    Args:
        near_rgb: (S, S, 3) uint8, RGB.
        share: of the height that is left of it, up to 1.
        skin_rgb: what lies around, continued by its mirror images.
        across: of the way from the left to the right.
        down: of the way from the top to the bottom.

    Returns:
        (960, 1280, 3) uint8, RGB.
    """
    width, height = _FAR_PX
    side = max(8, round(share * height))
    small = resized(near_rgb, side, side).astype(np.float32)
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    tile = skin_rgb.astype(np.float32) * (np.median(rim, axis=0) / np.maximum(skin_rgb.mean(axis=(0, 1)), 1))
    rows, columns = (-(-size // len(tile)) * len(tile) - len(tile) for size in (height, width))
    canvas = cv2.copyMakeBorder(np.clip(tile, 0, 255), 0, rows, 0, columns, cv2.BORDER_REFLECT)[:height, :width]
    alpha = _fading_edges(side)
    left, top = int(across * (width - side)), int(down * (height - side))
    there = canvas[top : top + side, left : left + side]
    there[:] = there * (1 - alpha) + small * alpha
    return np.asarray(canvas, np.uint8)


def _fading_edges(side_px: int) -> NDArray[np.float64]:
    """Return how much of a square shows that is laid onto skin: (S, S, 1), 1 inside, next to 0 at its edges."""
    edge = np.minimum(np.arange(side_px) + 0.5, side_px - 0.5 - np.arange(side_px)) / (0.15 * side_px)
    return np.asarray(np.clip(np.minimum(edge[:, None], edge[None]), 0, 1)[..., None], np.float64)
