"""Photos from afar show the near ones small, and what more views are worth is measured on the same patients."""

import numpy as np
import pytest

from tests.training.scenes import SKIN
from training.outcomes import worth
from training.views import Photo, evener_half, from_afar, gain


def test_photo_from_afar_shows_the_near_one_small() -> None:
    near = Photo(np.full((300, 300, 3), (30, 30, 200), np.uint8), 5, 7)
    far = from_afar(near, np.full((50, 50, 3), 90, np.uint8), np.random.default_rng(0))
    assert far.image_rgb.shape == (960, 1280, 3)
    assert (far.label, far.owner) == (5, 7)
    patched = near.image_rgb.copy()
    patched[140:160, 140:160] = (255, 0, 0)
    is_red = from_afar(Photo(patched, 5, 7), near.image_rgb, np.random.default_rng(0)).image_rgb[..., 0] > 128
    assert 0 < is_red.mean() < 0.002


def test_skin_with_ink_is_left_out() -> None:
    bare = np.full((64, 64, 3), SKIN, np.uint8)
    inked = bare.copy()
    inked[:20] = (30, 30, 120)
    assert len(evener_half([bare, inked])) == 1
    assert (evener_half([bare, inked])[0] == bare).all()


def test_gain_compares_the_same_patients() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 60)
    photos = [Photo(np.zeros((1, 1, 3), np.uint8), int(label), i // 2) for i, label in enumerate(labels)]
    good = np.full((60, 7), 0.02)
    good[np.arange(60), labels] = 0.88
    told = gain(np.full((60, 7), 1 / 7), good, photos)
    assert told["log_loss"]["after"] == pytest.approx(-np.log(0.88), abs=1e-4)
    assert told["log_loss"]["high"] < 0 < told["balanced_accuracy"]["low"]
    assert gain(good, good, photos)["log_loss"]["low"] == 0


def test_squamous_cell_carcinoma_counts_as_malignant_and_has_no_class() -> None:
    told = np.array([[0.9, 0, 0, 0, 0, 0.1, 0], [0, 0, 0, 0, 0.1, 0.9, 0]])
    found = {name: metric(np.arange(2)) for name, metric in worth(told, np.array([-1, 5])).items()}
    assert found == {
        "balanced_accuracy": 1.0,
        "accuracy": 1.0,
        "malignant_auc": 1.0,
        "log_loss": pytest.approx(-np.log(0.9)),
    }
