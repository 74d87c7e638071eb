"""What the recipe scores on lesions that it has not seen, fold by fold, and what each part of it brings.

    python -m training.trials DATA CACHE RUN [--steps N]

The recipe is taught from the pretrained network five times, each time without another fifth of the lesions outside the
test part, and asked about these. Then it is taught once more for each of its parts without that part, and once with
photos instead of lesions dealt to the first fold. These trainings are shorter than what ships, with smaller pictures,
and in float. Each is kept in RUN/NAME, and goes on from where it was stopped; RUN/trials.json is written at the end.

Figures take all classes as equally common, as the network learns them. Intervals are 95 %, from 2,000 bootstrap
resamples over lesions; what a part brings is measured on the same lesions with and without it.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from training.data import FOLDS, Photos, folded, load
from training.measures import Labels, Metric, Probabilities
from training.outcomes import differences, measured, worth
from training.recipe import Recipe
from training.told import write
from training.train import logits, train

_SHORT: Final = Recipe(steps=600, small_side_px=128, large_side_px=160)
_FOLD: Final = 0
_OTHER: Final = "backbone/resnet50-imagenet-pqf.npz.xz"
_WITHOUT: Final[Mapping[str, Callable[[Recipe], Recipe]]] = {
    "ImageNet weights of kill-the-bits": lambda recipe: replace(recipe, pretrained=_OTHER),
    "pictures laid over each other": lambda recipe: replace(recipe, mixed=0.0),
    "logits adjusted for the mix of classes": lambda recipe: replace(recipe, is_adjusted=False),
    "classes drawn by the root of their size": lambda recipe: replace(recipe, is_by_root=False),
    "light, blur, noise and JPEG": lambda recipe: replace(recipe, is_worn=False),
    "label smoothing": lambda recipe: replace(recipe, label_smoothing=0.0),
    "averaged weights": lambda recipe: replace(recipe, averaging=0.0),
    "phone photos": lambda recipe: replace(recipe, phone_share=0.0),
    "pictures without a lesion": lambda recipe: replace(recipe, lesion_free_share=0.0),
    "experts' outlines": lambda recipe: replace(recipe, heat=0.0),
}


@dataclass(frozen=True, slots=True)
class Held:
    """What a trial says of the dermoscopic photos that it was not taught.

    Attributes:
        labels: (N,).
        groups: (N,) lesions.
        probabilities: (N, classes).
    """

    labels: Labels
    groups: NDArray[np.int64]
    probabilities: Probabilities


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


def held_out(data: Path, cache: Path, photos: tuple[Photos, Photos], run: Path, recipe: Recipe) -> Held:
    """Teach one trial, or go on with it, and ask it; what it said is kept in RUN."""
    path = run / "held.npz"
    if not path.exists():
        torch.compiler.reset()  # or it would stop compiling after some trials
        network = train(data, cache, photos, run, recipe)
        dermoscopic = photos[0]
        part = dermoscopic.part("validation")
        said = torch.from_numpy(logits(network, dermoscopic.views[part])).double().softmax(1).numpy()
        np.savez(path, labels=dermoscopic.labels[part], groups=dermoscopic.groups[part], probabilities=said)
    with np.load(path) as arrays:
        return Held(**{name: arrays[name] for name in Held.__slots__})


def trials(data: Path, cache: Path, run: Path, steps: int) -> None:
    """Run what has not been run yet, and write RUN/trials.json."""
    recipe = replace(_SHORT, steps=steps)
    dermoscopic, phone = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    by_image = replace(dermoscopic, groups=np.arange(len(dermoscopic.groups)))

    def tried(name: str, fold: int, photos: Photos = dermoscopic, changed: Recipe = recipe) -> Held:
        print(name, flush=True)
        return held_out(data, cache, (folded(photos, fold), folded(phone, fold)), run / _slug(name), changed)

    folds = [tried(f"fold {fold}", fold) for fold in range(FOLDS)]
    whole = together(folds)
    figures = {
        "steps": steps,
        "side_px": [recipe.small_side_px, recipe.large_side_px],
        "photos": len(whole.labels),
        "folds": [_figures(fold) for fold in folds],
        "together": {name: measured(metric, whole.groups) for name, metric in metrics(whole).items()},
        "by_image": _figures(tried("by image", _FOLD, by_image)),
        "brought": {
            part: brought(folds[_FOLD], tried(f"without {part}", _FOLD, changed=without(recipe)))
            for part, without in _WITHOUT.items()
        },
    }
    write("trials", run, figures)


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-").replace(",", "").replace("'", "")


def _figures(held: Held) -> dict[str, float]:
    return {name: round(metric(np.arange(len(held.labels))), 4) for name, metric in metrics(held).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "cache", "run"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--steps", type=int, default=_SHORT.steps)
    trials(**vars(parser.parse_args()))
