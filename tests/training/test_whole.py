"""Whoever is stopped in the middle leaves no half of a file behind under its name."""

from pathlib import Path

import numpy as np
import pytest

from training.whole import kept_arrays, whole, write_arrays


def test_what_was_stopped_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "body.onnx"
    with whole(path) as part:
        part.write_text("first", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "first"

    def stop() -> None:
        with whole(path) as part:
            part.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert path.read_text(encoding="utf-8") == "first"


def test_arrays_are_read_back_by_their_names(tmp_path: Path) -> None:
    write_arrays(tmp_path / "held.npz", {"views": np.arange(3)})
    with np.load(tmp_path / "held.npz") as kept:
        assert kept["views"].tolist() == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["held.npz"]


def test_arrays_that_are_kept_are_made_only_once(tmp_path: Path) -> None:
    made = iter([np.arange(3), np.arange(4)])
    for _ in range(2):
        assert kept_arrays(tmp_path / "said.npz", lambda: {"logits": next(made)})["logits"].tolist() == [0, 1, 2]
