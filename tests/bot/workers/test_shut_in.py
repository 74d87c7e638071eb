"""A process that looks at photos can open and reach nothing else, and photos look the same to it."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from bot.render.answer import picture_labels
from bot.workers import landlock, seccomp
from bot.workers.answers import WorkerError
from bot.workers.pool import Workers
from tests.bot.workers.in_worker import done_in
from tests.shipped import CONTENT, ROOT

FONTS = ROOT / "content" / "fonts"
LABELS = picture_labels(CONTENT.texts("en"))
PHOTOS = ROOT / "tests" / "photos"
READABLE = ["bcc_ISIC_0024550.webp", "bkl_ISIC_0024338.heic", "mel_ISIC_0028412.jpg", "nv_hairy_ISIC_0027121.png"]
READ = "lambda path: len(open(path, 'rb').read(1))"

needs_landlock = pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock, or keeps it from us")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, ROOT / "models", FONTS)
    assert pool.is_alive
    yield pool
    pool.stop()


@needs_landlock
@pytest.mark.parametrize("name", [".env", "lentigo.db"])
def test_worker_can_not_read_what_is_the_operators(workers: Workers, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"secret")
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, READ, str(tmp_path / name))


@needs_landlock
@pytest.mark.parametrize("path", ["/proc/1/environ", "/proc/{bot}/environ", "/proc/{bot}/mem", "/proc/{bot}/fd", "."])
def test_worker_can_not_look_into_other_processes_or_the_folder_it_is_started_in(workers: Workers, path: str) -> None:
    look = "lambda path: len(__import__('os').listdir(path))" if path in {"/proc/{bot}/fd", "."} else READ
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, look, path.format(bot=os.getpid()))


@needs_landlock
def test_worker_can_read_programs_and_the_model_and_change_neither(workers: Workers) -> None:
    for path in (ROOT / "models" / "model.json", ROOT / "bot" / "pictures" / "answer.py", FONTS / "Inter-Regular.otf"):
        assert done_in(workers, READ, str(path)) == 1
        with pytest.raises(WorkerError, match="PermissionError"):
            done_in(workers, "lambda path: open(path, 'r+b').close()", str(path))
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, "lambda program: __import__('os').execv(program, [program])", sys.executable)


@pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock knows nothing of signals and networks")
def test_worker_can_not_signal_the_bot_or_call_anybody(workers: Workers) -> None:
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, "lambda process_id: __import__('os').kill(process_id, 0)", os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, "lambda address: __import__('socket').create_connection(address)", server.getsockname())


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_worker_leaves_no_dump_of_photos_whoever_takes_dumps(workers: Workers) -> None:
    get_dumpable = 3  # PR_GET_DUMPABLE of prctl(2)
    assert done_in(workers, "lambda what: __import__('ctypes').CDLL(None).prctl(what, 0, 0, 0, 0)", get_dumpable) == 0


@needs_landlock
async def test_every_thread_of_a_worker_is_shut_in(workers: Workers) -> None:
    worker, *_ = await workers.warm_up([LABELS])
    threads = [path.read_text(encoding="ascii") for path in Path(f"/proc/{worker}/task").glob("*/status")]
    assert {text.partition("NoNewPrivs:")[2].split()[0] for text in threads} == {"1"}
    if seccomp.is_there():
        assert {text.partition("Seccomp:")[2].split()[0] for text in threads} == {"2"}


@needs_landlock
@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])  # noqa: S108 - nothing is written there
@pytest.mark.parametrize("doing", ["os.mkdir(path)", "os.symlink('/', path)", "os.open(path, os.O_CREAT | os.O_RDWR)"])
def test_worker_can_put_nothing_where_everybody_may(workers: Workers, folder: str, doing: str) -> None:
    path = f"{folder}/of-a-worker-{os.getpid()}"
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, f"lambda path: (lambda os: {doing})(__import__('os'))", path)
    assert not os.path.lexists(path)


@pytest.mark.skipif(landlock.version() < 4, reason="this kernel's Landlock knows nothing of networks")
def test_worker_can_not_bind(workers: Workers) -> None:
    with pytest.raises(WorkerError, match="PermissionError"):
        done_in(workers, "lambda: __import__('socket').create_server(('127.0.0.1', 0))")


@pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock knows nothing of abstract sockets")
def test_worker_can_not_call_an_abstract_socket(workers: Workers) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0of-the-bot-{os.getpid()}")
        server.listen()
        calling = "lambda address: (lambda m: m.socket(m.AF_UNIX).connect(address))(__import__('socket'))"
        with pytest.raises(WorkerError, match="PermissionError"):
            done_in(workers, calling, server.getsockname())


@pytest.mark.parametrize("name", READABLE)
async def test_photo_of_every_format_is_judged(workers: Workers, name: str) -> None:
    seen = await workers.see((PHOTOS / f"ham10000_{name}").read_bytes(), LABELS)
    assert seen.declined_because is None
    assert seen.picture is not None


async def test_gif_is_judged(workers: Workers) -> None:
    gif = io.BytesIO()
    Image.open(PHOTOS / "ham10000_nv_ISIC_0028441.jpg").save(gif, "GIF")
    assert (await workers.see(gif.getvalue(), LABELS)).picture is not None


@pytest.mark.parametrize(("name", "reason"), [("truncated.jpg", "truncated"), ("not_a_photo.jpg", "unreadable")])
async def test_photo_that_is_broken_is_declined(workers: Workers, name: str, reason: str) -> None:
    assert (await workers.see((PHOTOS / name).read_bytes(), LABELS)).declined_because == reason


_WORKERS_ENVIRONMENT = """
import asyncio, os, sys
from pathlib import Path
from bot.environment import forget_secrets
from bot.workers.pool import Workers
from tests.bot.workers.in_worker import done_in
async def main():
    pool = Workers(1, Path("models"), Path("content/fonts"))
    await pool.warm_up()
    print(done_in(pool, "lambda: chr(10).join(map('='.join, __import__('os').environ.items()))"))
    pool.stop()
if __name__ == "__main__":
    forget_secrets()
    asyncio.run(main())
    from urllib.request import getproxies
    assert getproxies()["https"] == "http://me:opens-the-proxy@proxy"  # for the bot itself
    assert not {"BOT_TOKEN", "database_url", "POSTGRES_PASSWORD"} & os.environ.keys()
"""


def test_worker_begins_without_a_word() -> None:
    """What libraries miss there is no line of the log."""
    command = [sys.executable, "-c", _WORKERS_ENVIRONMENT]
    needed = {"PATH": os.environ["PATH"], "HTTPS_PROXY": "http://me:opens-the-proxy@proxy"}
    ran = subprocess.run(command, cwd=ROOT, env=needed, capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_worker_has_of_the_environment_only_what_it_needs() -> None:
    needed = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "PGSSLMODE": "require"}
    others = {
        "BOT_TOKEN": "123:opens-telegram",
        "database_url": "postgresql+psycopg://opens:database@host/name",
        "POSTGRES_PASSWORD": "opens-the-database-too",
        "PGPASSWORD": "opens-it-as-well",
        "HTTPS_PROXY": "http://me:opens-the-proxy@proxy",
        "AWS_SECRET_ACCESS_KEY": "opens-what-is-not-ours",
    }
    command = [sys.executable, "-c", _WORKERS_ENVIRONMENT]
    ran = subprocess.run(command, cwd=ROOT, env=needed | others, capture_output=True, text=True, check=True)
    handed_on = dict(line.split("=", 1) for line in ran.stdout.split())
    assert needed.items() <= handed_on.items()
    own = {"OPENBLAS_NUM_THREADS", "ORT_DISABLE_TELEMETRY", "PTB_TIMEDELTA", "LD_LIBRARY_PATH"}  # set in the worker
    assert handed_on.keys() - needed.keys() <= own
