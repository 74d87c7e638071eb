"""Lesions are laid where their masks say, and nothing of one part teaches another."""
# ruff: noqa: PLC0415 - what needs PyTorch is imported after the skip

import hashlib
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.image import Square
from inference.lesion import INPUT_SIDE_PX, MAP_SIDE_PX, LesionLimits, LesionRegion, Segmentation
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
from training.lesions import best_probability, is_claimed, told_apart
from training.regions import (
    Masked,
    centre_disc,
    darker_part,
    dice,
    found_mask,
    holds_centre,
    inside,
    jaccard,
    lesion_figures,
)
from training.sources import (
    Ellipse,
    dermoscopic_frames,
    outline_mask,
    paste_chances,
    phone_outlines,
    phone_skin,
)
from training.views import Photo, even, from_afar, gain, worth

SKIN = (200, 160, 140)
LESION = (80, 60, 50)
NEEDS_TORCH = "PyTorch is only installed where networks are trained: pip install .[train]"


def _frame() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    mask = cv2.circle(np.zeros((224, 224), np.uint8), (112, 112), 40, 255, -1)
    frame_rgb = np.full((224, 224, 3), SKIN, np.uint8)
    frame_rgb[mask > 0] = LESION
    return frame_rgb, np.asarray(mask, np.uint8)


@pytest.fixture
def sources() -> Sources:
    frame_rgb, mask = _frame()
    bare = np.full((80, 80, 3), (150, 110, 90), np.uint8)
    page = np.full((60, 90, 3), 250, np.uint8)
    return Sources(frame_rgb[None], mask[None], np.ones(1), [bare], [Scene(frame_rgb, mask)], [page])


def _plain(zoom: float = 1.0, centre: tuple[float, float] = (0.5, 0.5)) -> NDArray[np.float64]:
    scale = zoom * 224 / SCENE_SIDE_PX
    offset = np.array(centre) * 224 - scale * SCENE_SIDE_PX / 2
    return np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])


def _bare() -> Scene:
    image_rgb = np.full((SCENE_SIDE_PX, SCENE_SIDE_PX, 3), (100, 80, 70), np.uint8)
    return Scene(image_rgb, np.zeros((SCENE_SIDE_PX, SCENE_SIDE_PX), np.uint8))


def test_colour_of_skin_is_taken_beside_the_lesion() -> None:
    assert skin_beside(*_frame()) == pytest.approx(SKIN)


def test_pasted_lesion_darkens_skin_as_it_darkened_its_own() -> None:
    frame_rgb, mask = _frame()
    rng = np.random.default_rng(1)  # neither faint nor recoloured
    made = pasted(_bare(), frame_rgb, mask, _plain(), rng)
    middle = made.image_rgb[SCENE_SIDE_PX // 2, SCENE_SIDE_PX // 2]
    darkening = np.array(LESION) / SKIN
    assert middle == pytest.approx(darkening * (100, 80, 70), abs=2)
    assert (made.image_rgb[0] == (100, 80, 70)).all()


def test_mask_of_a_pasted_lesion_lies_where_the_picture_changed() -> None:
    frame_rgb, mask = _frame()
    made = pasted(_bare(), frame_rgb, mask, _plain(2.5, (0.9, 0.3)), np.random.default_rng(1))
    is_changed = np.abs(made.image_rgb.astype(int) - (100, 80, 70)).sum(axis=2) > 30
    assert dice(is_changed, made.mask > 127) > 0.9


def test_lesion_outside_the_scene_leaves_it_as_it_is() -> None:
    bare = _bare()
    assert pasted(bare, *_frame(), _plain(0.3, (2.0, 2.0)), np.random.default_rng(0)) is bare


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


def _archive(path: Path, pictures: dict[str, NDArray[np.uint8]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, picture in pictures.items():
            archive.writestr(f"{name}.png", cv2.imencode(".png", picture[..., ::-1])[1].tobytes())


def test_only_the_chosen_photos_teach(tmp_path: Path) -> None:
    frame_rgb, mask = _frame()
    grey_rgb = np.full((224, 224, 3), 128, np.uint8)
    both = {"train_1": frame_rgb, "test_1": grey_rgb}
    _archive(tmp_path / "ham10000" / "images-1-of-1.zip", both)
    _archive(tmp_path / "ham10000" / "lesion-masks.zip", dict.fromkeys(both, np.dstack([mask] * 3)))
    _archive(tmp_path / "negatives" / "skin-without-lesion.zip", both)
    frames, masks, names = dermoscopic_frames(tmp_path, {"train_1"})
    assert names == ["train_1"]
    assert (frames[0] == frame_rgb).all()
    assert (masks[0] == mask).all()
    assert [(skin == frame_rgb).all() for skin in phone_skin(tmp_path, {"train_1"})] == [True]


def test_lesion_cut_by_its_frame_is_never_pasted(tmp_path: Path) -> None:
    _, whole = _frame()
    cut = np.roll(whole, 100, axis=1)
    table = "image_id,lesion_id,dx\na,1,nv\nb,2,nv\nc,3,nv\nd,4,mel\n"
    (tmp_path / "ham10000").mkdir()
    (tmp_path / "ham10000" / "metadata.csv").write_text(table)
    chances = paste_chances(tmp_path, np.stack([whole, cut, np.zeros_like(whole), whole]), ["a", "b", "c", "d"])
    assert chances.sum() == pytest.approx(1)
    assert chances[1] == chances[2] == 0
    assert chances[3] > chances[0] > 0


def test_ellipse_is_drawn_in_per_cent_of_the_photo() -> None:
    mask = outline_mask([Ellipse(50, 25, 10, 20, 0)], 200)
    assert mask[50, 100] == 255
    assert mask[15, 100] == 255
    assert mask[50, 125] == 0
    assert mask.mean() / 255 == pytest.approx(np.pi * 0.1 * 0.2, rel=0.05)


def test_every_outline_lies_in_its_photo() -> None:
    outlines = phone_outlines()
    assert len(outlines) > 200
    for ellipses in outlines.values():
        for each in ellipses:
            assert 0 <= each.x <= 100
            assert 0 <= each.y <= 100
            assert 0 < min(each.half_width, each.half_height) <= max(each.half_width, each.half_height) <= 50


def test_overlap_is_told_by_dice_and_by_jaccard() -> None:
    left, right = np.zeros((2, 10, 10), bool)
    left[:, :6], right[:, 4:] = True, True
    assert dice(left, right) == pytest.approx(2 * 20 / 120)
    assert jaccard(left, right) == pytest.approx(20 / 100)
    assert dice(left, left) == jaccard(left, left) == 1
    assert dice(left & right & False, left & False) == 1


def test_centre_and_share_of_a_lesion_are_looked_up_in_its_mask() -> None:
    true = np.zeros((100, 200), bool)
    true[40:60, 20:60] = True
    assert holds_centre(true, true)
    assert not holds_centre(~true, true)
    assert inside(true, None) == pytest.approx(0.25)
    assert inside(true, Square(0, 0, 100)) == 1


def test_plain_methods_find_what_they_can() -> None:
    frame_rgb, mask = _frame()
    assert dice(darker_part(frame_rgb), mask > 0) > 0.95
    assert centre_disc(0.5, frame_rgb).mean() == pytest.approx(np.pi * 0.25**2, rel=0.02)


def _said(likely: float, presence: float = 1.0) -> Segmentation:
    likely_map = np.zeros((96, 96), np.float32)
    likely_map[30:60, 30:60] = likely
    region = LesionRegion(30, 30, 60, 60, 45, 45, 0.1, 0, likely)
    return Segmentation(likely_map, presence, region, None)


def test_no_place_is_lesion_where_none_was_claimed() -> None:
    nothing = Segmentation(np.ones((96, 96), np.float32), 0.1, None, None)
    assert not found_mask(nothing, 96, 96, 0.5).any()
    assert found_mask(_said(0.9), 96, 96, 0.5).sum() == 900


def test_map_is_cut_where_masks_are_met_best() -> None:
    true = np.zeros((96, 96), bool)
    true[30:60, 30:60] = True
    halo = _said(0.52)
    halo.probability_map[:20] = 0.42
    assert best_probability([halo], [Masked(np.zeros((96, 96, 3), np.uint8), true, 0)]) in {0.45, 0.5}


def test_a_lesion_is_claimed_above_both_limits() -> None:
    assert is_claimed(_said(0.9, 0.6), 0.8, 0.5)
    assert not is_claimed(_said(0.7, 0.6), 0.8, 0.5)
    assert not is_claimed(_said(0.9, 0.4), 0.8, 0.5)
    assert told_apart([[_said(0.9)], [_said(0.9), _said(0.5)]], [_said(0.5)], 0.8, 0.5) == pytest.approx(0.75)


def test_figures_are_those_of_the_shipped_network(tmp_path: Path) -> None:
    (tmp_path / "lesion.onnx").write_bytes(b"network")
    sha256 = hashlib.sha256(b"network").hexdigest()
    with pytest.raises(FileNotFoundError):
        lesion_figures(tmp_path, tmp_path)
    (tmp_path / "figures.json").write_text(json.dumps({"lesion": {"onnx_sha256": sha256, "bytes": 7}}))
    assert lesion_figures(tmp_path, tmp_path)["bytes"] == 7
    (tmp_path / "lesions.json").write_text(json.dumps({"figures": {"onnx_sha256": sha256, "bytes": 8}}))
    (tmp_path / "views.json").write_text(json.dumps({"figures": {"onnx_sha256": "another"}}))
    assert lesion_figures(tmp_path, tmp_path) == {"onnx_sha256": sha256, "bytes": 8, "views": {}}


def test_photo_from_afar_shows_the_near_one_small() -> None:
    near = Photo(np.full((300, 300, 3), (30, 30, 200), np.uint8), 5, "patient")
    far = from_afar(near, np.full((50, 50, 3), 90, np.uint8), np.random.default_rng(0))
    assert far.image_rgb.shape == (960, 1280, 3)
    assert (far.label, far.owner) == (5, "patient")
    patched = near.image_rgb.copy()
    patched[140:160, 140:160] = (255, 0, 0)
    is_red = from_afar(Photo(patched, 5, "patient"), near.image_rgb, np.random.default_rng(0)).image_rgb[..., 0] > 128
    assert 0 < is_red.mean() < 0.002


def test_skin_with_ink_is_left_out() -> None:
    bare = np.full((64, 64, 3), SKIN, np.uint8)
    inked = bare.copy()
    inked[:20] = (30, 30, 120)
    assert len(even([bare, inked])) == 1
    assert (even([bare, inked])[0] == bare).all()


def test_gain_compares_the_same_patients() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 60)
    photos = [Photo(np.zeros((1, 1, 3), np.uint8), int(label), str(i // 2)) for i, label in enumerate(labels)]
    good = np.full((60, 7), 0.02)
    good[np.arange(60), labels] = 0.88
    told = gain(np.full((60, 7), 1 / 7), good, photos, rng)
    assert told["log_loss"]["after"] == pytest.approx(-np.log(0.88), abs=1e-4)
    assert told["log_loss"]["high"] < 0 < told["balanced_accuracy"]["low"]
    assert gain(good, good, photos, rng)["log_loss"]["low"] == 0


def test_squamous_cell_carcinoma_counts_as_malignant_and_has_no_class() -> None:
    told = np.array([[0.9, 0, 0, 0, 0, 0.1, 0], [0, 0, 0, 0, 0.1, 0.9, 0]])
    assert worth(told, np.array([-1, 5])) == {
        "balanced_accuracy": 1.0,
        "malignant_auc": 1.0,
        "log_loss": pytest.approx(-np.log(0.9)),
    }


def test_network_and_its_file_say_the_same(tmp_path: Path, sources: Sources) -> None:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    pytest.importorskip("onnx", reason=NEEDS_TORCH)
    from training import segment
    from training.lesions import finder_of

    torch.manual_seed(0)
    network = segment.SegmentationNet().eval()
    torch.save(network.state_dict(), tmp_path / "lesion.pt")
    segment.write(tmp_path / "lesion.pt", tmp_path / "lesion.onnx")
    image_rgb, _ = segment.example(scene(sources, np.random.default_rng(0)))
    with torch.inference_mode():
        logits, presence = network(torch.from_numpy(image_rgb[None]).float())
    session = finder_of(tmp_path / "lesion.onnx", LesionLimits(0.5, 0, 0, 0.3, 0.5, 160, 0.05)).session
    lesion_map, told = session.run(["lesion_map", "presence"], {"image": image_rgb[None]})
    assert np.allclose(lesion_map, logits.sigmoid().numpy(), atol=1e-4)
    assert np.allclose(told, presence.sigmoid().numpy(), atol=1e-4)
    assert (tmp_path / "lesion.onnx").stat().st_size < 300_000


def test_training_teaches_where_the_lesion_is(tmp_path: Path, sources: Sources) -> None:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    from training import segment

    torch.manual_seed(0)
    network = segment.SegmentationNet()
    image_rgb, target = segment.example(Scene(*(part[:128, :128].copy() for part in _frame())))
    assert image_rgb.shape == (INPUT_SIDE_PX, INPUT_SIDE_PX, 3)
    assert target.shape == (MAP_SIDE_PX, MAP_SIDE_PX)
    images, targets = torch.from_numpy(image_rgb[None]).float(), torch.from_numpy(target[None])
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        logits, presence = network(images)
        said = segment.loss(logits, presence, targets)
        said.backward()
        optimizer.step()
        losses.append(float(said.detach()))
    assert losses[-1] < losses[0] / 3
