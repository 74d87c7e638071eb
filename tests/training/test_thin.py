"""A network that has lost a part of its channels says about what it said before."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="PyTorch is only installed where networks are trained: pip install .[train]")

import torch

from tests.training.classroom import noise
from training.network import FULL_WIDTH, Bottleneck, LesionNet, width_of
from training.recipe import Recipe
from training.rounding import network_of
from training.thin import Seen, thinned
from training.train import train

_WIDTH = FULL_WIDTH * 3 // 4


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    return torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network() -> LesionNet:
    """Untrained; a quarter of its inner channels never say anything, and not the same quarter everywhere."""
    torch.manual_seed(0)
    made: LesionNet = LesionNet().eval()
    for block in made.modules():
        if isinstance(block, Bottleneck):
            for norm in (block.bn1, block.bn2):
                silent = torch.randperm(len(norm.weight))[: len(norm.weight) // 4]
                norm.weight.data[silent] = 0.0
    return made


def test_what_never_says_anything_goes_first(network: LesionNet, pictures: torch.Tensor) -> None:
    thin = thinned(network, pictures, torch.tensor([0, 1, 4, 5]), _WIDTH).eval()
    with torch.inference_mode():
        assert torch.allclose(thin(pictures), network(pictures), rtol=1e-3, atol=1e-4)
    assert thin.layer4[2].conv2.weight.shape == (8 * _WIDTH, 8 * _WIDTH, 3, 3)
    assert thin.layer4[2].conv3.out_channels == 2048


def test_thin_network_is_known_by_its_weights(network: LesionNet, pictures: torch.Tensor) -> None:
    state = LesionNet(width=_WIDTH).state_dict()
    assert (width_of(network.state_dict()), width_of(state)) == (FULL_WIDTH, _WIDTH)
    with torch.inference_mode():
        assert network_of(state).eval()(pictures).shape == (4, 9)


def test_what_is_left_out_is_told_from_what_stays() -> None:
    kept = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    told = (2 * kept[:, :1] - kept[:, 1:2] + 5).detach()
    values = torch.cat([kept, told], dim=1)
    seen = Seen(4)
    seen.look(torch.nn.Identity(), (values,))
    (values * torch.tensor([1.0, 2.0, 3.0, 0.1])[:, None, None]).square().sum().backward()
    staying, left_out = seen.best(3)
    assert (staying.tolist(), left_out.tolist()) == ([0, 1, 2], [3])
    mixed, offset = seen.mix(staying, left_out)
    assert mixed[0].tolist() == pytest.approx([2, -1, 0], abs=0.01)
    assert float(offset) == pytest.approx(5, abs=0.01)


@pytest.mark.parametrize("width", [FULL_WIDTH, _WIDTH])
def test_first_stage_learns_anew_where_it_has_lost_channels(
    width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    before, start = LesionNet(width=width).state_dict(), tmp_path / "start.pt"
    torch.save({"averaged": before}, start)
    recipe = Recipe(steps=2, small_side_px=32, large_side_px=32, averaging=0.0)
    learnt = train(tmp_path, tmp_path, noise(monkeypatch), tmp_path / "run", recipe, start, is_watched=False)
    after = learnt.state_dict()
    for name in ("conv1.weight", "layer1.0.conv2.weight", "layer1.2.bn3.running_mean"):
        assert torch.equal(after[name], before[name]) == (width == FULL_WIDTH), name
    assert not torch.equal(after["layer2.0.conv2.weight"], before["layer2.0.conv2.weight"])
