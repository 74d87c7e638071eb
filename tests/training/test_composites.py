"""Lesions are laid where their masks say."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.scenes import LESION, SKIN, frame
from training.clutter import cluttered
from training.composites import (
    DERMOSCOPIC_ASPECT,
    SCENE_SIDE_PX,
    Scene,
    Sources,
    composite_scene,
    dermoscopic_scene,
    everyday_scene,
    pasted,
    placement,
    scene,
    skin_beside,
    skin_scene,
    warped,
)
from training.regions import dice


def _plain(zoom: float = 1.0, centre: tuple[float, float] = (0.5, 0.5)) -> NDArray[np.float64]:
    scale = zoom * 224 / SCENE_SIDE_PX
    offset = np.array(centre) * 224 - scale * SCENE_SIDE_PX / 2
    return np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])


def _bare() -> Scene:
    image_rgb = np.full((SCENE_SIDE_PX, SCENE_SIDE_PX, 3), (100, 80, 70), np.uint8)
    return Scene(image_rgb, np.zeros((SCENE_SIDE_PX, SCENE_SIDE_PX), np.uint8))


def test_colour_of_skin_is_taken_beside_the_lesion() -> None:
    assert skin_beside(*frame()) == pytest.approx(SKIN)


def test_pasted_lesion_darkens_skin_as_it_darkened_its_own() -> None:
    frame_rgb, mask = frame()
    rng = np.random.default_rng(1)  # neither faint nor recoloured
    made = pasted(_bare(), frame_rgb, mask, _plain(), rng)
    middle = made.image_rgb[SCENE_SIDE_PX // 2, SCENE_SIDE_PX // 2]
    darkening = np.array(LESION) / SKIN
    assert middle == pytest.approx(darkening * (100, 80, 70), abs=2)
    assert (made.image_rgb[0] == (100, 80, 70)).all()


def test_mask_of_a_pasted_lesion_lies_where_the_picture_changed() -> None:
    frame_rgb, mask = frame()
    made = pasted(_bare(), frame_rgb, mask, _plain(2.5, (0.9, 0.3)), np.random.default_rng(1))
    is_changed = np.abs(made.image_rgb.astype(int) - (100, 80, 70)).sum(axis=2) > 30
    assert dice(is_changed, made.mask > 127) > 0.9


def test_lesion_outside_the_scene_leaves_it_as_it_is() -> None:
    bare = _bare()
    assert pasted(bare, *frame(), _plain(0.3, (2.0, 2.0)), np.random.default_rng(0)) is bare


def test_placement_brings_the_wanted_place_to_the_centre() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        matrix = placement((300, 200), (1.5, 1.0), rng.uniform(0.3, 2), (0.25, 0.75), rng)
        assert matrix @ (SCENE_SIDE_PX / 2, SCENE_SIDE_PX / 2, 1) == pytest.approx((75, 150))


def test_round_lesion_stays_round_however_the_photo_is_squeezed() -> None:
    squeezed_mask = np.zeros((224, 224), np.uint8)
    cv2.ellipse(squeezed_mask, (112, 112), (30, 40), 0, 0, 360, 255, -1)  # round in a frame of 4:3
    rng = np.random.default_rng(0)
    for _ in range(20):
        seen = warped(squeezed_mask, placement((224, 224), (DERMOSCOPIC_ASPECT, 1.0), 1.0, (0.5, 0.5), rng))
        _, _, width, height = cv2.boundingRect((seen > 127).astype(np.uint8))
        assert width / height == pytest.approx(1, abs=0.27)  # a stretch of up to a tenth each way is meant


def test_composites_show_a_lesion_in_most_scenes_and_bare_skin_in_none(sources: Sources) -> None:
    rng = np.random.default_rng(0)
    composites = [composite_scene(sources, rng) for _ in range(40)]
    assert np.mean([made.mask.max() > 127 for made in composites]) > 0.8
    assert np.mean([made.mask.mean() / 255 for made in composites]) < 0.4
    assert not any(skin_scene(sources, rng).mask.any() for _ in range(10))
    assert not any(everyday_scene(sources, rng).mask.any() for _ in range(10))
    assert all(dermoscopic_scene(sources, rng).mask.any() for _ in range(10))


def test_scene_of_the_same_chance_is_the_same(sources: Sources) -> None:
    first, second = (scene(sources, np.random.default_rng(7)) for _ in range(2))
    assert (first.image_rgb == second.image_rgb).all()
    assert (first.mask == second.mask).all()


def test_clutter_is_never_called_lesion(sources: Sources) -> None:
    rng = np.random.default_rng(0)
    bare = _bare()
    for _ in range(60):
        image_rgb, mask = cluttered(bare.image_rgb, bare.mask, sources.everyday, rng)
        assert not mask.any()
        assert image_rgb.shape == bare.image_rgb.shape
