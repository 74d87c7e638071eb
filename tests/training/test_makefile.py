"""`make train` and its like say the same to the scripts, however often they are stopped."""

import os
import re
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PYTHON = """#!/bin/sh
shift; echo "$@" >> said.txt
test ! -e fails || test "$1" != "$(cat fails)"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout whose Python only writes down what it is told; photos are prepared, and the first sitting is done."""
    for name in ("Makefile", "requirements.txt", "requirements-train.txt"):
        (tmp_path / name).write_bytes((_ROOT / name).read_bytes())
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").write_text(_PYTHON)
    (tmp_path / ".venv" / "bin" / "python").chmod(0o755)
    for made in ("models/model.onnx", "cache/lesion_free.sum", "run/float/checkpoint.pt"):
        (tmp_path / made).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / made).write_text(made)
    for name in ("installed", "installed-train"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


def _make(folder: Path, *words: str) -> list[str]:
    """Return what Python was told by `make WORDS`, script by script."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    command = ["make", "-s", *words, "DATA=.", "CACHE=cache", "RUN=run"]
    subprocess.run(command, cwd=folder, env=own, check=True, timeout=60, capture_output=True)
    said = (folder / "said.txt").read_text().splitlines()
    (folder / "said.txt").unlink()
    return said


def test_training_that_was_stopped_goes_on_from_its_start_though_that_has_been_written_anew(folder: Path) -> None:
    before = _make(folder, "train", "START=models/model.onnx")
    (folder / "models" / "model.onnx").write_text("what was exported in the end")
    assert _make(folder, "train", "START=models/model.onnx") == before
    assert any("--start run/start.onnx" in each for each in before)
    assert (folder / "run" / "start.onnx").read_text() == "models/model.onnx"


def test_training_without_a_start_begins_at_the_pretrained_network(folder: Path) -> None:
    first = next(each for each in _make(folder, "train") if each.startswith("training.train"))
    assert "--start" not in first


def test_network_that_finds_lesions_stays_unless_somebody_asks_for_another(folder: Path) -> None:
    told = [each for each in _make(folder, "train") if each.startswith("training.lesions")]
    assert told == ["training.lesions . cache run models --steps 0"]
    assert "training.lesions . cache run models --steps 9000" in _make(folder, "train", "LESION_STEPS=9000")


def test_what_papers_claim_is_measured_only_where_it_was_not(folder: Path) -> None:
    assert _make(folder, "paper", "SIDE=64") == ["training.paper_rows run models --side 64"]
    (folder / "cache" / "lesion_free.sum").unlink()
    (folder / "fails").write_text("training.paper_rows")
    assert _make(folder, "paper", "EPOCHS=9") == [
        "training.paper_rows run models --epochs 9",
        "training.compiler",
        "training.data . cache",
        "training.paper . cache run models --epochs 9",
    ]


def test_no_two_sittings_draw_the_same_chance(folder: Path) -> None:
    sittings = [each for each in _make(folder, "train") if each.startswith("training.train")]
    seeds = [re.findall(r"--seed (\d+)", each) for each in sittings]
    assert seeds == [[], ["1"], ["2"]]


@pytest.mark.parametrize("others", ["", "a.pt b.pt"])
def test_thinned_network_is_taught_by_what_it_was_thinned_from_and_by_others_too(folder: Path, others: str) -> None:
    sittings = [each for each in _make(folder, "train", f"TEACHERS={others}") if each.startswith("training.train")]
    assert sittings[1].endswith(f"--teachers run/float/checkpoint.pt {others}".rstrip())
