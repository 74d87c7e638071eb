"""A training goes on where the last one shipped."""
# ruff: noqa: E402 - what needs PyTorch is imported after the skip

import copy
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")
onnx = pytest.importorskip("onnx", reason="onnx is only installed where networks are trained: pip install .[train]")

import torch

from inference.decoding import decode
from inference.image import lesion_view, network_input
from inference.model import file_sha256
from training.answers import answers, bare_model
from training.batches import UNKNOWN, Batches, Source, log_prior, sampling_chances
from training.losses import loss
from training.network import LesionNet
from training.recipe import Recipe
from training.rounding import has_ranges, round_network, see_ranges
from training.start import shipped
from training.train import begun, learning_rate

_SHIPPED = Path(__file__).parents[2] / "models" / "model.onnx"
_PHOTOS = Path(__file__).parents[1] / "photos"


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    """Of lesions: what is no lesion leaves the ranges that the network learnt with."""
    photos = [path.read_bytes() for kind in ("ham10000", "pad") for path in sorted(_PHOTOS.glob(f"{kind}_*.jpg"))]
    return np.stack([network_input(lesion_view(decode(photo)), 224) for photo in photos])


@pytest.fixture(scope="module")
def network(views: np.ndarray) -> LesionNet:
    loaded: LesionNet = shipped(_SHIPPED, _tensor(views))
    return loaded


def _tensor(views: np.ndarray) -> torch.Tensor:
    model = bare_model(_SHIPPED)
    mean, std = (np.array(values, np.float32) for values in (model.mean, model.std))
    return torch.from_numpy(((views / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32))


def _logits(network: LesionNet, views: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(network.eval()(_tensor(views))[:, :7].numpy())


def test_unfolded_network_says_what_the_shipped_one_says(network: LesionNet, views: np.ndarray) -> None:
    expected = answers(bare_model(_SHIPPED), views).logits
    unfolded = _logits(network, views)
    assert np.corrcoef(unfolded.ravel(), expected.ravel())[0, 1] > 0.99
    assert np.array_equal(unfolded.argmax(axis=1), expected.argmax(axis=1))
    assert np.abs(unfolded - expected).mean() < 0.25 * expected.std()


def test_both_heads_of_the_file_go_on(network: LesionNet) -> None:
    written = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in onnx.load(_SHIPPED).graph.initializer}
    heads = {"head": network.head, "clinical": network.clinical_head}
    for name, head in heads.items():
        assert np.array_equal(head.weight.detach().numpy().ravel(), written[f"{name}_weight"].ravel())
        assert np.array_equal(head.bias.detach().numpy().ravel(), written[f"{name}_bias"].ravel())


def test_batch_norms_know_the_pictures_that_they_were_shown(network: LesionNet, views: np.ndarray) -> None:
    said: list[torch.Tensor] = []
    hook = network.layer3[2].conv2.register_forward_hook(lambda _module, _inputs, output: said.append(output))
    _logits(network, views)
    hook.remove()
    norm = network.layer3[2].bn2
    assert torch.allclose(said[0].mean((0, 2, 3)), norm.running_mean, atol=1e-3)
    assert torch.allclose(said[0].var((0, 2, 3), unbiased=False), norm.running_var, rtol=1e-2, atol=1e-4)


@pytest.fixture(scope="module")
def checkpoints(network: LesionNet, views: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a training without and one with eight bits has left."""
    folder, rounded = tmp_path_factory.mktemp("checkpoints"), copy.deepcopy(network)
    round_network(rounded)
    see_ranges(rounded, _tensor(views))
    rounded.seen.scale.fill_(0.125)  # a range that pictures would not have shown
    paths = {"plain": folder / "plain.pt", "rounded": folder / "rounded.pt"}
    torch.save({"averaged": network.state_dict(), "start": ""}, paths["plain"])
    torch.save({"averaged": rounded.state_dict(), "start": file_sha256(paths["plain"])}, paths["rounded"])
    return paths


@pytest.mark.parametrize("rounded", [False, True])
def test_training_begins_where_another_ended(
    network: LesionNet, views: np.ndarray, checkpoints: dict[str, Path], tmp_path: Path, *, rounded: bool
) -> None:
    made = begun(tmp_path, tmp_path / "checkpoint.pt", checkpoints["plain"], _tensor(views), is_rounded=rounded)
    assert has_ranges(made.state_dict()) == rounded
    assert torch.equal(made.head.weight, network.head.weight)
    assert not rounded or float(made.seen.scale) != 1.0


def test_training_keeps_the_ranges_that_another_learnt_with(
    views: np.ndarray, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    made = begun(tmp_path, tmp_path / "checkpoint.pt", checkpoints["rounded"], _tensor(views), is_rounded=True)
    assert float(made.seen.scale) == 0.125


def test_stopped_training_goes_on_in_its_own_shape(
    views: np.ndarray, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    made = begun(tmp_path, checkpoints["rounded"], checkpoints["plain"], _tensor(views), is_rounded=True)
    made.load_state_dict(torch.load(checkpoints["rounded"])["averaged"])


def test_stopped_training_does_not_go_on_from_another_start(
    views: np.ndarray, checkpoints: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="take another RUN"):
        begun(tmp_path, checkpoints["rounded"], checkpoints["rounded"], _tensor(views), is_rounded=True)


@pytest.mark.parametrize(
    ("checkpoint", "start", "rounded"), [("rounded", None, False), ("plain", None, True), ("none", "rounded", False)]
)
def test_training_with_eight_bits_is_not_mixed_up_with_one_without(
    views: np.ndarray,
    checkpoints: dict[str, Path],
    tmp_path: Path,
    checkpoint: str,
    start: str | None,
    *,
    rounded: bool,
) -> None:
    own, others = checkpoints.get(checkpoint, tmp_path / "checkpoint.pt"), checkpoints[start] if start else None
    with pytest.raises(ValueError, match="eight bits"):
        begun(tmp_path, own, others, _tensor(views), is_rounded=rounded)


def _source(labels: list[int], is_clinical: int, is_lesion: int, masks: np.ndarray | None = None) -> Source:
    frames = np.random.default_rng(0).integers(0, 256, (len(labels), 48, 64, 3), np.uint8)
    known = np.array(labels)
    chances = sampling_chances(known) if is_lesion else np.full(len(labels), 1 / len(labels))
    return Source(frames, known, chances, is_clinical, is_lesion, masks)


def test_rare_classes_are_drawn_more_often_than_they_occur_and_less_than_equally() -> None:
    prior = np.exp(log_prior(_source([5] * 90 + [4] * 10, 0, 1)))
    assert prior[4] == pytest.approx(np.sqrt(10) / (np.sqrt(10) + np.sqrt(90)))
    assert 0 < prior[0] < 0.02


def test_batches_hold_lesions_of_both_kinds_and_pictures_without() -> None:
    sources = (_source([0, 1, 5], 0, 1), _source([1, 1], 1, 1))
    batches = Batches(sources, [_source([UNKNOWN] * 3, UNKNOWN, 0)], Recipe(), torch.tensor([32]), seed=0)
    drawn = [pair for pair, _ in zip(batches, range(8), strict=False)]
    targets = torch.cat([wanted for _, wanted, _ in drawn])
    assert drawn[0][0].shape == (32, 3, 32, 32)
    assert set(map(tuple, targets.tolist())) == {(0, 0, 1), (1, 0, 1), (5, 0, 1), (1, 1, 1), (UNKNOWN, UNKNOWN, 0)}


def test_mask_is_cropped_as_its_picture_is() -> None:
    """Where the frame is white on its lesion and black elsewhere, the picture shows the mask."""
    masks = np.zeros((1, 96, 128), np.uint8)
    masks[:, 10:60, 20:70] = 255
    source = Source(np.repeat(masks[..., None], 3, axis=3), np.array([0]), np.ones(1), 0, 1, masks)
    others = (source, _source([1], 1, 1)), [_source([UNKNOWN], UNKNOWN, 0)]
    batches = Batches(*others, Recipe(), torch.tensor([128]), seed=0)
    pictures, targets, on_lesion = next(iter(batches))
    outlined = (targets[:, 1] == 0) & (targets[:, 2] == 1)
    shown = torch.nn.functional.avg_pool2d(pictures[outlined].mean(1), 32).flatten()
    assert float(torch.corrcoef(torch.stack([shown, on_lesion[outlined].flatten()]))[0, 1]) > 0.9
    assert not on_lesion[~outlined].any()


def _loss(said: torch.Tensor, targets: torch.Tensor, log_priors: torch.Tensor) -> torch.Tensor:
    nothing = torch.zeros(len(said), 7, 2, 2)
    return loss(said, nothing, targets, nothing[:, 0], log_priors, Recipe())


def test_loss_wants_what_speaks_for_the_class_on_the_lesion() -> None:
    said, targets, priors = torch.zeros(2, 9), torch.tensor([[4, 0, 1], [5, 0, 1]]), torch.zeros(2, 7)
    on_lesion = torch.zeros(2, 3, 3)
    on_lesion[0, 1, 1] = 1  # nobody has outlined the second
    maps = torch.ones(2, 7, 3, 3, requires_grad=True)
    loss(said, maps, targets, on_lesion, priors, Recipe()).backward()
    slope = maps.grad
    assert slope is not None
    assert slope[0, 4, 1, 1] < 0
    assert slope[0, 4, 0, 0] > 0
    assert slope[0, :4].abs().sum() == 0
    assert slope[1].abs().sum() == 0


def test_loss_asks_no_class_of_a_picture_without_a_lesion() -> None:
    said = torch.zeros(2, 9, requires_grad=True)
    _loss(said, torch.tensor([[4, 0, 1], [UNKNOWN, UNKNOWN, 0]]), torch.zeros(2, 7)).backward()
    slope = said.grad
    assert slope is not None
    assert slope[0, 4] < 0
    assert slope[1, :7].abs().sum() == 0
    assert slope[1, 7] > 0
    assert slope[1, 8] == 0


def test_loss_takes_the_mix_of_the_batches_out_of_the_logits() -> None:
    common = torch.tensor([[0.0] * 5 + [3.0, 0.0]] * 2)
    said, targets = torch.zeros(1, 9), torch.tensor([[5, 0, 1]])
    assert _loss(said, targets, common) < _loss(said, targets, torch.zeros(2, 7))


def test_learning_rate_warms_up_and_fades() -> None:
    assert learning_rate(0, 1.0) == 0
    assert learning_rate(0.03, 1.0) == pytest.approx(1.0)
    assert learning_rate(1.0, 1.0) == pytest.approx(0)
