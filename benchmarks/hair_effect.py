"""What hair removal does to the answers of the shipped classifier, on photos of lesions that it has not seen.

    python -m benchmarks.hair_effect DATA [--cache training/runs/cache]

Pairs: each photo of the test part as it is, without hair by the usual copy, and by ours; then the same with synthetic
strands over those in which no hair was found. Balanced accuracy and log loss with 95 % intervals of the paired
difference, from 2,000 bootstrap resamples over lesions; one that lacks a class is no draw of balanced accuracy.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.baseline.usual_hair import usual_hair_removal
from benchmarks.measuring import ROOT
from benchmarks.strands import with_hair
from inference.hair import remove_hair
from inference.image import RgbImage, lesion_view, resized
from inference.model import Model, load_model
from training.answers import answers
from training.data import photos_of
from training.measures import Labels, Probabilities
from training.outcomes import differences, worth
from training.views import near_dermoscopic_photos

_FIGURES: Final = ("balanced_accuracy", "log_loss")
WAYS: Final[Mapping[str, Callable[[RgbImage], RgbImage]]] = {
    "left as it is": lambda image_rgb: image_rgb,
    "usual copy": lambda image_rgb: usual_hair_removal(image_rgb)[0],
    "ours": lambda image_rgb: remove_hair(image_rgb)[0],
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one way of treating hair brings beside leaving it.

    Attributes:
        way: its name.
        balanced_accuracy: with it.
        log_loss: with it.
        more_accuracy: the paired difference of balanced accuracy to leaving hair: low, high.
        more_loss: of log loss: low, high; below 0 is better.
    """

    way: str
    balanced_accuracy: float
    log_loss: float
    more_accuracy: tuple[float, float]
    more_loss: tuple[float, float]


def effects(model: Model, squares: Sequence[RgbImage], labels: Labels, groups: NDArray[np.int64]) -> Iterator[Effect]:
    """Yield what each way brings."""
    side = model.input_side_px
    plain: Probabilities | None = None
    for way, treated in WAYS.items():
        views = np.stack([resized(np.ascontiguousarray(treated(square)), side, side) for square in squares])
        said = answers(model, views).probabilities(model.calibrations)
        plain = said if plain is None else plain
        yield effect(way, said, plain, labels, groups)


def effect(way: str, said: Probabilities, plain: Probabilities, labels: Labels, groups: NDArray[np.int64]) -> Effect:
    """Return what a way brings whose answers are said, beside those to the photos with their hair."""
    of_way, everyone = worth(said, labels), np.arange(len(labels))
    more = differences({name: of_way[name] for name in _FIGURES}, worth(plain, labels), groups)
    return Effect(
        way,
        of_way["balanced_accuracy"](everyone),
        of_way["log_loss"](everyone),
        *((more[name]["low"], more[name]["high"]) for name in _FIGURES),
    )


def main(data: Path, cache: Path) -> None:
    """Print the effect on photos as they are, on those with hair, and on those with synthetic hair."""
    cv2.setNumThreads(1)
    model = load_model(ROOT / "models")
    photos = near_dermoscopic_photos(data, photos_of(cache, "dermoscopic", "test"))
    squares = [lesion_view(photo.image_rgb) for photo in photos]
    labels, groups = np.array([(photo.label, photo.owner) for photo in photos]).T
    is_hairy = np.array([bool(remove_hair(square)[1].any()) for square in squares])
    rng = np.random.default_rng(0)
    drawn = [with_hair(square, rng)[0] for square, hairy in zip(squares, is_hairy, strict=True) if not hairy]
    sets = {
        "the test part": (squares, np.ones_like(is_hairy)),
        "those in which hair is found": (
            [square for square, hairy in zip(squares, is_hairy, strict=True) if hairy],
            is_hairy,
        ),
        "the others with synthetic hair": (drawn, ~is_hairy),
    }
    for name, (some, chosen) in sets.items():
        print(f"{name}: {len(some)} photos")
        for effect in effects(model, some, labels[chosen], groups[chosen]):
            print(f"  {effect}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, default=ROOT / "training" / "runs" / "cache")
    main(**vars(parser.parse_args()))
