"""An error as the log tells it: its kind, the lines of code that led to it, and who may speak, its words.

The words of a library can hold what somebody wrote: "invalid literal for int() with base 10: …". They are left out, but
for those errors that speak of machines, and for this project's own.
"""

import re
import traceback
from collections.abc import Iterator, Sequence
from typing import Final

from structlog.typing import ExcInfo

_OWN: Final = ("bot", "inference")
_OF_MACHINES: Final = (
    "builtins.OSError",  # files, addresses, time that ran out
    "sqlite3.DatabaseError",  # locked, full, damaged, a constraint by its name; see _QUOTING
    "psycopg.OperationalError",  # away, restarted, full
    "psycopg.IntegrityError",  # a constraint by its name; what stands in the row comes in the lines after the first
)
_OF_TELEGRAM: Final = "telegram.error.TelegramError"  # what Telegram says of a request
_OF_A_WORKER: Final = "pebble.common.types.RemoteTraceback"  # its words are the traceback of another process
_FRAME: Final = re.compile(r'^  File ".+", line \d+, in .+$', re.MULTILINE)
_QUOTING: Final = " with text "  # sqlite3 of a value that is no UTF-8: what follows is the value
_SILENT: Final = "(words left out)"


def told(exc_info: ExcInfo) -> str:
    """Return a traceback as text, as structlog's ExceptionRenderer asks for it."""
    return "\n".join(_lines(exc_info[1]))


def _lines(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "then:" if error.__cause__ is None else "therefore:"
    yield "Traceback (most recent call last):"
    for frame in traceback.format_tb(error.__traceback__):
        yield frame.rstrip("\n")
    yield f"{type(error).__qualname__}: {_words(error)}"
    if isinstance(error, BaseExceptionGroup):
        for number, one in enumerate(error.exceptions, 1):
            yield f"{number} of {len(error.exceptions)}:"
            yield from (f"  {line}" for line in _lines(one))


def _words(error: BaseException) -> str:
    kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    if kinds[0] == _OF_A_WORKER:
        return "\n".join(["in a worker", *_FRAME.findall(str(error))])
    return str(error).partition("\n")[0].partition(_QUOTING)[0] if _is_heard(error, kinds) else _SILENT


def _is_heard(error: BaseException, kinds: Sequence[str]) -> bool:
    if type(error).__module__.partition(".")[0] in _OWN:
        return True
    if _OF_TELEGRAM in kinds:
        return error.__cause__ is None  # else it quotes that, which is told above it
    return any(kind in _OF_MACHINES for kind in kinds)
