"""What workers say, read without running anything of it: a worker looks at photos, and a photo may have taken it over.

Pickles, which multiprocessing reads by itself, can call anything, and a list of what they may name still lets them
change what it names. So workers answer in JSON, a picture as it is behind it, and who asked checks what it is. The
way to them stays as it is. How much of the bot's memory they can have with it is limited, too.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from multiprocessing.reduction import DupFd
from pickle import PicklingError
from typing import Any, Final

import numpy as np
from pebble.common import Result, ResultStatus
from pebble.common.types import RemoteTraceback
from pebble.pool.process import Acknowledgement, TaskProblem, TaskResult

from inference.errors import ModelMismatch, ModelMissing

_MOST_BYTES: Final = 16 * 2**20  # of an answer; most have a quarter of a megabyte
_MOST_JSON: Final = 2**16  # bytes of it; most is a kilobyte, and to refuse so much takes up to half a second
_END: Final = b"\n"  # of the JSON, in which there is none
_MOST_WORDS: Final = 5_000  # characters of an error, and of the way to it; six bytes of JSON a foreign one
_ERRORS: Final = {one.__name__: one for one in (MemoryError, ModelMismatch, ModelMissing)}
_NOTHING: Final = np.empty((0, 0), np.uint8)


class NotAnAnswer(PicklingError):  # noqa: N818 - the name says what it is; pebble gives up the pool for it
    """A worker has said what no worker says."""


class WorkerError(Exception):
    """Something went wrong in a worker; its own words tell what."""


class AnsweringContext(SpawnContext):
    """Processes that are started anew, whose answers are read without running anything of them."""

    def Pipe(self, duplex: bool = False) -> tuple[Any, Any]:  # noqa: ARG002, FBT001, FBT002, N802 - multiprocessing's own
        """Return a pipe's two ends, both for the bot; a process that is given one gets its own kind."""
        reader, writer = os.pipe()
        return _InBot(reader, writable=False), _InBot(writer, readable=False)


class _InBot(Connection):
    """Pickles what it sends, and unpickles nothing."""

    def recv(self) -> Any:  # noqa: ANN401 - a message of pebble's, which has no types
        if self.closed:  # the pool was stopped meanwhile: that is nobody's answer
            raise EOFError
        try:
            words, _, raw = self.recv_bytes(_MOST_BYTES).partition(_END)
            return _message(_told_in(words, raw))
        except EOFError:  # the end
            raise
        except OSError as error:
            if error.errno is None:  # too long
                raise NotAnAnswer from None
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it may be made to be
            raise NotAnAnswer from None

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_worker, (DupFd(self.fileno()), self.readable, self.writable)


class _InWorker(Connection):
    """Unpickles what the bot has sent, and sends JSON and what that leaves out."""

    def send(self, message: Any) -> None:  # noqa: ANN401 - a message of pebble's, which has no types
        raw = bytearray()
        told = json.dumps(_told(message), default=lambda value: _plain(value, raw))
        self.send_bytes(told.encode() + _END + raw)


def _in_worker(handle: Any, readable: bool, writable: bool) -> _InWorker:  # noqa: ANN401, FBT001 - as multiprocessing calls it
    return _InWorker(handle.detach(), readable, writable)


def _told(message: Any) -> dict[str, object]:  # noqa: ANN401 - likewise
    """Return what a worker says to pebble, as JSON has it."""
    if isinstance(message, Acknowledgement):
        return {"task": message.task, "worker": message.worker}
    if isinstance(message, TaskProblem):
        return {"task": message.task, "error": [type(message.error).__name__, str(message.error)[:_MOST_WORDS], ""]}
    value = message.result.value
    if message.result.status == ResultStatus.SUCCESS:
        return {"task": message.task, "value": value}
    error = [type(value.exception).__name__, str(value.exception)[:_MOST_WORDS], value.traceback[-_MOST_WORDS:]]
    return {"task": message.task, "error": error}


def _message(told: object) -> object:
    """Return the message of pebble's that a worker meant.

    Raises:
        NotAnAnswer: it is none.
    """
    match told:
        case {"task": int(task), "worker": int(worker)}:
            return Acknowledgement(worker, task)
        case {"task": int(task), "value": value}:
            return TaskResult(task, Result(ResultStatus.SUCCESS, value))
        case {"task": int(task), "error": [str(name), str(words), str(traceback)]}:
            error = _ERRORS[name](words) if name in _ERRORS else WorkerError(f"{name}: {words}")
            error.__cause__ = RemoteTraceback(traceback)
            return TaskResult(task, Result(ResultStatus.FAILURE, error))
    raise NotAnAnswer


def _plain(value: object, raw: bytearray) -> object:
    """Return what JSON has for a value that it does not know; a picture goes behind it, pixels stay where they are."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, bytes):
        raw[:] = value  # one in an answer: of parts, a worker could ask for so many that no memory holds them
        return {"raw": True}
    if isinstance(value, np.ndarray):
        return {"left_out": True}
    if isinstance(value, Mapping):
        return dict(value)
    return float(value)  # type: ignore[arg-type] # one of numpy's numbers; others are refused


def _told_in(words: bytes, raw: bytes) -> object:
    """Return what JSON tells, with the picture where it tells of that, and nothing where pixels stay where they are."""
    if len(words) > _MOST_JSON:
        raise NotAnAnswer

    def meant(told: dict[str, object]) -> object:
        if told == {"raw": True}:
            return raw
        return _NOTHING if told == {"left_out": True} else told

    return json.loads(words, object_hook=meant)
