"""What went wrong, under a number that the patient can tell the operator."""

import logging
import secrets
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_FRAMES: Final = 40
_ROOTS: Final = (Path(__file__).parents[1], *(Path(folder) for folder in sys.path if folder))


@dataclass(frozen=True, slots=True)
class Frame:
    """A line on the way to an error; file is relative, so that it does not name the operator's folders."""

    file: str
    line: int
    function: str


def log_incident(log: logging.Logger, error: BaseException) -> str:
    """Log an error with its traceback and return the incident's number; no personal data is added."""
    incident = secrets.token_hex(3).upper()
    log.error("Incident %s: %s", incident, type(error).__name__, exc_info=error, extra={"incident": incident})
    return incident


def frames_of(error: BaseException) -> tuple[Frame, ...]:
    """Return the way to an error, outermost first; of a long one the end. Never what the lines held."""
    way = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    return tuple(Frame(_relative(frame.filename), frame.lineno or 0, frame.name) for frame in way)


def place(frames: Sequence[Frame]) -> Frame | None:
    """Return where to look first: the last line of this project's own."""
    own = [frame for frame in frames if frame.file.startswith(("bot/", "inference/"))]
    return own[-1] if own else frames[-1] if frames else None


def _relative(file: str) -> str:
    path = Path(file)
    inside = [path.relative_to(root).as_posix() for root in _ROOTS if path.is_relative_to(root)]
    return min(inside, key=len, default=path.name)
