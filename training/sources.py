"""Read what teaches to find lesions: lesions with masks, bare skin, phone photos with outlines, other pictures."""

import csv
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.classes import LesionClass
from inference.decoding import decode
from inference.image import RgbImage, resized
from training.composites import Scene, Sources
from training.data import ham10000, pad_ufes_20, photos_of, table
from training.gate import everyday_pictures, lesion_mask, lesion_masks
from training.looks import whole_skin

_OUTLINES: Final = Path(__file__).with_name("phone_outlines.csv")
_FRAME_SIDE_PX: Final = 224
_SKIN_SQUARES: Final = 1500
_SKIN_SIDE_PX: Final = 80
_DARK: Final = 40  # a corner with a pixel below this mean of its channels may be the rim of a dermatoscope
_MARGIN_PX: Final = 15  # to a mask


@dataclass(frozen=True, slots=True)
class Ellipse:
    """The outline of a lesion in a phone photo: per cent of the photo's sides; turned clockwise."""

    x: int
    y: int
    half_width: int
    half_height: int
    angle_degrees: int


def sources(data: Path, cache: Path, part: str) -> Sources:
    """Read what scenes of one part are made of: lesions, patients and pictures of that part only."""
    ham, pad = photos_of(cache, "dermoscopic", part), photos_of(cache, "phone", part)
    frames, masks, names = dermoscopic_frames(data, ham)
    beside = (_square_beside(frame, mask) for frame, mask in zip(frames, masks, strict=True))
    skins = [square for square in beside if square is not None][:_SKIN_SQUARES]
    phone_skins = phone_skin(data, pad)
    repeats = max(1, len(skins) // max(1, len(phone_skins)))
    return Sources(
        frames=frames,
        masks=masks,
        chances=paste_chances(data, masks, names),
        skins=[*skins, *phone_skins * repeats],
        phones=phone_scenes(data, pad),
        everyday=everyday_pictures(data, is_test=part == "test"),
    )


def dermoscopic_frames(data: Path, chosen: Container[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[str]]:
    """Return squeezed frames, their masks (uint8, 0 or 255) and names."""
    pngs = lesion_masks(data)
    frames, masks, names = [], [], []
    for name, photo in ham10000(data):
        if name in chosen:
            names.append(name)
            frames.append(decode(photo))
            masks.append(lesion_mask(pngs[name], _FRAME_SIDE_PX, _FRAME_SIDE_PX).astype(np.uint8) * 255)
    return np.stack(frames), np.stack(masks), names


def paste_chances(data: Path, masks: NDArray[np.uint8], names: list[str]) -> NDArray[np.float64]:
    """Return how often each lesion is pasted: rare classes more often than they are, those cut by the frame never."""
    rows = table(data / "ham10000" / "metadata.csv")
    labels = np.array([list(LesionClass).index(LesionClass(rows[name]["dx"])) for name in names])
    counts = np.bincount(labels, minlength=len(LesionClass))
    weights = 1 / np.sqrt(counts[labels])
    border = np.stack([masks[:, 0], masks[:, -1], masks[:, :, 0], masks[:, :, -1]]).any(axis=(0, 2))
    weights[border | ~masks.any(axis=(1, 2))] = 0
    return np.asarray(weights / weights.sum(), np.float64)


def phone_skin(data: Path, chosen: Container[str]) -> list[RgbImage]:
    """Return squares of bare skin cut from the chosen phone photos."""
    return [_squeezed(skin_rgb) for skin_rgb in whole_skin(data, chosen)]


def phone_scenes(data: Path, chosen: Container[str]) -> list[Scene]:
    """Return those of the chosen phone photos that have an outline, squeezed, with their lesions."""
    outlines = phone_outlines()
    return [
        Scene(_squeezed(decode(photo)), outline_mask(outlines[name], _FRAME_SIDE_PX))
        for name, photo in pad_ufes_20(data)
        if name in chosen and name in outlines
    ]


def phone_outlines() -> dict[str, list[Ellipse]]:
    """Return the ellipses in training/phone_outlines.csv by image_id.

    PAD-UFES-20 has no masks. These were drawn by eye for this project, by no doctor, on photos whose lesion shows; the
    others are left out.
    """
    outlines: dict[str, list[Ellipse]] = {}
    with _OUTLINES.open(newline="", encoding="utf-8") as file:
        for name, *numbers in list(csv.reader(file))[1:]:
            outlines.setdefault(name, []).append(Ellipse(*map(int, numbers)))
    return outlines


def outline_mask(ellipses: list[Ellipse], side_px: int) -> NDArray[np.uint8]:
    """Return (side_px, side_px) uint8: 255 inside the ellipses."""
    mask = np.zeros((side_px, side_px), np.uint8)
    for each in ellipses:
        numbers = np.array([each.x, each.y, each.half_width, each.half_height]) * side_px / 100
        x, y, half_width, half_height = np.round(numbers).astype(int).tolist()
        cv2.ellipse(mask, (x, y), (half_width, half_height), each.angle_degrees, 0, 360, 255, -1)
    return mask


def _squeezed(image_rgb: RgbImage) -> RgbImage:
    return resized(image_rgb, _FRAME_SIDE_PX, _FRAME_SIDE_PX)


def _square_beside(frame_rgb: RgbImage, mask: NDArray[np.uint8]) -> RgbImage | None:
    """The first corner without lesion and without dark rim, if there is one."""
    near = cv2.dilate(mask, np.ones((_MARGIN_PX, _MARGIN_PX), np.uint8))
    side = _SKIN_SIDE_PX
    for rows in (slice(None, side), slice(-side, None)):
        for columns in (slice(None, side), slice(-side, None)):
            square = frame_rgb[rows, columns]
            if not near[rows, columns].any() and square.mean(axis=2).min() > _DARK:
                return square.copy()
    return None
