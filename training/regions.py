"""How well the lesion is found: overlap with experts' masks, and lesions claimed where there are none.

RUN/lesions.json, written by training/lesions.py, holds what this file measures through inference/lesion.py.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.decoding import decode
from inference.image import RgbImage, resized
from inference.lesion import LesionFinder, Segmentation
from training.data import FRAME_PX, Known, dermoscopic_image, ham10000, pad_ufes_20
from training.gate import lesion_mask, lesion_masks
from training.measures import Metric, share
from training.outcomes import measured
from training.sources import outline_mask, phone_outlines

_DISCS: Final = np.arange(0.3, 1.01, 0.05)  # diameters of a disc in the middle, in shares of the short side
_OUTLINE_SIDE_PX: Final = 384
_FITTING: Final = 300  # photos that the plain methods are fitted on

Mask = NDArray[np.bool_]
Method = Callable[[RgbImage], Mask]


@dataclass(frozen=True, slots=True)
class Masked:
    """A photo with the expert's mask.

    Attributes:
        image_rgb: (H, W, 3) uint8, RGB.
        mask: (H, W) bool.
        group: of its lesion.
    """

    image_rgb: RgbImage
    mask: Mask
    group: int


def masked_photos(data: Path, chosen: Mapping[str, Known]) -> Iterator[Masked]:
    """Yield the chosen dermoscopic photos, their stretch undone."""
    pngs = lesion_masks(data)
    for name, photo in ham10000(data):
        if name in chosen:
            image_rgb = dermoscopic_image(photo)
            yield Masked(image_rgb, lesion_mask(pngs[name], *FRAME_PX), chosen[name].group)


def found_mask(said: Segmentation, width_px: int, height_px: int, min_probability: float) -> Mask:
    """Return the places that the segmentation calls lesion, at the photo's size; none where it finds no lesion."""
    if said.region is None:
        return np.zeros((height_px, width_px), bool)
    likely = cv2.resize(said.probability_map, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.asarray(likely >= min_probability, bool)


def dice(found: Mask, true: Mask) -> float:
    """Return twice the overlap over both areas; 1 of nothing and nothing."""
    both = int(found.sum()) + int(true.sum())
    return 2 * int((found & true).sum()) / both if both else 1.0


def jaccard(found: Mask, true: Mask) -> float:
    """Return the overlap over the union (IoU); 1 of nothing and nothing."""
    union = int((found | true).sum())
    return int((found & true).sum()) / union if union else 1.0


def holds_centre(found: Mask, true: Mask) -> bool:
    """Return whether the centre of the true mask's area is inside what was found."""
    rows, columns = np.nonzero(true)
    return bool(len(rows)) and bool(found[round(float(rows.mean())), round(float(columns.mean()))])


def centre_disc(diameter: float, image_rgb: RgbImage) -> Mask:
    """Return a disc in the middle: what one knows without looking."""
    height, width = image_rgb.shape[:2]
    y, x = np.mgrid[:height, :width]
    radius = diameter * min(height, width) / 2
    return np.asarray((y + 0.5 - height / 2) ** 2 + (x + 0.5 - width / 2) ** 2 <= radius**2, bool)


def darker_part(image_rgb: RgbImage) -> Mask:
    """Return the darker of the two parts of the grey picture (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    grey = cv2.GaussianBlur(cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY), (0, 0), 2)
    return cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1] > 0


def fitted(photos: Sequence[Masked], methods: Mapping[float, Method]) -> float:
    """Return the setting of most overlap."""
    return max(
        methods, key=lambda setting: float(np.mean([dice(methods[setting](p.image_rgb), p.mask) for p in photos]))
    )


def best_disc(photos: Sequence[Masked]) -> Method:
    """Return the disc in the middle that meets most of these masks."""
    discs: dict[float, Method] = {size: partial(centre_disc, size) for size in _DISCS.tolist()}
    return discs[fitted(photos[:_FITTING], discs)]


def overlap(found: Sequence[Mask], photos: Sequence[Masked]) -> dict[str, Any]:
    """Return Dice, IoU and how often the lesion's centre is found, with 95 % intervals over lesions."""
    groups = np.array([photo.group for photo in photos])
    pairs = list(zip(found, [photo.mask for photo in photos], strict=True))
    values = {
        "dice": np.array([dice(*pair) for pair in pairs]),
        "iou": np.array([jaccard(*pair) for pair in pairs]),
        "centre_found": np.array([holds_centre(*pair) for pair in pairs], float),
    }
    return {name: measured(_mean(each), groups) for name, each in values.items()}


def _mean(values: NDArray[np.float64]) -> Metric:
    return lambda i: float(values[i].mean())


def dermoscopic_figures(finder: LesionFinder, known: Sequence[Masked], photos: Sequence[Masked]) -> dict[str, Any]:
    """Return the overlap of the segmentation and of plainer methods, those fitted on known photos.

    Args:
        finder: what is measured.
        known: photos of the train or validation part.
        photos: of the test part.
    """
    disc = best_disc(known)
    said = [finder.segmentation(photo.image_rgb) for photo in photos]
    width, height = FRAME_PX
    return {
        "photos": len(photos),
        "segmentation": overlap(
            [found_mask(each, width, height, finder.limits.min_probability) for each in said], photos
        ),
        "centre_disc": overlap([disc(photo.image_rgb) for photo in photos], photos),
        "otsu": overlap([darker_part(photo.image_rgb) for photo in photos], photos),
    }


def outline_figures(finder: LesionFinder, data: Path, chosen: Container[str]) -> dict[str, Any]:
    """Return the overlap with outlines drawn by eye (see training/sources.py): a hint, no expert's word."""
    outlines = phone_outlines()
    dices: list[float] = []
    hits: list[float] = []
    for name, photo in pad_ufes_20(data):
        if name in chosen and name in outlines:
            image_rgb = resized(decode(photo), _OUTLINE_SIDE_PX, _OUTLINE_SIDE_PX)
            mask = outline_mask(outlines[name], _OUTLINE_SIDE_PX) > 0
            said = finder.segmentation(image_rgb)
            found = found_mask(said, _OUTLINE_SIDE_PX, _OUTLINE_SIDE_PX, finder.limits.min_probability)
            dices.append(dice(found, mask))
            hits.append(holds_centre(found, mask))
    means = {"dice": dices, "centre_found": hits}
    return {"outlined": len(dices), **{name: round(float(np.mean(each)), 4) for name, each in means.items()}}


def claimed(finder: LesionFinder, photos: Sequence[RgbImage]) -> dict[str, float | int]:
    """Return how many photos there are, and the share in which a lesion is found."""
    found = [finder.segmentation(image_rgb).region is not None for image_rgb in photos]
    return {"pictures": len(found), "claimed": round(share(np.array(found)), 4)}
