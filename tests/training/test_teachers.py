"""What networks say together is what another learns to say."""
# ruff: noqa: E402 - what needs PyTorch is imported after the skip

from pathlib import Path

import pytest

torch = pytest.importorskip(
    "torch", reason="PyTorch is only installed where networks are trained: pip install .[train]"
)

from tests.training.classroom import noise
from training.network import LesionNet
from training.recipe import Recipe
from training.rounding import round_network
from training.teachers import Teachers
from training.train import train

MEL = 4


@pytest.fixture
def convinced(tmp_path: Path) -> Path:
    """A network that says melanoma, whatever it is shown."""
    network = LesionNet()
    network.head.bias.data[MEL] = 20
    return _saved(network, tmp_path / "convinced.pt")


def _saved(network: LesionNet, path: Path) -> Path:
    torch.save({"averaged": network.state_dict()}, path)
    return path


def test_teachers_count_the_same_also_one_of_eight_bits(
    convinced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda network: network)
    other = LesionNet()
    round_network(other)
    other.head.weight.data.zero_()
    other.head.bias.data.zero_()
    teachers = Teachers([convinced, _saved(other, tmp_path / "other.pt")])
    told = teachers.probabilities(torch.rand(2, 3, 32, 32))
    assert told.sum(1).tolist() == pytest.approx([1, 1], abs=1e-3)
    assert told[:, MEL].tolist() == pytest.approx([(1 + 1 / 7) / 2] * 2, abs=1e-2)


def test_network_learns_what_its_teachers_say(convinced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = noise(monkeypatch)
    pictures = torch.rand(8, 3, 32, 32)
    said = []
    for teachers in ((), (convinced,)):
        recipe = Recipe(steps=8, small_side_px=32, large_side_px=32, averaging=0.0, taught=50.0, teachers=teachers)
        network = train(tmp_path, tmp_path, photos, tmp_path / str(len(teachers)), recipe, is_watched=False)
        with torch.inference_mode():
            said.append(network.eval()(pictures)[:, :7].softmax(1)[:, MEL].mean().item())
    alone, taught = said
    assert taught > 2 * alone
