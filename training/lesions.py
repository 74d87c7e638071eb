"""Teach a small network where the lesion is in a photo, fit its limits, and measure it.

    python -m training.lesions DATA CACHE RUN MODELS [--minutes M]

Writes MODELS/lesion.onnx, its entry in MODELS/model.json, and RUN/lesions.json: its limits and figures. Trains for
so many minutes, going on from RUN/lesion.pt where there is one; with 0 it only exports and measures that. Without M, a
network that RUN/lesions.json tells of stays as it is, and any other is trained for 15. Training sees the train part;
the best weights and the limits are chosen on the validation part; the figures are of the test part.
"""

import itertools
import json
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
from training.regions import Masked, claimed, dermoscopic_figures, dice, found_mask, masked_photos, outline_figures
from training.sources import sources
from training.told import Told, checksums, surely_told, told, write

_MINUTES: Final = 15.0
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


def train(data: Path, cache: Path, run: Path, minutes: float) -> None:
    """Train, and leave the best weights in RUN/lesion.pt."""
    from training import segment  # noqa: PLC0415 - whoever only measures needs no PyTorch

    judging, rng = sources(data, cache, "validation"), np.random.default_rng(1)
    frames = [Scene(*pair) for pair in zip(judging.frames, judging.masks, strict=True)]
    judges = {
        "dermoscopic": segment.kept(frames),
        "scenes": segment.kept([scene(judging, rng) for _ in range(_JUDGING_SCENES)]),
        "phone": segment.kept(list(judging.phones)),
    }
    segment.train(sources(data, cache, "train"), judges, run / "lesion.pt", minutes)


def finder_of(path: Path, limits: LesionLimits) -> LesionFinder:
    """Return a network with limits that are still to be fitted."""
    return LesionFinder(limits, one_thread(path))


def fitted_limits(finder: LesionFinder, data: Path, cache: Path) -> LesionLimits:
    """Choose by the validation part: where most of the masks is met, and what tells a lesion from bare skin."""
    known = list(masked_photos(data, photos_of(cache, "dermoscopic", "validation")))[:_FITTING]
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


def figures(data: Path, cache: Path, models: Path, limits: LesionLimits) -> dict[str, Any]:
    """Measure MODELS/lesion.onnx on the test part."""
    finder = finder_of(models / "lesion.onnx", limits)
    patients = photos_of(cache, "phone", "test")
    known = list(masked_photos(data, photos_of(cache, "dermoscopic", "validation")))
    tested = list(masked_photos(data, photos_of(cache, "dermoscopic", "test")))
    arrived = list(decoded(pad_ufes_20(data), patients))
    return {
        "bytes": (models / "lesion.onnx").stat().st_size,
        "limits": asdict(limits),
        "dermoscopic": dermoscopic_figures(finder, known, tested),
        "phone": claimed(finder, arrived) | outline_figures(finder, data, patients),
        "without_lesion": {
            "phone skin": claimed(finder, whole_skin(data, patients)),
            "everyday picture": claimed(finder, everyday_pictures(data, is_test=True)),
        },
    }


def lesion_entry(run: Path, models: Path) -> Told:
    """Return what model.json tells of lesion.onnx."""
    known = surely_told("lesions", run, models)
    return {"onnx_sha256": known["of"]["lesion.onnx"], "limits": known["limits"]}


def write_description(models: Path, description: Told) -> None:
    """Put the entry of lesion.onnx into MODELS/model.json, where that is."""
    path = models / "model.json"
    if path.exists():
        model = json.loads(path.read_text(encoding="utf-8")) | {"lesion": description}
        path.write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")


def main(data: Path, cache: Path, run: Path, models: Path, minutes: float | None) -> None:
    """Train, export, fit, measure, write and print."""
    if minutes is None and (run / "lesions.json").exists() and told("lesions", run, models):
        print(f"{run}/lesions.json is of {models}/lesion.onnx; say --minutes to go on with it", flush=True)
        write_description(models, lesion_entry(run, models))
        return
    minutes = _MINUTES if minutes is None else minutes
    cv2.setNumThreads(1)
    run.mkdir(parents=True, exist_ok=True)
    models.mkdir(parents=True, exist_ok=True)
    if minutes:
        train(data, cache, run, minutes)
    if (run / "lesion.pt").exists():
        from training import segment  # noqa: PLC0415 - likewise

        segment.write(run / "lesion.pt", models / "lesion.onnx")
    limits = fitted_limits(finder_of(models / "lesion.onnx", _OPEN), data, cache)
    write("lesions", run, checksums(models, "lesion.onnx") | figures(data, cache, models, limits))
    write_description(models, lesion_entry(run, models))


if __name__ == "__main__":
    parser = folders(__doc__, "data", "cache", "run", "models")
    parser.add_argument("--minutes", type=float)
    main(**vars(parser.parse_args()))
