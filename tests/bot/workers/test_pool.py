"""A photo that ends its worker never ends the bot, and a bot that is killed leaves no worker behind."""

import asyncio
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest
from pebble import ProcessExpired
from PIL import Image

from bot.render.answer import picture_labels
from bot.workers.looking import Seen
from bot.workers.pool import SET_ASIDE, Workers
from inference.errors import ModelMismatch
from tests.bot.workers.in_worker import InWorker
from tests.shipped import CONTENT, ROOT

PHOTO = (ROOT / "tests" / "photos" / "ham10000_nv_ISIC_0028441.jpg").read_bytes()
LABELS = picture_labels(CONTENT.texts("en"))
FONTS = ROOT / "content" / "fonts"
_TOO_SLOW = "A photo took more time than a worker gives, and ended it"
_ENDED_BETWEEN = "A worker ended between photos; all are started anew"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


@pytest.fixture
def workers() -> Iterator[Workers]:
    pool = Workers(1, ROOT / "models", FONTS)
    yield pool
    pool.stop()


@pytest.fixture(scope="module")
def lasting_workers() -> Iterator[Workers]:
    """For tests that leave them as they were."""
    pool = Workers(1, ROOT / "models", FONTS)
    yield pool
    pool.stop()


async def test_photo_whose_worker_is_ended_from_outside_is_judged_all_the_same(workers: Workers) -> None:
    worker = (await workers.warm_up())[0]
    seeing = asyncio.create_task(workers.see(_slow_photo(), LABELS))
    await _until_busy(worker)
    os.kill(worker, signal.SIGTERM)
    assert (await seeing).assessment is not None


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_lock_that_a_killed_process_never_gives_back_holds_up_no_photo_for_long(
    workers: Workers, caplog: pytest.LogCaptureFixture, when: str
) -> None:
    worker = (await workers.warm_up([LABELS]))[0]
    way_to_the_bot = workers._pool._pool_manager.worker_manager.workers_channel.mutex.writer_mutex
    if when == "before":
        way_to_the_bot.acquire()
    seeing = asyncio.create_task(workers.see(_slow_photo(), LABELS))
    if when == "meanwhile":
        await _until_busy(worker)
        way_to_the_bot.acquire()
    assert (await asyncio.wait_for(seeing, 45)).assessment is not None
    assert [record.message for record in caplog.records] == [_ENDED_BETWEEN]


@pytest.mark.parametrize("last", [ProcessExpired("killed"), TimeoutError()], ids=["killed", "hung"])
@pytest.mark.parametrize("first", [ProcessExpired("killed"), TimeoutError()], ids=["killed", "hung"])
async def test_photo_that_ends_two_workers_is_set_aside(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, first: Exception, last: Exception
) -> None:
    deaths = iter([first, last])

    async def dying(*_: object) -> Seen:
        raise next(deaths)

    monkeypatch.setattr(workers, "_seen", dying)
    assert (await workers.see(PHOTO, LABELS)).declined_because == SET_ASIDE


async def test_process_that_is_halted_in_the_middle_of_a_photo_is_replaced(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker = (await workers.warm_up([LABELS]))[0]
    with monkeypatch.context() as hasty:  # only the first try
        hasty.setattr("bot.workers.pool._TIMEOUT_S", 4)
        seeing = asyncio.create_task(workers.see(_slow_photo(4_000), LABELS))
        await asyncio.sleep(0)
    await _until_busy(worker)
    os.kill(worker, signal.SIGSTOP)
    assert (await asyncio.wait_for(seeing, 120)).assessment is not None
    assert [record.message for record in caplog.records] == [_TOO_SLOW]


async def test_clock_that_is_set_forward_in_the_middle_of_a_photo_costs_it_nothing(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    jump_s = [0]
    clock = SimpleNamespace(time=lambda: time.time() + jump_s[0], sleep=time.sleep)
    monkeypatch.setattr("pebble.pool.process.time", clock)
    worker = (await workers.warm_up([LABELS]))[0]
    seeing = asyncio.create_task(workers.see(_slow_photo(4_000), LABELS))
    await _until_busy(worker)
    jump_s[0] = 3600
    assert (await seeing).assessment is not None
    assert [record.message for record in caplog.records] == [_TOO_SLOW]


async def test_process_that_is_halted_between_photos_is_replaced_and_no_photo_is_blamed(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker = (await workers.warm_up([LABELS]))[0]
    os.kill(worker, signal.SIGSTOP)
    with monkeypatch.context() as hasty:  # the other's own time is not over when the first's is
        hasty.setattr("bot.workers.pool._TIMEOUT_S", 1)
        hasty.setattr("bot.workers.pool._START_S", 2)
        first = asyncio.create_task(workers.see(PHOTO, LABELS))
        await asyncio.sleep(0)
    other = asyncio.create_task(workers.see(PHOTO, LABELS))
    seen = await asyncio.wait_for(asyncio.gather(first, other), 120)
    assert [one.assessment is not None for one in seen] == [True, True]
    assert sorted(record.message for record in caplog.records) == [_TOO_SLOW, _ENDED_BETWEEN]
    assert not Path(f"/proc/{worker}").exists()


async def test_model_that_does_not_load_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "models", tmp_path / "models")
    (tmp_path / "models" / "model.onnx").write_bytes(b"another network")
    pool = Workers(1, tmp_path / "models", FONTS)
    with pytest.raises(ModelMismatch):
        await pool.warm_up()
    pool.stop()


async def test_every_worker_has_looked_at_a_picture_before_the_first_photo() -> None:
    pool = Workers(2, ROOT / "models", FONTS)
    assert len(set(await pool.warm_up([LABELS]))) == 2
    pool.stop()


async def test_pixels_of_the_photo_stay_in_the_worker(lasting_workers: Workers) -> None:
    seen = await lasting_workers.see(PHOTO, LABELS)
    assert seen.assessment is not None
    assert (seen.assessment.view_rgb.size, seen.assessment.heatmap.size) == (0, 0)


_FORGETS: Final = """
import ctypes, os, subprocess
from bot.environment import forget_secrets
if os.geteuid() == 0:  # root may read everything; be nobody, as if nobody had started this
    os.setuid(65_534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
forget_secrets()
child = subprocess.run(["cat", f"/proc/{os.getpid()}/environ"], capture_output=True)
print(b"opens-telegram" in child.stdout)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_child_of_a_process_that_forgot_its_secrets_can_not_read_them_there_either() -> None:
    environment = os.environ | {"BOT_TOKEN": "123:opens-telegram"}
    words = [sys.executable, "-c", _FORGETS]
    ran = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


async def test_worker_may_write_no_file_open_few_and_leave_no_dump(lasting_workers: Workers) -> None:
    worker = (await lasting_workers.warm_up())[0]
    limits = Path(f"/proc/{worker}/limits").read_text(encoding="ascii")
    hard = {line[:25].strip(): line[26:].split()[1] for line in limits.splitlines()[1:]}
    assert (hard["Max file size"], hard["Max core file size"], hard["Max open files"]) == ("0", "0", "64")
    assert hard["Max address space"] == str(4 * 2**30)
    assert (await lasting_workers.see(PHOTO, LABELS)).assessment is not None


async def test_worker_that_ends_between_photos_costs_nothing(workers: Workers) -> None:
    worker = (await workers.warm_up())[0]
    os.kill(worker, signal.SIGKILL)
    seen = await asyncio.gather(*(workers.see(PHOTO, LABELS) for _ in range(3)))
    assert [one.assessment is not None for one in seen] == [True, True, True]


@cache
def _slow_photo(side_px: int = 7_900) -> bytes:
    """A picture within the limits that takes long to decode."""
    picture = io.BytesIO()
    Image.effect_noise((side_px, side_px), 50).save(picture, "JPEG", quality=30, progressive=True)
    return picture.getvalue()


async def _until_busy(process_id: int) -> None:
    """Wait until a process has worked for a moment more."""
    before = _cpu_ticks(process_id)
    for _ in range(600):
        if _cpu_ticks(process_id) > before + 5:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the worker never began")


def _cpu_ticks(process_id: int) -> int:
    return int(Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").split()[13])


async def test_enormous_picture_is_declined_and_the_worker_lives(lasting_workers: Workers) -> None:
    worker = await lasting_workers.warm_up()
    enormous = io.BytesIO()
    Image.new("RGBA", (7_999, 8_000), (200, 150, 140, 128)).save(enormous, "PNG", compress_level=1)
    seen = await lasting_workers.see(enormous.getvalue(), LABELS)
    assert seen.declined_because is not None
    assert (await lasting_workers.see(PHOTO, LABELS)).assessment is not None
    assert await lasting_workers.warm_up() == worker


async def test_photo_that_needs_more_memory_than_there_is_is_declined_and_the_worker_lives(workers: Workers) -> None:
    worker = (await workers.warm_up([LABELS]))[0]
    await workers.see(PHOTO, LABELS)
    large = io.BytesIO()
    Image.new("RGBA", (7_400, 7_400), (200, 150, 140, 128)).save(large, "PNG", compress_level=1)
    tight = Workers(1, ROOT / "models", FONTS, memory_limit=_most_memory(worker) + 50 * 2**20)
    tight_worker = await tight.warm_up([LABELS])
    seen = await tight.see(large.getvalue(), LABELS)
    is_whole = (await tight.see(PHOTO, LABELS)).assessment is not None
    assert await tight.warm_up() == tight_worker
    tight.stop()
    assert (seen.declined_because, is_whole) == ("unreadable", True)
    assert (await workers.see(large.getvalue(), LABELS)).declined_because != "unreadable"


def _most_memory(process_id: int) -> int:
    """Return how many bytes of addresses a process had at most."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    return int(status.partition("VmPeak:")[2].split()[0]) * 1024


async def test_work_that_runs_out_of_memory_declines_the_photo_and_the_worker_lives(
    lasting_workers: Workers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker = await lasting_workers.warm_up()
    with monkeypatch.context() as greed:
        greed.setattr("bot.workers.pool.see", InWorker("lambda *_: __import__('numpy').ones(5 * 2**30, 'uint8')"))
        assert (await lasting_workers.see(PHOTO, LABELS)).declined_because == "unreadable"
    assert [record.message for record in caplog.records] == ["A photo asked a worker for too much memory"]
    assert (await lasting_workers.see(PHOTO, LABELS)).assessment is not None
    assert await lasting_workers.warm_up() == worker


def test_killed_bot_leaves_no_worker_behind() -> None:
    script = (
        "import asyncio; from pathlib import Path; from bot.workers.pool import Workers\n"
        "async def main():\n"
        f"    workers = Workers(1, Path({str(ROOT / 'models')!r}), Path({str(FONTS)!r}))\n"
        "    print((await workers.warm_up())[0], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "if __name__ == '__main__': asyncio.run(main())\n"
    )
    bot = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert bot.stdout is not None
    worker = int(bot.stdout.readline())
    bot.kill()
    bot.communicate()
    for _ in range(100):
        with suppress(OSError):  # it may go while it is looked at
            if not Path(f"/proc/{worker}").exists() or _is_zombie(worker):
                return
        time.sleep(0.1)
    raise AssertionError("the worker is still there")


def _is_zombie(process_id: int) -> bool:
    return "State:\tZ" in Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
