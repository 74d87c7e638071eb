"""Only what may teach is read, and outlines lie where they were drawn."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.scenes import frame
from training.sources import (
    Ellipse,
    dermoscopic_frames,
    outline_mask,
    paste_chances,
    phone_outlines,
    phone_skin,
)


def _archive(path: Path, pictures: dict[str, NDArray[np.uint8]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, picture in pictures.items():
            archive.writestr(f"{name}.png", cv2.imencode(".png", picture[..., ::-1])[1].tobytes())


def test_only_the_chosen_photos_teach(tmp_path: Path) -> None:
    frame_rgb, mask = frame()
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
    _, whole = frame()
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
