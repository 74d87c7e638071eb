"""What PyTorch says and what ONNX says are the same."""
# ruff: noqa: E402 - what needs PyTorch is imported after the skip

import copy
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")
onnx = pytest.importorskip("onnx", reason="onnx is only installed where networks are trained: pip install .[train]")

import torch

from inference.calibration import Calibration
from inference.model import file_sha256
from training import export as exporting
from training.answers import answers, bare_model, facts
from training.compared import TOLERANCE, compare, difference
from training.data import network_inputs
from training.export import (
    clinical_offset,
    float_network,
    kept_features,
    trained,
    with_heads,
    write_body,
    write_int8,
)
from training.gate import Gate
from training.network import LesionNet
from training.rounding import levels, round_network, see_ranges, set_rounding

_FACTS = {"name": "untrained", "trained": "2026-01-01"}
_OFFSET = 1.5


@pytest.fixture(scope="module")
def network() -> LesionNet:
    """Untrained, its BatchNorm statistics not those of a fresh network, which would hide a wrong folding."""
    torch.manual_seed(0)
    made: LesionNet = LesionNet().eval()
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(module.weight, 0.3, 0.8)
    return made


@pytest.fixture(scope="module")
def exported(network: LesionNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    write_body(network, folder / "body.onnx")
    gate = Gate(np.linspace(-1, 1, 2048), 0.5)
    onnx.save(with_heads(onnx.load(folder / "body.onnx"), network, gate, _FACTS, _OFFSET), folder / "model.onnx")
    return folder


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)


def test_onnx_and_pytorch_say_the_same(network: LesionNet, exported: Path, views: np.ndarray) -> None:
    assert difference(network, exported / "model.onnx", views) < TOLERANCE


def test_every_batch_norm_is_folded(exported: Path) -> None:
    nodes = {node.op_type for node in onnx.load(exported / "body.onnx").graph.node}
    assert "BatchNormalization" not in nodes


def test_activation_map_explains_the_logit_exactly(network: LesionNet, exported: Path, views: np.ndarray) -> None:
    said = answers(bare_model(exported / "model.onnx"), views)
    bias = network.head.bias.detach().numpy()
    assert np.allclose(said.maps.mean(axis=(2, 3)) + bias, said.logits, atol=1e-4)


def test_gate_reads_the_pooled_features(network: LesionNet, exported: Path, views: np.ndarray) -> None:
    model = bare_model(exported / "model.onnx")
    said = answers(model, views)
    mean, std = (np.array(values, np.float32) for values in (model.mean, model.std))
    pictures = torch.from_numpy(((views / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32))
    with torch.inference_mode():
        pooled = network.feature_map(pictures).mean((2, 3)).numpy()
    assert np.allclose(pooled @ np.linspace(-1, 1, 2048) + 0.5, said.lesion_logits, rtol=1e-3, atol=1e-3)


def test_kind_of_photo_is_told_by_its_own_head(network: LesionNet, exported: Path, views: np.ndarray) -> None:
    model = bare_model(exported / "model.onnx")
    mean, std = (np.array(values, np.float32) for values in (model.mean, model.std))
    pictures = torch.from_numpy(((views / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32))
    with torch.inference_mode():
        expected = network(pictures)[:, -1].numpy()
    assert np.allclose(answers(model, views).clinical_logits, expected - _OFFSET, atol=TOLERANCE)


def test_one_in_a_hundred_dermoscopic_photos_is_taken_for_a_phones(network: LesionNet) -> None:
    features = np.random.default_rng(0).normal(0, 1, (1000, 2048)).astype(np.float32)
    with torch.inference_mode():
        logits = network.clinical_head(torch.from_numpy(features)).numpy()[:, 0]
    assert np.mean(logits > clinical_offset(features, network)) == 0.01


def test_network_that_has_not_learnt_with_eight_bits_does_not_ship(network: LesionNet, tmp_path: Path) -> None:
    torch.save({"averaged": network.state_dict(), "step": 1}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="--rounded"):
        trained(tmp_path / "checkpoint.pt")


def test_rounded_network_is_compared_with_the_one_that_it_began_at_and_no_other(
    network: LesionNet, tmp_path: Path
) -> None:
    torch.save({"averaged": network.state_dict(), "step": 1}, tmp_path / "checkpoint.pt")
    began = float_network(tmp_path / "checkpoint.pt", file_sha256(tmp_path / "checkpoint.pt"))
    assert all(torch.equal(began.state_dict()[name], value) for name, value in network.state_dict().items())
    with pytest.raises(ValueError, match="did not begin"):
        float_network(tmp_path / "checkpoint.pt", "another")


def test_float_network_that_it_began_at_may_lie_anywhere(
    network: LesionNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def read(checkpoint: Path, _start: str) -> None:
        asked.append(checkpoint)
        raise InterruptedError

    of_run = exporting.Trained(network, {}, 1, "its checksum")
    monkeypatch.setattr(exporting, "trained", lambda checkpoint, name: of_run)
    monkeypatch.setattr(exporting, "float_network", read)
    for began_at in (None, tmp_path / "thin.pt"):
        with pytest.raises(InterruptedError):
            exporting.export(tmp_path, tmp_path, tmp_path / "run", tmp_path, "a name", began_at)
    assert asked == [tmp_path / "run" / "thin" / "checkpoint.pt", tmp_path / "thin.pt"]


def test_features_are_kept_for_the_same_views_and_asked_for_anew_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def mean(body: Path, views: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        asked.append(body)
        return {kind: pictures.mean((1, 2, 3), np.float32) for kind, pictures in views.items()}

    monkeypatch.setattr(exporting, "pooled_features", mean)
    before, prepared_anew = (np.full((2, 4, 4, 3), level, np.uint8) for level in (50, 60))
    for pictures in (before, before, prepared_anew):
        features = kept_features(tmp_path, "features", {"phone skin": pictures})
        assert features["phone skin"].tolist() == [pictures[0, 0, 0, 0]] * 2
    assert asked == [tmp_path / "int8.onnx"] * 2


def test_network_tells_what_it_is(exported: Path) -> None:
    assert facts(bare_model(exported / "model.onnx")) == _FACTS


def test_uncalibrated_model_is_a_plain_softmax(exported: Path, views: np.ndarray) -> None:
    model = bare_model(exported / "model.onnx")
    assert set(model.calibrations.values()) == {Calibration(1.0, (0.0,) * 7)}
    assert answers(model, views).probabilities(model.calibrations).sum(axis=1) == pytest.approx(1)


def test_rounded_network_and_its_file_name_the_same_class_and_another_one_does_not_ship(
    network: LesionNet, views: np.ndarray, tmp_path: Path
) -> None:
    rounded, gate = copy.deepcopy(network), Gate(np.zeros(2048), 0.0)
    round_network(rounded)
    see_ranges(rounded, torch.from_numpy(network_inputs(views)))
    write_body(network, tmp_path / "thin_body.onnx")
    set_rounding(rounded, is_on=False)
    write_body(rounded, tmp_path / "body.onnx")
    write_int8(tmp_path / "body.onnx", tmp_path / "int8.onnx", levels(rounded, onnx.load(tmp_path / "body.onnx")))
    for body, name, of in (("thin_body", "thin", network), ("int8", "model", rounded)):
        onnx.save(with_heads(onnx.load(tmp_path / f"{body}.onnx"), of, gate, _FACTS), tmp_path / f"{name}.onnx")
    compare(network, rounded, tmp_path, views)
    named = answers(bare_model(tmp_path / "model.onnx"), views).logits.argmax(axis=1)
    rounded.head.bias.data[named] -= 100
    with pytest.raises(RuntimeError, match="name the same class"):
        compare(network, rounded, tmp_path, views)
