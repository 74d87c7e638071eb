"""How well hair is found and repaired, beside the usual copy of DullRazor.

Synthetic strands of known place lie over real photos without hair: those of the data sets' hair/ folder that every
rater found hairless. It also has the photos that people rated.
"""

import csv
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.strands import with_hair
from inference.decoding import decode
from inference.image import resized

RgbImage: TypeAlias = NDArray[np.uint8]
Removal: TypeAlias = Callable[[RgbImage], tuple[RgbImage, NDArray[np.bool_]]]

SMALL: Final = (600, 450)
LARGE: Final = (1280, 960)
_MUCH: Final = 1.5  # rating from which on hair is much
_SEED: Final = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """How one way to remove hair did, in the median over the photos.

    Attributes:
        dice: of the mask and the strands.
        psnr_db: at the strands, between the repaired photo and the one without hair.
        ssim: of the whole photo, in grey.
        changed_percent: of the pixels of all photos without hair, in the mean.
        milliseconds: median for a photo with hair.
    """

    dice: float
    psnr_db: float
    ssim: float
    changed_percent: float
    milliseconds: float


def rated_photos(data: Path) -> list[tuple[float, RgbImage]]:
    """Return the 360 rated photos of DATA with the mean of their ratings: 0 no hair, 1 some, 2 much."""
    with (data / "hair" / "ratings.csv").open(newline="", encoding="utf-8") as file:
        rating = {row["image_id"]: float(row["hair_mean"]) for row in csv.DictReader(file)}
    with zipfile.ZipFile(data / "hair" / "rated-384x288.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        return [(rating[Path(name).stem], decode(archive.read(name))) for name in names]


def hairless_photos(data: Path, *, is_to_fit: bool = False) -> list[RgbImage]:
    """Return photos without hair: one half of those of DATA that each rater found hairless.

    Args:
        data: the folder of the data sets.
        is_to_fit: whether to return the other half, which the verification is fitted on.
    """
    hairless = [image_rgb for rating, image_rgb in rated_photos(data) if rating == 0]
    return hairless[is_to_fit::2]


def hairy_photos(data: Path) -> list[RgbImage]:
    """Return the photos of DATA that are rated 1.5 or more."""
    return [image_rgb for rating, image_rgb in rated_photos(data) if rating >= _MUCH]


def scores(removal: Removal, photos: Sequence[RgbImage], size: tuple[int, int]) -> Scores:
    """Measure one way to remove hair.

    Args:
        removal: returns the repaired photo and the mask.
        photos: (H, W, 3) uint8, RGB, without hair.
        size: width and height to which they are brought before strands are drawn.
    """
    rng = np.random.default_rng(_SEED)
    rows, seconds = [], []
    for photo in photos:
        bare_rgb = resized(photo, *size)
        hairy_rgb, is_hair = with_hair(bare_rgb, rng)
        started = time.perf_counter()
        repaired_rgb, mask = removal(hairy_rgb)
        seconds.append(time.perf_counter() - started)
        changed = (removal(bare_rgb)[0] != bare_rgb).any(axis=2).mean()
        dice = 2 * (mask & is_hair).sum() / (mask.sum() + is_hair.sum())
        rows.append((dice, _psnr_db(repaired_rgb[is_hair], bare_rgb[is_hair]), _ssim(repaired_rgb, bare_rgb), changed))
    dice, psnr_db, ssim, _ = (float(median) for median in np.median(rows, axis=0))
    return Scores(dice, psnr_db, ssim, 100 * float(np.mean(rows, axis=0)[3]), 1000 * float(np.median(seconds)))


def _psnr_db(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def _ssim(one_rgb: RgbImage, other_rgb: RgbImage) -> float:
    """Return the structural similarity of two photos in grey; Wang et al. 2004, doi:10.1109/TIP.2003.819861."""
    x, y = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64) for image in (one_rgb, other_rgb))
    mean_x, mean_y, xx, yy, xy = (cv2.GaussianBlur(plane, (11, 11), 1.5) for plane in (x, y, x * x, y * y, x * y))
    alike = (2 * mean_x * mean_y + 6.5025) * (2 * (xy - mean_x * mean_y) + 58.5225)
    apart = (mean_x**2 + mean_y**2 + 6.5025) * (xx - mean_x**2 + yy - mean_y**2 + 58.5225)
    return float((alike / apart).mean())


@dataclass(frozen=True, slots=True)
class Rated:
    """What was found in the photos that people rated.

    Attributes:
        area_under_roc: how often a photo with much hair has the larger mask than one without any.
        found: share of the photos with much hair in which some is found.
        untouched: share of the photos without hair that are returned as they are.
    """

    area_under_roc: float
    found: float
    untouched: float


def rated(removal: Removal, hairy: Sequence[RgbImage], hairless: Sequence[RgbImage]) -> Rated:
    """Compare the masks of photos that people found hairy with those of photos that they found hairless."""
    much, none = (np.array([removal(image_rgb)[1].mean() for image_rgb in photos]) for photos in (hairy, hairless))
    above = (much[:, None] > none).mean() + (much[:, None] == none).mean() / 2
    return Rated(float(above), float((much > 0).mean()), float((none == 0).mean()))
