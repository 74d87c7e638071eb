"""Is what lies in the cache what today's code makes of a photo?

Beside each prepared data set stands the checksum of what its code made of a few drawn pictures, and of what it splits
by. Where that is another one now, or was never written down, a few photos are prepared and all are split again to tell.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.image import RgbImage
from training.whole import write_text

Prepare: TypeAlias = Callable[[bytes], Iterable[NDArray[np.generic]]]
"""An encoded photo to everything that is kept of it."""

_SIZES_PX: Final = ((224, 224), (640, 480), (360, 500))
_SKIN_RGB: Final = (205, 160, 140)
_LESION_RGB: Final = (95, 60, 50)
_HAIR_RGB: Final = (40, 30, 28)


def code_sum(prepare: Prepare, *settings: object) -> str:
    """Return the checksum of what is made of the drawn pictures, and of settings that these don't show."""
    made = hashlib.sha256(repr(settings).encode())
    for image_rgb in _drawn():
        for kept in prepare(cv2.imencode(".png", image_rgb[..., ::-1])[1].tobytes()):
            made.update(np.ascontiguousarray(kept).tobytes())
    return made.hexdigest()


def _drawn() -> Iterable[RgbImage]:
    """Yield skin with a lesion and hair on it."""
    for number, (width, height) in enumerate(_SIZES_PX):
        rng = np.random.default_rng(number)
        image_rgb = np.full((height, width, 3), _SKIN_RGB, np.uint8)
        cv2.ellipse(image_rgb, (width // 2, height // 2), (width // 5, height // 4), 30, 0, 360, _LESION_RGB, -1)
        for _ in range(12):
            start, end = rng.integers(0, (width, height), (2, 2)).tolist()
            cv2.line(image_rgb, start, end, _HAIR_RGB, max(1, width // 200))
        noisy = image_rgb + rng.normal(0, 4, image_rgb.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def write_sum(path: Path, known: str) -> None:
    """Write down by which code a data set was prepared."""
    write_text(_beside(path), known + "\n")


def is_of(path: Path, known: str) -> bool:
    """Tell whether a data set was prepared by the code of this checksum."""
    return _beside(path).exists() and _beside(path).read_text(encoding="utf-8").strip() == known


def is_current(path: Path, known: str, every: int, made: Callable[[], Mapping[str, NDArray[np.generic]]]) -> bool:
    """Tell whether a data set is there and need not be prepared anew; what had to be found out is written down.

    Args:
        path: of the data set.
        known: the checksum of today's code.
        every: of how many pictures one is compared.
        made: the arrays as they are made today, of pictures every EVERY-th; asked only if the checksum is another one.
    """
    if not path.exists():
        return False
    if is_of(path, known):
        return True
    if not _is_same(path, every, made()):
        return False
    write_sum(path, known)
    return True


def _is_same(path: Path, every: int, made: Mapping[str, NDArray[np.generic]]) -> bool:
    with np.load(path) as arrays:
        return all(
            np.array_equal(arrays[name][:: every if today.ndim > 1 else 1], today) for name, today in made.items()
        )


def surely_of(path: Path, known: str) -> None:
    """Refuse a data set that was prepared by other code, or nobody knows by which.

    Raises:
        ValueError: it was.
    """
    if not is_of(path, known):
        raise ValueError(
            f"{path} is not known to be what this code makes of photos: run `python -m training.data DATA CACHE`, which"
            " compares some of them and the split, and prepares all anew only if these are different"
        )


def _beside(path: Path) -> Path:
    return path.with_suffix(".sum")
