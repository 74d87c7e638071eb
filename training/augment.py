"""Random views of a photo: what a hand, a lens and a phone do to it."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage

_MIN_CROP: Final = 0.55  # of the short side
_MAX_CROP: Final = 1.05
_MAX_STRETCH: Final = 1.2


@dataclass(frozen=True, slots=True)
class Wear:
    """How often and how much a photo is worsened.

    Attributes:
        blurred: the chance, 0 to 1.
        blur_px: from and to which standard deviation.
        noisy: the chance.
        noise_levels: from and to which standard deviation, in grey levels.
        compressed: the chance.
        jpeg_quality: from which quality, and below which.
    """

    blurred: float
    blur_px: tuple[float, float]
    noisy: float
    noise_levels: tuple[float, float]
    compressed: float
    jpeg_quality: tuple[int, int]


_SLIGHT: Final = Wear(0.2, (0.3, 1.5), 0.15, (2, 10), 0.2, (40, 90))


def augmented(frame_rgb: RgbImage, side_px: int, rng: np.random.Generator) -> RgbImage:
    """Return a random crop, turned, mirrored, relit and worsened.

    Args:
        frame_rgb: (H, W, 3) uint8, RGB.
        side_px: side of the crop that is returned.
        rng: the source of chance.

    Returns:
        (side_px, side_px, 3) uint8, RGB.
    """
    return worn(cropped(frame_rgb, random_crop(frame_rgb.shape[:2], side_px, rng), side_px), rng)


def random_crop(frame_px: tuple[int, ...], side_px: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return where a random crop lies, turned, stretched and mirrored.

    Args:
        frame_px: height and width of the frame.
        side_px: side of the crop.
        rng: the source of chance.

    Returns:
        (2, 3) float64: takes x, y of the crop to x, y of the frame.
    """
    height, width = frame_px
    short = min(height, width)
    crop = rng.uniform(_MIN_CROP, _MAX_CROP) * short
    centre = np.array([width, height]) / 2 + rng.uniform(-0.5, 0.5, 2) * (np.array([width, height]) - crop) * 0.7
    angle = rng.uniform(0, 2 * np.pi)
    stretch = np.exp(rng.uniform(-1, 1) * np.log(_MAX_STRETCH) / 2)
    mirror = rng.choice([-1.0, 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.diag([mirror * stretch, 1 / stretch]) * (crop / side_px)  # output pixel to frame pixel
    offset = centre - matrix @ np.array([side_px / 2, side_px / 2])
    return np.hstack([matrix, offset[:, None]])


def cropped(frame: NDArray[np.uint8], crop: NDArray[np.float64], side_px: int) -> NDArray[np.uint8]:
    """Return what lies there, (side_px, side_px, …) uint8; the frame is continued by its mirror image."""
    return cv2.warpAffine(
        frame,
        crop,
        (side_px, side_px),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    ).astype(np.uint8, copy=False)


def worn(image_rgb: RgbImage, rng: np.random.Generator) -> RgbImage:
    """Return the photo relit and slightly worsened; (H, W, 3) uint8, RGB."""
    return worsened(_relit(image_rgb, rng), rng, _SLIGHT)


def _relit(image_rgb: RgbImage, rng: np.random.Generator) -> RgbImage:
    levels = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    gains = rng.uniform(0.75, 1.25) * rng.uniform(0.92, 1.08, 3)
    contrast = rng.uniform(0.8, 1.25)
    curve = levels ** rng.uniform(0.8, 1.25) * gains
    curve = (curve - curve.mean(0)) * contrast + curve.mean(0)
    table = (np.clip(curve, 0, 1) * 255).astype(np.uint8)
    relit = cv2.LUT(image_rgb, table[None])
    grey = relit.mean(axis=2, keepdims=True)
    saturated = grey + (relit - grey) * rng.uniform(0.75, 1.25)
    return np.asarray(np.clip(saturated, 0, 255), np.uint8)


def compressed(image_rgb: RgbImage, quality: int) -> RgbImage:
    """Return the photo after a JPEG of this quality, 1 to 100; (H, W, 3) uint8, RGB."""
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB), np.uint8)


def worsened(image_rgb: RgbImage, rng: np.random.Generator, wear: Wear) -> RgbImage:
    """Return the photo out of focus, noisy or compressed, or as it is; (H, W, 3) uint8, RGB."""
    if rng.random() < wear.blurred:
        image_rgb = cv2.GaussianBlur(image_rgb, (0, 0), rng.uniform(*wear.blur_px)).astype(np.uint8)
    if rng.random() < wear.noisy:
        noise = rng.normal(0, rng.uniform(*wear.noise_levels), image_rgb.shape)
        image_rgb = np.clip(image_rgb + noise, 0, 255).astype(np.uint8)
    if rng.random() < wear.compressed:
        image_rgb = compressed(image_rgb, int(rng.integers(*wear.jpeg_quality)))
    return image_rgb
