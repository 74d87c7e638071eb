"""Files that are whole or not there: whoever is stopped in the middle leaves what was there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write under; what stands there becomes PATH when all is written."""
    part = path.with_name(f"{path.name}.part")
    yield part
    part.replace(path)


def write_arrays(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write arrays by their names, as numpy.load reads them."""
    with whole(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub takes no **dict


def kept_arrays(path: Path, made: Callable[[], Mapping[str, NDArray[np.generic]]]) -> dict[str, NDArray[Any]]:
    """Read arrays by their names, or make them and write them there: whoever asks again waits no second time."""
    if not path.exists():
        write_arrays(path, made())
    with np.load(path) as arrays:
        return dict(arrays)


def write_text(path: Path, text: str) -> None:
    """Write a text."""
    with whole(path) as part:
        part.write_text(text, encoding="utf-8")
