"""What it is worth to look around the lesion instead of at the centre of the photo, with the classifier as it is.

    python -m training.views DATA CACHE RUN MODELS

Writes RUN/views.json: what the shipped margins and limits are worth on the test part. Photos from afar are made of near
ones.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference import calibration
from inference.classes import LesionClass
from inference.decoding import decode
from inference.image import RgbImage, Square, lesion_view, network_input, resized
from inference.model import Model, load_model
from training.data import FRAME_PX, PHONE_CLASS, ham10000, table, unzipped
from training.looks import parts, unevenness
from training.measures import Probabilities, share
from training.outcomes import differences, worth
from training.sources import phone_skin
from training.spoiling import fading_edges
from training.told import checksums, write

_FAR_PX: Final = (1280, 960)
_FAR_SHARES: Final = (0.2, 0.4)  # of the short side, that the whole near photo takes up in a photo from afar
_FAR_TIMES: Final = 3  # photos from afar that are made of each phone photo
_DERMOSCOPIC_FAR: Final = 200


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo whose answer is known.

    Attributes:
        image_rgb: (H, W, 3) uint8, RGB.
        label: index into LesionClass; -1 for squamous cell carcinoma, which is malignant.
        owner: the patient, or the lesion.
    """

    image_rgb: RgbImage
    label: int
    owner: str


def phone_photos(data: Path, chosen: set[str]) -> list[Photo]:
    """Return phone photos as they arrive."""
    rows, order = table(data / "pad-ufes-20" / "metadata.csv"), list(LesionClass)
    return [
        Photo(
            decode(photo),
            order.index(LesionClass(PHONE_CLASS[kind])) if (kind := rows[name]["diagnostic"]) in PHONE_CLASS else -1,
            rows[name]["patient_id"],
        )
        for name, photo in unzipped(data / "pad-ufes-20" / "images.zip")
        if name in chosen
    ]


def dermoscopic_photos(data: Path, chosen: set[str]) -> list[Photo]:
    """Return dermoscopic photos, their stretch undone."""
    rows, order = table(data / "ham10000" / "metadata.csv"), list(LesionClass)
    return [
        Photo(resized(decode(photo), *FRAME_PX), order.index(LesionClass(rows[name]["dx"])), rows[name]["lesion_id"])
        for name, photo in ham10000(data)
        if name in chosen
    ]


def even(skins: Sequence[RgbImage]) -> list[RgbImage]:
    """Return the half of the skin whose colour varies least from place to place: without ink, folds, clothes."""
    uneven = [unevenness(skin) for skin in skins]
    return [skin for skin, each in zip(skins, uneven, strict=True) if each <= np.median(uneven)]


def from_afar(near: Photo, skin_rgb: RgbImage, rng: np.random.Generator) -> Photo:
    """Return the same lesion photographed from farther away: the near photo small on a larger piece of skin."""
    width, height = _FAR_PX
    near_rgb = lesion_view(near.image_rgb)
    side = round(rng.uniform(*_FAR_SHARES) * height)
    small = resized(near_rgb, side, side).astype(np.float32)
    rim = np.concatenate([small[:2].reshape(-1, 3), small[-2:].reshape(-1, 3), small[:, :2].reshape(-1, 3)])
    piece = resized(skin_rgb, 320, 320)
    canvas = cv2.copyMakeBorder(piece, 320, 320, 480, 480, cv2.BORDER_REFLECT_101).astype(np.float32)
    canvas = np.clip(canvas * (np.median(rim, axis=0) / np.maximum(canvas.mean(axis=(0, 1)), 1)), 0, 255)
    alpha = fading_edges(side).astype(np.float32)
    left, top = (int(rng.uniform(0.05, 0.95) * (size - side)) for size in (width, height))
    there = canvas[top : top + side, left : left + side]
    there[:] = there * (1 - alpha) + small * alpha
    return Photo(canvas.astype(np.uint8), near.label, near.owner)


def probabilities(model: Model, image_rgb: RgbImage, square: Square | None) -> NDArray[np.float64]:
    """Return (7,) what is told of a square of a photo; of its centre square where none is given."""
    answer = model.answer(network_input(lesion_view(image_rgb, square), model.input_side_px))
    told = calibration.probabilities(answer.logits, model.calibrations[answer.image_type])
    return np.array(list(told.values()))


def gain(before: Probabilities, after: Probabilities, photos: Sequence[Photo]) -> dict[str, dict[str, float]]:
    """Return each figure before and after, and the 95 % interval of the difference: paired, resampled by owner."""
    labels = np.array([photo.label for photo in photos])
    owners = np.unique([photo.owner for photo in photos], return_inverse=True)[1]
    of_before, of_after = worth(before, labels), worth(after, labels)
    everything = np.arange(len(labels))
    return {
        name: {
            "before": round(of_before[name](everything), 4),
            "after": round(of_after[name](everything), 4),
            "low": difference["low"],
            "high": difference["high"],
        }
        for name, difference in differences(of_after, of_before, owners).items()
    }


@dataclass(frozen=True, slots=True)
class Sets:
    """The photos of one part: near and from afar, by phone and through a dermatoscope."""

    phone: list[Photo]
    phone_far: list[Photo]
    dermoscopic: list[Photo]
    dermoscopic_far: list[Photo]


def sets(data: Path, cache: Path, part: str, rng: np.random.Generator) -> Sets:
    """Return the photos of one part; what is made is made of photos and skin of that part."""
    chosen = {
        kind: {name for name, its in parts(cache, kind).items() if its == part} for kind in ("phone", "dermoscopic")
    }
    phone, dermoscopic = phone_photos(data, chosen["phone"]), dermoscopic_photos(data, chosen["dermoscopic"])
    skins = even(phone_skin(data, chosen["phone"]))
    some = [dermoscopic[i] for i in rng.permutation(len(dermoscopic))[:_DERMOSCOPIC_FAR]]
    far = [from_afar(photo, skins[int(rng.integers(len(skins)))], rng) for photo in [*phone * _FAR_TIMES, *some]]
    return Sets(phone, far[: -len(some)], dermoscopic, far[-len(some) :])


def figures(model: Model, photos: Sequence[Photo]) -> dict[str, Any]:
    """Return what the shipped limits gain over the centre square."""
    squares = [model.segmentation(photo.image_rgb).view for photo in photos]
    before = np.stack([probabilities(model, photo.image_rgb, None) for photo in photos])
    after = np.stack(
        [
            probabilities(model, photo.image_rgb, square) if square else plain
            for photo, square, plain in zip(photos, squares, before, strict=True)
        ]
    )
    moved = share(np.array([square is not None for square in squares]))
    return {"photos": len(photos), "moved": round(moved, 4), **gain(before, after, photos)}


def main(data: Path, cache: Path, run: Path, models: Path) -> None:
    """Ask, write and print."""
    cv2.setNumThreads(1)
    model = load_model(models)
    test = sets(data, cache, "test", np.random.default_rng(0))
    of_sets = {kind: figures(model, getattr(test, kind)) for kind in Sets.__slots__}
    write("views", run, checksums(models, "model.onnx", "lesion.onnx") | of_sets)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "cache", "run", "models"):
        parser.add_argument(name, type=Path)
    main(**vars(parser.parse_args()))
