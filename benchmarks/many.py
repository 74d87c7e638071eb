"""On PostgreSQL: what a second worker adds, and how long nobody is there when the gateway dies."""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

import psycopg

from benchmarks.chaos import is_answer
from benchmarks.gateway import Unpaced
from benchmarks.machines import ManyMachines, enrol_in
from benchmarks.measuring import Figure, at_least, at_most
from benchmarks.telegram import PHOTO, Sent, Telegram, telegram
from emulator.person import open_town
from tests.conversations.service import BotProcess, emulator_in_thread
from tests.postgres import Cluster, running_cluster

_TIMES: Final = 1.8
_TURNS: Final = 3  # one turn alone was seen to give 1.2 and 1.9
_WITHIN_S: Final = 10
_FULL: Final = Sent(people=40, each=5)
_PHOTOS: Final = 200
_KILLS: Final = 3
_DONE_WITHIN_S: Final = 300
_ONE_CORE: Final = {"WORKERS": "1"}  # a worker has one process for photos


def second_worker() -> Iterator[Figure]:
    """Let one worker, then two, answer two hundred photos that wait; a few times in turns."""
    with running_cluster() as cluster:
        runs = [[_answered_a_second(cluster, count) for count in (1, 2)] for _ in range(_TURNS)]
    one, two = (median(counts) for counts in zip(*runs, strict=True))
    times = sorted(second / first for first, second in runs)
    yield Figure("photos a second, one worker, PostgreSQL", "", f"{one:.1f}")
    yield Figure("photos a second, two workers", "", f"{two:.1f}")
    on = f"on {os.cpu_count()} cores with gateway and emulator"
    yield at_least(f"… times as many, {on}", "", median(times), _TIMES, "×")
    yield Figure(f"… the least and the most of {_TURNS} times", "", f"{times[0]:.2f}×, {times[-1]:.2f}×")


def _answered_a_second(cluster: Cluster, workers: int) -> float:
    url = cluster.fresh()
    with tempfile.TemporaryDirectory() as folder, telegram(_FULL) as emulated, ExitStack() as stack:
        enrol_in(url, _FULL.user_ids)
        _started(stack, emulated, Path(folder), "run", "gateway", url)
        _wait_for(url, "SELECT count(*) >= %s FROM cases WHERE progress_message_id IS NOT NULL", _PHOTOS)
        for number in range(workers):
            _started(stack, emulated, Path(folder), "worker", f"worker-{number}", url)
        _wait_for(url, "SELECT count(*) >= %s FROM cases WHERE outcome IS NOT NULL", _PHOTOS)
    last = "SELECT count(*), extract(epoch FROM max(closed_at) - min(closed_at)) FROM cases WHERE closed_at >= (%s)"
    begun = _row(url, "SELECT closed_at FROM cases ORDER BY closed_at OFFSET %s LIMIT 1", _PHOTOS // 10)[0]
    count, took_s = _row(url, last, begun)  # all the workers are at it by then
    return float((count - 1) / float(took_s))


def _started(stack: ExitStack, emulated: Telegram, folder: Path, command: str, name: str, url: str) -> None:
    process = Unpaced(emulated, folder, command, name, DATABASE_URL=url, **_ONE_CORE)
    stack.enter_context(process)
    process.launch()


def _wait_for(url: str, query: str, *values: object) -> None:
    deadline = time.monotonic() + _DONE_WITHIN_S
    while not _row(url, query, *values)[0]:
        if time.monotonic() > deadline:
            raise TimeoutError(query)
        time.sleep(0.1)


def _row(url: str, query: str, *values: object) -> Sequence[Any]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        return connection.execute(query.encode(), values).fetchone() or [None]


def fail_over() -> Iterator[Figure]:
    """Kill the gateway that leads while photos come in, and ask the one that stood by for /help."""
    with running_cluster() as cluster, tempfile.TemporaryDirectory() as folder, emulator_in_thread() as emulator:
        url = cluster.fresh()
        with ExitStack() as stack:
            own = {"DATABASE_URL": url, **_ONE_CORE}
            kinds = (("run", "first"), ("worker", "worker"), ("run", "second"))
            processes = [stack.enter_context(BotProcess(emulator, Path(folder), *kind, **own)) for kind in kinds]
            first, worker, second = processes
            first.start()
            worker.start()
            second.launch()
            machines = ManyMachines(emulator, [first, worker], cluster, url)
            taken_s, lost = asyncio.run(_killed(machines, [first, second]))
    yield at_most(f"from kill -9 to the next /help answered, longest of {_KILLS}", "", max(taken_s), _WITHIN_S, " s")
    yield at_most("photos on their way that got no answer, or two", "", lost, 0, "")


async def _killed(machines: ManyMachines, gateways: list[BotProcess]) -> tuple[list[float], int]:
    taken_s, wrong = list[float](), 0
    async with open_town(machines.emulator.url) as town:
        for number in range(_KILLS):
            await asyncio.sleep(_WITHIN_S)  # until the one that was started again stands by
            person = await town.newcomer(f"Patient {number}")
            await asyncio.to_thread(machines.enrol, [person.id])
            for _ in range(3):
                await person.sends_photo(PHOTO)
            leading = gateways[number % 2]
            began = time.monotonic()
            await asyncio.to_thread(leading.kill)
            await person.says("/help")
            await person.waits_for("/dermatologist", 60)
            taken_s.append(time.monotonic() - began)
            leading.launch()
            for _ in range(300):
                answers = [message for message in await person.messages() if is_answer(message)]
                if len(answers) >= 3:
                    break
                await asyncio.sleep(0.1)
            wrong += abs(3 - len(answers))
    return taken_s, wrong
