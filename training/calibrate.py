"""Fit everything that stands between logits and advice, on the validation part alone, and write model.json.

    python -m training.calibrate CACHE RUN MODELS

RUN/quality.json, the limits of what can be judged, comes from training/quality.py; RUN/lesions.json, what describes
lesion.onnx, from training/lesions.py.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from inference.calibration import Calibration
from inference.classes import LesionClass
from inference.risk import RiskPolicy
from training.answers import Answers, bare_model, facts, kept_answers
from training.data import IMAGENET_MEAN, IMAGENET_STD, INPUT_SIDE_PX, load
from training.measures import (
    MALIGNANT_INDICES,
    MELANOMA,
    Labels,
    Probabilities,
    balanced_accuracy,
    calibration_error,
    log_loss,
    threshold_for_share,
)

_MAX_ECE: Final = 0.03  # on validation: leaves room to 0.04 on photos never seen
_TEMPERATURES: Final = np.geomspace(0.3, 3, 51)
_PRIOR_STRENGTHS: Final = np.linspace(-0.5, 0.5, 21)  # training drew classes by n^0.5: -0.5 makes the classes equal,
# 0 keeps that mix, 0.5 restores the natural one
_MELANOMA_FOUND: Final = 0.90
_MALIGNANT_FOUND: Final = 0.95
_LEAST_SURE: Final = 0.03  # of the answers are called uncertain, whatever they say


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to calibrate, and what it is worth on validation."""

    calibration: Calibration
    balanced_accuracy: float
    ece: float


def prior_shift(labels: Labels, strength: float) -> tuple[float, ...]:
    """Return strength · log(share of each class), for all classes of these photos; the commonest class is at 0."""
    counts = np.bincount(labels, minlength=len(LesionClass))
    shift = strength * np.log(np.maximum(counts, 1) / counts.max())
    return tuple((np.round(shift, 4) + 0.0).tolist())


def fitted_temperature(answers: Answers, labels: Labels, shift: tuple[float, ...]) -> Calibration:
    """Return the calibration of least log loss with this shift."""
    tried = [Calibration(round(float(t), 3), shift) for t in _TEMPERATURES]
    return min(tried, key=lambda calibration: log_loss(answers.probabilities(calibration), labels))


def candidates(answers: Answers, labels: Labels, train_labels: Labels) -> list[Candidate]:
    """Return a calibration for each strength of the prior, from the mix of training to the natural one."""
    found = []
    for strength in _PRIOR_STRENGTHS:
        calibration = fitted_temperature(answers, labels, prior_shift(train_labels, float(strength)))
        probabilities = answers.probabilities(calibration)
        worth = balanced_accuracy(probabilities.argmax(axis=1), labels)
        found.append(Candidate(calibration, worth, calibration_error(probabilities, labels)))
    return found


def chosen(found: list[Candidate]) -> Candidate:
    """Return the best balanced accuracy among those that are honest enough; failing that, the most honest."""
    honest = [candidate for candidate in found if candidate.ece <= _MAX_ECE]
    if not honest:
        return min(found, key=lambda candidate: candidate.ece)
    return max(honest, key=lambda candidate: candidate.balanced_accuracy)


def fitted_policy(probabilities: Probabilities, labels: Labels) -> RiskPolicy:
    """Return the highest thresholds that each alone find the wanted share of melanomas or of malignant lesions."""
    malignancy = probabilities[:, MALIGNANT_INDICES].sum(axis=1)
    of_malignant = malignancy[np.isin(labels, MALIGNANT_INDICES)]
    of_melanomas = probabilities[labels == MELANOMA, MELANOMA]
    return RiskPolicy(
        urgent_melanoma_probability=_rounded_down(threshold_for_share(of_melanomas, _MELANOMA_FOUND)),
        soon_malignancy_probability=_rounded_down(threshold_for_share(of_malignant, _MALIGNANT_FOUND)),
        uncertain_top_probability=_rounded_down(float(np.quantile(probabilities.max(axis=1), _LEAST_SURE))),
    )


def _rounded_down(threshold: float) -> float:
    """To four places, so that whoever reached the threshold still does."""
    return float(np.floor(threshold * 1e4) / 1e4)


def calibrate(cache: Path, run: Path, models: Path) -> None:
    """Write MODELS/model.json for MODELS/model.onnx."""
    dermoscopic = load(cache / "dermoscopic.npz")
    model = bare_model(models / "model.onnx")
    part = dermoscopic.part("validation")
    labels = dermoscopic.labels[part]
    answers = kept_answers(run / "answers", "dermoscopic-validation", model, dermoscopic.views[part])
    quality = json.loads((run / "quality.json").read_text(encoding="utf-8"))
    found = candidates(answers, labels, dermoscopic.labels[dermoscopic.part("train")])
    for candidate in found:
        print(f"{candidate.calibration} balanced accuracy {candidate.balanced_accuracy:.3f} ECE {candidate.ece:.3f}")
    best = chosen(found).calibration
    description = {
        "format": 2,
        "name": facts(model)["name"],
        "trained": facts(model)["trained"],
        "onnx_sha256": model.sha256,
        "classes": list(LesionClass),
        "input_side_px": INPUT_SIDE_PX,
        "mean": IMAGENET_MEAN,
        "std": IMAGENET_STD,
        "calibration": {
            "temperature": best.temperature,
            "log_prior_shift": dict(zip(LesionClass, best.log_prior_shift, strict=True)),
        },
        "lesion_gate": quality["lesion_gate"],
        "quality": quality["limits"],
        "risk": asdict(fitted_policy(answers.probabilities(best), labels)),
        "lesion": json.loads((run / "lesions.json").read_text(encoding="utf-8"))["description"],
    }
    (models / "model.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("cache", "run", "models"):
        parser.add_argument(name, type=Path)
    calibrate(**vars(parser.parse_args()))
