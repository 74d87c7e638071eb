"""What a part brings is measured on the same lesions with and without it."""

import dataclasses
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")


from tests.training.classroom import noise
from training import outcomes, train, trials
from training.card_recipe import trials as told_trials
from training.data import FOLDS, Photos, folded, save
from training.measures import interval
from training.network import LesionNet
from training.recipe import Recipe
from training.split import split_by_group
from training.trials import Held, Trial, brought, metrics, together

_LESIONS = 210


def _held(right: float, seed: int = 0) -> Held:
    """Return answers of which that share is right, to two photos of each lesion."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(_LESIONS), 2)
    labels = groups % 7
    found = np.where(rng.random(len(labels)) < right, labels, (labels + 1) % 7)
    return Held(labels, groups, np.eye(7)[found] * 0.9 + 0.1 / 7)


def test_part_brings_what_is_better_with_it() -> None:
    figure = brought(_held(0.9), _held(0.6))["balanced_accuracy"]
    assert 0.2 < figure["low"] < figure["value"] < figure["high"] < 0.4


def test_part_that_changes_nothing_brings_nothing() -> None:
    assert set(brought(_held(0.8), _held(0.8))["malignant_auc"].values()) == {0.0}


def test_folds_together_are_all_of_their_photos() -> None:
    first, second = _held(1.0), _held(0.0)
    whole = together([first, second])
    assert len(whole.labels) == 2 * len(first.labels)
    assert metrics(whole)["balanced_accuracy"](np.arange(len(whole.labels))) == pytest.approx(0.5)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Of photos whose pictures are not looked at."""
    groups = np.repeat(np.arange(_LESIONS), 2)
    labels = groups % 7
    nothing = np.zeros((len(groups), 1, 1, 3), np.uint8)
    parts = split_by_group(labels, groups, np.random.default_rng(0))
    for name in ("dermoscopic", "phone"):
        save(Photos(groups.astype(str), nothing, nothing, labels, groups, parts), tmp_path / f"{name}.npz")
    return tmp_path


def test_every_part_has_its_trial_and_a_row_in_the_card(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training itself, of hours, stands aside here."""
    taught: list[tuple[Photos, Recipe]] = []
    folders: set[Path] = set()
    cards: list[str] = []

    def untaught(_data: Path, _cache: Path, photos: tuple[Photos, Photos], run: Path, recipe: Recipe) -> Trial:
        taught.append((photos[0], recipe))
        folders.add(run)
        if len(taught) > 1:
            cards.append(told_trials(json.loads((cache / "trials.json").read_text(encoding="utf-8"))))
        return {kind: _right(of_kind) for kind, of_kind in zip(("dermoscopic", "phone"), photos, strict=True)}

    monkeypatch.setattr(trials, "held_out", untaught)
    monkeypatch.setattr(outcomes, "interval", partial(interval, resamples=20))
    trials.trials(cache, cache, cache, steps=7)
    written = json.loads((cache / "trials.json").read_text(encoding="utf-8"))
    assert len(folders) == len(taught) == written["done"] == written["planned"]
    assert all(recipe.steps == 7 for _, recipe in taught)
    assert all(photos.views.shape[1:] == (recipe.large_side_px, recipe.large_side_px, 3) for photos, recipe in taught)
    whole, changed = taught[0][1], taught[FOLDS + 1 :]
    assert all(recipe == whole for _, recipe in taught[: FOLDS + 1])
    assert len({dataclasses.astuple(recipe) for _, recipe in changed} - {dataclasses.astuple(whole)}) == len(changed)
    assert all(np.array_equal(photos.parts, taught[0][0].parts) for photos, _ in changed)
    assert 0.2 < written["by_image"]["lesions_in_both"] < 1
    card = told_trials(written)
    assert all(f"| {part} |" in card for part in written["brought"])
    assert card.count("1.000") >= 2 * FOLDS
    assert all(f"{done} of {len(taught)}" in told for done, told in enumerate(cards, 1))


def _right(photos: Photos) -> Held:
    part = photos.part("validation")
    return Held(photos.labels[part], photos.groups[part], np.eye(7)[photos.labels[part]])


def test_trial_is_taught_once_and_another_recipe_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = noise(monkeypatch)
    recipe = Recipe(steps=2, small_side_px=32, large_side_px=32)
    (tmp_path / "held.npz.part").write_bytes(b"what a stopped trial had begun to write")
    told = trials.held_out(tmp_path, tmp_path, photos, tmp_path, recipe)
    assert np.array_equal(told["phone"].groups, photos[1].groups[photos[1].part("validation")])
    assert told["dermoscopic"].probabilities.sum(axis=1) == pytest.approx(1)
    assert not (tmp_path / "checkpoint.pt").exists()
    monkeypatch.delattr(train, "load_backbone")  # nothing can be taught any more
    again = trials.held_out(tmp_path, tmp_path, photos, tmp_path, recipe)
    assert np.array_equal(again["phone"].probabilities, told["phone"].probabilities)
    assert trials._folder("fold 1", photos, recipe) != trials._folder("fold 1", photos, replace(recipe, seed=1))


def test_mix_of_the_batches_is_taken_out_of_what_a_loss_without_it_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    photos = replace(noise(monkeypatch)[0], labels=np.repeat([4, 5], [60, 360]))
    monkeypatch.setattr(trials, "logits", lambda network, views: np.zeros((len(views), 7), np.float32))
    adjusted, not_adjusted = (
        trials.answered(LesionNet(), photos, Recipe(is_adjusted=is_adjusted)).probabilities[0]
        for is_adjusted in (True, False)
    )
    assert adjusted[4] == adjusted[5]
    assert not_adjusted[4] / not_adjusted[5] == pytest.approx(np.sqrt(6), rel=0.2)


def test_photos_of_a_fold_are_those_of_its_lesions() -> None:
    groups = np.repeat(np.arange(70), 3)
    nothing = np.zeros((len(groups), 1, 1, 3), np.uint8)
    photos = Photos(groups.astype(str), nothing, nothing, groups % 7, groups, np.full(len(groups), "train      "))
    assert len(folded(photos, 0).part("validation")) == len(groups) / FOLDS
