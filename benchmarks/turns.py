"""What a quarter turn changes in the answers of the shipped model, on photos that it has not learned from.

    python -m benchmarks.turns DATA [--cache training/runs/cache]

Each photo by dermatoscope of the validation part, and it by one, two and three quarter turns, goes through all of
inference, as a PNG. CACHE is where training.data has put the split.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.measuring import ROOT, Figure
from benchmarks.results import measured
from inference.assess import Assessment, assess
from inference.image import RgbImage
from inference.model import Model, load_model
from inference.risk import RiskLevel
from tests.inference.pictures import file
from training.data import photos_of
from training.measures import MALIGNANT_INDICES
from training.views import near_dermoscopic_photos

TITLE: Final = "Turned photos, by `python -m benchmarks.turns DATA`"
_TURNS: Final = range(4)


def turned(image_rgb: RgbImage, model: Model) -> list[Assessment]:
    """Return what is said of a photo as it is, and by one, two and three quarter turns."""
    return [assess(file(Image.fromarray(np.rot90(image_rgb, turn)), "PNG"), model) for turn in _TURNS]


def figures(said: Sequence[Sequence[Assessment]], is_malignant: NDArray[np.bool_]) -> list[Figure]:
    """Return how often a turn changes the likeliest class and the advice.

    Args:
        said: of each photo, what turned() returned.
        is_malignant: whether each is.
    """
    classes = np.array([[assessment.top_class for assessment in row] for row in said])
    levels = np.array([[assessment.risk_level or "" for assessment in row] for row in said])
    is_sent, is_judged = np.isin(levels, [RiskLevel.URGENT, RiskLevel.SOON]), levels != ""
    judged = is_sent[is_judged.all(axis=1)]
    is_other, crosses = classes != classes[:, :1], judged != judged[:, :1]
    ill = f"{is_malignant.sum()} cancers and stages before them"
    return [
        Figure(f"another likeliest class by 1, 2, 3 quarter turns, of {len(said):,} photos", "", _each(is_other, 1)),
        Figure("… not the same by all four", "", f"{is_other.any(axis=1).mean():.1%}"),
        Figure(f"sent to a doctor or not, changed, of {len(judged):,} photos that are judged", "", _each(crosses, 1)),
        Figure("… not the same by all four", "", f"{crosses.any(axis=1).mean():.1%}"),
        Figure(f"sent to a doctor by 0, 1, 2, 3 turns, of {ill}", "", _each(is_sent[is_malignant], 0)),
        Figure("… of the others", "", _each(is_sent[~is_malignant], 0)),
        Figure("declined by 0, 1, 2, 3 turns", "", _each(~is_judged, 0)),
    ]


def _each(holds: NDArray[np.bool_], first: int) -> str:
    """Say of what share it holds by each turn."""
    return ", ".join(f"{holds[:, turn].mean():.1%}" for turn in _TURNS[first:])


def main(data: Path, cache: Path) -> None:
    """Measure, print, and write the section of RESULTS.md."""
    cv2.setNumThreads(1)
    model = load_model(ROOT / "models")
    photos = near_dermoscopic_photos(data, photos_of(cache, "dermoscopic", "validation"))
    is_malignant = np.isin([photo.label for photo in photos], MALIGNANT_INDICES)
    measured(TITLE, lambda: figures([turned(photo.image_rgb, model) for photo in photos], is_malignant))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", metavar="DATA", type=Path)
    parser.add_argument("--cache", type=Path, default=ROOT / "training" / "runs" / "cache")
    main(**vars(parser.parse_args()))
