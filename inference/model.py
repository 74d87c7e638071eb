"""model.onnx, lesion.onnx and model.json: two networks and everything one must know to use them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from inference.calibration import Calibration, ClassMix, checked_mix
from inference.classes import ImageType, LesionClass
from inference.errors import ModelMismatch, ModelMissing
from inference.image import RgbImage, normalized
from inference.lesion import LesionFinder, LesionLimits, Segmentation
from inference.quality import QualityLimits
from inference.risk import RiskPolicy

FORMAT: Final = 6  # of model.json


@dataclass(frozen=True, slots=True)
class NetworkAnswer:
    """What the network says of one photo.

    Attributes:
        logits: (7,) float32, in LesionClass order.
        class_activation_map: (7, h, w) float32; the mean of a class's map plus its bias is its logit.
        lesion_logit: above 0 for a lesion, below for bare skin or something else.
        clinical_logit: above 0 for a clinical photo, and for the one in a hundred dermoscopic ones that look most like
            one; below for the other dermoscopic ones.
    """

    logits: NDArray[np.float32]
    class_activation_map: NDArray[np.float32]
    lesion_logit: float
    clinical_logit: float

    @property
    def image_type(self) -> ImageType:
        """How the photo was taken."""
        return ImageType.CLINICAL if self.clinical_logit > 0 else ImageType.DERMOSCOPIC


@dataclass(frozen=True, slots=True)
class Model:
    """A network with its preprocessing, calibration and thresholds, the last two for each kind of photo.

    Where there is a mix, it is how common the classes are among those who ask; else as among the photos of calibration.
    """

    name: str
    sha256: str
    input_side_px: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    calibrations: Mapping[ImageType, Calibration]
    quality_limits: QualityLimits
    risk_policies: Mapping[ImageType, RiskPolicy]
    session: onnxruntime.InferenceSession
    lesion_finder: LesionFinder | None = None  # training looks at squares that it cut itself
    mix: ClassMix | None = None

    def segmentation(self, image_rgb: RgbImage) -> Segmentation:
        """Look for the lesion in a whole photo; see lesion.LesionFinder.

        Raises:
            ModelMissing: this is the bare network of training.
        """
        if self.lesion_finder is None:
            raise ModelMissing("This model finds no lesions: it was made without lesion.onnx.")
        return self.lesion_finder.segmentation(image_rgb)

    def answer(self, input_rgb: RgbImage) -> NetworkAnswer:
        """Run the network.

        Args:
            input_rgb: (side, side, 3) uint8, RGB, of input_side_px: what image.network_input returns.
        """
        tensor = normalized(input_rgb, self.mean, self.std)[None]
        names = ["logits", "class_activation_map", "lesion_logit", "clinical_logit"]
        logits, class_activation_map, lesion_logit, clinical_logit = self.session.run(names, {"image": tensor})
        return NetworkAnswer(logits[0], class_activation_map[0], float(lesion_logit[0, 0]), float(clinical_logit[0, 0]))


def load_model(model_dir: Path | str, mix: ClassMix | None = None) -> Model:
    """Read a folder with model.onnx, lesion.onnx and model.json; takes about 0.1 s.

    Args:
        model_dir: the folder.
        mix: see Model; calibration.EQUAL_MIX where classes shall count the same.

    Raises:
        ModelMissing: one of them is not there, or can't be read.
        ModelMismatch: they do not belong together, or not to this program.
        ValueError: the mix lacks a class, has others, or shares that are not above 0.
    """
    model_dir, mix = Path(model_dir), None if mix is None else _checked(mix)
    try:
        sha256 = file_sha256(model_dir / "model.onnx")
        lesion_sha256 = file_sha256(model_dir / "lesion.onnx")
        description = json.loads((model_dir / "model.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelMissing(f"There is no model: {error.filename} does not exist, or can't be read.") from error
    except ValueError as error:
        raise ModelMismatch(f"{model_dir}: model.json is no JSON: {error}") from error
    if not isinstance(description, dict):
        raise ModelMismatch(f"{model_dir}: model.json describes nothing.")
    if description.get("onnx_sha256") != sha256:
        raise ModelMismatch(f"{model_dir}: model.json describes another model.onnx than the one beside it.")
    if description.get("format") != FORMAT or description.get("classes") != list(LesionClass):
        raise ModelMismatch(f"{model_dir}: model.json is written for another version of this program.")
    try:
        if description["lesion"]["onnx_sha256"] != lesion_sha256:
            raise ModelMismatch(f"{model_dir}: model.json describes another lesion.onnx than the one beside it.")
        finder = LesionFinder(LesionLimits(**description["lesion"]["limits"]), one_thread(model_dir / "lesion.onnx"))
        model = described_model(description, sha256, one_thread(model_dir / "model.onnx"))
        return replace(model, lesion_finder=finder, mix=mix)
    except (KeyError, TypeError) as error:
        raise ModelMismatch(f"{model_dir}: model.json lacks or has too much: {error}") from error


def _checked(mix: ClassMix) -> ClassMix:
    try:
        return checked_mix(mix)
    except ValueError as error:
        raise ValueError(f"The mix of classes {error}") from error


def file_sha256(path: Path) -> str:
    """Return the checksum of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def one_thread(network: Path | bytes) -> onnxruntime.InferenceSession:
    """Return a network on one thread: workers, not threads, scale over the cores. From bytes it takes 24 MB more.

    In interleaved runs arena, memory pattern, spinning and denormal numbers made no difference; with fewer
    optimisations it took 1.2 times as long, without prepacking 2.7 times. Without the arena a worker has a tenth more
    memory.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def described_model(description: Mapping[str, Any], sha256: str, session: onnxruntime.InferenceSession) -> Model:
    """Return the classifying network with what model.json tells of it.

    Raises:
        KeyError: it lacks something.
        TypeError: it has too much.
    """
    return Model(
        name=description["name"],
        sha256=sha256,
        input_side_px=description["input_side_px"],
        mean=tuple(description["mean"]),
        std=tuple(description["std"]),
        calibrations=described_calibrations(description),
        quality_limits=QualityLimits(**description["quality"], **description["lesion_gate"]),
        risk_policies={image_type: RiskPolicy(**description["risk"][image_type]) for image_type in ImageType},
        session=session,
    )


def described_calibrations(description: Mapping[str, Any]) -> dict[ImageType, Calibration]:
    """Return the calibrations that model.json tells of, by how a photo was taken; raises like described_model."""
    return {
        image_type: Calibration(
            temperature=told["temperature"],
            log_prior_shift=tuple(told["log_prior_shift"][code] for code in LesionClass),
            class_shares=tuple(told["class_shares"][code] for code in LesionClass),
            set_probability=told["set_probability"],
        )
        for image_type in ImageType
        for told in [description["calibration"][image_type]]
    }
