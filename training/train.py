"""Fine-tune the pretrained ResNet50 on the train part, for as long as you have.

    python -m training.train CACHE BACKBONE RUN [--minutes M]

The schedule follows the share of the time that is spent ("budgeted training", Li et al. 2020, arXiv:1905.04753): small
pictures first, full size for the rest. A stopped run goes on from its last checkpoint.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from inference.image import normalized
from training.augment import augmented
from training.data import IMAGENET_MEAN, IMAGENET_STD, Photos, load
from training.network import LesionNet, load_backbone

_BATCH: Final = 32
_PHONE_SHARE: Final = 0.1  # of the photos of a batch: 2 % of the photos there are, for what patients send
_SMALL_SIDE_PX: Final = 160
_FULL_SIDE_PX: Final = 224
_SMALL_UNTIL: Final = 0.55  # of the time
_WARM_UP: Final = 0.03
_EMA: Final = 0.998
_LABEL_SMOOTHING: Final = 0.05
_CHECKPOINT_EVERY: Final = 400  # steps
_FROZEN: Final = ("conv1", "bn1", "layer1")  # what the first layers see is the same on skin, and they cost most


@dataclass(slots=True)
class Clock:
    """How far a run has come, over its sittings."""

    budget_s: float
    spent_s: float = 0.0
    last: float = 0.0

    def tick(self) -> float:
        """Return the share of the budget that is spent, 0 to 1."""
        now = time.monotonic()
        self.spent_s += now - self.last
        self.last = now
        return min(1.0, self.spent_s / self.budget_s)


def sampling_probabilities(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the chance of each photo: classes by the square root of their size, between natural and balanced."""
    counts = np.bincount(labels)
    weights = 1 / np.sqrt(counts[labels])
    return np.asarray(weights / weights.sum())


class Batches(torch.utils.data.IterableDataset[tuple[Tensor, Tensor]]):  # type: ignore[misc]  # mypy skips torch
    """Endless random batches; the side of the pictures is told over a shared tensor."""

    def __init__(self, dermoscopic: Photos, phone: Photos, side_px: Tensor, seed: int) -> None:
        self._sets = [(photos, photos.part("train")) for photos in (dermoscopic, phone)]
        self._side_px = side_px
        self._seed = seed

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield (N, 3, S, S) float32 and (N,) int64."""
        cv2.setNumThreads(1)
        rng = np.random.default_rng(self._seed)
        chances = [sampling_probabilities(photos.labels[part]) for photos, part in self._sets]
        while True:
            side_px = int(self._side_px.item())
            pictures, labels = [], []
            for is_phone in rng.random(_BATCH) < _PHONE_SHARE:
                photos, part = self._sets[int(is_phone)]
                index = rng.choice(part, p=chances[int(is_phone)])
                picture = augmented(photos.frames[index], side_px, rng)
                pictures.append(normalized(picture, IMAGENET_MEAN, IMAGENET_STD))
                labels.append(photos.labels[index])
            yield torch.from_numpy(np.stack(pictures)), torch.tensor(labels)


def learning_rate(progress: float, peak: float) -> float:
    """Return the rate: linear warm-up, then a cosine to zero."""
    if progress < _WARM_UP:
        return peak * progress / _WARM_UP
    return float(peak * 0.5 * (1 + np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))))


def balanced_accuracy(network: LesionNet, views: NDArray[np.uint8], labels: NDArray[np.int64]) -> float:
    """Return the mean recall over the classes that occur."""
    found = np.concatenate([_logits(network, views[i : i + 64]).argmax(1) for i in range(0, len(views), 64)])
    return float(np.mean([(found[labels == label] == label).mean() for label in np.unique(labels)]))


@torch.inference_mode()  # type: ignore[untyped-decorator]  # mypy skips torch
def _logits(network: LesionNet, views: NDArray[np.uint8]) -> NDArray[np.float32]:
    pictures = np.stack([normalized(view, IMAGENET_MEAN, IMAGENET_STD) for view in views])
    with torch.autocast("cpu", torch.bfloat16):
        return np.asarray(network(torch.from_numpy(pictures).to(memory_format=torch.channels_last)).float().numpy())


def train(cache: Path, backbone: Path, run: Path, budget_s: float, seed: int = 0) -> None:
    """Train until the budget is spent; leaves RUN/checkpoint.pt with the averaged weights in it."""
    torch.manual_seed(seed)
    dermoscopic, phone = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    network, averaged = LesionNet(), LesionNet()
    load_backbone(network, backbone)
    averaged.load_state_dict(network.state_dict())
    clock = Clock(budget_s)
    optimizer = torch.optim.AdamW(_groups(network), weight_decay=0.03)
    checkpoint, step = run / "checkpoint.pt", 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        network.load_state_dict(saved["network"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        clock.spent_s, step = saved["spent_s"], saved["step"]
        if clock.spent_s >= budget_s:
            return
    side_px = torch.tensor([_SMALL_SIDE_PX]).share_memory_()
    batches = torch.utils.data.DataLoader(
        Batches(dermoscopic, phone, side_px, seed + step), batch_size=None, num_workers=1, prefetch_factor=4
    )
    averaged.to(memory_format=torch.channels_last)  # else its evaluation takes as long as the steps between
    network.to(memory_format=torch.channels_last)
    clock.last = time.monotonic()
    for pictures, labels in batches:
        progress = clock.tick()
        side_px[0] = _SMALL_SIDE_PX if progress < _SMALL_UNTIL else _FULL_SIDE_PX
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(progress, group["peak"])
        loss = _step(network, averaged, optimizer, pictures, labels, step)
        step += 1
        if step % _CHECKPOINT_EVERY == 0 or progress >= 1:
            part = dermoscopic.part("validation")
            score = balanced_accuracy(averaged.eval(), dermoscopic.views[part], dermoscopic.labels[part])
            print(f"step {step} spent {progress:.1%} loss {loss:.3f} validation {score:.3f}", flush=True)
            _save(checkpoint, network, averaged, optimizer, clock, step)
        if progress >= 1:
            return


def _groups(network: LesionNet) -> list[dict[str, object]]:
    for name in _FROZEN:
        for parameter in getattr(network, name).parameters():
            parameter.requires_grad = False
    body = [p for name, p in network.named_parameters() if p.requires_grad and not name.startswith("head.")]
    return [{"params": body, "peak": 3e-4}, {"params": network.head.parameters(), "peak": 1e-3}]


def _step(
    network: LesionNet,
    averaged: LesionNet,
    optimizer: torch.optim.Optimizer,
    pictures: Tensor,
    labels: Tensor,
    step: int,
) -> float:
    network.train()
    for name in _FROZEN:
        getattr(network, name).eval()
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(pictures.to(memory_format=torch.channels_last))
    loss = F.cross_entropy(logits.float(), labels, label_smoothing=_LABEL_SMOOTHING)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    decay = min(_EMA, (1 + step) / (10 + step))
    with torch.no_grad():
        for mean, value in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - decay)
    return float(loss.detach())


def _save(
    path: Path,
    network: LesionNet,
    averaged: LesionNet,
    optimizer: torch.optim.Optimizer,
    clock: Clock,
    step: int,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"network": network.state_dict(), "averaged": averaged.state_dict(), "step": step}
    torch.save(state | {"optimizer": optimizer.state_dict(), "spent_s": clock.spent_s}, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("backbone", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--minutes", type=float, default=240)
    arguments = parser.parse_args()
    train(arguments.cache, arguments.backbone, arguments.run, arguments.minutes * 60)
