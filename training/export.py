"""From a checkpoint to model.onnx: body to eight bits, lesion gate, heads, comparison with PyTorch.

    python -m training.export DATA CACHE RUN MODELS [--name NAME] [--float CHECKPOINT]

The body is rounded as it learnt to be. The heads stay in float, so that the class activation map explains the logit
exactly. Two files are compared with PyTorch before the second takes its place in MODELS: RUN/thin.onnx with the float
network that the rounded one began at, RUN/thin/checkpoint.pt or another one, logit by logit; and RUN/model.onnx with
the rounded one, by the classes that are likeliest. Results between the steps are kept in RUN/step-N: a stopped export
goes on where it was.
"""

import hashlib
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import ModelProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from torch import Tensor, nn

from inference.model import file_sha256, one_thread
from training.blocks import in_blocks
from training.command_line import folders
from training.compared import compare
from training.data import INPUT_SIDE_PX, load, network_inputs
from training.gate import Gate, fitted_gate, teaching_views
from training.network import CELL_PX, LesionNet
from training.rounding import Levels, has_ranges, levels, network_of, set_rounding
from training.whole import kept_arrays, whole

_OWN_NAME: Final = "lentigo-resnet50-own"
_OPSET: Final = 18
_COMPARED_PHOTOS: Final = 24
_KNOWN_BY: Final = 12  # characters of a checksum
_TAKEN_FOR_DERMOSCOPIC: Final = 0.99  # of the dermoscopic photos; see clinical_offset


@dataclass(frozen=True, slots=True)
class Trained:
    """What a checkpoint holds for the world.

    Attributes:
        network: with the averaged weights, ready to answer in float.
        facts: what the model card tells of its training; names to text.
        step: how many steps it was trained.
        start: the checksum of the file that it began at.
    """

    network: LesionNet
    facts: dict[str, str]
    step: int
    start: str


def trained(checkpoint: Path, name: str = _OWN_NAME) -> Trained:
    """Read a checkpoint of train.py; the network is to have this name.

    Raises:
        ValueError: the network has not learnt with eight bits.
    """
    saved = torch.load(checkpoint, mmap=True)
    if not has_ranges(saved["averaged"]):
        raise ValueError(f"{checkpoint} has not learnt with eight bits: train on from it with --rounded")
    network = network_of(saved["averaged"])
    set_rounding(network, is_on=False)
    finished = datetime.fromtimestamp(checkpoint.stat().st_mtime, UTC)
    facts = {
        "name": name,
        "trained": finished.date().isoformat(),
        "steps": str(saved["step"]),
        "checkpoint": file_sha256(checkpoint)[:_KNOWN_BY],
    }
    return Trained(network.eval(), facts, saved["step"], saved["start"])


def float_network(checkpoint: Path, start: str) -> LesionNet:
    """Return the float network that a rounded one began at.

    Raises:
        ValueError: it began at another.
    """
    if file_sha256(checkpoint) != start:
        raise ValueError(f"the rounded network did not begin at {checkpoint} as that is now")
    network: LesionNet = network_of(torch.load(checkpoint, mmap=True)["averaged"]).eval()
    return network


class Body(nn.Module):  # type: ignore[misc]  # mypy skips torch
    """The network up to its last feature map."""

    def __init__(self, network: LesionNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, 2048, S/32, S/32)."""
        return self.network.feature_map(image)


def write_body(network: LesionNet, path: Path) -> None:
    """Write image → features as ONNX in float32; the exporter folds every BatchNorm into its convolution."""
    image = torch.zeros(1, 3, INPUT_SIDE_PX, INPUT_SIDE_PX)
    names = {"input_names": ["image"], "output_names": ["features"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the successor needs one more package and does no more
        torch.onnx.export(Body(network).eval(), (image,), str(path), opset_version=_OPSET, dynamo=False, **names)


class _OnePicture(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime ships no types
    """The quantiser wants to see a picture, although it is told every range."""

    def __init__(self) -> None:
        self._left = [{"image": np.zeros((1, 3, INPUT_SIDE_PX, INPUT_SIDE_PX), np.float32)}]

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next input, or None after the last."""
        return self._left.pop() if self._left else None


def write_int8(body: Path, path: Path, learnt: Levels) -> None:
    """Quantise: U8 activations, S8 weights of seven bits, per channel.

    Seven bits (reduce_range) keep the sums of pairs inside 16 bits on CPUs without VNNI, where they would saturate.

    Args:
        body: image → features in float.
        path: the file to write.
        learnt: the levels with which the network learnt.
    """
    quantize_static(
        body,
        path,
        _OnePicture(),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        extra_options={"TensorQuantOverrides": learnt},
    )


def pooled_features(body: Path, views: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
    """Return (N, 2048) float32 for each kind of picture."""
    session = one_thread(body)
    return {
        kind: np.stack([session.run(None, {"image": network_inputs([view])})[0][0].mean((1, 2)) for view in pictures])
        for kind, pictures in views.items()
    }


def kept_features(folder: Path, name: str, views: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
    """Read the pooled features of these views by the folder's int8.onnx, or ask it for them and write them there."""
    of_views = hashlib.sha256()
    for kind, pictures in views.items():
        of_views.update(kind.encode() + pictures.tobytes())
    path = folder / f"{name}-{of_views.hexdigest()[:_KNOWN_BY]}.npz"
    return kept_arrays(path, lambda: pooled_features(folder / "int8.onnx", views))


def clinical_offset(features: NDArray[np.float32], network: LesionNet) -> float:
    """Return what is taken off the clinical logit, so that above 0 a photo is taken for a phone's.

    A dermatoscope's photo that is taken for a phone's is answered with less certainty than could be; a phone's that is
    taken for a dermatoscope's with far more than there is. So one in a hundred of the former is let go.

    Args:
        features: (N, 2048) pooled, of dermoscopic photos that the network has not learnt.
        network: has the head.
    """
    weights, bias = (value.detach().numpy() for value in network.clinical_head.parameters())
    return float(np.quantile(features @ weights[0] + bias[0], _TAKEN_FOR_DERMOSCOPIC))


def with_heads(
    body: ModelProto, network: LesionNet, gate: Gate, facts: Mapping[str, str], offset: float = 0.0
) -> ModelProto:
    """Join the class head, its activation map, the lesion gate and the head of the kind of photo to a body.

    Args:
        body: image → features.
        network: has the weights of the heads.
        gate: the lesion gate.
        facts: what the file tells of itself.
        offset: see clinical_offset.

    Returns:
        image → logits (1, 7), class_activation_map (1, 7, h, w), lesion_logit (1, 1), clinical_logit (1, 1).
    """
    model = ModelProto()
    model.CopyFrom(body)
    classes, channels = network.head.weight.shape
    constants = {
        "head_weight": network.head.weight.detach().numpy().reshape(classes, channels, 1, 1),
        "head_bias": network.head.bias.detach().numpy()[None],
        "gate_weight": gate.weights[:, None].astype(np.float32),
        "gate_bias": np.full((1, 1), gate.bias, np.float32),
        "clinical_weight": network.clinical_head.weight.detach().numpy().T,
        "clinical_bias": network.clinical_head.bias.detach().numpy()[None] - np.float32(offset),
        "plane": np.array([2, 3], np.int64),
    }
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    model.graph.node.extend(
        [
            helper.make_node("Conv", ["features", "head_weight"], ["class_activation_map"]),
            helper.make_node("ReduceMean", ["class_activation_map", "plane"], ["map_mean"], keepdims=0),
            helper.make_node("Add", ["map_mean", "head_bias"], ["logits"]),
            helper.make_node("ReduceMean", ["features", "plane"], ["pooled"], keepdims=0),
            helper.make_node("MatMul", ["pooled", "gate_weight"], ["gate_sum"]),
            helper.make_node("Add", ["gate_sum", "gate_bias"], ["lesion_logit"]),
            helper.make_node("MatMul", ["pooled", "clinical_weight"], ["clinical_sum"]),
            helper.make_node("Add", ["clinical_sum", "clinical_bias"], ["clinical_logit"]),
        ]
    )
    side = INPUT_SIDE_PX // CELL_PX
    shapes = {"logits": [1, classes], "class_activation_map": [1, classes, side, side]}
    shapes |= {"lesion_logit": [1, 1], "clinical_logit": [1, 1]}
    del model.graph.output[:]
    model.graph.output.extend(
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in shapes.items()
    )
    helper.set_model_props(model, dict(facts))
    onnx.checker.check_model(model, full_check=True)
    return model


def export(data: Path, cache: Path, run: Path, models: Path, name: str, began_at: Path | None = None) -> None:
    """Write RUN/thin.onnx, in float, RUN/model.onnx, and, if both say what PyTorch says, MODELS/model.onnx.

    Args:
        data: see gate.teaching_views.
        cache: has the photos.
        run: has the checkpoint of the rounded network.
        models: where the file goes.
        name: of the network.
        began_at: checkpoint of the float network that it began at; RUN/thin/checkpoint.pt if none is given.

    Raises:
        RuntimeError: see compared.compare.
    """
    of_run = trained(run / "checkpoint.pt", name)
    in_float = float_network(began_at or run / "thin" / "checkpoint.pt", of_run.start)
    folder = run / f"step-{of_run.step}-{of_run.facts['checkpoint']}"
    folder.mkdir(exist_ok=True)
    for name_of_body, network in (("body.onnx", of_run.network), ("thin.onnx", in_float)):
        if not (folder / name_of_body).exists():
            with whole(folder / name_of_body) as part:
                write_body(network, part)
    if not (folder / "int8.onnx").exists():
        learnt = levels(of_run.network, onnx.load(folder / "body.onnx"))
        with whole(folder / "int8.onnx") as part:
            write_int8(folder / "body.onnx", part, learnt)
            onnx.save(in_blocks(onnx.load(part)), part)
    photos = load(cache / "dermoscopic.npz")
    gate = fitted_gate(kept_features(folder, "features", teaching_views(data, cache, np.random.default_rng(0))))
    unseen = kept_features(folder, "unseen", {"dermoscopic": photos.views[photos.part("validation")]})
    offset = clinical_offset(unseen["dermoscopic"], of_run.network)

    def save(body: str, network: LesionNet, path: Path) -> None:
        with whole(path) as part:
            onnx.save(with_heads(onnx.load(folder / body), network, gate, of_run.facts, offset), part)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")

    save("thin.onnx", in_float, run / "thin.onnx")
    save("int8.onnx", of_run.network, run / "model.onnx")
    compare(in_float, of_run.network, run, photos.views[photos.part("train")[:_COMPARED_PHOTOS]])
    models.mkdir(parents=True, exist_ok=True)
    with whole(models / "model.onnx") as part:
        shutil.copyfile(run / "model.onnx", part)


if __name__ == "__main__":
    parser = folders(__doc__, "data", "cache", "run", "models")
    parser.add_argument("--name", default=_OWN_NAME, help="of the network, in model.json and on its card")
    parser.add_argument("--float", type=Path, dest="began_at", help="checkpoint.pt that the rounded network began at")
    export(**vars(parser.parse_args()))
