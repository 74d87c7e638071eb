"""What a part brings is measured on the same lesions with and without it."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")

from training import trials
from training.card import _trials
from training.data import FOLDS, Photos, folded, save, split_by_group
from training.recipe import Recipe
from training.trials import Held, brought, metrics, together

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
    """Training itself, of hours, stands aside here; test_start.py has its steps."""
    taught: list[tuple[Photos, Recipe]] = []

    def untaught(_data: Path, _cache: Path, photos: tuple[Photos, Photos], run: Path, recipe: Recipe) -> Held:
        taught.append((photos[0], recipe))
        assert run.parent == cache
        assert run.name == run.name.lower().replace(" ", "-")
        part = photos[0].part("validation")
        return Held(photos[0].labels[part], photos[0].groups[part], np.eye(7)[photos[0].labels[part]])

    monkeypatch.setattr(trials, "held_out", untaught)
    trials.trials(cache, cache, cache, steps=7)
    written = json.loads((cache / "trials.json").read_text(encoding="utf-8"))
    assert all(recipe.steps == 7 for _, recipe in taught)
    whole, changed = taught[0][1], taught[FOLDS + 1 :]
    assert all(recipe == whole for _, recipe in taught[: FOLDS + 1])
    assert len({dataclasses.astuple(recipe) for _, recipe in changed} - {dataclasses.astuple(whole)}) == len(changed)
    assert all(np.array_equal(photos.parts, taught[0][0].parts) for photos, _ in changed)
    by_image = taught[FOLDS][0]
    lesions = by_image.groups // 2
    assert set(lesions[by_image.part("train")]) & set(lesions[by_image.part("validation")])
    card = _trials(written)
    assert all(f"| {part} |" in card for part in written["brought"])
    assert card.count("1.000") >= 2 * FOLDS


def test_photos_of_a_fold_are_those_of_its_lesions() -> None:
    groups = np.repeat(np.arange(70), 3)
    nothing = np.zeros((len(groups), 1, 1, 3), np.uint8)
    photos = Photos(groups.astype(str), nothing, nothing, groups % 7, groups, np.full(len(groups), "train      "))
    assert len(folded(photos, 0).part("validation")) == len(groups) / FOLDS
