"""What a photo that has taken over a worker could try, tried from inside one: it is refused, and the worker goes on."""

import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.render.answer import picture_labels
from bot.workers import seccomp
from bot.workers.answers import WorkerError
from bot.workers.pool import Workers
from bot.workers.system_calls import NEVER, SOMETIMES
from tests.bot.workers.in_worker import done_in
from tests.shipped import CONTENT, ROOT

PHOTO = (ROOT / "tests" / "photos" / "ham10000_nv_ISIC_0028441.jpg").read_bytes()
LABELS = picture_labels(CONTENT.texts("en"))
COLUMN: Final = int(platform.machine() == "aarch64")

pytestmark = pytest.mark.skipif(not seccomp.is_there(), reason="this kernel has no seccomp, or keeps it from us")


def raw(call: str, *arguments: str) -> str:
    """Return the source of a call that Python has no name for."""
    number = (NEVER | SOMETIMES)[call][COLUMN]
    calling = f"c.CDLL(None, use_errno=True).syscall({', '.join((str(number), *arguments))})"
    failing = "exec('raise OSError(number, str())', {'number': c.get_errno()})"
    return f"lambda bot, path, address: (lambda c: {failing} if {calling} < 0 else 0)(__import__('ctypes'))"


def python(module: str, doing: str) -> str:
    return f"lambda bot, path, address: (lambda m: {doing})(__import__({module!r}))"


# Each is given another process of its user, a file that only that user may read, and where somebody listens.
ATTACKS: Final = {
    "ends another by its limit of time": python("resource", "m.prlimit(bot, m.RLIMIT_CPU, (1, 1))"),
    "lets another open no more files": python("resource", "m.prlimit(bot, m.RLIMIT_NOFILE, (8, 8))"),
    "lets another write no file": python("resource", "m.prlimit(bot, m.RLIMIT_FSIZE, (0, 0))"),
    "slows another down": python("os", "m.setpriority(m.PRIO_PROCESS, bot, 19)"),
    "keeps another from the processor": python("os", "m.sched_setscheduler(bot, m.SCHED_IDLE, m.sched_param(0))"),
    "ties another to one core": python("os", "m.sched_setaffinity(bot, [0])"),
    "lets another wait for the disk": raw("ioprio_set", "1", "bot", "3 << 13"),
    "signals another": python("os", "m.kill(bot, 0)"),
    "signals a thread of another": raw("tgkill", "bot", "bot", "0"),
    "queues a signal of another": raw("rt_sigqueueinfo", "bot", "0", "0"),
    "has a file signal another": python("fcntl", "m.fcntl(2, m.F_SETOWN, bot)"),
    "holds another": python("os", "m.pidfd_open(bot)"),
    "reads another's memory": raw("process_vm_readv", "bot", "0", "0", "0", "0", "0"),
    "traces another": raw("ptrace", "16", "bot", "0", "0"),
    "calls by TCP": python("socket", "m.create_connection(address)"),
    "calls by MPTCP": python("socket", "m.socket(m.AF_INET, m.SOCK_STREAM, 262).connect(address)"),
    "calls by fast open": python("socket", "m.socket().sendto(b'photo', m.MSG_FASTOPEN, address)"),
    "sends by UDP": python("socket", "m.socket(m.AF_INET, m.SOCK_DGRAM).sendto(b'photo', address)"),
    "listens without a port": python("socket", "m.socket().listen()"),
    "listens at a port": python("socket", "m.create_server(('127.0.0.1', 0))"),
    "calls an abstract socket": python("socket", "m.socket(m.AF_UNIX).connect(chr(0) + 'lentigo')"),
    "listens at an abstract socket": python("socket", "m.socket(m.AF_UNIX).bind(chr(0) + 'lentigo')"),
    "calls a socket in a folder": python("socket", "m.socket(m.AF_UNIX).connect(path)"),
    "asks the kernel for its networks": python("socket", "m.socket(m.AF_NETLINK, m.SOCK_RAW, 0)"),
    "makes a pair of sockets": python("socket", "m.socketpair()"),
    "calls past the filter": raw("io_uring_setup", "4", "bytes(120)"),
    "lets everybody read a file": python("os", "m.chmod(path, 0o666)"),
    "lets everybody into a folder": python("os", "m.chmod(m.path.dirname(path), 0o777)"),
    "gives a file away": python("os", "m.chown(path, -1, -1)"),
    "writes beside a file": python("os", "m.setxattr(path, 'user.x', b'1')"),
    "changes when a file was changed": python("os", "m.utime(path, (0, 0))"),
    "empties a file": python("os", "m.truncate(path, 0)"),
    "empties a file that it may read": python("os", f"m.open({str(ROOT / 'models' / 'MODEL_CARD.md')!r}, m.O_TRUNC)"),
    "watches a file": raw("inotify_add_watch", "0", "path.encode()", "2"),
    "writes in /tmp": python("os", "m.open('/tmp/of-a-worker', m.O_CREAT | m.O_WRONLY)"),
    "writes in /dev/shm": python("os", "m.open('/dev/shm/of-a-worker', m.O_CREAT | m.O_WRONLY)"),
    "has a process of its own": python("os", "m.fork() or m._exit(0)"),
    "runs a program": python("os", "m.execv('/bin/true', ['true'])"),
    "runs a program out of its memory": python("os", "m.execve(m.memfd_create('x'), ['x'], {})"),
    "types at the operator's terminal": python("fcntl", "m.ioctl(2, 0x5412, b'x')"),
    "shares memory": raw("shmget", "0", "4096", "0o1600"),
    "lets dumps be taken of it": raw("prctl", "4", "1", "0", "0", "0"),
}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, ROOT / "models", ROOT / "content" / "fonts")
    yield pool
    pool.stop()


@pytest.fixture(scope="module")
def another() -> Iterator[int]:
    """A process of the same user, as the bot is one."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def _state(process_id: int, path: Path) -> object:
    """Return what a worker must not change."""
    limits = Path(f"/proc/{process_id}/limits").read_text(encoding="ascii")
    pace = os.getpriority(os.PRIO_PROCESS, process_id), os.sched_getaffinity(process_id)
    files = [(one.stat().st_mode, one.stat().st_mtime_ns) for one in (path, path.parent)]
    return limits, pace, files, path.read_bytes(), os.listxattr(path)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_attack_from_a_worker_is_refused_and_the_worker_goes_on(
    workers: Workers, another: int, address: tuple[str, int], tmp_path: Path, attack: str
) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"BOT_TOKEN=1")
    path.chmod(0o600)
    before, worker = _state(another, path), done_in(workers, "lambda: __import__('os').getpid()")
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, ATTACKS[attack], another, str(path), address)
    assert _state(another, path) == before
    assert (await workers.see(PHOTO, LABELS)).picture is not None
    assert done_in(workers, "lambda: __import__('os').getpid()") == worker


_ERRORS: Final = """lambda numbers: (lambda c: [
    (c.set_errno(0), c.CDLL(None, use_errno=True).syscall(number, *[c.c_long(-1)] * 6), c.get_errno())[2]
    for number in numbers])(__import__('ctypes'))"""


def test_worker_has_none_of_the_calls_that_nobody_needs(workers: Workers) -> None:
    harmful = {"fork", "vfork", "vhangup"}  # where they are not refused, also with senseless arguments
    numbers = [both[COLUMN] for call, both in NEVER.items() if call not in harmful and both[COLUMN] is not None]
    assert done_in(workers, _ERRORS, numbers) == [1] * len(numbers)


def test_worker_may_still_limit_itself_start_threads_and_signal_itself(workers: Workers) -> None:
    """It is limited after the filter, libraries have threads, and abort() is a signal to itself."""
    limit = "lambda: (lambda m: m.setrlimit(m.RLIMIT_NOFILE, m.getrlimit(m.RLIMIT_NOFILE)))(__import__('resource'))"
    thread = "lambda: (lambda m: m.Thread(target=m.get_ident).start())(__import__('threading'))"
    for doing in (limit, thread, "lambda: (lambda m: m.raise_signal(m.SIGCHLD))(__import__('signal'))"):
        assert done_in(workers, doing) is None


def test_worker_that_aborts_ends_at_once(workers: Workers) -> None:
    began = time.monotonic()
    with pytest.raises(Exception, match="Abnormal termination"):
        done_in(workers, "lambda: __import__('os').abort()")
    assert time.monotonic() - began < 10
