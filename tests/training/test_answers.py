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
from training.evaluate import float_of_the_run
from training.outcomes import Outcomes
from training.told import checksums

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


def test_without_the_training_run_what_was_told_of_the_float_network_is_kept(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"network")
    known = checksums(tmp_path, "model.onnx") | {"agreement": 0.9}
    (tmp_path / "figures.json").write_text(json.dumps({"float": known}), encoding="utf-8")
    model = cast("Model", CountingModel())
    assert float_of_the_run(tmp_path / "no-run", tmp_path, model, _VIEWS, _outcomes()) == known
    (tmp_path / "model.onnx").write_bytes(b"another")
    with pytest.raises(FileNotFoundError, match="float"):
        float_of_the_run(tmp_path / "no-run", tmp_path, model, _VIEWS, _outcomes())
