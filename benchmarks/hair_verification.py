"""Fit what tells hair from other lines: DARK and LIGHT of inference/hair.py.

    python -m benchmarks.hair_verification DATA

Lines of photos that every rater found hairless are no hair; of the same photos with synthetic strands, those that lie
on strands are. These photos are one half, the other is for benchmarks/hair.py. Prints a logistic regression, and by
four folds of photos what each threshold would keep.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.hair import SMALL, hairless_photos
from benchmarks.strands import with_hair
from inference.hair import DARK, LIGHT, dark_hair
from inference.image import resized
from inference.lines import LEAST_LENGTH, Lines, dark_lines, darkening, light_lines
from training.logistic import logistic_regression

_VARIANTS: Final = 6  # hairy versions of each photo
_ON_STRANDS, _OFF_STRANDS = 0.6, 0.2  # share of a line's pixels; what lies between teaches nothing
_SHRINKAGE: Final = 3.0
_FOLDS: Final = 4
_THRESHOLDS: Final = (-1.0, 0.0, 0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Example:
    """One line.

    Attributes:
        photo: number of the photo.
        is_bare: whether the photo is the one without strands.
        is_hair: whether the line lies on strands.
        pixels: how many it has.
        measures: see inference.lines.
    """

    photo: int
    is_bare: bool
    is_hair: bool
    pixels: int
    measures: NDArray[np.float64]


def examples(data: Path) -> Iterator[tuple[bool, Example]]:
    """Yield whether it is a dark line, and the line."""
    rng = np.random.default_rng(11)
    for number, photo in enumerate(hairless_photos(data, is_to_fit=True)):
        bare_rgb = resized(photo, *SMALL)
        pictures = [(bare_rgb, np.zeros(bare_rgb.shape[:2], np.bool_))]
        pictures += [with_hair(bare_rgb, rng) for _ in range(_VARIANTS)]
        for variant, (image_rgb, is_strand) in enumerate(pictures):
            darkening_rgb = darkening(image_rgb)
            dark = dark_lines(darkening_rgb)
            light = light_lines(image_rgb, darkening_rgb, dark_hair(dark))
            for is_dark, lines in ((True, dark), (False, light)):
                for example in _examples(lines, is_strand, number, is_bare=variant == 0):
                    yield is_dark, example


def _examples(lines: Lines, is_strand: NDArray[np.bool_], photo: int, *, is_bare: bool) -> Iterator[Example]:
    step = round(is_strand.shape[0] / lines.labels.shape[0])
    near = cv2.dilate(is_strand.astype(np.uint8), np.ones((3, 3), np.uint8))[::step, ::step]
    number = len(lines.boxes)
    on_strands = np.bincount(lines.labels.ravel(), near.ravel(), number) / np.maximum(lines.boxes[:, 4], 1)
    for line in range(1, number):
        is_long = lines.measures[0, line] > np.log(LEAST_LENGTH)
        if is_long and not _OFF_STRANDS < on_strands[line] < _ON_STRANDS:
            is_hair = bool(on_strands[line] >= _ON_STRANDS)
            yield Example(photo, is_bare, is_hair, int(lines.boxes[line, 4]), lines.measures[:, line])


def fitted(lines: list[Example]) -> tuple[NDArray[np.float64], float]:
    """Return weights and bias; both sides weigh the same, and a line by the root of its pixels."""
    measures = np.stack([line.measures for line in lines])
    is_hair = np.array([line.is_hair for line in lines])
    weight = np.sqrt([line.pixels for line in lines])
    weight *= np.where(is_hair, 1 / weight[is_hair].sum(), 1 / weight[~is_hair].sum())
    return logistic_regression(measures, is_hair, weight, _SHRINKAGE)


def report(lines: list[Example]) -> None:
    """Print the fit, and what thresholds keep of lines whose photo did not teach it."""
    scores = np.zeros(len(lines))
    for fold in range(_FOLDS):
        weights, bias = fitted([line for line in lines if line.photo % _FOLDS != fold])
        for row, line in enumerate(lines):
            if line.photo % _FOLDS == fold:
                scores[row] = line.measures @ weights + bias
    pixels = np.array([line.pixels for line in lines])
    is_hair, is_bare = (np.array([getattr(line, name) for line in lines]) for name in ("is_hair", "is_bare"))
    weights, bias = fitted(lines)
    print(f"weights {np.round(weights, 3).tolist()}, bias {bias:.3f} less the threshold")
    for threshold in _THRESHOLDS:
        kept = scores > threshold
        of_hair = pixels[is_hair & kept].sum() / pixels[is_hair].sum()
        photos = len({line.photo for line in lines})
        print(
            f"  {threshold}: {of_hair:.3f} of hair, {pixels[~is_hair & is_bare & kept].sum() / photos:.0f} px of skin"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    cv2.setNumThreads(1)
    found = list(examples(parser.parse_args().data))
    for is_dark, verification in ((True, DARK), (False, LIGHT)):
        print(f"{'dark' if is_dark else 'light'}, now {verification}")
        report([example for kind, example in found if kind is is_dark])
