"""The lesion gate: is there a lesion at all? A linear reading of the pooled features, and the pictures that teach it.

Lesion-free skin comes from PAD-UFES-20 (with the part of the photo that it was cut from) and from HAM10000 beside the
expert's masks; everyday pictures are Kodak's; flat, noisy and written pages are drawn.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.decoding import decode
from inference.image import RgbImage, network_input
from training.augment import augmented
from training.data import INPUT_SIDE_PX, Photos, load, load_lesion_free, unzipped
from training.logistic import logistic_regression

LESION_KINDS: Final = ("dermoscopic lesion", "phone lesion")
_DERMOSCOPIC_LESIONS: Final = 1200  # of the train part that teach the gate
_DERMOSCOPIC_SKIN: Final = 500
_DRAWN: Final = 120
_CLOSE_SHARE: Final = 0.3  # of the lesions are seen as close as the skin beside them, so that blur tells nothing
_SKIN_SIDE_PX: Final = (90, 118)  # squares beside a lesion in a frame of 299×224
_MARGIN_PX: Final = 9  # to a mask's edge
_VARIANTS: Final = 4  # random views of each phone photo that teach the gate
_EVERYDAY_VARIANTS: Final = 25
_SHRINKAGE: Final = 30.0  # L2 penalty on the weights of standardised features, for examples that weigh 1 on average


@dataclass(frozen=True, slots=True)
class Gate:
    """A linear reading of features: lesion_logit = features @ weights + bias.

    Attributes:
        weights: (2048,) float64.
        bias: added to it.
    """

    weights: NDArray[np.float64]
    bias: float


def fitted_gate(features: Mapping[str, NDArray[np.float32]]) -> Gate:
    """Fit a logistic regression; every kind of picture weighs the same within its side.

    Args:
        features: for each kind of picture, (N, 2048) pooled features.

    Returns:
        The gate, for features as they are.
    """
    stacked = np.concatenate(list(features.values())).astype(np.float64)
    is_lesion = np.concatenate([np.full(len(rows), kind in LESION_KINDS) for kind, rows in features.items()])
    sides = {kind: sum((other in LESION_KINDS) == (kind in LESION_KINDS) for other in features) for kind in features}
    weight = np.concatenate([np.full(len(rows), 1 / sides[kind] / len(rows)) for kind, rows in features.items()])
    return Gate(*logistic_regression(stacked, is_lesion, weight, _SHRINKAGE))


def teaching_views(data: Path, cache: Path, rng: np.random.Generator) -> dict[str, NDArray[np.uint8]]:
    """Return views of the train part for each kind of picture, varied at random."""
    dermoscopic, phone = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    train = np.flatnonzero(dermoscopic.parts == "train")
    masks = lesion_masks(data)
    lesions = [
        _close_view(dermoscopic.frames[i], masks[dermoscopic.image_ids[i]], rng)
        if rng.random() < _CLOSE_SHARE
        else dermoscopic.views[i]
        for i in rng.permutation(train)[:_DERMOSCOPIC_LESIONS]
    ]
    without = pictures_without_lesion(data, cache, dermoscopic, phone, rng)
    return {
        "dermoscopic lesion": np.stack(lesions),
        "phone lesion": _varied(phone.views[phone.parts == "train"], _VARIANTS, rng),
        "phone skin": _varied(without["phone skin"], _VARIANTS, rng),
        "dermoscopic skin": np.stack(without["dermoscopic skin"]),
        "everyday picture": _varied(without["everyday picture"], _EVERYDAY_VARIANTS, rng),
        "drawn page": np.stack(without["drawn page"]),
    }


def pictures_without_lesion(
    data: Path, cache: Path, dermoscopic: Photos, phone: Photos, rng: np.random.Generator
) -> dict[str, list[RgbImage]]:
    """Return pictures of the train part that show no lesion, by what they show instead."""
    order = rng.permutation(np.flatnonzero(dermoscopic.parts == "train"))
    return {
        "phone skin": list(_phone_skin(cache, phone)),
        "dermoscopic skin": _skin_beside_lesions(dermoscopic, order, lesion_masks(data), _DERMOSCOPIC_SKIN, rng),
        "everyday picture": everyday_pictures(data, is_test=False),
        "drawn page": [drawn_page(rng) for _ in range(_DRAWN)],
    }


def lesion_masks(data: Path) -> dict[str, bytes]:
    """Return the PNG of each photo's lesion mask, by image_id."""
    return dict(unzipped(data / "ham10000" / "lesion-masks.zip"))


def lesion_mask(png: bytes, width_px: int, height_px: int) -> NDArray[np.bool_]:
    """Return a mask at the size of its frame, its stretch undone: (height, width) bool."""
    mask = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return cv2.resize(mask, (width_px, height_px), interpolation=cv2.INTER_NEAREST) > 127


def _view(square_rgb: RgbImage) -> RgbImage:
    return network_input(square_rgb, INPUT_SIDE_PX)


def _varied(frames: NDArray[np.uint8] | list[RgbImage], variants: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    return np.stack([augmented(frame, INPUT_SIDE_PX, rng) for frame in frames for _ in range(variants)])


def _phone_skin(cache: Path, phone: Photos) -> NDArray[np.uint8]:
    names, views = load_lesion_free(cache / "lesion_free.npz")
    taught = set(phone.image_ids[phone.parts == "train"].tolist())
    return np.stack([view for name, view in zip(names.tolist(), views, strict=True) if name in taught])


def everyday_pictures(data: Path, *, is_test: bool) -> list[RgbImage]:
    """Return Kodak's pictures: one half teaches, the other is kept for the figures."""
    pictures = [decode(photo) for _, photo in unzipped(data / "negatives" / "kodak24.zip")]
    return pictures[0::2] if is_test else pictures[1::2]


def _close_view(frame_rgb: RgbImage, mask_png: bytes, rng: np.random.Generator) -> RgbImage:
    height, width = frame_rgb.shape[:2]
    rows, columns = np.nonzero(lesion_mask(mask_png, width, height))
    side = int(rng.integers(*_SKIN_SIDE_PX))
    top = int(np.clip(np.median(rows) - side / 2, 0, height - side)) if len(rows) else (height - side) // 2
    left = int(np.clip(np.median(columns) - side / 2, 0, width - side)) if len(columns) else (width - side) // 2
    return _view(frame_rgb[top : top + side, left : left + side])


def _skin_beside_lesions(
    photos: Photos, order: NDArray[np.intp], masks: Mapping[str, bytes], wanted: int, rng: np.random.Generator
) -> list[RgbImage]:
    found: list[RgbImage] = []
    for index in order:
        found.extend(skin_square(photos.frames[index], masks[photos.image_ids[index]], rng))
        if len(found) == wanted:
            break
    return found


def skin_square(frame_rgb: RgbImage, mask_png: bytes, rng: np.random.Generator) -> Iterator[RgbImage]:
    """Yield a square beside the lesion, at the network's size and without hair; nothing where there is no room."""
    height, width = frame_rgb.shape[:2]
    mask = lesion_mask(mask_png, width, height).astype(np.uint8)
    sums = cv2.integral(cv2.dilate(mask, np.ones((_MARGIN_PX, _MARGIN_PX), np.uint8)))
    side = int(rng.integers(*_SKIN_SIDE_PX))
    lesion_px = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    places = np.argwhere(lesion_px == 0)
    if len(places):
        top, left = rng.choice(places)
        yield _view(frame_rgb[top : top + side, left : left + side])


def drawn_page(rng: np.random.Generator) -> RgbImage:
    """Return a wall, a ramp of colours or a written page, (224, 224, 3) uint8."""
    start, end = rng.integers(0, 256, (2, 3))
    ramp = np.linspace(start, end if rng.random() < 0.5 else start, INPUT_SIDE_PX)
    noise = rng.normal(0, rng.uniform(0, 12), (INPUT_SIDE_PX, INPUT_SIDE_PX, 3))
    page_rgb = np.clip(ramp[:, None] + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        ink = rng.integers(0, 256, 3).tolist()
        for baseline in range(20, INPUT_SIDE_PX, int(rng.integers(14, 40))):
            words = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz   0123456789"), 40))
            cv2.putText(page_rgb, words, (6, baseline), cv2.FONT_HERSHEY_SIMPLEX, rng.uniform(0.3, 0.9), ink, 1)
    return page_rgb
