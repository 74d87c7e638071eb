"""The network that finds lesions learns where they are, and its file says the same."""
# ruff: noqa: PLC0415 - what needs PyTorch is imported after the skip

from pathlib import Path

import numpy as np
import pytest

from inference.lesion import INPUT_SIDE_PX, MAP_SIDE_PX, LesionLimits
from tests.training.scenes import frame
from training.composites import Scene, Sources, scene

NEEDS_TORCH = "PyTorch is only installed where networks are trained: pip install .[train]"


def test_network_and_its_file_say_the_same(tmp_path: Path, sources: Sources) -> None:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    pytest.importorskip("onnx", reason=NEEDS_TORCH)
    from training import segment
    from training.lesions import finder_of

    torch.manual_seed(0)
    network = segment.SegmentationNet().eval()
    torch.save({"best": network.state_dict()}, tmp_path / "lesion.pt")
    segment.write(tmp_path / "lesion.pt", tmp_path / "lesion.onnx")
    image_rgb, _ = segment.example(scene(sources, np.random.default_rng(0)))
    with torch.inference_mode():
        logits, presence = network(torch.from_numpy(image_rgb[None]).float())
    session = finder_of(tmp_path / "lesion.onnx", LesionLimits(0.5, 0, 0, 0.3, 160, 0.05)).session
    lesion_map, told = session.run(["lesion_map", "presence"], {"image": image_rgb[None]})
    assert np.allclose(lesion_map, logits.sigmoid().numpy(), atol=1e-4)
    assert np.allclose(told, presence.sigmoid().numpy(), atol=1e-4)
    assert (tmp_path / "lesion.onnx").stat().st_size < 300_000


def test_training_teaches_where_the_lesion_is(tmp_path: Path, sources: Sources) -> None:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    from training import segment

    torch.manual_seed(0)
    network = segment.SegmentationNet()
    image_rgb, target = segment.example(Scene(*(part[:128, :128].copy() for part in frame())))
    assert image_rgb.shape == (INPUT_SIDE_PX, INPUT_SIDE_PX, 3)
    assert target.shape == (MAP_SIDE_PX, MAP_SIDE_PX)
    images, targets = torch.from_numpy(image_rgb[None]).float(), torch.from_numpy(target[None])
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        logits, presence = network(images)
        said = segment.loss(logits, presence, targets)
        said.backward()
        optimizer.step()
        losses.append(float(said.detach()))
    assert losses[-1] < losses[0] / 3


def test_stopped_training_goes_on_to_its_step_and_keeps_better_weights_of_before(
    tmp_path: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    from training import segment

    worths, path = iter([(0.9, 0.9), (0.8, 0.8)]), tmp_path / "lesion.pt"
    batch = torch.zeros(2, 96, 96, 3), None
    monkeypatch.setattr(segment, "worth", lambda network, examples: next(worths))
    monkeypatch.setattr(segment, "DataLoader", lambda *arguments, **settings: [batch] * 9)
    monkeypatch.setattr(segment, "loss", lambda logits, presence, target: logits.mean())
    judges = {"scenes": segment.kept([Scene(*frame())])}
    segment.train(sources, judges, path, steps=2)
    before = torch.load(path)
    for _ in range(2):
        segment.train(sources, judges, path, steps=3)
    after = torch.load(path)
    assert (before["step"], after["step"]) == (2, 3)
    assert after["score"] == before["score"] == pytest.approx(0.9)
    assert all(torch.equal(value, before["best"][name]) for name, value in after["best"].items())
    assert not torch.equal(after["network"]["map.bias"], before["network"]["map.bias"])
    assert next(worths, None) is None
