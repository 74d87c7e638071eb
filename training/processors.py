"""Whether the eight-bit network says the same on a processor without VNNI, whose sums of pairs could saturate.

    python -m training.processors CACHE RUN MODELS

It needs qemu-x86_64 (Debian's package qemu-user) and about ten minutes; writes RUN/processor.json.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.answers import answers, bare_model
from training.command_line import folders
from training.data import load
from training.told import checksums, write

_EMULATOR: Final = "qemu-x86_64"
_PROCESSOR: Final = "Haswell"  # AVX2 and nothing later
_PHOTOS: Final = {"dermoscopic": 40, "phone": 10}
_IN_EMULATION: Final = "import sys; from training.processors import write_logits; write_logits(*sys.argv[1:])"


def chosen_views(cache: Path, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return validation photos of both kinds, (N, S, S, 3) uint8."""
    chosen = []
    for kind, count in _PHOTOS.items():
        photos = load(cache / f"{kind}.npz")
        part = photos.part("validation")
        chosen.append(photos.views[rng.choice(part, min(count, len(part)), replace=False)])
    return np.concatenate(chosen)


def write_logits(onnx: str, views: str, path: str) -> None:
    """Ask a network about the views of a .npy file; writes (N, 7) float32. This is what runs in emulation."""
    np.save(path, answers(bare_model(Path(onnx)), np.load(views)).logits)


def emulated_logits(onnx: Path, views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the network says to the views on the other processor.

    Raises:
        FileNotFoundError: the emulator is not installed.
        subprocess.CalledProcessError: it does not run there.
    """
    emulator = shutil.which(_EMULATOR)
    if emulator is None:
        raise FileNotFoundError(f"{_EMULATOR} is not there: install Debian's package qemu-user.")
    with tempfile.TemporaryDirectory() as folder:
        asked, said = Path(folder) / "views.npy", Path(folder) / "logits.npy"
        np.save(asked, views)
        files = [str(path) for path in (onnx, asked, said)]
        python = [sys.executable, "-c", _IN_EMULATION, *files]
        subprocess.run([emulator, "-cpu", _PROCESSOR, *python], check=True)  # noqa: S603 - our own command
        logits: NDArray[np.float32] = np.load(said)
    return logits


def comparison(here: NDArray[np.float32], there: NDArray[np.float32]) -> dict[str, Any]:
    """Return how far the logits of two processors lie apart; both (N, 7)."""
    return {
        "processor": _PROCESSOR,
        "photos": len(here),
        "same_class": int((here.argmax(axis=1) == there.argmax(axis=1)).sum()),
        "largest_difference": round(float(np.abs(here - there).max()), 4),
        "spread": round(float(here.std()), 4),
    }


def compare(cache: Path, run: Path, models: Path) -> None:
    """Write RUN/processor.json."""
    onnx = models / "model.onnx"
    views = chosen_views(cache, np.random.default_rng(0))
    found = comparison(answers(bare_model(onnx), views).logits, emulated_logits(onnx, views))
    write("processor", run, checksums(models, "model.onnx") | found)


if __name__ == "__main__":
    compare(**vars(folders(__doc__, "cache", "run", "models").parse_args()))
