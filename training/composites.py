"""Photos with lesions at known places: what teaches a network to find a lesion in a photo from a phone.

A scene is a whole photo squeezed to a square, as inference/lesion.py squeezes it. Lesions are cut from dermoscopic
frames by their masks and laid on bare skin as what they change of the light that comes back; the scene then gets
what misleads: hair, pen marks, rulers, shadows, cloth and fingers at the edge, the dark rim of a dermatoscope.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage
from training.clutter import cluttered

SCENE_SIDE_PX: Final = 128
DERMOSCOPIC_ASPECT: Final = 4 / 3
_ASPECTS: Final = (4 / 3, 3 / 4, 1.0, 16 / 9, 9 / 16)
_SMALLEST: Final = 0.04  # of the scene's side, that a pasted lesion may measure
_LARGEST: Final = 0.7
_STEP: Final = 4  # every fourth pixel tells the colour of skin
_RING_PX: Final = (2, 6)  # skin beside a lesion: between these distances, in steps
_TWICE: Final = 0.3
_PHONE_LESIONS: Final = 0.35  # of pasted lesions come from phone photos
_FAINT: Final = 0.35  # of pasted lesions are weaker than they were

Mask: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8: 255 on the lesion, 0 elsewhere."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A photo and where its lesions are.

    Attributes:
        image_rgb: (128, 128, 3) uint8, RGB.
        mask: (128, 128) uint8, 0-255.
    """

    image_rgb: RgbImage
    mask: Mask


@dataclass(frozen=True, slots=True)
class Sources:
    """What scenes are made of; all of one part of the data.

    Attributes:
        frames: (N, S, S, 3) uint8, RGB: dermoscopic frames, squeezed to squares.
        masks: (N, S, S) uint8: their lesions.
        chances: (N,) sum to 1: how often the lesion of each is pasted; 0 where the frame cuts it.
        skins: squares of bare skin.
        phones: whole phone photos, each with the mask of its lesion.
        everyday: pictures of other things.
    """

    frames: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    chances: NDArray[np.float64]
    skins: Sequence[RgbImage]
    phones: Sequence[Scene]
    everyday: Sequence[RgbImage]


def placement(
    size: tuple[int, int],
    aspects: tuple[float, float],
    zoom: float,
    centre: tuple[float, float],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the affine matrix from scene pixels to picture pixels: turned, mirrored, squeezed.

    Args:
        size: (width, height) of the picture in pixels.
        aspects: true width to height, of the picture and of the scene.
        zoom: how much of the picture's mean side the scene's mean side shows.
        centre: the place of the picture, in shares of its sides, that comes to the scene's centre.
        rng: the source of chance.
    """
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else np.pi * rng.integers(0, 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    of_picture, of_scene = (np.diag([aspect**0.5, aspect**-0.5]) for aspect in aspects)
    mirror = np.diag([rng.choice([-1.0, 1.0]), 1.0])
    stretch = np.diag([s := np.exp(rng.uniform(-0.1, 0.1)), 1 / s])
    unit = np.linalg.inv(of_picture) @ turn @ stretch @ mirror @ of_scene * zoom
    matrix = np.diag(size) @ unit / SCENE_SIDE_PX
    offset = np.array(centre) * size - matrix @ np.full(2, SCENE_SIDE_PX / 2)
    return np.hstack([matrix, offset[:, None]])


def warped(image: NDArray[np.uint8], matrix: NDArray[np.float64], border: int = cv2.BORDER_REFLECT_101) -> RgbImage:
    """Return a picture as a scene, by a matrix from scene pixels to picture pixels."""
    size = (SCENE_SIDE_PX, SCENE_SIDE_PX)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, matrix, size, flags=flags, borderMode=border).astype(np.uint8, copy=False)


def skin_beside(frame_rgb: RgbImage, mask: Mask) -> NDArray[np.float64]:
    """Return the mean colour of the skin around a lesion, (3,), 0-255."""
    small_rgb, small = frame_rgb[::_STEP, ::_STEP], np.ascontiguousarray(mask[::_STEP, ::_STEP])
    near, far = (cv2.dilate(small, np.ones((2 * px + 1,) * 2, np.uint8)) for px in _RING_PX)
    ring = (far > 127) & (near < 128)
    beside = small_rgb[ring] if ring.any() else small_rgb.reshape(-1, 3)
    return np.asarray(np.maximum(beside.mean(axis=0), 8), np.float64)


def pasted(
    scene: Scene, frame_rgb: RgbImage, mask: Mask, matrix: NDArray[np.float64], rng: np.random.Generator
) -> Scene:
    """Lay a lesion on the skin of a scene.

    Args:
        scene: what it is laid on.
        frame_rgb: the frame that it comes from.
        mask: the lesion in that frame.
        matrix: from scene pixels to frame pixels.
        rng: the source of chance.

    Returns:
        A new scene; the lesion darkens the scene's skin as it darkened its own.
    """
    alone = warped(mask, matrix, cv2.BORDER_CONSTANT)
    if not alone.any():
        return scene
    softness = float(np.clip(0.03 * np.sqrt(alone.mean() / 255) * SCENE_SIDE_PX, 0.6, 2))
    opacity = rng.uniform(0.4, 1) if rng.random() < _FAINT else 1.0
    alpha = cv2.GaussianBlur(alone, (0, 0), softness).astype(np.float32)[..., None] / 255
    strength = rng.uniform(0.4, 1.3, 3) if rng.random() < 0.5 else np.ones(3)
    darkening = (warped(frame_rgb, matrix) / skin_beside(frame_rgb, mask).astype(np.float32)) ** strength.astype(
        np.float32
    )
    smooth = cv2.GaussianBlur(scene.image_rgb, (0, 0), 4)
    skin = scene.image_rgb * 0.5 + smooth * np.float32(0.5)
    image = scene.image_rgb + alpha * np.float32(opacity) * (skin * darkening - scene.image_rgb)
    return Scene(np.clip(image, 0, 255).astype(np.uint8), np.maximum(scene.mask, alone))


def dermoscopic_scene(sources: Sources, rng: np.random.Generator) -> Scene:
    """A dermoscopic frame, near to how it was taken or closer, farther, turned, off-centre."""
    index = int(rng.integers(len(sources.frames)))
    if rng.random() < 0.5:
        zoom, spread, aspect = rng.uniform(0.85, 1.05), 0.06, DERMOSCOPIC_ASPECT
    else:
        zoom, spread, aspect = np.exp(rng.uniform(np.log(0.5), np.log(1.4))), 0.3, rng.choice(_ASPECTS)
    return _seen(Scene(sources.frames[index], sources.masks[index]), DERMOSCOPIC_ASPECT, aspect, (zoom, spread), rng)


def phone_scene(sources: Sources, rng: np.random.Generator) -> Scene:
    """A phone photo, turned, closer, off-centre."""
    scene = sources.phones[int(rng.integers(len(sources.phones)))]
    zoom = np.exp(rng.uniform(np.log(0.5), np.log(1.25)))
    return _seen(scene, 1.0, float(rng.choice(_ASPECTS)), (zoom, 0.25), rng)


def _seen(
    scene: Scene, aspect: float, scene_aspect: float, reach: tuple[float, float], rng: np.random.Generator
) -> Scene:
    zoom, spread = reach
    height, width = scene.mask.shape
    centre = (0.5 + rng.uniform(-spread, spread), 0.5 + rng.uniform(-spread, spread))
    matrix = placement((width, height), (aspect, scene_aspect), float(zoom), centre, rng)
    return Scene(warped(scene.image_rgb, matrix), warped(scene.mask, matrix))


def skin_scene(sources: Sources, rng: np.random.Generator) -> Scene:
    """Bare skin."""
    skin_rgb = sources.skins[int(rng.integers(len(sources.skins)))]
    bare = Scene(skin_rgb, np.zeros(skin_rgb.shape[:2], np.uint8))
    return _seen(bare, 1.0, float(rng.choice(_ASPECTS)), (np.exp(rng.uniform(np.log(0.4), np.log(1.5))), 0.2), rng)


def composite_scene(sources: Sources, rng: np.random.Generator) -> Scene:
    """One lesion or more on skin that had none: small, large, off-centre, cut by the edge."""
    scene = skin_scene(sources, rng)
    aspect = float(rng.choice(_ASPECTS))
    for _ in range(1 + int(rng.random() < _TWICE) + int(rng.random() < _TWICE / 3)):
        lesion, lesion_aspect = _lesion(sources, rng)
        mask = lesion.mask
        left, top, width, height = cv2.boundingRect(mask)
        wanted = np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST)))
        zoom = max(width, height) / mask.shape[0] / wanted
        reach = rng.uniform(-0.5, 0.5, 2) * zoom * rng.choice([0.5, 1.0])
        centre = np.array([left + width / 2, top + height / 2]) / mask.shape[0] + reach
        matrix = placement(mask.shape, (lesion_aspect, aspect), zoom, (centre[0], centre[1]), rng)
        scene = pasted(scene, lesion.image_rgb, mask, matrix, rng)
    return scene


def _lesion(sources: Sources, rng: np.random.Generator) -> tuple[Scene, float]:
    """A lesion to paste, and the true width to height of the photo that it comes from."""
    if sources.phones and rng.random() < _PHONE_LESIONS:
        return sources.phones[int(rng.integers(len(sources.phones)))], 1.0
    index = int(rng.choice(len(sources.frames), p=sources.chances))
    return Scene(sources.frames[index], sources.masks[index]), DERMOSCOPIC_ASPECT


def everyday_scene(sources: Sources, rng: np.random.Generator) -> Scene:
    """A part of a picture of something else, or a flat one, or noise."""
    if rng.random() < 0.25:
        colour, grain = rng.integers(0, 256, 3), rng.uniform(0, 20)
        ramp = np.linspace(1, rng.uniform(0.5, 1), SCENE_SIDE_PX)[:, None, None]
        noise = rng.normal(0, grain, (SCENE_SIDE_PX, SCENE_SIDE_PX, 3))
        image_rgb = np.clip(colour * ramp + noise, 0, 255).astype(np.uint8)
        return Scene(image_rgb, np.zeros(image_rgb.shape[:2], np.uint8))
    picture_rgb = sources.everyday[int(rng.integers(len(sources.everyday)))]
    bare = Scene(picture_rgb, np.zeros(picture_rgb.shape[:2], np.uint8))
    aspect = picture_rgb.shape[1] / picture_rgb.shape[0]
    return _seen(bare, aspect, float(rng.choice(_ASPECTS)), (np.exp(rng.uniform(np.log(0.15), 0)), 0.35), rng)


_KINDS: Final[Sequence[tuple[float, Callable[[Sources, np.random.Generator], Scene]]]] = (
    (0.36, dermoscopic_scene),
    (0.26, composite_scene),
    (0.20, phone_scene),
    (0.10, skin_scene),
    (0.08, everyday_scene),
)


def scene(sources: Sources, rng: np.random.Generator) -> Scene:
    """Return a scene of a random kind, with what misleads, badly lit, blurred."""
    chances = np.array([chance for chance, make in _KINDS if make is not phone_scene or sources.phones])
    makes = [make for _, make in _KINDS if make is not phone_scene or sources.phones]
    made = makes[int(rng.choice(len(makes), p=chances / chances.sum()))](sources, rng)
    image_rgb, mask = cluttered(made.image_rgb, made.mask, (*sources.everyday, *sources.skins), rng)
    return Scene(image_rgb, mask)
