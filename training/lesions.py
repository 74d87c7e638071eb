"""Teach a small network where the lesion is in a photo, fit its limits, and measure it.

    python -m training.lesions DATA CACHE RUN MODELS [--steps N]

MODELS/lesion.onnx stays as it is, and is measured unless RUN/lesions.json, its limits and figures, is of it and of the
limits of the view that stand here. With N another one is trained for so many steps, some thousand, and takes its place;
a training that was stopped goes on from RUN/lesion.pt. A network that finds less of the lesions of the validation part
than a disc in the middle is refused. MODELS/model.json, which holds its checksum and limits, is written by
training/calibrate.py. Training sees the train part; the best weights and the limits are chosen on the validation part;
the figures are of the test part.
"""

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from inference.lesion import LesionFinder, LesionLimits, Segmentation
from inference.model import one_thread
from training.command_line import folders
from training.composites import Scene, scene
from training.data import pad_ufes_20, photos_of
from training.gate import everyday_pictures
from training.looks import decoded, whole_skin
from training.regions import (
    Masked,
    best_disc,
    claimed,
    dermoscopic_figures,
    dice,
    found_mask,
    masked_photos,
    outline_figures,
)
from training.sources import sources
from training.told import Told, checksums, measured_in, surely_told, write
from training.whole import whole

_JUDGING_SCENES: Final = 600
_FITTING: Final = 600  # dermoscopic photos that limits are fitted on
_PROBABILITIES: Final = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
_PEAKS: Final = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
_PRESENCES: Final = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
_OPEN: Final = LesionLimits(
    min_probability=0.5,
    min_peak_probability=0.0,
    min_presence_probability=0.0,
    small_share=0.3,
    view_min_side_px=160,
    max_overhang=0.05,
)
"""What the limits are before the first three are fitted; those of the view were chosen by eye of what they are worth.

On the validation part, looking at small lesions from nearer lowered the log loss of phone photos, of photos from afar
and of dermoscopy alike; more often than at 0.3, or with more or less skin around them, was worth less on near phone
photos. Larger lesions are followed out of the centre square as soon as more than their rim would be left out: of 25
melanomas and basal cell carcinomas at the side of a photo of 4:3, 16 were declined and 7 answered cut where the view
stayed in the middle, and 5 declined where it followed.
"""

_OF_VIEW: Final = ("small_share", "view_min_side_px", "max_overhang")


def train(data: Path, cache: Path, run: Path, steps: int) -> None:
    """Train, and leave the best weights in RUN/lesion.pt and RUN/lesion.onnx."""
    from training import segment  # noqa: PLC0415 - whoever only measures needs no PyTorch

    judging, rng = sources(data, cache, "validation"), np.random.default_rng(1)
    frames = [Scene(*pair) for pair in zip(judging.frames, judging.masks, strict=True)]
    judges = {
        "dermoscopic": segment.kept(frames),
        "scenes": segment.kept([scene(judging, rng) for _ in range(_JUDGING_SCENES)]),
        "phone": segment.kept(list(judging.phones)),
    }
    segment.train(sources(data, cache, "train"), judges, run / "lesion.pt", steps)
    with whole(run / "lesion.onnx") as part:
        segment.write(run / "lesion.pt", part)


def finder_of(path: Path, limits: LesionLimits) -> LesionFinder:
    """Return a network with limits that are still to be fitted."""
    return LesionFinder(limits, one_thread(path))


def fitted_limits(finder: LesionFinder, known: Sequence[Masked], data: Path, cache: Path) -> LesionLimits:
    """Choose by the validation part: where most of the masks is met, and what tells a lesion from bare skin."""
    said = [finder.segmentation(photo.image_rgb) for photo in known]
    limits = replace(finder.limits, min_probability=best_probability(said, known))
    patients = photos_of(cache, "phone", "validation")
    again = LesionFinder(limits, finder.session)
    shown = [list(map(again.segmentation, decoded(pad_ufes_20(data), patients)))]
    shown.append([again.segmentation(photo.image_rgb) for photo in known])
    bare = [again.segmentation(skin_rgb) for skin_rgb in whole_skin(data, patients)]
    peak, presence = max(itertools.product(_PEAKS, _PRESENCES), key=lambda least: told_apart(shown, bare, *least))
    return replace(limits, min_peak_probability=peak, min_presence_probability=presence)


def best_probability(said: Sequence[Segmentation], known: Sequence[Masked]) -> float:
    """Return where the map is cut best: the highest mean Dice."""
    height, width = known[0].mask.shape

    def worth(least: float) -> float:
        found = (found_mask(each, width, height, least) for each in said)
        return float(np.mean([dice(mask, photo.mask) for mask, photo in zip(found, known, strict=True)]))

    return max(_PROBABILITIES, key=worth)


def told_apart(
    shown: Sequence[Sequence[Segmentation]], bare: Sequence[Segmentation], min_peak: float, min_presence: float
) -> float:
    """Return the mean share of lesions found, over kinds of photos, less the share of bare skin taken for one."""
    shares = [np.mean([is_claimed(each, min_peak, min_presence) for each in kind]) for kind in (*shown, bare)]
    return float(np.mean(shares[:-1]) - shares[-1])


def is_claimed(said: Segmentation, min_peak: float, min_presence: float) -> bool:
    """Return whether a lesion would be claimed with these limits."""
    peak = said.region.peak_probability if said.region else 0.0
    return peak >= min_peak and said.presence_probability >= min_presence


def surely_seeing(path: Path, limits: LesionLimits, known: Sequence[Masked]) -> None:
    """Refuse a network that finds less of these lesions than who does not look at all.

    Raises:
        ValueError: its mean Dice is below that of the best disc in the middle.
    """
    finder = finder_of(path, limits)
    height, width = known[0].mask.shape
    said = (finder.segmentation(photo.image_rgb) for photo in known)
    found = (found_mask(each, width, height, limits.min_probability) for each in said)
    worth = float(np.mean([dice(mask, photo.mask) for mask, photo in zip(found, known, strict=True)]))
    disc = best_disc(known)
    least = float(np.mean([dice(disc(photo.image_rgb), photo.mask) for photo in known]))
    if worth < least:
        raise ValueError(
            f"{path} is not taken, its Dice on validation is {worth:.3f}, that of a disc in the middle {least:.3f}:"
            " train it for more steps"
        )


def figures(path: Path, limits: LesionLimits, known: Sequence[Masked], data: Path, cache: Path) -> dict[str, Any]:
    """Measure a lesion.onnx on the test part."""
    finder = finder_of(path, limits)
    patients = photos_of(cache, "phone", "test")
    tested = list(masked_photos(data, photos_of(cache, "dermoscopic", "test")))
    arrived = list(decoded(pad_ufes_20(data), patients))
    return {
        "bytes": path.stat().st_size,
        "limits": asdict(limits),
        "dermoscopic": dermoscopic_figures(finder, known, tested),
        "phone": claimed(finder, arrived) | outline_figures(finder, data, patients),
        "without_lesion": {
            "phone skin": claimed(finder, whole_skin(data, patients)),
            "everyday picture": claimed(finder, everyday_pictures(data, is_test=True)),
        },
    }


def measure(path: Path, data: Path, cache: Path, run: Path) -> None:
    """Fit the limits of a lesion.onnx, measure it, and write RUN/lesions.json.

    Raises:
        ValueError: see surely_seeing.
    """
    known = list(masked_photos(data, photos_of(cache, "dermoscopic", "validation")))
    limits = fitted_limits(finder_of(path, _OPEN), known[:_FITTING], data, cache)
    surely_seeing(path, limits, known[:_FITTING])
    write("lesions", run, checksums(path.parent, path.name) | figures(path, limits, known, data, cache))


def is_measured(run: Path, models: Path) -> bool:
    """Return whether RUN/lesions.json tells of MODELS/lesion.onnx, with the limits of the view as they are here."""
    known = measured_in(run, "lesions", models)
    return known is not None and all(known["limits"].get(name) == getattr(_OPEN, name) for name in _OF_VIEW)


def lesion_entry(run: Path, models: Path) -> Told:
    """Return what model.json tells of lesion.onnx."""
    known = surely_told("lesions", run, models)
    return {"onnx_sha256": known["of"]["lesion.onnx"], "limits": known["limits"]}


def main(data: Path, cache: Path, run: Path, models: Path, steps: int) -> None:
    """Train if there are steps to train for, fit, measure, write and print."""
    cv2.setNumThreads(1)
    run.mkdir(parents=True, exist_ok=True)
    models.mkdir(parents=True, exist_ok=True)
    if steps:
        train(data, cache, run, steps)
    taken = (run if steps else models) / "lesion.onnx"
    if is_measured(run, taken.parent):
        print(f"{run}/lesions.json is of {taken} already", flush=True)
    else:
        measure(taken, data, cache, run)
    if steps:
        with whole(models / "lesion.onnx") as part:
            shutil.copyfile(taken, part)


if __name__ == "__main__":
    parser = folders(__doc__, "data", "cache", "run", "models")
    parser.add_argument(
        "--steps", type=int, default=0, help="to train another lesion.onnx for; 0 keeps the one there is"
    )
    main(**vars(parser.parse_args()))
