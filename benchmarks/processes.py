"""How many photos two workers look at in a second, and what memory one takes: the bot's own processes."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.baseline import usual_copy
from benchmarks.baseline.resnet50 import resnet50
from benchmarks.measuring import ROOT, Figure, at_least, at_most, memory_mb, once_ms, photos_as_sent
from bot.content import load_content
from bot.pictures.answer import PictureLabels
from bot.render.answer import picture_labels
from bot.workers.pool import Workers

if TYPE_CHECKING:
    import onnxruntime

_CORES: Final = 2
_TIMES_AS_MANY: Final = 8
_MEMORY_MB: Final = 180
_PHOTOS: Final = 20


def figures(rounds: int) -> list[Figure]:
    """Measure throughput, memory, and the first photo beside later ones."""
    network = resnet50()
    photos = photos_as_sent()[::2]  # the smooth ones: hair costs the usual copy far more
    return [
        *asyncio.run(_throughput(photos, usual_copy.session(network), rounds)),
        *(asyncio.run(_memory(photos, network)) if sys.platform == "linux" else ()),
    ]


def _labels() -> PictureLabels:
    return picture_labels(load_content(ROOT / "content").texts("en"))


async def _throughput(photos: list[bytes], naive: "onnxruntime.InferenceSession", rounds: int) -> list[Figure]:
    """Let one thread of the usual copy and two workers take turns."""
    workers, labels = Workers(_CORES, ROOT / "models", ROOT / "content" / "fonts"), _labels()
    await workers.warm_up([labels])
    ours_s = naive_s = 0.0
    for photo in photos:
        usual_copy.answer(photo, naive)
    for _ in range(rounds):
        naive_s += sum(once_ms(lambda photo=photo: usual_copy.answer(photo, naive)) for photo in photos) / 1000  # type: ignore[misc]
        began = time.perf_counter()
        await asyncio.gather(*(workers.see(photo, labels) for photo in islice(cycle(photos), 4 * len(photos))))
        ours_s += time.perf_counter() - began
    workers.stop()
    naive_a_second, ours_a_second = rounds * len(photos) / naive_s, 4 * rounds * len(photos) / ours_s
    usual = f"{naive_a_second:.1f} (one thread)"
    return [
        Figure("photos a second, two workers", usual, f"{ours_a_second:.1f}"),
        at_least("… times as many as one thread of it", "1×", ours_a_second / naive_a_second, _TIMES_AS_MANY, "×"),
    ]


async def _memory(photos: list[bytes], network: bytes) -> list[Figure]:
    workers, labels = Workers(1, ROOT / "models", ROOT / "content" / "fonts"), _labels()
    worker, *_ = await workers.warm_up([labels])
    loaded_mb, _, _ = memory_mb(worker)
    taken_ms = []
    for photo in islice(cycle(photos), _PHOTOS):
        began = time.perf_counter()
        await workers.see(photo, labels)
        taken_ms.append(1000 * (time.perf_counter() - began))
    resident_mb, share_mb, peak_mb = memory_mb(worker)
    workers.stop()
    usual_loaded_mb, usual_mb = _usual_memory_mb(photos, network)
    later_ms = statistics.median(taken_ms[5:15])
    return [
        at_most("resident memory of a worker, model loaded", f"{usual_loaded_mb:.0f} MB", loaded_mb, _MEMORY_MB, " MB"),
        at_most(f"… after {_PHOTOS} photos", f"{usual_mb:.0f} MB", resident_mb, _MEMORY_MB, " MB"),
        Figure("… its share, where workers share pages", "", f"{share_mb:.0f} MB"),
        at_most("… at most", "", peak_mb, _MEMORY_MB, " MB"),
        Figure(
            "first photo of a worker, beside its sixth to fifteenth", "", f"{taken_ms[0]:.0f} ms, {later_ms:.0f} ms"
        ),
    ]


def _usual_memory_mb(photos: list[bytes], network: bytes) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"{number}.jpg" for number in range(len(photos))]
        for path, photo in zip(paths, photos, strict=True):
            path.write_bytes(photo)
        (folder / "float.onnx").write_bytes(network)
        files = [folder / "float.onnx", *islice(cycle(paths), _PHOTOS)]
        command = [sys.executable, "-m", usual_copy.__name__, *map(str, files)]
        said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split()
    loaded_mb, used_mb = (int(kb) / 1024 for kb in said)
    return loaded_mb, used_mb
