"""Bots that are born with everything imported and all texts read, which else takes most of the time until one is ready.

A process imports the bot once. For each start it forks, and what was born is `python -m bot` from there on, with
arguments, environment, output and an exit of its own. `python -m bot` itself is started by the tests of the command
line and of the benchmarks.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from bot import library
from bot.content import Content, load_content
from bot.settings import RETENTION_DAYS

ROOT: Final = Path(__file__).parents[2]
_IMPORTED: Final = ("uvloop", "bot.app", "bot.lead", "bot.worker", "bot.storage.backup_sqlite", "bot.storage.server")


class Born:
    """A process that can be signalled and waited for, as those of `subprocess` can."""

    def __init__(self, way: socket.socket) -> None:
        self._way = way
        self._status: int | None = None
        self.pid = int(self._said() or 0)
        assert self.pid

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; returns the exit status, below zero where a signal ended it."""
        if self._status is None:
            self._way.settimeout(timeout)
            try:
                said = self._said()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from None
            assert said, "whoever watched over it is gone"
            self._status = int(said)
            self._way.close()
        return self._status

    def _said(self) -> bytes:
        """One number; they are short and come at different times."""
        return self._way.recv(16)


class Nursery:
    """Where bots are born."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    def born(self, words: Sequence[str], environment: Mapping[str, str], output: BinaryIO) -> Born:
        """Start `python -m bot` with these words in this environment; returns the process."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"."], [theirs.fileno(), output.fileno()])
        ours.sendall(json.dumps([*words, dict(environment)]).encode() + b"\n")
        return Born(ours)


@contextmanager
def open_nursery() -> Iterator[Nursery]:
    """A nursery that takes no more orders after the block."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.conversations.nursery", str(theirs.fileno())]
        mother = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    with ours:
        yield Nursery(ours)
    assert mother.wait(60) == 0


def _bear(control: socket.socket) -> None:
    """Fork for each order, and return in the processes that are to be bots."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those who watch are not waited for
    while True:
        order, files, *_ = socket.recv_fds(control, 1, 2)
        if not order:
            sys.exit()
        if os.fork() == 0:
            control.close()
            _begin(*files)
            return
        for file in files:
            os.close(file)


def _begin(way_file: int, output: int) -> None:
    """Fork once more: one watches and tells of the end, and the function returns in the other."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    way = socket.socket(fileno=way_file)
    with way.makefile("rb") as lines:
        *words, environment = json.loads(lines.readline())
    if child := os.fork():
        os.close(output)
        way.sendall(str(child).encode())
        _, status = os.waitpid(child, 0)
        way.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    way.close()
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["bot", *words]
    sys.orig_argv = [sys.executable, "-m", "bot", *words]  # what a bot puts in its place when it begins anew


def _read_texts_once() -> None:
    """Let bots have the texts as they were read here; those of another folder they read themselves."""
    known = load_content(ROOT / "content")

    def texts_of(folder: Path, retention_days: int = RETENTION_DAYS) -> Content:
        is_known = (folder.resolve(), retention_days) == (ROOT / "content", RETENTION_DAYS)
        return known if is_known else load_content(folder, retention_days)

    library.load_content = texts_of  # type: ignore[attr-defined]


if __name__ == "__main__":
    for name in _IMPORTED:
        importlib.import_module(name)
    _read_texts_once()
    gc.freeze()
    _bear(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
