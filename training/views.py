"""What it is worth to look around the lesion instead of at the centre of the photo, with the classifier as it is.

    python -m training.views DATA CACHE RUN MODELS

Writes RUN/views.json: what the shipped margins and limits are worth on the test part. Photos from afar are made of near
ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.decoding import decode
from inference.image import RgbImage, Square, lesion_view, network_input
from inference.model import Model, load_model
from training.answers import answers
from training.command_line import folders
from training.data import Known, dermoscopic_image, ham10000, pad_ufes_20, photos_of
from training.looks import unevenness
from training.measures import Probabilities, share
from training.outcomes import differences, worth
from training.sources import phone_skin
from training.spoiling import laid_on_skin
from training.told import CALIBRATION, checksums, write

_FAR_SHARES: Final = (0.2, 0.4)  # of the short side, that the whole near photo takes up in a photo from afar
_FAR_TIMES: Final = 3  # photos from afar that are made of each phone photo
_DERMOSCOPIC_FAR: Final = 200


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo whose answer is known.

    Attributes:
        image_rgb: (H, W, 3) uint8, RGB.
        label: index into LesionClass; -1 for squamous cell carcinoma, which is malignant.
        owner: the group: all photos of a patient or a lesion, and near-duplicates.
    """

    image_rgb: RgbImage
    label: int
    owner: int


def near_phone_photos(data: Path, chosen: Mapping[str, Known]) -> list[Photo]:
    """Return phone photos as they arrive."""
    return [
        Photo(decode(photo), chosen[name].label, chosen[name].group)
        for name, photo in pad_ufes_20(data)
        if name in chosen
    ]


def near_dermoscopic_photos(data: Path, chosen: Mapping[str, Known]) -> list[Photo]:
    """Return dermoscopic photos, their stretch undone."""
    return [
        Photo(dermoscopic_image(photo), chosen[name].label, chosen[name].group)
        for name, photo in ham10000(data)
        if name in chosen
    ]


def evener_half(skins: Sequence[RgbImage]) -> list[RgbImage]:
    """Return the half of the skin whose colour varies least from place to place: without ink, folds, clothes."""
    uneven = [unevenness(skin) for skin in skins]
    return [skin for skin, each in zip(skins, uneven, strict=True) if each <= np.median(uneven)]


def from_afar(near: Photo, skin_rgb: RgbImage, rng: np.random.Generator) -> Photo:
    """Return the same lesion photographed from farther away, anywhere in the photo."""
    share, *place = rng.uniform(*_FAR_SHARES), rng.uniform(0.05, 0.95), rng.uniform(0.05, 0.95)
    far_rgb = laid_on_skin(lesion_view(near.image_rgb), share, skin_rgb, *place)
    return Photo(far_rgb, near.label, near.owner)


def probabilities(model: Model, image_rgb: RgbImage, square: Square | None) -> NDArray[np.float64]:
    """Return (7,) what is told of a square of a photo; of its centre square where none is given."""
    view_rgb = network_input(lesion_view(image_rgb, square), model.input_side_px)
    return np.asarray(answers(model, view_rgb[None]).probabilities(model.calibrations)[0])


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
    """Photos near and from afar, by phone and through a dermatoscope."""

    phone: list[Photo]
    phone_far: list[Photo]
    dermoscopic: list[Photo]
    dermoscopic_far: list[Photo]


def tested(data: Path, cache: Path, rng: np.random.Generator) -> Sets:
    """Return the photos of the test part; what is made is made of photos and skin of that part."""
    of_phones, of_dermatoscopes = photos_of(cache, "phone", "test"), photos_of(cache, "dermoscopic", "test")
    phone, dermoscopic = near_phone_photos(data, of_phones), near_dermoscopic_photos(data, of_dermatoscopes)
    skins = evener_half(phone_skin(data, of_phones))
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
    photos = tested(data, cache, np.random.default_rng(0))
    of_sets = {kind: figures(model, getattr(photos, kind)) for kind in Sets.__slots__}
    write("views", run, checksums(models, "model.onnx", "lesion.onnx", CALIBRATION) | of_sets)


if __name__ == "__main__":
    main(**vars(folders(__doc__, "data", "cache", "run", "models").parse_args()))
