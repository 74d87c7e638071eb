"""The benchmarks run, and say of each aim whether it is met."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from benchmarks import measuring, results
from benchmarks.__main__ import measure
from benchmarks.baseline import usual_copy
from benchmarks.baseline.resnet50 import resnet50
from benchmarks.sections import SECTIONS, Section

ROOT = Path(__file__).parents[2]


def test_results_name_the_machine_the_load_and_every_figure(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "--only", "assessment", "--results", str(path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    written = path.read_text(encoding="utf-8")
    assert "With: " in written
    assert " UTC on " in written
    assert "| everything but the network |" in written
    assert set(printed.splitlines()) <= set(written.splitlines())


def test_missed_aim_is_marked_as_missed() -> None:
    shown = [measuring.at_most("time", "9 ms", 4, 3, " ms"), measuring.at_least("speed", "1×", 4, 3, "×")]
    lines = [results.row(figure) for figure in shown]
    assert lines == ["| time | 9 ms | 4 ms | ≤ 3 ms | **missed** |", "| speed | 1× | 4× | ≥ 3× | met |"]


@pytest.mark.parametrize("data", [None, Path("anywhere")])
def test_what_needs_the_data_sets_is_left_as_it_is_without_them(
    data: Path | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("## Hair\n\n| hair | 1 | 3 |  |  |\n\n## Others\n\nkept\n", encoding="utf-8")
    measure(Section("Hair", lambda *_: [measuring.Figure("hair", "1", "2")], needs_data=True), data, 1, path)
    written = path.read_text(encoding="utf-8")
    assert ("| hair | 1 | 2 |  |  |" in written) == (data is not None)
    assert ("| hair | 1 | 3 |  |  |" in written) == (data is None)
    assert ("make bench DATA=folder" in capsys.readouterr().out) == (data is None)
    assert "kept" in written


def test_hair_measured_on_the_data_sets_stays_without_them(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text(f"## {SECTIONS['hair'].title}\n\nof 47 photos\n", encoding="utf-8")
    measure(SECTIONS["hair"], None, 1, path)
    assert "of 47 photos" in path.read_text(encoding="utf-8")


def test_works_take_turns_and_the_first_round_does_not_count() -> None:
    done: list[str] = []
    taken_ms = measuring.by_turns_ms(2, lambda: done.append("a"), lambda: done.append("b"))
    assert done == list("ababab")
    assert len(taken_ms) == 2


def test_network_of_the_usual_copy_is_a_whole_resnet50(tmp_path: Path) -> None:
    weights = [np.prod(tensor.dims) for tensor in onnx.load_from_string(resnet50()).graph.initializer]
    of_imagenet, its_head, folded = 25_557_032, 2048 * 1000 + 1000, 26_560
    assert sum(weights) == of_imagenet - its_head - folded + 2048 * 7 + 7 + len(["height", "width"])
    path = tmp_path / "resnet50.onnx"
    path.write_bytes(resnet50())
    tensor = usual_copy.prepared(measuring.photos_as_sent()[0])
    logits, activation = usual_copy.run(tensor, usual_copy.session(path))
    assert activation.shape == (7, 7, 7)
    assert logits == pytest.approx(activation.mean((1, 2)), rel=1e-4)
