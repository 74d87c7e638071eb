"""A small fully convolutional network that says where the lesion is in a photo.

Source: Ronneberger et al. 2015, U-Net, arXiv:1505.04597; Howard et al. 2017, MobileNets (depthwise-separable
convolutions), arXiv:1704.04861; Milletari et al. 2016, V-Net (the Dice loss), arXiv:1606.04797.
"""

import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

from inference.lesion import INPUT_SIDE_PX, MAP_SIDE_PX
from training.averaging import move
from training.composites import Scene, Sources, scene
from training.whole import whole

_OPSET: Final = 18
_BATCH: Final = 32
_LEARNING_RATE: Final = 4e-3
_AVERAGING: Final = 0.998  # of the weights, per step
_STEPS_BETWEEN_LOOKS: Final = 250
_PRESENT: Final = 1e-3  # share of a scene that its lesions must fill to be there
_ABSENT: Final = 1e-5


class Separable(nn.Module):  # type: ignore[misc]  # mypy skips torch
    """A depthwise and a pointwise convolution; around a shortcut where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, side: int = 3) -> None:
        super().__init__()
        self.deep = nn.Conv2d(inputs, inputs, side, stride, side // 2, groups=inputs, bias=False)
        self.deep_norm = nn.BatchNorm2d(inputs)
        self.wide = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.wide_norm = nn.BatchNorm2d(outputs)
        self.is_residual = inputs == outputs and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/stride, W/stride)."""
        y = self.wide_norm(self.wide(self.deep_norm(self.deep(x)).relu()))
        return (x + y if self.is_residual else y).relu()


def _convolution(inputs: int, outputs: int, side: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class SegmentationNet(nn.Module):  # type: ignore[misc]  # likewise
    """Down to a sixteenth, where one place sees the whole photo, and up to half, with what was seen on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.down_2 = _convolution(3, 16, 3, 2)
        self.down_4 = nn.Sequential(_convolution(16, 32, 3, 2), Separable(32, 32))
        self.down_8 = nn.Sequential(Separable(32, 64, 2), Separable(64, 64), Separable(64, 64))
        self.down_16 = nn.Sequential(Separable(64, 96, 2), Separable(96, 96, side=5), Separable(96, 96, side=5))
        self.to_eighth, self.at_eighth = _convolution(96, 64, 1), Separable(64, 64)
        self.to_quarter, self.at_quarter = _convolution(64, 32, 1), Separable(32, 32)
        self.to_half, self.at_half = _convolution(32, 16, 1), Separable(16, 16)
        self.map = nn.Conv2d(16, 1, 3, 1, 1)
        self.presence = nn.Linear(96, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(N, S, S, 3) of 0-255 to logits: the map's (N, S/2, S/2), and presence (N,)."""
        x = image.permute(0, 3, 1, 2) * (1 / 64) - 2
        half = self.down_2(x)
        quarter = self.down_4(half)
        eighth = self.down_8(quarter)
        deep = self.down_16(eighth)
        up = self.at_eighth(_doubled(self.to_eighth(deep)) + eighth)
        up = self.at_quarter(_doubled(self.to_quarter(up)) + quarter)
        up = self.at_half(_doubled(self.to_half(up)) + half)
        return self.map(up)[:, 0], self.presence(deep.mean((2, 3)))[:, 0]


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


class Exported(nn.Module):  # type: ignore[misc]  # likewise
    """What the file holds: bytes in, probabilities out."""

    def __init__(self, network: SegmentationNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(1, S, S, 3) uint8 to (1, S/2, S/2) and (1,) of 0-1."""
        logits, presence = self.network(image.float())
        return logits.sigmoid(), presence.sigmoid()


class Scenes(IterableDataset):  # type: ignore[misc]  # likewise
    """Scenes without end, each in its own chance."""

    def __init__(self, sources: Sources, seed: int) -> None:
        self.sources, self.seed = sources, seed

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
        """Yield the network's input and the share of lesion in each place of its map."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng(self.seed)
        while True:
            yield example(scene(self.sources, rng))


def example(made: Scene) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return a scene as input (S, S, 3) uint8 and target (S/2, S/2) float32 of 0-1."""
    image_rgb = cv2.resize(made.image_rgb, (INPUT_SIDE_PX,) * 2, interpolation=cv2.INTER_AREA)
    target = cv2.resize(made.mask, (MAP_SIDE_PX,) * 2, interpolation=cv2.INTER_AREA)
    return image_rgb.astype(np.uint8), target.astype(np.float32) / np.float32(255)


def loss(logits: Tensor, presence: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy of places, one minus Dice where there is a lesion, cross-entropy of presence."""
    filled = target.mean((1, 2))
    is_present, is_clear = (filled > _PRESENT).float(), ((filled > _PRESENT) | (filled < _ABSENT)).float()
    places = F.binary_cross_entropy_with_logits(logits, target)
    probabilities = logits.sigmoid()
    overlap = 2 * (probabilities * target).sum((1, 2)) + 1
    dice = overlap / (probabilities.sum((1, 2)) + target.sum((1, 2)) + 1)
    there = F.binary_cross_entropy_with_logits(presence, is_present, is_clear)
    return places + 0.5 * ((1 - dice) * is_present).mean() + 0.3 * there


@dataclass(frozen=True, slots=True)
class Kept:
    """Examples that training is judged by.

    Attributes:
        images: (N, S, S, 3) uint8.
        targets: (N, S/2, S/2) float32.
    """

    images: Tensor
    targets: Tensor


def kept(scenes: list[Scene]) -> Kept:
    """Return scenes as examples."""
    images, targets = zip(*map(example, scenes), strict=True)
    return Kept(torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(targets)))


@torch.inference_mode()  # type: ignore[untyped-decorator]  # likewise
def worth(network: SegmentationNet, examples: Kept) -> tuple[float, float]:
    """Return the mean Dice of the scenes with a lesion, and the share of scenes whose presence is told right."""
    dices, rights = [], []
    for start in range(0, len(examples.images), 128):
        target = examples.targets[start : start + 128]
        logits, presence = network(examples.images[start : start + 128].float())
        found, true = logits > 0, target > 0.5
        dice = (2 * (found & true).sum((1, 2)) + 1) / (found.sum((1, 2)) + true.sum((1, 2)) + 1)
        is_present = target.mean((1, 2)) > _PRESENT
        dices.append(dice[is_present])
        rights.append((presence > 0) == is_present)
    return float(torch.cat(dices).mean()), float(torch.cat(rights).float().mean())


def train(sources: Sources, judges: dict[str, Kept], checkpoint: Path, steps: int) -> None:
    """Train to this step, going on from the checkpoint where there is one; it keeps the best averaged weights, too."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = SegmentationNet()
    averaged = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(network.parameters(), _LEARNING_RATE, weight_decay=1e-3)
    learning = {"network": network, "averaged": averaged, "optimizer": optimizer}
    best = {"step": 0, "score": 0.0, "best": averaged.state_dict()}
    if checkpoint.exists():
        best = torch.load(checkpoint)
        for name, part in learning.items():
            part.load_state_dict(best.pop(name))
    begun = best["step"]
    if begun >= steps:
        print(f"{checkpoint} has had its {begun} steps", flush=True)
        return
    loader = DataLoader(Scenes(sources, begun), _BATCH, num_workers=1, prefetch_factor=8)
    for step, (images, targets) in enumerate(loader, begun + 1):
        for group in optimizer.param_groups:
            fading = float(0.5 + 0.5 * np.cos(np.pi * step / steps))
            group["lr"] = _LEARNING_RATE * min(1, step / 100) * fading + 1e-6
        optimizer.zero_grad()
        logits, presence = network(images.float())
        loss(logits, presence, targets).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        move(averaged, network, min(_AVERAGING, (step - 1) / (step + 9)))
        if step % _STEPS_BETWEEN_LOOKS == 0 or step == steps:
            score = _score(averaged, judges, f"step {step} of {steps}")
            if score > best["score"]:
                best = {"score": score, "best": copy.deepcopy(averaged.state_dict())}
            best["step"] = step
            with whole(checkpoint) as written:
                torch.save(best | {name: part.state_dict() for name, part in learning.items()}, written)
        if step == steps:
            break


def _score(network: SegmentationNet, judges: dict[str, Kept], when: str) -> float:
    network.eval()
    found = {name: worth(network, examples) for name, examples in judges.items()}
    network.train()
    told = ", ".join(f"{name}: Dice {dice:.3f}, presence {right:.3f}" for name, (dice, right) in found.items())
    print(f"{when}: {told}", flush=True)
    return float(np.mean(list(found.values())))


def write(checkpoint: Path, path: Path) -> None:
    """Write the best network of a checkpoint as ONNX."""
    network = SegmentationNet()
    network.load_state_dict(torch.load(checkpoint)["best"])
    image = torch.zeros(1, INPUT_SIDE_PX, INPUT_SIDE_PX, 3, dtype=torch.uint8)
    names = {"input_names": ["image"], "output_names": ["lesion_map", "presence"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # as in training/export.py
        exported = Exported(network).eval()
        torch.onnx.export(exported, (image,), str(path), opset_version=_OPSET, dynamo=False, **names)
