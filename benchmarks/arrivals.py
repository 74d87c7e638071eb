"""Whether photos that come at random wait as long as the queueing model says.

The model's servers are the machine's cores, and its work is all that they do for a photo: who sends it, the emulator,
the gateway and the workers take turns on them.
"""

import asyncio
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from benchmarks.capacity import answered_a_second, wait_until_answered
from benchmarks.gateway import Unpaced, enrolled
from benchmarks.measuring import Figure
from benchmarks.processtree import machine_busy_s
from benchmarks.queueing import Service, mean_wait_s
from benchmarks.telegram import FIRST_ID, PHOTO, Sent, telegram
from emulator.person import open_town

_FULL: Final = Sent(people=50, each=3)
_PEOPLE: Final = range(FIRST_ID, FIRST_ID + _FULL.people)
_ALONE: Final = 20  # photos, one after the other
_AT_RANDOM: Final = 300
_RATE: Final = 0.5  # of what is answered at full load, for which nobody has to send


def waits_beside_model() -> Iterator[Figure]:
    """Measure full load for the mean service time, then single photos, then photos at random."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name, telegram(_FULL) as emulated:
        folder = enrolled(Path(name), _PEOPLE)
        with Unpaced(emulated, folder) as bot:
            bot.start()
            full = _FULL.people * _FULL.each
            wait_until_answered(folder, full)
            a_second = answered_a_second(folder)
            for number in range(_ALONE):
                asyncio.run(_send(emulated.url, [0.0], random.Random(number)))
                wait_until_answered(folder, full + number + 1)
            rng = random.Random(1)
            gaps_s = [rng.expovariate(_RATE * a_second) for _ in range(_AT_RANDOM)]
            began, busy_before_s = time.monotonic(), machine_busy_s()
            asyncio.run(_send(emulated.url, gaps_s, rng))
            wait_until_answered(folder, full + _ALONE + _AT_RANDOM)
            lasted_s, busy_s = time.monotonic() - began, machine_busy_s() - busy_before_s
            bot.stop()
        took_s = _latencies_s(folder)
    alone_s, random_s = took_s[full : full + _ALONE], took_s[full + _ALONE :]
    mean_s = statistics.mean(alone_s)
    load, service = busy_s / (cores * lasted_s), Service(busy_s / _AT_RANDOM, statistics.stdev(alone_s) / mean_s)
    waited_s, model_s = statistics.mean(random_s) - mean_s, mean_wait_s(cores, load, service)
    yield Figure(f"photos a second at full load, {cores} workers", "", f"{a_second:.1f}")
    yield Figure("one photo from its update to its answer, alone", "", f"{1000 * mean_s:.0f} ms")
    yield Figure("variation of that, deviation over mean", "", f"{service.variation:.2f}")
    yield Figure(
        f"processor time of the machine for one, {_RATE * a_second:.1f} a second", "", f"{1000 * service.mean_s:.0f} ms"
    )
    yield Figure(
        f"mean wait with the cores {load:.0%} busy, model and measured",
        f"{1000 * model_s:.0f} ms (model)",
        f"{1000 * waited_s:.0f} ms",
    )


async def _send(url: str, gaps_s: Sequence[float], rng: random.Random) -> None:
    """Let photos come, each so long after the one before, whether that is answered or not."""
    async with open_town(url) as town:
        people = [await town.newcomer("Sam", id=user_id) for user_id in _PEOPLE]
        sending = list[asyncio.Task[object]]()
        due = time.monotonic()
        for gap_s in gaps_s:
            due += gap_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            sending.append(asyncio.create_task(rng.choice(people).sends_photo(PHOTO)))
        await asyncio.gather(*sending)


def _latencies_s(folder: Path) -> list[float]:
    """Return how long each photo took, in the order in which they came."""
    with sqlite3.connect(folder / "lentigo.db") as connection:
        found = connection.execute("SELECT received_at, closed_at FROM cases ORDER BY case_id").fetchall()
    connection.close()
    return [(datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() for begin, end in found]
