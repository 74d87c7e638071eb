"""How a process begins that looks at photos: it gives up what looking does not need, and only then loads what looks."""

import multiprocessing
import os
import signal
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from pebble import CONSTS

from bot.prctl import keep_to_itself
from bot.workers.landlock import shut_in
from bot.workers.seccomp import refuse_what_nobody_needs
from inference.calibration import ClassMix

_HOME: Final = Path(__file__).parents[2]
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc/cpuinfo", "/sys/devices/system/cpu")
_CHANNEL_S: Final = 5  # that a process may keep the way to the bot for itself; it needs milliseconds
_NICENESS: Final = 5  # the bot itself goes first: it answers everybody else meanwhile
_MAX_OPEN_FILES: Final = 64


def begin(model_dir: Path, font_dir: Path, mix: ClassMix | None, memory_limit: int) -> None:
    """Give up everything but reading the model, the type and programs; then load the model."""
    keep_to_itself()  # RLIMIT_CORE does not keep from a dump where a program takes it, as systemd's does
    os.nice(_NICENESS)
    shut_in([model_dir, font_dir, *_code()])
    refuse_what_nobody_needs()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the bot ends its workers itself
    CONSTS.channel_lock_timeout = _CHANNEL_S
    _limit(memory_limit)
    with _silence():  # onnxruntime complains that it may not look for graphics cards
        from bot.workers import looking  # noqa: PLC0415 - libraries may start threads, and none may be from before

    looking.load(model_dir, font_dir, mix)


@contextmanager
def _silence() -> Iterator[None]:
    """Let nobody hear meanwhile what is written to the standard error."""
    try:
        theirs = os.dup(2)
    except OSError:  # there is none
        yield
        return
    nobody, ours = os.pipe()
    os.close(nobody)
    os.dup2(ours, 2)
    os.close(ours)
    try:
        yield
    finally:
        os.dup2(theirs, 2)
        os.close(theirs)


def _code() -> list[Path]:
    """Return where programs lie that may still have to be loaded, and nothing that is the operator's."""
    libraries = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    libraries += [folder for folder in sys.path if folder and not _HOME.is_relative_to(Path(folder).absolute())]
    return [_HOME / "bot", _HOME / "inference", *map(Path, (*libraries, *_SYSTEM))]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    wait([parent.sentinel] if parent else [])
    os._exit(1)


def _limit(memory: int) -> None:
    """Give up what looking at photos does not need: more memory, files, and dumps of what was in memory."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
    ):
        _, hard = resource.getrlimit(kind)
        wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with suppress(ValueError, OSError):  # macOS knows the limit of memory and refuses it
            resource.setrlimit(kind, (wanted, wanted))
