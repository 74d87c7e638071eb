"""What a network of the kind that "95 %" is claimed for scores, with photos of a lesion on both sides and without.

    python -m training.paper DATA CACHE RUN MODELS [--side PX] [--epochs N]

The settings are those of the papers: small pictures, Adam, cross-entropy, batches of 64, nothing done about rare
classes. It is trained twice: on a split by image, where many test photos show a lesion that was trained on, and on the
split of this project. RUN/paper.json gets a row for each, beside those that are told already, there or in
MODELS/figures.json; these are not measured again.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from inference.classes import LesionClass
from training.command_line import folders
from training.data import Photos, load, network_inputs
from training.measures import balanced_accuracy, share
from training.network import LesionNet
from training.paper_rows import EPOCHS, SIDE_PX, missing, rows
from training.precision import learning_precision
from training.recipe import Recipe
from training.start import load_backbone
from training.told import write

_BATCH: Final = 64
_RATE: Final = 1e-4


def parts(photos: Photos, split: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which photos train and which test: by chance, as many as in the split by lesion; or by lesion."""
    is_test = photos.parts == "test"
    if split == "image":
        is_test = np.random.default_rng(0).permutation(is_test)
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def shared_lesions(photos: Photos, train: NDArray[np.int64], test: NDArray[np.int64]) -> float:
    """Return the share of test photos whose lesion, or a near-duplicate of it, is trained on."""
    return share(np.isin(photos.groups[test], photos.groups[train]))


def pictures(photos: Photos, side_px: int) -> Tensor:
    """Return (N, 3, side_px, side_px) float32, normalised."""
    small = np.stack([cv2.resize(view, (side_px, side_px), interpolation=cv2.INTER_AREA) for view in photos.views])
    return torch.from_numpy(network_inputs(small)).contiguous(memory_format=torch.channels_last)


def trained(data: Path, inputs: Tensor, labels: Tensor, train: NDArray[np.int64], epochs: int) -> LesionNet:
    """Return a pretrained network after so many epochs."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = LesionNet()
    load_backbone(network, data / Recipe().pretrained)
    network.to(memory_format=torch.channels_last)
    compiled = torch.compile(network)
    optimizer = torch.optim.Adam(network.parameters(), lr=_RATE)
    for epoch in range(epochs):
        network.train()
        began = time.monotonic()
        for batch in _batches(rng.permutation(train)):
            with learning_precision():
                said = compiled(inputs[batch])[:, : len(LesionClass)]
            F.cross_entropy(said.float(), labels[batch]).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        print(f"epoch {epoch + 1} of {epochs}, {time.monotonic() - began:.0f} s", flush=True)
    network.eval()
    return network


def _batches(order: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield whole batches: what is left over would be compiled anew."""
    for start in range(0, len(order) - _BATCH + 1, _BATCH):
        yield order[start : start + _BATCH]


@torch.inference_mode()  # type: ignore[untyped-decorator]  # mypy skips torch
def said_of(network: LesionNet, inputs: Tensor) -> NDArray[np.int64]:
    """Return the likeliest class of each picture, (N,)."""
    found = [network(inputs[start : start + _BATCH])[:, : len(LesionClass)] for start in range(0, len(inputs), _BATCH)]
    return np.asarray(torch.cat(found).argmax(1).numpy())


def row(data: Path, photos: Photos, side_px: int, epochs: int, split: str) -> dict[str, Any]:
    """Train and measure once."""
    train, test = parts(photos, split)
    inputs = pictures(photos, side_px)
    network = trained(data, inputs, torch.from_numpy(photos.labels), train, epochs)
    found, labels = said_of(network, inputs[test]), photos.labels[test]
    return {
        "side_px": side_px,
        "epochs": epochs,
        "split": split,
        "accuracy": round(share(found == labels), 4),
        "balanced_accuracy": round(balanced_accuracy(found, labels), 4),
        "lesions_in_both": round(shared_lesions(photos, train, test), 4),
    }


def measure(data: Path, cache: Path, run: Path, models: Path, side: int, epochs: int) -> None:
    """Add the rows of these settings to those that are told, in RUN/paper.json."""
    left, known = missing(run, models, side, epochs), rows(run, models)
    if not left:
        return
    photos = load(cache / "dermoscopic.npz")
    for split in left:
        known.append(row(data, photos, side, epochs, split))
        write("paper", run, {"rows": known})


if __name__ == "__main__":
    parser = folders(__doc__, "data", "cache", "run", "models")
    parser.add_argument("--side", type=int, default=SIDE_PX)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    measure(**vars(parser.parse_args()))
