import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from inference.calibration import Calibration
from inference.image import RgbImage
from inference.model import Model, NetworkAnswer
from inference.risk import RiskPolicy
from training.answers import for_all, kept_answers, risk_levels
from training.evaluate import float_of_the_run, quality_of_the_run
from training.outcomes import Outcomes

_VIEWS = np.zeros((3, 224, 224, 3), np.uint8)


@dataclass
class CountingModel:
    """Says the brightness of a photo, and counts how often it was asked."""

    sha256: str = "a" * 64
    asked: int = 0

    def answer(self, input_rgb: RgbImage) -> NetworkAnswer:
        self.asked += 1
        return NetworkAnswer(np.full(7, input_rgb.mean(), np.float32), np.zeros((7, 7, 7), np.float32), 2.0, -1.0)


def _asked(folder: Path, model: CountingModel) -> int:
    said = kept_answers(folder, "test", cast("Model", model), _VIEWS)
    assert said.logits.shape == (3, 7)
    assert said.lesion_logits.tolist() == [2, 2, 2]
    return model.asked


def test_network_is_asked_only_once(tmp_path: Path) -> None:
    assert _asked(tmp_path, CountingModel()) == 3
    assert _asked(tmp_path, CountingModel()) == 0


def test_another_network_is_asked_anew(tmp_path: Path) -> None:
    _asked(tmp_path, CountingModel())
    assert _asked(tmp_path, CountingModel(sha256="b" * 64)) == 3


def test_probabilities_are_those_that_patients_get(tmp_path: Path) -> None:
    said = kept_answers(tmp_path, "test", cast("Model", CountingModel()), _VIEWS)
    assert said.probabilities(for_all(Calibration(2.0, (0.0,) * 7))) == pytest.approx(1 / 7)


def test_risk_level_follows_the_policy() -> None:
    melanoma = [0.0, 0.0, 0.0, 0.0, 0.3, 0.7, 0.0]
    nevus = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    levels = risk_levels(np.array([melanoma, nevus]), RiskPolicy(0.2, 0.5, 0.1))
    assert levels.tolist() == ["urgent", "routine"]


def _outcomes() -> Outcomes:
    chances, none = np.full((3, 7), 1 / 7), np.zeros(3, int)
    return Outcomes(chances, none, np.arange(3), np.full(3, "soon"), none > 0, chances > 0, none)


def test_without_the_training_run_its_figures_are_kept(tmp_path: Path) -> None:
    known = {"float": {"agreement": 0.9}, "quality": {"ham10000": 1}, "without_lesion": {}, "effects": {}}
    written = json.dumps(known | {"model": {"onnx_sha256": "a" * 64}})
    (tmp_path / "figures.json").write_text(written, encoding="utf-8")
    model, no_run = cast("Model", CountingModel()), tmp_path / "no-run"
    assert float_of_the_run(no_run, tmp_path, model, _VIEWS, _outcomes()) == known.pop("float")
    assert quality_of_the_run(no_run, tmp_path, model) == known


def test_limits_that_were_fitted_anew_bring_their_own_figures(tmp_path: Path) -> None:
    run = {"figures": {"ham10000": 2}, "without_lesion": {}, "effects": {}, "onnx_sha256": "a" * 64}
    (tmp_path / "quality.json").write_text(json.dumps(run), encoding="utf-8")
    found = quality_of_the_run(tmp_path, tmp_path, cast("Model", CountingModel()))
    assert found == {"quality": {"ham10000": 2}, "without_lesion": {}, "effects": {}}


def test_figures_of_another_network_are_not_kept(tmp_path: Path) -> None:
    known = {"model": {"onnx_sha256": "b" * 64}, "float": {}, "quality": {}}
    (tmp_path / "figures.json").write_text(json.dumps(known), encoding="utf-8")
    (tmp_path / "quality.json").write_text(json.dumps({"onnx_sha256": "b" * 64}), encoding="utf-8")
    model = cast("Model", CountingModel())
    with pytest.raises(FileNotFoundError, match="another model"):
        float_of_the_run(tmp_path, tmp_path, model, _VIEWS, _outcomes())
    with pytest.raises(FileNotFoundError, match="another model"):
        quality_of_the_run(tmp_path, tmp_path, model)
