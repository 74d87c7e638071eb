from pathlib import Path

import cv2
import numpy as np
import pytest

from training.data import Photos
from training.gate import fitted_gate, lesion_mask, pictures_without_lesion, skin_square


def _cloud(centre: float, rng: np.random.Generator, rows: int = 400) -> np.ndarray:
    return np.asarray(rng.normal(0, 1, (rows, 16)) + centre * np.eye(16)[0], np.float32)


def test_gate_is_positive_on_lesions_and_negative_beside_them() -> None:
    rng = np.random.default_rng(0)
    taught = {"phone lesion": _cloud(3, rng), "phone skin": _cloud(-3, rng), "drawn page": _cloud(-3, rng, 40)}
    gate = fitted_gate(taught)
    assert ((_cloud(3, rng) @ gate.weights + gate.bias) > 0).mean() > 0.95
    assert ((_cloud(-3, rng) @ gate.weights + gate.bias) < 0).mean() > 0.95


def test_a_rare_kind_of_picture_weighs_like_a_common_one() -> None:
    rng = np.random.default_rng(0)
    page = np.array([[0, 5]], np.float32)
    lesions = np.array([[5, 5], [5, 0]], np.float32)[rng.integers(0, 2, 400)]
    skin = np.zeros((400, 2), np.float32)
    gate = fitted_gate({"phone lesion": lesions, "phone skin": skin, "drawn page": page})
    assert (page @ gate.weights + gate.bias).item() < 0


def _png(mask: np.ndarray) -> bytes:
    return cv2.imencode(".png", mask.astype(np.uint8) * 255)[1].tobytes()


def test_mask_is_stretched_back_to_its_frame() -> None:
    mask = np.zeros((224, 224), bool)
    mask[:, :112] = True
    unstretched = lesion_mask(_png(mask), 299, 224)
    assert unstretched.shape == (224, 299)
    assert unstretched[:, :149].all()
    assert not unstretched[:, 151:].any()


def test_skin_is_cut_from_beside_the_lesion() -> None:
    mask = np.zeros((224, 224), bool)
    mask[60:160, :150] = True
    frame_rgb = np.full((224, 299, 3), 200, np.uint8)
    frame_rgb[lesion_mask(_png(mask), 299, 224)] = 20
    squares = [
        square for seed in range(20) for square in skin_square(frame_rgb, _png(mask), np.random.default_rng(seed))
    ]
    assert squares
    assert all((square == 200).all() for square in squares)


def test_no_skin_is_cut_where_the_lesion_leaves_no_room() -> None:
    mask = np.zeros((224, 224), bool)
    mask[30:190, 20:200] = True
    assert not list(skin_square(np.zeros((224, 299, 3), np.uint8), _png(mask), np.random.default_rng(0)))


def test_lesion_free_skin_of_which_nobody_knows_how_it_was_prepared_does_not_teach(tmp_path: Path) -> None:
    pictures = np.zeros((1, 224, 224, 3), np.uint8)
    np.savez(tmp_path / "lesion_free.npz", image_ids=["a"], views=pictures)
    photos = Photos(
        np.array(["a"]), pictures, pictures, np.zeros(1, np.int64), np.zeros(1, np.int64), np.array(["train"])
    )
    with pytest.raises(ValueError, match=r"lesion_free.npz is not known to be"):
        pictures_without_lesion(tmp_path, tmp_path, photos, photos, np.random.default_rng(0))
