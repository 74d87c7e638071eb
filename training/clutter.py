"""What misleads in a photo of skin: hair, pen, rulers, shadows, cloth, fingers, dark rims; light, blur, compression."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage, resized
from training.augment import Wear, worsened

_INKS: Final = ((60, 60, 150), (30, 50, 160), (90, 50, 120), (30, 30, 40), (120, 40, 60), (40, 110, 70))
_HEAVY: Final = Wear(0.25, (0.5, 3.5), 0.2, (3, 14), 0.25, (25, 90))
_BEND: Final = 0.15  # of a line, in shares of the side


def cluttered(
    image_rgb: RgbImage, mask: NDArray[np.uint8], fillings: Sequence[RgbImage], rng: np.random.Generator
) -> tuple[RgbImage, NDArray[np.uint8]]:
    """Return a photo with things in it that are no lesion, worsened, and what is left to be seen of its mask.

    Args:
        image_rgb: (S, S, 3) uint8, RGB.
        mask: (S, S) uint8, 0-255.
        fillings: pictures that may stand at an edge, as cloth or a finger.
        rng: the source of chance.
    """
    image_rgb, mask = image_rgb.copy(), mask.copy()
    if rng.random() < 0.25:
        _draw_hair(image_rgb, rng)
    if rng.random() < 0.3:
        _draw_pen(image_rgb, mask, rng)
    if rng.random() < 0.06:
        _draw_ruler(image_rgb, rng)
    if rng.random() < 0.2:
        image_rgb, mask = _with_edge(image_rgb, mask, fillings, rng)
    if rng.random() < 0.12:
        image_rgb, mask = _with_rim(image_rgb, mask, rng)
    if rng.random() < 0.15:
        _draw_glints(image_rgb, rng)
    return worsened(relit(image_rgb, rng), rng, _HEAVY), mask


def _curve(side: int, rng: np.random.Generator) -> NDArray[np.int32]:
    start, end = rng.uniform(-0.1, 1.1, (2, 2)) * side
    middle = (start + end) / 2 + rng.normal(0, _BEND, 2) * side
    t = np.linspace(0, 1, 12)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end, np.int32)


def _draw_hair(image_rgb: RgbImage, rng: np.random.Generator) -> None:
    dark = rng.random() < 0.75
    for _ in range(int(3 + rng.exponential(12))):
        colour = rng.uniform(20, 90) * np.array([1, 0.85, 0.7]) if dark else rng.uniform(170, 240) * np.ones(3)
        thickness = 1 if rng.random() < 0.85 else 2
        cv2.polylines(
            image_rgb,
            [_curve(len(image_rgb), rng)],
            isClosed=False,
            color=colour.tolist(),
            thickness=thickness,
            lineType=cv2.LINE_AA,
        )


def _draw_pen(image_rgb: RgbImage, mask: NDArray[np.uint8], rng: np.random.Generator) -> None:
    side = len(image_rgb)
    ink = rng.integers(-25, 26, 3) + _INKS[int(rng.integers(len(_INKS)))]
    drawn = np.zeros((side, side), np.uint8)
    thickness = int(rng.integers(1, 5))
    if rng.random() < 0.7:
        left, top, width, height = (
            cv2.boundingRect(mask) if mask.any() else (side // 3, side // 3, side // 3, side // 3)
        )
        angles = np.linspace(0, rng.uniform(3.5, 6.6), 40) + rng.uniform(0, 6.3)
        radius = (1.0 + rng.uniform(0.05, 0.9)) * (1 + 0.08 * np.sin(angles * rng.integers(2, 5) + rng.uniform(0, 6)))
        places = np.stack([np.cos(angles), np.sin(angles)], 1) * radius[:, None] * np.array([width, height]) / 2
        line = places + np.array([left + width / 2, top + height / 2])
        cv2.polylines(
            drawn, [line.astype(np.int32)], isClosed=False, color=255, thickness=thickness, lineType=cv2.LINE_AA
        )
    for _ in range(int(rng.integers(0, 4))):
        cv2.polylines(
            drawn,
            [_curve(side, rng) // 2 + rng.integers(0, side // 2, 2)],
            isClosed=False,
            color=255,
            thickness=thickness,
            lineType=cv2.LINE_AA,
        )
    opacity = (cv2.GaussianBlur(drawn, (0, 0), rng.uniform(0.4, 1.5)) / 255 * rng.uniform(0.3, 1))[..., None]
    image_rgb[:] = np.clip(image_rgb * (1 - opacity) + ink * opacity, 0, 255)


def _draw_ruler(image_rgb: RgbImage, rng: np.random.Generator) -> None:
    side = len(image_rgb)
    gap, row, ink = int(rng.integers(3, 12)), int(rng.integers(0, side)), rng.integers(0, 90, 3).tolist()
    upright = rng.random() < 0.5
    view = image_rgb.swapaxes(0, 1) if upright else image_rgb
    if rng.random() < 0.5:
        view[row : row + int(rng.integers(10, 34))] = rng.integers(180, 256, 3)
    for i, place in enumerate(range(0, side, gap)):
        view[row : row + (12 if i % 5 == 0 else 6), place : place + max(1, gap // 6)] = ink


def _with_edge(
    image_rgb: RgbImage, mask: NDArray[np.uint8], fillings: Sequence[RgbImage], rng: np.random.Generator
) -> tuple[RgbImage, NDArray[np.uint8]]:
    side = len(image_rgb)
    angle, bend = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.003)
    y, x = np.mgrid[:side, :side].astype(np.float32) - side / 2
    along, across = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
    beyond = along + np.float32(bend) * across**2 - side * np.float32(rng.uniform(0.18, 0.5))
    alpha = np.clip(beyond / np.float32(rng.uniform(0.6, 4)) + 0.5, 0, 1)
    dim = 1 - rng.uniform(0, 0.6) * np.exp(-np.maximum(-beyond, 0) / np.float32(rng.uniform(2, 20)))  # its shadow
    if rng.random() < 0.5:
        filling: NDArray[np.float32] = np.full((side, side, 3), rng.integers(0, 256, 3), np.float32)
    else:
        picture_rgb = fillings[int(rng.integers(len(fillings)))]
        gain = rng.uniform(0.4, 1.2)
        filling = np.clip(resized(picture_rgb, side, side) * np.float32(gain), 0, 255)
    mixed = image_rgb * dim[..., None] * (1 - alpha[..., None]) + filling * alpha[..., None]
    return np.clip(mixed, 0, 255).astype(np.uint8), (mask * (1 - alpha)).astype(np.uint8)


def _with_rim(
    image_rgb: RgbImage, mask: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[RgbImage, NDArray[np.uint8]]:
    side = len(image_rgb)
    squeeze = rng.choice([3 / 4, 4 / 3, 1])
    y, x = np.mgrid[:side, :side].astype(np.float32) - side / 2 - rng.uniform(-0.08, 0.08, (2, 1, 1)) * side
    radius = rng.uniform(0.42, 0.68) * side
    distance = np.sqrt((x * squeeze**0.5) ** 2 + (y / squeeze**0.5) ** 2) - radius
    alpha = np.clip(distance / rng.uniform(1, 25) + 0.5, 0, 1).astype(np.float32)
    dark = rng.integers(0, 40, 3)
    mixed = image_rgb * (1 - alpha[..., None]) + dark * alpha[..., None]
    return mixed.astype(np.uint8), (mask * (alpha < 0.5)).astype(np.uint8)


def _draw_glints(image_rgb: RgbImage, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 40))):
        place = rng.integers(0, len(image_rgb), 2).tolist()
        cv2.circle(image_rgb, place, int(rng.integers(1, 3)), (245, 240, 240), -1, cv2.LINE_AA)


def relit(image_rgb: RgbImage, rng: np.random.Generator) -> RgbImage:
    """Return the photo in another light: its colour, strength, fall-off, shadows; another skin tone."""
    side = len(image_rgb)
    levels = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    gains = np.exp(rng.normal(0, 0.18)) * np.exp(rng.normal(0, 0.08, 3))
    curve = np.clip(levels ** np.exp(rng.normal(0, 0.2)) * gains, 0, 1)
    curve = np.clip((curve - 0.5) * np.exp(rng.normal(0, 0.2)) + 0.5, 0, 1)
    image: NDArray[np.float32] = cv2.LUT(image_rgb, (curve * 255)[None].astype(np.float32)).astype(np.float32)
    grey = image.mean(axis=2, keepdims=True)
    image = grey + (image - grey) * np.float32(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.4:
        image = image * _shade(side, rng)[..., None]
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def _shade(side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light, and sometimes the shadow of something with straight edges."""
    coarse = np.exp(rng.normal(0, 0.25, (3, 3))).astype(np.float32)
    smooth = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    if rng.random() < 0.4:
        corners = rng.integers(-50, side + 50, (4, 2)).astype(np.int32)
        shadow = cv2.fillPoly(np.zeros((side, side), np.float32), [corners], 1.0)
        edge = cv2.GaussianBlur(shadow, (0, 0), rng.uniform(1, 8)).astype(np.float32)
        smooth = smooth * (1 - np.float32(rng.uniform(0.2, 0.6)) * edge)
    return np.asarray(np.clip(smooth, 0.2, 2), np.float32)
