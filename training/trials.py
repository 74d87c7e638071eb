"""What the recipe scores on lesions that it has not seen, fold by fold, and what each part of it brings.

    python -m training.trials DATA CACHE RUN [--steps N]

The recipe is taught from the pretrained network five times, each time without another fifth of the lesions (patients)
outside the test part, and asked about these. Then it is taught once with photos instead of lesions dealt to the first
fold, once with another seed, and once more for each of its parts without that part. These trainings are shorter than
what ships, with smaller pictures, which they are also asked with, and in float: about two hours in all on two cores.

Each is kept in RUN/trials under its name and its recipe; one that was stopped goes on. RUN/trials.json is written after
each, and says how many it is of.

Figures take all classes as equally common, as the network learns them. Intervals are 95 %, from 2,000 bootstrap
resamples over lesions; what a part brings is measured on the same lesions with and without it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from inference.image import resized
from training.batches import UNKNOWN, Source, log_prior, sampling_chances
from training.command_line import folders
from training.data import FOLDS, Photos, folded, load
from training.measures import Labels, Metric, Probabilities
from training.network import LesionNet
from training.outcomes import differences, measured, worth
from training.paper import shared_lesions
from training.recipe import Recipe
from training.told import write
from training.train import logits, train
from training.whole import write_arrays

_SHORT: Final = Recipe(steps=340, large_side_px=160, small_until=0.2)
_CHANGED: Final[Mapping[str, Mapping[str, Any]]] = {
    "another seed": {"seed": 1},
    "ImageNet weights of kill-the-bits": {"pretrained": "backbone/resnet50-imagenet-pqf.npz.xz"},
    "phone photos": {"phone_share": 0.0},
    "pictures laid over each other": {"mixed": 0.0},
    "logits adjusted for the mix of classes": {"is_adjusted": False},
    "classes drawn by the root of their size": {"is_by_root": False},
    "light, blur, noise and JPEG": {"is_worn": False},
    "label smoothing": {"label_smoothing": 0.0},
    "averaged weights": {"averaging": 0.0},
}
"""The recipe without each of its parts, in the order of use; the first changes nothing but chance."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a trial says of photos that it was not taught.

    Attributes:
        labels: (N,), -1 for a squamous cell carcinoma.
        groups: (N,) lesions or patients.
        probabilities: (N, classes).
    """

    labels: Labels
    groups: NDArray[np.int64]
    probabilities: Probabilities


_KINDS: Final = ("dermoscopic", "phone")
Trial: TypeAlias = Mapping[str, Held]
"""What was held out of each kind of photo."""


def metrics(held: Held) -> dict[str, Metric]:
    """Return the figures of a trial, each a function of indices into what was held out."""
    return worth(held.probabilities, held.labels)


def brought(whole: Held, without: Held) -> dict[str, dict[str, float]]:
    """Return by how much each figure is higher with a part than without it, on the same photos."""
    return differences(metrics(whole), metrics(without), whole.groups)


def together(trials: list[Held]) -> Held:
    """Return the answers of several folds as one."""
    columns = ([getattr(trial, name) for trial in trials] for name in Held.__slots__)
    return Held(*map(np.concatenate, columns))


def answered(network: LesionNet, photos: Photos, recipe: Recipe) -> Held:
    """Ask about the validation part; what the loss has left in the logits of the batches' mix is taken out."""
    part = np.flatnonzero(photos.parts == "validation")
    said = logits(network, photos.views[part]).astype(np.float64)
    if not recipe.is_adjusted:
        taught = photos.labels[photos.part("train")]
        said -= log_prior(Source([], taught, sampling_chances(taught, is_by_root=recipe.is_by_root), UNKNOWN, 1))
    probabilities = torch.from_numpy(said).softmax(1).numpy()
    return Held(photos.labels[part], photos.groups[part], probabilities)


def held_out(data: Path, cache: Path, photos: tuple[Photos, Photos], run: Path, recipe: Recipe) -> Trial:
    """Teach one trial, or go on with it, and ask it; what it said is kept in RUN."""
    path = run / "held.npz"
    if not path.exists():
        torch.compiler.reset()  # or it would stop compiling after some trials
        network = train(data, cache, photos, run, recipe, is_watched=False)
        said = {kind: answered(network, of_kind, recipe) for kind, of_kind in zip(_KINDS, photos, strict=True)}
        arrays = {f"{kind}_{name}": getattr(said[kind], name) for kind in _KINDS for name in Held.__slots__}
        write_arrays(path, arrays)
        (run / "checkpoint.pt").unlink(missing_ok=True)  # of 400 MB
    with np.load(path) as kept:
        return {kind: Held(*(kept[f"{kind}_{name}"] for name in Held.__slots__)) for kind in _KINDS}


def trials(data: Path, cache: Path, run: Path, steps: int) -> None:
    """Run what has not been run yet, and write RUN/trials.json."""
    recipe = replace(_SHORT, steps=steps)
    dermoscopic, phone = (of_size(load(cache / f"{kind}.npz"), recipe.large_side_px) for kind in _KINDS)
    planned = FOLDS + 1 + len(_CHANGED)
    figures: dict[str, Any] = {
        "steps": steps,
        "side_px": [recipe.small_side_px, recipe.large_side_px],
        "planned": planned,
        "done": 0,
        "folds": [],
        "brought": {},
    }

    def tried(name: str, photos: tuple[Photos, Photos], changed: Recipe = recipe) -> Trial:
        figures["done"] += 1
        print(f"{name}, {figures['done']} of {planned}", flush=True)
        return held_out(data, cache, photos, run / "trials" / _folder(name, photos, changed), changed)

    split = [(folded(dermoscopic, fold), folded(phone, fold)) for fold in range(FOLDS)]
    folds = []
    for fold, photos in enumerate(split, 1):
        folds.append(tried(f"fold {fold}", photos))
        figures["folds"].append({kind: _values(folds[-1][kind]) for kind in _KINDS})
        write("trials", run, figures)
    figures["together"] = {kind: _figures(together([fold[kind] for fold in folds])) for kind in _KINDS}
    figures["by_lesion"] = _figures(folds[0]["dermoscopic"])
    by_image = dealt_by_image(dermoscopic)
    figures["by_image"] = _figures(tried("by image", (by_image, split[0][1]))["dermoscopic"])
    figures["by_image"]["lesions_in_both"] = lesions_in_both(by_image)
    write("trials", run, figures)
    for part, change in _CHANGED.items():
        without = tried(part, split[0], replace(recipe, **change))
        figures["brought"][part] = {kind: brought(folds[0][kind], without[kind]) for kind in _KINDS}
        write("trials", run, figures)


def of_size(photos: Photos, side_px: int) -> Photos:
    """Return the photos with views of the size that a trial ends with."""
    return replace(photos, views=np.stack([resized(view, side_px, side_px) for view in photos.views]))


def dealt_by_image(photos: Photos) -> Photos:
    """Return the first fold with photos instead of lesions dealt to it."""
    singly = replace(photos, groups=np.arange(len(photos.groups)))
    return replace(photos, parts=folded(singly, 0).parts)


def lesions_in_both(photos: Photos) -> float:
    """Return the share of what was held out whose lesion was trained on."""
    return round(shared_lesions(photos, photos.part("train"), photos.part("validation")), 4)


def _folder(name: str, photos: tuple[Photos, Photos], recipe: Recipe) -> str:
    """Return where a trial is kept: another recipe or another split is another trial."""
    key = hashlib.sha256(repr(recipe).encode() + b"".join(of_kind.parts.tobytes() for of_kind in photos))
    return f"{name.lower().replace(' ', '-').replace(',', '')}-{key.hexdigest()[:8]}"


def _values(held: Held) -> dict[str, float]:
    return {name: round(metric(np.arange(len(held.labels))), 4) for name, metric in metrics(held).items()}


def _figures(held: Held) -> dict[str, Any]:
    return {"photos": len(held.labels)} | {name: measured(of, held.groups) for name, of in metrics(held).items()}


if __name__ == "__main__":
    parser = folders(__doc__, "data", "cache", "run")
    parser.add_argument("--steps", type=int, default=_SHORT.steps)
    trials(**vars(parser.parse_args()))
