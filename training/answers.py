"""What a network says of many photos, by the code that answers patients; kept, so that it is asked only once."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from inference import calibration
from inference.calibration import Calibration
from inference.classes import ImageType, LesionClass
from inference.model import Model, NetworkAnswer, one_thread
from inference.quality import QualityLimits
from inference.risk import RiskPolicy, risk_level, risk_reasons
from training.data import IMAGENET_MEAN, IMAGENET_STD, INPUT_SIDE_PX
from training.measures import Probabilities
from training.whole import kept_arrays

Calibrations: TypeAlias = Mapping[ImageType, Calibration]


def for_all(calibration: Calibration) -> Calibrations:
    """Return the same calibration for every kind of photo."""
    return dict.fromkeys(ImageType, calibration)


NO_LIMITS: Final = QualityLimits(
    min_side_px=0,
    min_light=0.0,
    max_blown_share=1.0,
    max_glare_share=1.0,
    min_red_to_green=-inf,
    max_red_to_green=inf,
    min_green_to_blue=-inf,
    max_green_to_blue=inf,
    min_colourfulness=0.0,
    min_sharpness=0.0,
    min_lesion_share=0.0,
    enough_side_px=0,
    max_border_share=1.0,
    max_second_share=1.0,
    noted_border_share=1.0,
    noted_second_share=1.0,
    noted_left_out_share=1.0,
    lesion_logit_weight=1.0,
    presence_logit_weight=0.0,
    peak_logit_weight=0.0,
    min_lesion_evidence=-inf,
)
"""What refuses no photo at all."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The network's answers to N photos.

    Attributes:
        logits: (N, 7) float32, in LesionClass order.
        maps: (N, 7, h, w) float32, class activation maps.
        lesion_logits: (N,) float64.
        clinical_logits: (N,) float64.
    """

    logits: NDArray[np.float32]
    maps: NDArray[np.float32]
    lesion_logits: NDArray[np.float64]
    clinical_logits: NDArray[np.float64]

    def __iter__(self) -> Iterator[NetworkAnswer]:
        """Yield the answers one by one."""
        for row in zip(self.logits, self.maps, self.lesion_logits.tolist(), self.clinical_logits.tolist(), strict=True):
            yield NetworkAnswer(*row)

    @property
    def is_clinical(self) -> NDArray[np.bool_]:
        """Whether each photo looks like a phone's, (N,)."""
        return np.array([answer.image_type is ImageType.CLINICAL for answer in self], np.bool_)

    def probabilities(self, calibrations: Calibrations) -> Probabilities:
        """Return what the patient is told: (N, 7)."""
        told = (calibration.probabilities(answer.logits, calibrations[answer.image_type]) for answer in self)
        return np.array([list(row.values()) for row in told])

    def prediction_sets(self, calibrations: Calibrations) -> NDArray[np.bool_]:
        """Return which classes can't be ruled out: (N, 7)."""
        rows = []
        for answer in self:
            calibrated = calibrations[answer.image_type]
            known = calibration.prediction_set(calibration.probabilities(answer.logits, calibrated), calibrated)
            rows.append([lesion_class in known for lesion_class in LesionClass])
        return np.array(rows)


def bare_model(onnx: Path) -> Model:
    """Return a network without calibration and thresholds, for those who fit them."""
    network = onnx.read_bytes()
    return Model(
        name=onnx.stem,
        sha256=hashlib.sha256(network).hexdigest(),
        input_side_px=INPUT_SIDE_PX,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        calibrations=for_all(Calibration(1.0, (0.0,) * len(LesionClass))),
        quality_limits=NO_LIMITS,
        risk_policies=dict.fromkeys(ImageType, RiskPolicy(0.0, 0.0, 0.0)),
        session=one_thread(network),
    )


def facts(model: Model) -> dict[str, str]:
    """Return what export.py wrote into the network: name, trained (date), steps."""
    return dict(model.session.get_modelmeta().custom_metadata_map)


def answers(model: Model, views: NDArray[np.uint8]) -> Answers:
    """Ask the network about (N, S, S, 3) uint8 views."""
    said = [model.answer(view) for view in views]
    return Answers(
        np.stack([answer.logits for answer in said]),
        np.stack([answer.class_activation_map for answer in said]),
        np.array([answer.lesion_logit for answer in said]),
        np.array([answer.clinical_logit for answer in said]),
    )


def kept_answers(folder: Path, name: str, model: Model, views: NDArray[np.uint8]) -> Answers:
    """Read the answers of this network to these views from the folder, or ask it and write them there."""
    of_views = hashlib.sha256(views.tobytes()).hexdigest()
    path = folder / f"{name}-{model.sha256[:12]}-{of_views[:12]}.npz"
    folder.mkdir(parents=True, exist_ok=True)
    return Answers(**kept_arrays(path, lambda: _arrays(answers(model, views))))


def _arrays(said: Answers) -> dict[str, NDArray[np.generic]]:
    return {name: getattr(said, name) for name in Answers.__slots__}


def risk_levels(probabilities: Probabilities, policy: RiskPolicy) -> NDArray[np.str_]:
    """Return the RiskLevel of each row, as text."""
    rows = (dict(zip(LesionClass, row, strict=True)) for row in probabilities.tolist())
    return np.array([str(risk_level(risk_reasons(row, policy))) for row in rows])
