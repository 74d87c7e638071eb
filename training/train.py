"""Fine-tune a ResNet50 on the train part for a number of steps.

    python -m training.train DATA CACHE RUN [--start FILE] [--steps N] [--rounded] [--teachers CHECKPOINT…] [--taught N]

It starts at the pretrained backbone, at a checkpoint.pt of another run, or at a model.onnx that shipped: so a training
may have several sittings. Pictures are small at first, and grow. A stopped run goes on from its last checkpoint.
The last sitting is rounded: the network learns with the eight bits that it will answer with. Taught by the float
network that it begins at, much more than by the labels, it goes on to say what that says.

Most batches are mixed with themselves: pictures are laid over each other, and both answers count for their share.

Source: Zhang et al. 2018, mixup: Beyond Empirical Risk Minimization, arXiv:1710.09412; losses.py.
"""

import copy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from inference.classes import LesionClass
from inference.model import file_sha256
from training.averaging import move
from training.batches import Batches, lesion_free_sources, lesion_sources, log_prior
from training.command_line import folders
from training.data import Photos, load, network_inputs
from training.losses import loss
from training.measures import balanced_accuracy
from training.network import FULL_WIDTH, LesionNet, width_of
from training.precision import learning_precision
from training.recipe import Recipe
from training.rounding import has_ranges, network_of, round_network, see_ranges
from training.start import load_backbone, shipped
from training.teachers import Teachers
from training.whole import whole

_WARM_UP: Final = 0.03
_PEAK: Final = 2e-4
_HEAD_PEAK: Final = 1e-3
_ROUNDED_SHARE: Final = 0.25  # of the peaks: without BatchNorm, steps are larger
_WEIGHT_DECAY: Final = 0.03
_BATCH: Final = 64  # photos of which a network is asked at once
_CHECKPOINT_EVERY: Final = 250  # steps
_VIEWS_TO_MEASURE: Final = 256
_FIRST: Final = ("conv1", "bn1", "layer1")  # what they see is the same on skin, and they cost most


def learning_rate(progress: float, peak: float) -> float:
    """Return the rate: linear warm-up, then a cosine to zero."""
    if progress < _WARM_UP:
        return peak * progress / _WARM_UP
    return float(peak * 0.5 * (1 + np.cos(np.pi * (progress - _WARM_UP) / (1 - _WARM_UP))))


def validation_score(network: LesionNet, photos: Photos) -> float:
    """Return the balanced accuracy where all classes are taken as equally common."""
    part = photos.part("validation")
    return balanced_accuracy(logits(network, photos.views[part]).argmax(1), photos.labels[part])


def logits(network: LesionNet, views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what a network says of (N, S, S, 3) views, as it learns: (N, classes)."""
    said = [_said(network, views[start : start + _BATCH]) for start in range(0, len(views), _BATCH)]
    return np.concatenate(said)[:, : len(LesionClass)]


@torch.inference_mode()  # type: ignore[untyped-decorator]  # mypy skips torch
def _said(network: LesionNet, views: NDArray[np.uint8]) -> NDArray[np.float32]:
    with learning_precision():
        said = network(torch.from_numpy(network_inputs(views)).to(memory_format=torch.channels_last))
    return np.asarray(said.float().numpy())


def train(
    data: Path,
    cache: Path,
    photos: tuple[Photos, Photos],
    run: Path,
    recipe: Recipe,
    start: Path | None = None,
    *,
    is_watched: bool = True,
) -> LesionNet:
    """Train to the last step and return the averaged network; leaves RUN/checkpoint.pt with it.

    Args:
        data: has the pretrained network, the masks and everyday pictures.
        cache: has pictures of skin without a lesion.
        photos: dermoscopic and of phones.
        run: where the checkpoint lies, or will lie.
        recipe: how.
        start: see begun.
        is_watched: whether each checkpoint is measured on the validation part.
    """
    cv2.setNumThreads(1)  # first: a process that is forked off to make batches would wait for threads that it has not
    torch.manual_seed(recipe.seed)
    rng, steps = np.random.default_rng(recipe.seed), recipe.steps
    checkpoint = run / "checkpoint.pt"
    dermoscopic, phone = photos
    shown = torch.from_numpy(network_inputs(_some_views(dermoscopic, rng)))
    pretrained = data / recipe.pretrained
    network = begun(pretrained, checkpoint, start, shown, is_rounded=recipe.is_rounded)
    began_at = file_sha256(start or pretrained)
    averaged = copy.deepcopy(network)
    optimizer = torch.optim.AdamW(_groups(network, is_rounded=recipe.is_rounded), weight_decay=_WEIGHT_DECAY)
    step = _restored(checkpoint, network, averaged, optimizer)
    for either in (network, averaged.eval()):
        either.to(memory_format=torch.channels_last)  # else evaluation takes as long as the steps between
    if step >= steps:
        print(f"{checkpoint} has had its {step} steps; take another RUN to train anew", flush=True)
        return averaged
    lesions = lesion_sources(data, dermoscopic, phone, recipe)
    lesion_free = lesion_free_sources(data, cache, dermoscopic, phone, rng)
    log_priors = torch.from_numpy(np.stack([log_prior(source) for source in lesions]) * recipe.is_adjusted)
    side_px = torch.tensor([recipe.side_px(step)]).share_memory_()
    batches = iter(_loader(Batches(lesions, lesion_free, recipe, side_px, recipe.seed + step)))
    compiled, compiled_averaged = torch.compile(network.explained), torch.compile(averaged)
    asked = Teachers(recipe.teachers) if recipe.teachers else None
    began, before = time.monotonic(), step
    while step < steps:
        side_px[0] = recipe.side_px(step)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step / steps, group["peak"])
        share = rng.beta(recipe.mixup, recipe.mixup) if rng.random() < recipe.mixed else 1.0
        lost = _step(network, compiled, optimizer, _mixed(next(batches), share, asked), log_priors, recipe)
        step += 1
        move(averaged, network, min(recipe.averaging, step / (9 + step)))
        pace = (time.monotonic() - began) / (step - before)
        told = f"step {step} of {steps}, {pace:.2f} s each, loss {lost:.3f}"
        if sys.stdout.isatty():
            print(told, end=" \r", flush=True)
        if step % _CHECKPOINT_EVERY == 0 or step == steps:
            score = f", validation {validation_score(compiled_averaged, dermoscopic):.3f}" if is_watched else ""
            print(told + score, flush=True)
            _save(checkpoint, network, averaged, optimizer, {"step": step, "start": began_at})
    return averaged


def begun(pretrained: Path, checkpoint: Path, start: Path | None, shown: Tensor, *, is_rounded: bool) -> LesionNet:
    """Return the network where a training begins; where one goes on from a checkpoint, its weights are still to load.

    Args:
        pretrained: network, of torchvision's parameter names.
        checkpoint: of this run; need not be there.
        start: model.onnx, a checkpoint of another run, or None for the pretrained network.
        shown: (N, 3, S, S) pictures that tell what values come between the layers.
        is_rounded: whether it learns with eight bits.

    Raises:
        ValueError: what is there has learnt with eight bits and is not to go on so, or the other way round; or this run
            began somewhere else.
    """
    is_stopped = checkpoint.exists()
    known = checkpoint if is_stopped else start if start is not None and start.suffix != ".onnx" else None
    kept = torch.load(known, mmap=True) if known else {"averaged": {}}
    saved = kept["averaged"]
    was_rounded = has_ranges(saved)
    if was_rounded and not is_rounded:
        raise ValueError(f"{known} has learnt with eight bits: go on from it with --rounded")
    if is_stopped and is_rounded and not was_rounded:
        raise ValueError(f"{known} has learnt without eight bits: take another RUN, and --start {known}")
    if is_stopped and kept["start"] != file_sha256(start or pretrained):
        raise ValueError(f"{known} did not begin at {start or pretrained} as that is now: take another RUN")
    if known:
        network = network_of(saved)
    elif start:
        network = shipped(start, shown)
    else:
        network = LesionNet()
        load_backbone(network, pretrained)
    if is_rounded and not was_rounded:
        round_network(network)
        see_ranges(network, shown)
    return network


def _some_views(photos: Photos, rng: np.random.Generator) -> NDArray[np.uint8]:
    chosen = rng.choice(photos.part("train"), _VIEWS_TO_MEASURE, replace=False)
    views: NDArray[np.uint8] = photos.views[np.sort(chosen)]
    return views


def _loader(batches: Batches) -> torch.utils.data.DataLoader[tuple[Tensor, Tensor, Tensor]]:
    return torch.utils.data.DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=4)


def _frozen(network: LesionNet, *, is_rounded: bool) -> tuple[str, ...]:
    """Return the parts that stay as they are: the first ones, of a network as it was pretrained.

    One that is rounded, or has lost channels in its first stage as well, has to learn to do with what it has left.
    """
    return () if is_rounded or width_of(network.state_dict()) < FULL_WIDTH else _FIRST


def _groups(network: LesionNet, *, is_rounded: bool) -> list[dict[str, object]]:
    for name in _frozen(network, is_rounded=is_rounded):
        for parameter in getattr(network, name).parameters():
            parameter.requires_grad = False
    trained = [(name, parameter) for name, parameter in network.named_parameters() if parameter.requires_grad]
    share = _ROUNDED_SHARE if is_rounded else 1.0
    return [
        {"params": [parameter for name, parameter in trained if "head." not in name], "peak": share * _PEAK},
        {"params": [parameter for name, parameter in trained if "head." in name], "peak": share * _HEAD_PEAK},
    ]


@dataclass(frozen=True, slots=True)
class _Mixed:
    """A batch that was laid over itself, the other way round.

    Attributes:
        pictures: (N, 3, S, S).
        targets: see loss.
        on_lesion: see loss.
        share: of each picture, the rest is the other's.
        told: (N, classes) what teachers say of the pictures, if there are any.
    """

    pictures: Tensor
    targets: Tensor
    on_lesion: Tensor
    share: float
    told: Tensor | None


def _mixed(batch: tuple[Tensor, Tensor, Tensor], share: float, teachers: Teachers | None) -> _Mixed:
    pictures, targets, on_lesion = batch
    pictures = pictures.lerp(pictures.flip(0), 1 - share).to(memory_format=torch.channels_last)
    return _Mixed(pictures, targets, on_lesion, share, teachers.probabilities(pictures) if teachers else None)


def _step(
    network: LesionNet,
    compiled: Callable[[Tensor], tuple[Tensor, Tensor]],
    optimizer: torch.optim.Optimizer,
    batch: _Mixed,
    log_priors: Tensor,
    recipe: Recipe,
) -> float:
    network.train()
    for name in _frozen(network, is_rounded=recipe.is_rounded):
        getattr(network, name).eval()
    with learning_precision():
        said, maps = compiled(batch.pictures)
    said, maps = said.float(), maps.float()
    lost = batch.share * loss(said, maps, batch.targets, batch.on_lesion, log_priors, recipe)
    other = loss(said, maps, batch.targets.flip(0), batch.on_lesion.flip(0), log_priors, recipe)
    lost = lost + (1 - batch.share) * other
    if batch.told is not None:
        lost = lost + recipe.taught * F.cross_entropy(said[:, : len(LesionClass)], batch.told)
    lost.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(lost.detach())


def _restored(checkpoint: Path, network: LesionNet, averaged: LesionNet, optimizer: torch.optim.Optimizer) -> int:
    """Return at which step a stopped run goes on; 0 if none did."""
    if not checkpoint.exists():
        return 0
    saved = torch.load(checkpoint)
    network.load_state_dict(saved["network"])
    averaged.load_state_dict(saved["averaged"])
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"])


def _save(
    path: Path, network: LesionNet, averaged: LesionNet, optimizer: torch.optim.Optimizer, told: dict[str, object]
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = told | {"network": network.state_dict(), "averaged": averaged.state_dict()}
    with whole(path) as part:
        torch.save(state | {"optimizer": optimizer.state_dict()}, part)


def main(data: Path, cache: Path, run: Path, start: Path | None, recipe: Recipe) -> None:
    """Train on the train part."""
    photos = load(cache / "dermoscopic.npz"), load(cache / "phone.npz")
    train(data, cache, photos, run, recipe, start)


if __name__ == "__main__":
    parser = folders(__doc__, "data", "cache", "run")
    parser.add_argument("--start", type=Path, help="model.onnx or checkpoint.pt to go on from")
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--seed", type=int, default=0, help="of the chance in it: another for another sitting")
    parser.add_argument("--teachers", type=Path, nargs="+", default=(), help="checkpoint.pt of networks that teach")
    parser.add_argument("--taught", type=float, default=Recipe().taught, help="what they weigh beside the labels")
    parser.add_argument("--rounded", action="store_true", help="learn with eight bits")
    words = parser.parse_args()
    asked = Recipe(
        steps=words.steps,
        is_rounded=words.rounded,
        seed=words.seed,
        teachers=tuple(words.teachers),
        taught=words.taught,
    )
    if words.rounded:
        asked = replace(asked, small_until=0.0)  # ranges are those of pictures of the size of use
    main(words.data, words.cache, words.run, words.start, asked)
