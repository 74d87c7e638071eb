"""What was measured of a network is told of that network only."""

import json
from pathlib import Path

import pytest

from training.told import CALIBRATION, Told, checksums, surely_told, told, write


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("model.onnx", "lesion.onnx"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def _of(models: Path, share: float) -> Told:
    return checksums(models, "model.onnx", "lesion.onnx") | {"share": share}


def _write_figures(models: Path, share: float) -> None:
    (models / "figures.json").write_text(json.dumps({"quality": _of(models, share)}), encoding="utf-8")


def test_nothing_is_told_where_nothing_was_measured(models: Path) -> None:
    assert told("quality", models / "run", models) is None
    with pytest.raises(FileNotFoundError, match="quality"):
        surely_told("quality", models / "run", models)


def test_run_is_believed_before_the_figures(models: Path) -> None:
    _write_figures(models, 0.1)
    assert surely_told("quality", models / "run", models)["share"] == 0.1
    write("quality", models / "run", _of(models, 0.2))
    assert surely_told("quality", models / "run", models)["share"] == 0.2


@pytest.mark.parametrize("changed", ["model.onnx", "lesion.onnx"])
def test_what_was_measured_of_another_network_is_not_told(models: Path, changed: str) -> None:
    write("quality", models / "run", _of(models, 0.2))
    (models / changed).write_text("another", encoding="utf-8")
    assert told("quality", models / "run", models) is None
    _write_figures(models, 0.1)
    assert surely_told("quality", models / "run", models)["share"] == 0.1


def test_what_was_measured_of_another_calibration_is_not_told(models: Path) -> None:
    def calibrate(temperature: float) -> None:
        described = json.dumps({CALIBRATION: {"temperature": temperature}, "quality": temperature})
        (models / "model.json").write_text(described, encoding="utf-8")

    calibrate(1.0)
    write("views", models / "run", checksums(models, "model.onnx", CALIBRATION) | {"share": 0.2})
    assert surely_told("views", models / "run", models)["share"] == 0.2
    calibrate(2.0)
    assert told("views", models / "run", models) is None


def test_what_is_of_no_network_is_told_of_any(models: Path) -> None:
    write("paper", models / "run", {"rows": [1]})
    assert told("paper", models / "run", models) == {"rows": [1]}


def test_what_is_taken_over_is_said_to_be(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write_figures(models, 0.1)
    assert told("quality", models / "run", models)
    assert f"quality: taken over from {models}/figures.json, not measured again" in capsys.readouterr().out
    write("quality", models / "run", _of(models, 0.2))
    assert told("quality", models / "run", models)
    assert "taken over" not in capsys.readouterr().out
