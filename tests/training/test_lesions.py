"""Regions are compared with masks, and a lesion is claimed only within the limits."""

import json
from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from inference.lesion import LesionLimits, LesionRegion, Segmentation
from tests.training.scenes import frame
from training import lesions
from training.lesions import best_probability, is_claimed, lesion_entry, main, told_apart
from training.regions import (
    Masked,
    centre_disc,
    darker_part,
    dice,
    found_mask,
    holds_centre,
    jaccard,
)
from training.told import checksums


def _said(likely: float, presence: float = 1.0) -> Segmentation:
    likely_map = np.zeros((96, 96), np.float32)
    likely_map[30:60, 30:60] = likely
    region = LesionRegion(30, 30, 60, 60, 45, 45, 0, likely)
    return Segmentation(likely_map, presence, region, None)


def test_overlap_is_told_by_dice_and_by_jaccard() -> None:
    left, right = np.zeros((2, 10, 10), bool)
    left[:, :6], right[:, 4:] = True, True
    assert dice(left, right) == pytest.approx(2 * 20 / 120)
    assert jaccard(left, right) == pytest.approx(20 / 100)
    assert dice(left, left) == jaccard(left, left) == 1
    assert dice(left & right & False, left & False) == 1


def test_centre_of_a_lesion_is_looked_up_in_its_mask() -> None:
    true = np.zeros((100, 200), bool)
    true[40:60, 20:60] = True
    assert holds_centre(true, true)
    assert not holds_centre(~true, true)


def test_plain_methods_find_what_they_can() -> None:
    frame_rgb, mask = frame()
    assert dice(darker_part(frame_rgb), mask > 0) > 0.95
    assert centre_disc(0.5, frame_rgb).mean() == pytest.approx(np.pi * 0.25**2, rel=0.02)


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


def _measured(folder: Path) -> None:
    """Leave a network that was measured."""
    (folder / "lesion.onnx").write_bytes(b"a network")
    (folder / "lesions.json").write_text(
        json.dumps(checksums(folder, "lesion.onnx") | {"limits": asdict(lesions._OPEN)})
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_network_that_was_measured_is_left_alone(tmp_path: Path) -> None:
    _measured(tmp_path)
    before = _contents(tmp_path)
    main(tmp_path, tmp_path, tmp_path, tmp_path, 0)
    assert _contents(tmp_path) == before


def test_network_that_was_not_measured_is_measured(tmp_path: Path) -> None:
    _measured(tmp_path)
    (tmp_path / "lesion.onnx").write_bytes(b"another")
    with pytest.raises(FileNotFoundError):  # it would be measured, on what is not there
        main(tmp_path, tmp_path, tmp_path, tmp_path, 0)


def test_network_is_measured_again_where_the_limits_of_its_view_are_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _measured(tmp_path)
    monkeypatch.setattr(lesions, "_OPEN", replace(lesions._OPEN, small_share=0.4))
    with pytest.raises(FileNotFoundError):  # likewise
        main(tmp_path, tmp_path, tmp_path, tmp_path, 0)


def test_limits_that_were_fitted_are_no_reason_to_measure_again(tmp_path: Path) -> None:
    _measured(tmp_path)
    told = json.loads((tmp_path / "lesions.json").read_text())
    told["limits"]["min_peak_probability"] = 0.9
    (tmp_path / "lesions.json").write_text(json.dumps(told))
    before = _contents(tmp_path)
    main(tmp_path, tmp_path, tmp_path, tmp_path, 0)
    assert _contents(tmp_path) == before


_LIMITS = LesionLimits(0.5, 0, 0, 0.3, 160, 0.05)


def _trained(monkeypatch: pytest.MonkeyPatch, said: Segmentation) -> None:
    """Let a training end in a network that says this of every photo; the lesions lie in the middle."""
    known = Masked(np.zeros((96, 96, 3), np.uint8), centre_disc(0.5, np.zeros((96, 96, 3), np.uint8)), 0)
    finder = Namespace(segmentation=lambda image_rgb: said, limits=_LIMITS)
    monkeypatch.setattr(lesions, "train", lambda data, cache, run, steps: (run / "lesion.onnx").write_bytes(b"new"))
    monkeypatch.setattr(lesions, "photos_of", lambda cache, name, part: {})
    monkeypatch.setattr(lesions, "masked_photos", lambda data, chosen: [known])
    monkeypatch.setattr(lesions, "fitted_limits", lambda finder, known, data, cache: _LIMITS)
    monkeypatch.setattr(lesions, "finder_of", lambda path, limits: finder)
    monkeypatch.setattr(lesions, "figures", lambda path, limits, *rest: {"limits": asdict(limits)})


def test_network_that_finds_less_than_a_disc_in_the_middle_takes_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _measured(tmp_path)
    before = _contents(tmp_path)
    _trained(monkeypatch, _said(0.9))
    with pytest.raises(ValueError, match="not taken"):
        main(tmp_path, tmp_path, tmp_path / "run", tmp_path, 24)
    assert _contents(tmp_path) == before
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["lesion.onnx"]


def test_network_that_finds_more_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _measured(tmp_path)
    whole_disc = centre_disc(0.5, np.zeros((96, 96, 3), np.uint8)).astype(np.float32)
    _trained(monkeypatch, Segmentation(whole_disc, 1.0, _said(0.9).region, None))
    main(tmp_path, tmp_path, tmp_path / "run", tmp_path, 24)
    assert (tmp_path / "lesion.onnx").read_bytes() == b"new"
    assert lesion_entry(tmp_path / "run", tmp_path)["limits"] == asdict(_LIMITS)
