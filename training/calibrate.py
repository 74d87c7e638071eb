"""Fit everything that stands between logits and advice, on the validation part, and write model.json.

    python -m training.calibrate CACHE RUN MODELS

RUN/lesions.json, the limits of lesion.onnx, comes from training/lesions.py, and RUN/quality.json, the limits of what
can be judged, from training/quality.py, which fits them on the train and validation parts and needs a calibration. So
this is run twice: before quality.py it leaves RUN/calibrated.json, which lacks them; after it, MODELS/model.json. Until
then the model.json that lies there is of another network, and whoever loads the two is refused.
"""

import json
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.calibration import Calibration
from inference.classes import LesionClass
from inference.model import FORMAT, Model
from inference.risk import RiskPolicy
from training.answers import Answers, bare_model, facts, for_all, kept_answers
from training.command_line import folders
from training.data import IMAGENET_MEAN, IMAGENET_STD, INPUT_SIDE_PX, Photos, load
from training.lesions import lesion_entry
from training.measures import (
    MALIGNANT_INDICES,
    MELANOMA,
    Labels,
    Probabilities,
    balanced_accuracy,
    calibration_error,
    log_loss,
    malignancy,
    rounded_down,
    share,
    threshold_for_share,
)
from training.told import CALIBRATED, told
from training.whole import write_text

_MAX_ECE: Final = 0.03  # on validation: leaves room to 0.04 on photos never seen
MAX_MALIGNANCY_GAP: Final = 0.05  # between the malignant classes' mean probability and their share of the photos
_ENOUGH: Final = 200  # photos, to choose by their calibration error
_TEMPERATURES: Final = np.geomspace(0.3, 3, 51)
_PRIOR_STRENGTHS: Final = np.linspace(0, 1, 21)  # 0: classes are equally common, as in training; 1: as in the data set
_MELANOMA_FOUND: Final = 0.90
_MALIGNANT_FOUND: Final = 0.95
_IN_SET: Final = 0.90  # of the photos have their true class in the prediction set
_LEAST_SURE: Final = 0.03  # of the answers are called uncertain, whatever they say


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to calibrate, and what it is worth on validation."""

    calibration: Calibration
    balanced_accuracy: float
    ece: float
    malignancy_gap: float
    log_loss: float


def prior_shift(labels: Labels, strength: float) -> tuple[float, ...]:
    """Return strength · log(share of each class), for all classes of these photos; the commonest class is at 0."""
    counts = np.bincount(labels, minlength=len(LesionClass))
    shift = strength * np.log(np.maximum(counts, 1) / counts.max())
    return tuple((np.round(shift, 4) + 0.0).tolist())


def class_shares(labels: Labels) -> tuple[float, ...]:
    """Return how common each class is among these photos; one that is not there counts as one photo."""
    counts = np.maximum(np.bincount(labels, minlength=len(LesionClass)), 1)
    return tuple(np.round(counts / counts.sum(), 5).tolist())


def fitted_temperature(answers: Answers, labels: Labels, shift: tuple[float, ...]) -> Calibration:
    """Return the calibration of least log loss with this shift."""
    tried = [Calibration(round(float(t), 3), shift) for t in _TEMPERATURES]
    return min(tried, key=lambda calibration: log_loss(answers.probabilities(for_all(calibration)), labels))


def candidates(answers: Answers, labels: Labels, train_labels: Labels) -> list[Candidate]:
    """Return a calibration for each strength of the prior, from equal classes to the mix of the data set."""
    found = []
    for strength in _PRIOR_STRENGTHS:
        calibration = fitted_temperature(answers, labels, prior_shift(train_labels, float(strength)))
        calibration = replace(calibration, class_shares=class_shares(train_labels))
        probabilities = answers.probabilities(for_all(calibration))
        worth = balanced_accuracy(probabilities.argmax(axis=1), labels)
        error, lost = calibration_error(probabilities, labels), log_loss(probabilities, labels)
        found.append(Candidate(calibration, worth, error, malignancy_gap(probabilities, labels), lost))
    return found


def malignancy_gap(probabilities: Probabilities, labels: Labels) -> float:
    """Return by how much more, or less, is told of malignancy on average than is true."""
    mean = malignancy(probabilities).mean()
    return float(abs(mean - share(np.isin(labels, MALIGNANT_INDICES))))


def chosen(found: list[Candidate]) -> Candidate:
    """Return the best balanced accuracy among those that are honest enough; failing that, the most honest.

    The most honest is the one whose worse fault is least, each fault in units of what is allowed of it.
    """
    honest = [one for one in found if dishonesty(one) <= 1]
    if not honest:
        return min(found, key=dishonesty)
    return max(honest, key=lambda candidate: candidate.balanced_accuracy)


def dishonesty(candidate: Candidate) -> float:
    """Return the worse of calibration error and malignancy gap, each over its limit; above 1 it is too much."""
    return max(candidate.ece / _MAX_ECE, candidate.malignancy_gap / MAX_MALIGNANCY_GAP)


def with_set(calibration: Calibration, answers: Answers, labels: Labels) -> Calibration:
    """Return the calibration with the threshold of its prediction sets.

    Source: Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World (split conformal prediction): one more
    than the photos there are stands for the photo to come. The same photos chose the temperature, and some show one
    lesion: what the sets hold is measured on the test part, not proven.
    """
    of_truth = answers.probabilities(for_all(calibration))[np.arange(len(labels)), labels]
    rank = min(len(labels), ceil(_IN_SET * (len(labels) + 1)))
    return replace(calibration, set_probability=rounded_down(float(np.sort(of_truth)[-rank])))


def calibrated(name: str, model: Model, photos: Photos, answers_folder: Path) -> tuple[Calibration, Answers, Labels]:
    """Return the calibration of one kind of photo, and the answers and labels of validation that it was fitted on."""
    part = photos.part("validation")
    labels = photos.labels[part]
    said = kept_answers(answers_folder, f"{name}-validation", model, photos.views[part])
    found = candidates(said, labels, photos.labels[photos.part("train")])
    # the few phone photos can tell of no error of 0.03
    best = chosen(found) if len(labels) >= _ENOUGH else min(found, key=lambda one: one.log_loss)
    worth = f"balanced accuracy {best.balanced_accuracy:.3f}, log loss {best.log_loss:.3f}"
    print(f"{name}: {best.calibration} {worth}, ECE {best.ece:.3f}, gap {best.malignancy_gap:.3f}", flush=True)
    return with_set(best.calibration, said, labels), said, labels


def fitted_policy(probabilities: Probabilities, labels: Labels, urgent: float | None = None) -> RiskPolicy:
    """Return the highest thresholds that each alone find the wanted share of melanomas or of malignant lesions.

    Args:
        probabilities: (N, 7).
        labels: (N,).
        urgent: the threshold for melanomas, where there are too few to fit it.
    """
    of_malignant = malignancy(probabilities)[np.isin(labels, MALIGNANT_INDICES)]
    of_melanomas = probabilities[labels == MELANOMA, MELANOMA]
    return RiskPolicy(
        urgent_melanoma_probability=(
            rounded_down(threshold_for_share(of_melanomas, _MELANOMA_FOUND)) if urgent is None else urgent
        ),
        soon_malignancy_probability=rounded_down(threshold_for_share(of_malignant, _MALIGNANT_FOUND)),
        uncertain_top_probability=rounded_down(float(np.quantile(probabilities.max(axis=1), _LEAST_SURE))),
    )


def described(calibration: Calibration) -> dict[str, Any]:
    """Return what model.json tells of a calibration."""
    by_class = {
        name: dict(zip(LesionClass, getattr(calibration, name), strict=True))
        for name in ("log_prior_shift", "class_shares")
    }
    return asdict(calibration) | by_class


def description(cache: Path, run: Path, models: Path) -> dict[str, Any]:
    """Return what model.json tells of MODELS/model.onnx, but for the limits of what can be judged."""
    model = bare_model(models / "model.onnx")
    dermoscopic, said, labels = calibrated("dermoscopic", model, load(cache / "dermoscopic.npz"), run / "answers")
    clinical, of_phones, phone_labels = calibrated("clinical", model, load(cache / "phone.npz"), run / "answers")
    policy = fitted_policy(said.probabilities(for_all(dermoscopic)), labels)
    urgent = policy.urgent_melanoma_probability
    phone_policy = fitted_policy(of_phones.probabilities(for_all(clinical)), phone_labels, urgent)
    return {
        "format": FORMAT,
        "name": facts(model)["name"],
        "trained": facts(model)["trained"],
        "onnx_sha256": model.sha256,
        "classes": list(LesionClass),
        "input_side_px": INPUT_SIDE_PX,
        "mean": IMAGENET_MEAN,
        "std": IMAGENET_STD,
        "calibration": {"dermoscopic": described(dermoscopic), "clinical": described(clinical)},
        "lesion_gate": None,
        "quality": None,
        "risk": {"dermoscopic": asdict(policy), "clinical": asdict(phone_policy)},
        "lesion": lesion_entry(run, models),
    }


def calibrate(cache: Path, run: Path, models: Path) -> None:
    """Write RUN/calibrated.json, and MODELS/model.json where the limits of what can be judged are known."""
    fitted, path = description(cache, run, models), run / CALIBRATED
    run.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(fitted, indent=2) + "\n")
    limits = told("quality", run, models, path)
    if limits is None:
        print(f"{path} is written; {models}/model.json follows when training.quality has fitted its limits")
        return
    complete = fitted | {"lesion_gate": limits["lesion_gate"], "quality": limits["limits"]}
    write_text(models / "model.json", json.dumps(complete, indent=2) + "\n")


if __name__ == "__main__":
    calibrate(**vars(folders(__doc__, "cache", "run", "models").parse_args()))
