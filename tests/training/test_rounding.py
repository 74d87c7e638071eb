"""What PyTorch rounds while it learns is what onnxruntime rounds when it answers."""
# ruff: noqa: E402 - what needs PyTorch is imported after the skip

import copy
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")
onnx = pytest.importorskip("onnx", reason="onnx is only installed where networks are trained: pip install .[train]")

import torch

from inference.model import one_thread
from training.data import network_inputs
from training.export import write_body, write_int8
from training.network import LesionNet
from training.rounding import RoundedValues, levels, round_network, see_ranges, set_rounding
from training.start import shipped
from training.whole import whole


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 1, (4, 7, 7, 3))
    return np.asarray(np.clip(150 + 40 * np.kron(noise, np.ones((1, 32, 32, 1))), 0, 255), np.uint8)


@pytest.fixture(scope="module")
def pictures(views: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(network_inputs(views))


@pytest.fixture(scope="module")
def network(pictures: torch.Tensor) -> LesionNet:
    """The shipped one: noise in an untrained network grows from layer to layer."""
    return shipped(Path(__file__).parents[2] / "models" / "model.onnx", pictures)


@pytest.fixture(scope="module")
def rounded(network: LesionNet, pictures: torch.Tensor) -> LesionNet:
    made = copy.deepcopy(network)
    round_network(made)
    see_ranges(made, pictures)
    return made


def test_network_that_does_not_round_says_what_it_said_before(
    network: LesionNet, rounded: LesionNet, pictures: torch.Tensor
) -> None:
    folded = copy.deepcopy(rounded)
    set_rounding(folded, is_on=False)
    with torch.inference_mode():
        assert torch.allclose(folded(pictures), network(pictures), atol=1e-4)


def test_rounding_changes_little_and_something(network: LesionNet, rounded: LesionNet, pictures: torch.Tensor) -> None:
    with torch.inference_mode():
        before, after = network.feature_map(pictures), rounded.feature_map(pictures)
    assert 0.0 < float((before - after).abs().mean() / before.abs().mean()) < 0.2


def test_values_take_levels_of_one_distance_and_end_at_both_ends() -> None:
    rounding = RoundedValues()
    rounding.set_range(-1.0, 3.0)
    x = torch.linspace(-4, 4, 4001, requires_grad=True)
    said = rounding(x)
    said.sum().backward()
    found = said.detach().unique()
    assert len(found) == 256
    assert torch.allclose(found.diff(), rounding.scale.expand(255), atol=1e-5)
    assert 0.0 in found
    inside = (x >= found[0]) & (x <= found[-1])
    assert float((said - x).detach()[inside].abs().max()) <= float(rounding.scale) / 2 + 1e-5
    assert torch.equal(x.grad > 0, inside)


def test_channel_that_weighs_nothing_is_rounded_too(rounded: LesionNet, pictures: torch.Tensor) -> None:
    dead = copy.deepcopy(rounded)
    dead.layer2[0].conv1.weight.data[0] = 0
    with torch.inference_mode():
        assert bool(dead(pictures).isfinite().all())


@pytest.fixture(scope="module")
def body(rounded: LesionNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As export writes it: without the rounding."""
    plain = copy.deepcopy(rounded)
    set_rounding(plain, is_on=False)
    path: Path = tmp_path_factory.mktemp("body") / "body.onnx"
    write_body(plain, path)
    return path


def test_file_rounds_as_the_network_learnt_to(
    rounded: LesionNet, body: Path, pictures: torch.Tensor, views: np.ndarray, tmp_path: Path
) -> None:
    with torch.inference_mode():
        expected = rounded.feature_map(pictures).numpy()
    with whole(tmp_path / "int8.onnx") as part:
        write_int8(body, part, levels(rounded, onnx.load(body)))
    session = one_thread(tmp_path / "int8.onnx")
    said = np.concatenate([session.run(None, {"image": network_inputs([view])})[0] for view in views])
    assert np.abs(said - expected).mean() < 0.1 * np.abs(expected).mean()
    assert np.corrcoef(said.ravel(), expected.ravel())[0, 1] > 0.99


def test_every_value_between_layers_has_its_levels(rounded: LesionNet, body: Path) -> None:
    graph = onnx.load(body).graph
    known = levels(rounded, onnx.load(body))
    after_relu = {node.input[0] for node in graph.node if node.op_type == "Relu"}
    said = {node.output[0] for node in graph.node if node.op_type in {"Conv", "Relu", "Add"}} - after_relu
    assert known.keys() == said | {"image"}
