"""What the whole service makes of the network's own speed, and how long /help takes while 200 photos wait."""

import asyncio
import multiprocessing
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.gateway import Unpaced, enrolled, wait_until
from benchmarks.measuring import ROOT, Figure, at_least, at_most
from benchmarks.processtree import processor_s, tree
from benchmarks.responsiveness import wait_for_help
from benchmarks.telegram import FIRST_ID, PHOTO, Sent, telegram
from emulator.person import open_town
from inference.decoding import decode
from inference.image import lesion_view, network_input
from inference.model import load_model
from tests.conversations.service import BotProcess
from tests.conversations.stories import rows

_CORES: Final = os.cpu_count() or 1
_SHARE: Final = 80
_HELP_MS: Final = 300
_ALONE_S: Final = 4
_PHOTOS: Final = 200
_CROWD: Final = Sent(people=50, each=4)
_ANSWERED_WITHIN_S: Final = 300
_FIRST_ASKER: Final = FIRST_ID + 1_000
_ASKERS: Final = 10
_TIMES: Final = 5  # all are promised soon before the last is answered: few are asked between


def share_of_network() -> Iterator[Figure]:
    """Let the network alone and the whole service take turns on the same cores."""
    before = _network_a_second()
    whole, service_ms, telegram_ms = _service_a_second()
    alone = (before + _network_a_second()) / 2
    yield Figure(f"photos a second, the network alone in {_CORES} processes", "", f"{alone:.1f}")
    yield Figure("photos a second, the whole service, not held to Telegram's pace", "", f"{whole:.1f}")
    yield at_least("… share of the network's own", "", 100 * whole / alone, _SHARE, " %")
    yield Figure("processor time of the service for one photo", "", f"{service_ms:.1f} ms")
    yield Figure("… of the emulator, on the same cores", "", f"{telegram_ms:.1f} ms")


def _network_a_second() -> float:
    """Return how many inputs the network alone answers in a second, in as many processes as cores."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(_CORES) as pool:
        pool.map(_run_network, [0.1] * _CORES, chunksize=1)  # loads the libraries
        return float(sum(pool.map(_run_network, [_ALONE_S] * _CORES, chunksize=1)))


def _run_network(for_s: float) -> float:
    model = load_model(ROOT / "models")
    input_rgb = network_input(lesion_view(decode(PHOTO.read_bytes())), model.input_side_px)
    model.answer(input_rgb)
    began, count = time.perf_counter(), 0
    while time.perf_counter() < began + for_s:
        model.answer(input_rgb)
        count += 1
    return count / (time.perf_counter() - began)


def _service_a_second() -> tuple[float, float, float]:
    """Return photos a second, and the processor's milliseconds for each: of the service, and of the emulator."""
    with tempfile.TemporaryDirectory() as name, telegram(_CROWD) as emulated:
        folder = enrolled(Path(name), _CROWD.user_ids)
        with Unpaced(emulated, folder) as bot:
            bot.start()  # its processes have looked at a first photo by then
            used = _used_s(bot), processor_s(emulated.pid)
            wait_until_answered(folder, _PHOTOS)
            service_s, telegram_s = _used_s(bot) - used[0], processor_s(emulated.pid) - used[1]
            bot.stop()
        return answered_a_second(folder), 1000 * service_s / _PHOTOS, 1000 * telegram_s / _PHOTOS


def _used_s(bot: BotProcess) -> float:
    return sum(map(processor_s, tree(bot.pid)))


def wait_until_answered(folder: Path, count: int) -> None:
    """Wait until so many photos are answered; raises TimeoutError where they are not."""
    wait_until(count, lambda: _answered(folder), _ANSWERED_WITHIN_S)


def _answered(folder: Path) -> int:
    return int(rows(folder, "SELECT count(*) FROM cases WHERE outcome IS NOT NULL")[0][0])


def answered_a_second(folder: Path) -> float:
    """Return the rate between the first answer and the last."""
    with sqlite3.connect(folder / "lentigo.db") as connection:
        query = "SELECT min(closed_at), max(closed_at), count(*) FROM cases WHERE outcome = 'assessed'"
        first, last, count = connection.execute(query).fetchone()
    connection.close()
    return float((count - 1) / (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds())


def help_while_photos_wait() -> Iterator[Figure]:
    """Ask for /help as others, from the moment when 200 photos come in until the last is answered; a few times."""
    waits = [wait for _ in range(_TIMES) for wait in _waits()]
    coming = [1000 * took for took, is_coming in waits if is_coming]
    waiting = [1000 * took for took, is_coming in waits if not is_coming]
    yield at_most(f"/help while they wait, 95 of 100 times ({len(waiting)} asked)", "", _p95(waiting), _HELP_MS, " ms")
    yield Figure("… half of the times", "", f"{np.median(waiting):.0f} ms" if waiting else "none asked")
    yield Figure(
        f"/help while they come in and are promised, 95 of 100 times ({len(coming)} asked)",
        "",
        f"{_p95(coming):.0f} ms",
    )


def _waits() -> list[tuple[float, bool]]:
    """Return what _asked returns, of one crowd."""
    with tempfile.TemporaryDirectory() as name, telegram(_CROWD) as emulated:
        folder = enrolled(Path(name), _CROWD.user_ids)
        with BotProcess(emulated, folder) as bot:
            bot.start()
            waits = asyncio.run(_asked(emulated.url, folder))
            bot.stop()
    return waits


def _p95(taken_ms: list[float]) -> float:
    return float(np.percentile(taken_ms, 95)) if taken_ms else float("nan")


async def _asked(url: str, folder: Path) -> list[tuple[float, bool]]:
    """Return how long each /help took, in seconds, and whether photos were still coming in then."""
    waits = list[tuple[float, bool]]()
    async with open_town(url) as town:
        askers = [await town.newcomer("Asker", id=_FIRST_ASKER + number) for number in range(_ASKERS)]
        while (done := await asyncio.to_thread(_answered, folder)) < _PHOTOS:
            is_coming = await asyncio.to_thread(_promised, folder) < _PHOTOS
            if done < _PHOTOS:
                waits.append((await wait_for_help(askers[len(waits) % _ASKERS]), is_coming))
            await asyncio.sleep(0.05)
    return waits


def _promised(folder: Path) -> int:
    return int(rows(folder, "SELECT count(*) FROM cases WHERE progress_message_id IS NOT NULL")[0][0])
