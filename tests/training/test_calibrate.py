import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from inference.calibration import Calibration
from inference.classes import LesionClass
from inference.risk import RiskLevel
from training import calibrate
from training.answers import Answers, for_all, risk_levels
from training.calibrate import (
    Candidate,
    chosen,
    fitted_policy,
    fitted_temperature,
    prior_shift,
    with_set,
)
from training.data import Photos, save
from training.measures import MALIGNANT_INDICES, MELANOMA, Labels, share
from training.told import CALIBRATED, CALIBRATION, checksums, told, write

_CLASSES = len(LesionClass)


def _answers(logits: np.ndarray) -> Answers:
    return Answers(
        logits.astype(np.float32),
        np.zeros((len(logits), _CLASSES, 7, 7), np.float32),
        np.zeros(len(logits)),
        np.zeros(len(logits)),
    )


def _some(answers: Answers, rows: np.ndarray) -> Answers:
    return Answers(*(getattr(answers, field)[rows] for field in Answers.__slots__))


def _drawn(photos: int, sureness: float) -> tuple[Answers, Labels]:
    """Labels drawn from softmax(logits), and answers that are so many times as sure."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (photos, _CLASSES))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(_CLASSES, p=row) for row in chances])
    return _answers(logits * sureness), labels


@pytest.mark.parametrize("sureness", [0.7, 1.0, 2.0])
def test_temperature_undoes_too_much_and_too_little_sureness(sureness: float) -> None:
    answers, labels = _drawn(1500, sureness)
    assert fitted_temperature(answers, labels, (0.0,) * _CLASSES).temperature == pytest.approx(sureness, rel=0.12)


def test_prior_shift_favours_common_classes_by_its_strength() -> None:
    labels = np.repeat(np.arange(_CLASSES), [1, 10, 10, 10, 10, 100, 10])
    assert prior_shift(labels, 0.5) == pytest.approx(0.5 * np.log([0.01, 0.1, 0.1, 0.1, 0.1, 1, 0.1]), abs=1e-4)
    assert set(prior_shift(labels, 0.0)) == {0.0}


def _candidate(balanced_accuracy: float, ece: float, gap: float = 0.0) -> Candidate:
    return Candidate(Calibration(1.0, (0.0,) * _CLASSES), balanced_accuracy, ece, gap, 1.0)


def test_the_best_of_the_honest_calibrations_is_chosen() -> None:
    found = [_candidate(0.8, 0.2), _candidate(0.75, 0.02, gap=0.1), _candidate(0.7, 0.02), _candidate(0.6, 0.01)]
    assert chosen(found) is found[2]


def test_the_most_honest_calibration_is_chosen_where_none_is_honest_enough() -> None:
    found = [_candidate(0.8, 0.2), _candidate(0.7, 0.1)]
    assert chosen(found) is found[1]


def test_neither_fault_of_a_calibration_hides_behind_the_other() -> None:
    """The gap that is allowed is larger than the error that is."""
    found = [_candidate(0.8, 0.031, gap=0.3), _candidate(0.7, 0.06, gap=0.05), _candidate(0.6, 0.04, gap=0.11)]
    assert chosen(found) is found[1]


def test_prediction_sets_hold_the_truth_as_often_as_they_say() -> None:
    answers, labels = _drawn(2000, 1.0)
    rows = np.arange(1000)
    calibration = with_set(Calibration(1.0, (0.0,) * _CLASSES), _some(answers, rows), labels[rows])
    is_in_set = answers.prediction_sets(for_all(calibration))[1000:]
    assert share(is_in_set[rows, labels[1000:]]) == pytest.approx(0.9, abs=0.025)
    assert 1 < is_in_set.sum(axis=1).mean() < 4


@pytest.mark.parametrize(("photos", "within"), [(9, 9), (29, 27), (39, 36)])
def test_photo_to_come_counts_among_those_that_prediction_sets_are_fitted_on(photos: int, within: int) -> None:
    answers, labels = _drawn(photos, 1.0)
    calibration = with_set(Calibration(1.0, (0.0,) * _CLASSES), answers, labels)
    is_in_set = answers.prediction_sets(for_all(calibration))
    assert is_in_set[np.arange(photos), labels].sum() == within


def test_the_least_sure_answers_are_uncertain() -> None:
    answers, labels = _drawn(1000, 1.0)
    probabilities = answers.probabilities(for_all(Calibration(1.0, (0.0,) * _CLASSES)))
    threshold = fitted_policy(probabilities, labels).uncertain_top_probability
    assert share(probabilities.max(axis=1) < threshold) == pytest.approx(0.03, abs=0.002)


def test_policy_finds_the_wanted_shares_of_malignant_lesions() -> None:
    answers, labels = _drawn(1000, 1.0)
    probabilities = answers.probabilities(for_all(Calibration(1.0, (0.0,) * _CLASSES)))
    levels = risk_levels(probabilities, fitted_policy(probabilities, labels))
    assert share(levels[labels == MELANOMA] == RiskLevel.URGENT) >= 0.9
    assert share(levels[np.isin(labels, MALIGNANT_INDICES)] != RiskLevel.ROUTINE) >= 0.95


def test_policy_alarms_no_more_than_it_must() -> None:
    answers, labels = _drawn(1000, 1.0)
    probabilities = answers.probabilities(for_all(Calibration(1.0, (0.0,) * _CLASSES)))
    policy = fitted_policy(probabilities, labels)
    of_melanomas = probabilities[labels == MELANOMA, MELANOMA]
    of_malignant = probabilities[np.isin(labels, MALIGNANT_INDICES)][:, MALIGNANT_INDICES].sum(axis=1)
    assert share(of_melanomas >= policy.urgent_melanoma_probability + 1e-3) < 0.9
    assert share(of_malignant >= policy.soon_malignancy_probability + 1e-3) < 0.95


_COLOURS = {"train": 10, "validation": 20, "test": 30}


def _photos(turn: int) -> Photos:
    """Photos whose colour tells their part; the classes of the test part are told by so many places wrongly."""
    parts = np.repeat(list(_COLOURS), 300)
    labels = (np.arange(900) + turn * (parts == "test")) % _CLASSES
    views = np.repeat([_COLOURS[part] for part in parts], 3).reshape(900, 1, 1, 3).astype(np.uint8)
    return Photos(np.arange(900).astype(str), views, views, labels, np.arange(900), parts)


_LIMITS = {"lesion_gate": {"min_lesion_evidence": 0.5}, "limits": {"min_sharpness": 0.9}}


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """What calibrate() in tmp_path has shown a network that says anything."""
    shown: set[int] = set()

    def said(_folder: Path, _name: str, _model: object, views: np.ndarray) -> Answers:
        shown.update(np.unique(views).tolist())
        return _answers(np.random.default_rng(1).normal(0, 2, (len(views), _CLASSES)))

    monkeypatch.setattr(calibrate, "_TEMPERATURES", np.array([0.5, 1.0, 2.0]))
    monkeypatch.setattr(calibrate, "_PRIOR_STRENGTHS", np.array([0.0, 1.0]))
    monkeypatch.setattr(calibrate, "kept_answers", said)
    monkeypatch.setattr(calibrate, "bare_model", lambda path: Namespace(sha256="of nothing"))
    monkeypatch.setattr(calibrate, "facts", lambda model: {"name": "none", "trained": "never"})
    monkeypatch.setattr(calibrate, "lesion_entry", lambda run, models: {})
    for name in ("dermoscopic", "phone"):
        save(_photos(0), tmp_path / f"{name}.npz")
    return shown


def test_everything_is_fitted_on_the_validation_part(tmp_path: Path, seen: set[int]) -> None:
    written = []
    for turn in (0, 1):
        for name in ("dermoscopic", "phone"):
            save(_photos(turn), tmp_path / f"{name}.npz")
        calibrate.calibrate(tmp_path, tmp_path, tmp_path)
        written.append((tmp_path / CALIBRATED).read_text(encoding="utf-8"))
    assert seen == {_COLOURS["validation"]}
    assert written[0] == written[1]


@pytest.mark.usefixtures("seen")
def test_description_is_written_when_it_is_complete(tmp_path: Path) -> None:
    for name in ("model.onnx", "lesion.onnx"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "model.json").write_text(json.dumps({"calibration": "of the network before"}), encoding="utf-8")
    before, run = (tmp_path / "model.json").read_text(encoding="utf-8"), tmp_path / "run"
    calibrate.calibrate(tmp_path, run, tmp_path)
    assert (tmp_path / "model.json").read_text(encoding="utf-8") == before
    of = checksums(tmp_path, "model.onnx", "lesion.onnx", CALIBRATION, description=run / CALIBRATED)
    write("quality", run, of | _LIMITS)
    calibrate.calibrate(tmp_path, run, tmp_path)
    described = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert described["lesion_gate"] == _LIMITS["lesion_gate"]
    assert described["quality"] == _LIMITS["limits"]
    assert described["calibration"] == json.loads((run / CALIBRATED).read_text(encoding="utf-8"))["calibration"]
    assert told("quality", run, tmp_path)
