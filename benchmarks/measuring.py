"""What the benchmarks share: figures, fair times and the machine's state."""

import io
import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).parents[1]
_LIBRARIES: Final = ("numpy", "opencv-python-headless", "onnxruntime", "pillow")
_PHOTOS: Final = (
    "ham10000_nv_ISIC_0028441.jpg",
    "pad_nv_PAT_1107_427_352.jpg",
    "ham10000_mel_ISIC_0028412.jpg",
    "pad_bcc_PAT_473_911_630.jpg",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the results.

    Attributes:
        name: what was measured.
        usual: the figure of the usual copy, with its unit; empty where there is none.
        ours: this project's.
        aim: what it shall be; empty where nothing is asked for.
        is_met: whether it is; None where nothing is asked for.
    """

    name: str
    usual: str
    ours: str
    aim: str = ""
    is_met: bool | None = None


def at_most(name: str, usual: str, ours: float, aim: float, unit: str) -> Figure:
    """Return a figure that shall not be larger than the aim."""
    return Figure(name, usual, f"{ours:.3g}{unit}", f"≤ {aim:g}{unit}", ours <= aim)


def at_least(name: str, usual: str, ours: float, aim: float, unit: str) -> Figure:
    """Return a figure that shall not be smaller than the aim."""
    return Figure(name, usual, f"{ours:.3g}{unit}", f"≥ {aim:g}{unit}", ours >= aim)


def by_turns_ms(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the median milliseconds of each work, after one round that does not count.

    The works take turns, so that whatever else the machine does slows all of them.
    """
    taken_ms: list[list[float]] = [[] for _ in works]
    for number in range(rounds + 1):
        for work, times in zip(works, taken_ms, strict=True):
            took = once_ms(work)
            if number:
                times.append(took)
    return [statistics.median(times) for times in taken_ms]


def once_ms(work: Callable[[], object]) -> float:
    """Return how long a work takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def photos_as_sent() -> list[bytes]:
    """Return real photos at 1280×960, about as a messenger sends them on: smooth, hairy, smooth, hairy."""
    return [_as_sent(ROOT / "tests" / "photos" / name) for name in _PHOTOS]


def _as_sent(path: Path) -> bytes:
    written = io.BytesIO()
    with Image.open(path) as photo:
        width, height = min(photo.width, photo.height * 4 // 3), min(photo.height, photo.width * 3 // 4)
        left, top = (photo.width - width) // 2, (photo.height - height) // 2
        cut = photo.convert("RGB").resize((1280, 960), box=(left, top, left + width, top + height))
    cut.save(written, "JPEG", quality=87)
    return written.getvalue()


def memory_mb(process_id: int) -> tuple[float, float, float]:
    """Return the resident memory of a process, its fair share of it, and its peak, in MB of 2**20 bytes; Linux only."""
    folder = Path("/proc") / str(process_id)
    text = (folder / "smaps_rollup").read_text(encoding="ascii") + (folder / "status").read_text(encoding="ascii")
    found = (re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE) for name in ("Rss", "Pss", "VmHWM"))
    resident, share, peak = (int(number[1]) / 1024 for number in found if number)
    return resident, share, peak


def resident_mb(process_id: int) -> float:
    """Return the resident memory of a process, of another user's too, in MB of 2**20 bytes; Linux only."""
    told = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def machine() -> str:
    """Return what the figures are measured on; VNNI is the processor's way to multiply eight-bit numbers fast."""
    vnni = "with" if re.search(r"^flags\s*:.*vnni", _processors(), re.MULTILINE) else "without"
    return f"{_processor()}, {os.cpu_count()} cores, {vnni} VNNI"


def software() -> str:
    """Return what the figures are measured with."""
    libraries = ", ".join(f"{library} {version(library)}" for library in _LIBRARIES)
    return f"{platform.system()}, Python {platform.python_version()}, {libraries}"


def load() -> str:
    """Return how busy the machine is: processes that want a core, over the last minute, five and fifteen."""
    return " ".join(f"{average:.2f}" for average in os.getloadavg())


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _processors(), re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def _processors() -> str:
    with suppress(OSError):
        return Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return ""
