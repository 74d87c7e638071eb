"""What the network is shown while it learns: lesions of both kinds of photo, and pictures without any."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inference.classes import LesionClass
from inference.image import RgbImage
from training.augment import cropped, random_crop, worn
from training.data import Photos, network_inputs
from training.gate import lesion_mask, lesion_masks, pictures_without_lesion
from training.network import CELL_PX
from training.recipe import Recipe

BATCH: Final = 32
UNKNOWN: Final = -1
_FEWEST: Final = 0.01  # a class is taken to be at least this share, also where there is no photo of it
_IS_CLINICAL: Final = {"phone skin": 1, "dermoscopic skin": 0}


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures of one kind to draw from.

    Attributes:
        frames: each (H, W, 3) uint8, RGB.
        labels: (N,) index into LesionClass, or UNKNOWN.
        chances: (N,) of each to be drawn, summing to 1.
        is_clinical: 1, 0, or UNKNOWN for what is no photo of skin.
        is_lesion: 1 or 0.
        masks: (N, H, W) uint8, 255 on the lesion, where experts have outlined it.
    """

    frames: NDArray[np.uint8] | list[RgbImage]
    labels: NDArray[np.int64]
    chances: NDArray[np.float64]
    is_clinical: int
    is_lesion: int
    masks: NDArray[np.uint8] | None = None


def sampling_chances(labels: NDArray[np.int64], *, is_by_root: bool = True) -> NDArray[np.float64]:
    """Return the chance of each photo: all the same, or classes by the square root of their size."""
    weights = 1 / np.sqrt(np.bincount(labels)[labels]) if is_by_root else np.ones(len(labels))
    return np.asarray(weights / weights.sum())


def log_prior(source: Source) -> NDArray[np.float32]:
    """Return the logarithm of the share of each class among what is drawn, (classes,)."""
    shares = np.bincount(source.labels, weights=source.chances, minlength=len(LesionClass))
    return np.log(np.maximum(shares, _FEWEST)).astype(np.float32)


def lesion_sources(data: Path, dermoscopic: Photos, phone: Photos, recipe: Recipe) -> tuple[Source, Source]:
    """Return the dermoscopic photos of the train part, with their masks, and its phone photos."""
    return _lesions(dermoscopic, 0, recipe, lesion_masks(data)), _lesions(phone, 1, recipe)


def _lesions(photos: Photos, is_clinical: int, recipe: Recipe, pngs: Mapping[str, bytes] | None = None) -> Source:
    part = photos.part("train")
    labels, frames, masks = photos.labels[part], photos.frames[part], None
    if pngs is not None:
        height, width = frames.shape[1:3]
        outlined = [lesion_mask(pngs[name], width, height) for name in photos.image_ids[part]]
        masks = np.stack(outlined).view(np.uint8) * np.uint8(255)
    return Source(frames, labels, sampling_chances(labels, is_by_root=recipe.is_by_root), is_clinical, 1, masks)


def lesion_free_sources(
    data: Path, cache: Path, dermoscopic: Photos, phone: Photos, rng: np.random.Generator
) -> list[Source]:
    """Return pictures of the train part that show no lesion."""
    return [
        Source(
            frames,
            np.full(len(frames), UNKNOWN),
            np.full(len(frames), 1 / len(frames)),
            _IS_CLINICAL.get(kind, UNKNOWN),
            0,
        )
        for kind, frames in pictures_without_lesion(data, cache, dermoscopic, phone, rng).items()
    ]


class Batches(torch.utils.data.IterableDataset[tuple[Tensor, Tensor, Tensor]]):  # type: ignore[misc]  # mypy skips torch
    """Endless random batches; the side of the pictures is told over a shared tensor."""

    def __init__(
        self, lesions: tuple[Source, Source], lesion_free: list[Source], recipe: Recipe, side_px: Tensor, seed: int
    ) -> None:
        self._sources = [*lesions, *lesion_free]
        phone, free = recipe.phone_share, recipe.lesion_free_share
        self._shares = [1 - phone - free, phone, *[free / len(lesion_free)] * len(lesion_free)]
        self._is_worn = recipe.is_worn
        self._side_px = side_px
        self._seed = seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield pictures, what is asked of them, and where in them the lesion lies.

        (N, 3, S, S) float32; (N, 3) int64: class, whether clinical, whether a lesion; and (N, S/32, S/32) float32: the
        share of each cell of the network's map that lies on the lesion, 0 where nobody has outlined it.
        """
        rng = np.random.default_rng(self._seed)
        while True:
            side_px = int(self._side_px.item())
            cells = side_px // CELL_PX
            pictures, targets, on_lesion = [], [], np.zeros((BATCH, cells, cells), np.float32)
            for share, kind in zip(on_lesion, rng.choice(len(self._sources), BATCH, p=self._shares), strict=True):
                source = self._sources[kind]
                index = rng.choice(len(source.labels), p=source.chances)
                frame = source.frames[index]
                crop = random_crop(frame.shape[:2], side_px, rng)
                picture = cropped(frame, crop, side_px)
                picture = worn(picture, rng) if self._is_worn else picture
                pictures.append(picture)
                if source.masks is not None:
                    mask = cropped(source.masks[index], crop, side_px)
                    share[:] = cv2.resize(mask, share.shape, interpolation=cv2.INTER_AREA) / np.float32(255)
                targets.append((source.labels[index], source.is_clinical, source.is_lesion))
            shown = torch.from_numpy(network_inputs(pictures))
            yield shown, torch.tensor(targets), torch.from_numpy(on_lesion)
