"""What it is worth to look around the lesion instead of at the centre of the photo, with the classifier as it is.

    python -m training.views DATA CACHE RUN MODELS

Writes RUN/views.json: "tried", what margins and limits were worth on the validation part, and "figures", what the
shipped ones are worth on the test part. Photos of the train part tell nothing: the classifier knows them. Photos from
afar are made of near ones.
"""

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inference import calibration
from inference.classes import LesionClass
from inference.decoding import decode
from inference.image import RgbImage, Square, lesion_view, network_input, resized
from inference.lesion import LesionLimits, LesionRegion, view_square
from inference.model import Model, file_sha256, load_model
from training.data import FRAME_PX, PHONE_CLASS, table, unzipped
from training.looks import parts, unevenness
from training.measures import MALIGNANT_INDICES, RESAMPLES, area_under_roc, balanced_accuracy, malignancy
from training.sources import phone_skin
from training.spoiling import fading_edges

_MARGINS: Final = (0.35, 0.5, 0.75, 1.0, 1.5)
_SMALL_SHARES: Final = (0.2, 0.3, 0.4, 0.6)
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
        for archive in sorted((data / "ham10000").glob("images-*.zip"))
        for name, photo in unzipped(archive)
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


class Asked:
    """What the classifier says of squares of photos; each square is asked about once."""

    def __init__(self, model: Model, photos: Sequence[Photo]) -> None:
        self.model, self.photos = model, photos
        self.regions = [model.segmentation(photo.image_rgb).region for photo in photos]
        self._known: dict[tuple[int, Square | None], NDArray[np.float64]] = {}

    def _answer(self, index: int, square: Square | None) -> NDArray[np.float64]:
        if (index, square) not in self._known:
            view_rgb = lesion_view(self.photos[index].image_rgb, square)
            self._known[index, square] = self._told(view_rgb)
        return self._known[index, square]

    def _told(self, view_rgb: RgbImage) -> NDArray[np.float64]:
        answer = self.model.answer(network_input(view_rgb, self.model.input_side_px))
        told = calibration.probabilities(answer.logits, self.model.calibrations[answer.image_type])
        return np.array(list(told.values()))

    def probabilities(self, limits: LesionLimits | None) -> NDArray[np.float64]:
        """Return (N, 7) with views chosen by these limits; of the centre squares without."""
        return np.stack([self._answer(i, self._square(i, region, limits)) for i, region in enumerate(self.regions)])

    def _square(self, index: int, region: LesionRegion | None, limits: LesionLimits | None) -> Square | None:
        if limits is None or region is None:
            return None
        height, width = self.photos[index].image_rgb.shape[:2]
        return view_square(region, width, height, limits)

    def mirrored(self) -> NDArray[np.float64]:
        """Return (N, 7): the mean over the centre square and its mirror image."""
        answers = []
        for index, photo in enumerate(self.photos):
            view_rgb = np.ascontiguousarray(lesion_view(photo.image_rgb)[:, ::-1])
            answers.append((self._answer(index, None) + self._told(view_rgb)) / 2)
        return np.stack(answers)

    def moved(self, limits: LesionLimits) -> float:
        """Return the share of photos whose view is not the centre square."""
        squares = [self._square(i, region, limits) for i, region in enumerate(self.regions)]
        return float(np.mean([square is not None for square in squares]))


def worth(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, float]:
    """Return balanced accuracy and log loss of those with a class, and the area under ROC of malignancy of all."""
    known = labels >= 0
    told, true = probabilities[known], labels[known]
    malignant = np.isin(labels, MALIGNANT_INDICES) | ~known
    return {
        "balanced_accuracy": balanced_accuracy(told.argmax(axis=1), true),
        "malignant_auc": area_under_roc(malignancy(probabilities), malignant),
        "log_loss": float(-np.log(np.maximum(told[np.arange(len(true)), true], 1e-9)).mean()),
    }


def gain(
    before: NDArray[np.float64], after: NDArray[np.float64], photos: Sequence[Photo], rng: np.random.Generator
) -> dict[str, dict[str, float]]:
    """Return each figure before and after, and the 95 % interval of the difference: paired, resampled by owner."""
    labels = np.array([photo.label for photo in photos])
    owners = np.unique([photo.owner for photo in photos], return_inverse=True)[1]
    order = np.argsort(owners, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(owners[order])) + 1)
    differences: dict[str, list[float]] = {}
    for _ in range(RESAMPLES):
        drawn = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        old, new = worth(before[drawn], labels[drawn]), worth(after[drawn], labels[drawn])
        for name, value in new.items():
            differences.setdefault(name, []).append(value - old[name])
    old, new = worth(before, labels), worth(after, labels)
    answer = {}
    for name, gained in differences.items():
        low, high = np.nanpercentile(gained, [2.5, 97.5])
        numbers = {"before": old[name], "after": new[name], "low": low, "high": high}
        answer[name] = {each: round(float(number), 4) for each, number in numbers.items()}
    return answer


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


def tried(model: Model, limits: LesionLimits, photos: Sequence[Photo]) -> list[dict[str, float]]:
    """Return what each choice of margin and limit is worth, the centre square first."""
    asked, labels = Asked(model, photos), np.array([photo.label for photo in photos])
    rows = [{"moved": 0.0} | worth(asked.probabilities(None), labels)]
    for small_share, margin in itertools.product(_SMALL_SHARES, _MARGINS):
        choice = replace(limits, small_share=small_share, view_margin=margin)
        known = {"small_share": small_share, "view_margin": margin, "moved": asked.moved(choice)}
        rows.append(known | worth(asked.probabilities(choice), labels))
    return [{name: round(value, 4) for name, value in row.items()} for row in rows]


def figures(model: Model, limits: LesionLimits, photos: Sequence[Photo]) -> dict[str, Any]:
    """Return what the shipped limits gain over the centre square."""
    asked = Asked(model, photos)
    gained = gain(asked.probabilities(None), asked.probabilities(limits), photos, np.random.default_rng(0))
    return {"photos": len(photos), "moved": round(asked.moved(limits), 4), **gained}


def main(data: Path, cache: Path, run: Path, models: Path) -> None:
    """Ask, write and print."""
    cv2.setNumThreads(1)
    model = load_model(models)
    if model.lesion_finder is None:
        raise TypeError("a loaded model finds lesions")
    limits = model.lesion_finder.limits
    rng = np.random.default_rng(0)
    validation, test = sets(data, cache, "validation", rng), sets(data, cache, "test", rng)
    asked = Asked(model, validation.phone + validation.dermoscopic)
    mirrored = gain(asked.probabilities(None), asked.mirrored(), asked.photos, np.random.default_rng(0))
    of_file = {"onnx_sha256": file_sha256(models / "lesion.onnx")}
    answer = {
        "tried": {
            kind: tried(model, limits, getattr(validation, kind)) for kind in ("phone", "phone_far", "dermoscopic_far")
        },
        "validation": {"dermoscopic": figures(model, limits, validation.dermoscopic), "mirrored_too": mirrored},
        "figures": of_file | {kind: figures(model, limits, getattr(test, kind)) for kind in Sets.__slots__},
    }
    text = json.dumps(answer, indent=1)
    (run / "views.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "cache", "run", "models"):
        parser.add_argument(name, type=Path)
    main(**vars(parser.parse_args()))
