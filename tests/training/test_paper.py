"""A split by image puts photos of a lesion on both sides; a split by lesion does not."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")

from training import paper
from training.data import Photos, save
from training.paper import parts, shared_lesions
from training.paper_rows import missing

_LESIONS, _PHOTOS_EACH = 200, 3


def _photos() -> Photos:
    groups = np.repeat(np.arange(_LESIONS), _PHOTOS_EACH)
    nothing = np.zeros((len(groups), 1, 1, 3), np.uint8)
    of_lesion = np.where(np.arange(_LESIONS) % 5 == 0, "test", "train")
    return Photos(groups.astype(str), nothing, nothing, np.zeros(len(groups), np.int64), groups, of_lesion[groups])


def test_split_by_lesion_shares_none() -> None:
    photos = _photos()
    assert shared_lesions(photos, *parts(photos, "lesion")) == 0


def test_split_by_image_shares_most_and_is_of_the_same_size() -> None:
    photos = _photos()
    train, test = parts(photos, "image")
    assert shared_lesions(photos, train, test) > 0.9
    assert len(test) == len(parts(photos, "lesion")[1])
    assert not set(train) & set(test)


def test_rows_of_the_card_stay_where_a_new_run_adds_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def row(*arguments: object) -> dict[str, object]:
        return dict(zip(("side_px", "epochs", "split"), arguments[-3:], strict=True))

    monkeypatch.setattr(paper, "row", row)
    save(_photos(), tmp_path / "dermoscopic.npz")
    figures = {"paper": {"rows": [row(64, 5, "image"), row(64, 5, "lesion")]}}
    (tmp_path / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    for side_px in (64, 128):
        paper.measure(tmp_path, tmp_path, tmp_path / "run", tmp_path, side_px, 5)
    rows = json.loads((tmp_path / "run" / "paper.json").read_text(encoding="utf-8"))["rows"]
    assert rows == [row(side_px, 5, split) for side_px in (64, 128) for split in ("image", "lesion")]


def test_settings_that_are_measured_already_are_told_without_photos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"rows": [{"side_px": 64, "epochs": 5, "split": split} for split in ("image", "lesion")]}
    (tmp_path / "figures.json").write_text(json.dumps({"paper": known}), encoding="utf-8")
    paper.measure(tmp_path, tmp_path / "no cache", tmp_path / "run", tmp_path, 64, 5)
    said = capsys.readouterr().out
    assert f"measured already, with both splits: see {tmp_path / 'figures.json'}" in said
    assert "SIDE=" in said
    (tmp_path / "paper.json").write_text(json.dumps({"rows": known["rows"][:1]}), encoding="utf-8")
    assert missing(tmp_path, tmp_path, 64, 5) == ["lesion"]
