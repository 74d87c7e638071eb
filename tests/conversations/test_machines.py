"""On PostgreSQL: photos answered by workers, each once; a gateway that another one follows."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from bot.content import Content
from bot.render.questions import Step
from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator
from tests.conversations.service import PHOTOS, BotProcess, emulator_in_thread
from tests.conversations.stories import asks, button, register, shown, until_slowed_down
from tests.conversations.test_photos import is_answer
from tests.postgres import Cluster
from tests.serving import free_port

LESION = PHOTOS / "ham10000_nv_ISIC_0028441.jpg"
OWNER_ID = 600_000_001
TAKEN_UP_WITHIN_S = 120  # a worker's last sign of life, and the look for those without, on a machine that is busy
KILLS = 2
SLOW = 6  # chats: more than answers that are sent at once


@dataclass(frozen=True, slots=True)
class Machines:
    """Processes over one database, and those who talk to them."""

    emulator: RunningEmulator
    database_url: str
    folder: Path
    processes: ExitStack

    def process(self, command: str, name: str, **settings: str) -> BotProcess:
        """A gateway (`run`) or a `worker`, not started yet."""
        own = {"DATABASE_URL": self.database_url, "OWNER_IDS": str(OWNER_ID), **settings}
        return self.processes.enter_context(BotProcess(self.emulator, self.folder, command, name, **own))

    def started(self, command: str, name: str, **settings: str) -> BotProcess:
        """The same, started and ready."""
        process = self.process(command, name, **settings)
        process.start()
        return process

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a statement finds in the database."""
        with psycopg.connect(self.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture
def machines(postgres: Cluster, tmp_path: Path) -> Iterator[Machines]:
    database_url = postgres.fresh()
    with emulator_in_thread() as emulator, ExitStack() as processes:
        yield Machines(emulator, database_url, tmp_path, processes)


@pytest.fixture
async def town(machines: Machines) -> AsyncIterator[Town]:
    async with open_town(machines.emulator.url) as opened:
        yield opened


async def test_workers_share_photos_and_each_is_answered_once(machines: Machines, town: Town) -> None:
    workers = [machines.process("worker", f"worker-{number}") for number in (1, 2)]
    gateway = machines.started("run", "gateway")
    await until(lambda: "No worker is there" in gateway.log)
    for worker in workers:
        worker.launch()
    for worker in workers:
        worker.waits_to_be_ready()
    people = await registered(town, 3)
    photos = [await person.sends_photo(LESION) for _ in range(4) for person in people]
    await until_answered(people, len(photos))
    assert machines.rows("SELECT outcome, count(*) FROM cases GROUP BY outcome") == [("assessed", len(photos))]
    assert [worker.stop() for worker in workers] == [0, 0]
    assert gateway.stop() == 0
    assert machines.rows("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'answer'") == [(0,)]
    for process in (gateway, *workers):
        assert "Incident" not in process.log, process.log


async def test_chats_that_telegram_slows_down_hold_up_nobody(machines: Machines, town: Town) -> None:
    gateway, worker = machines.started("run", "gateway"), machines.started("worker", "worker", WORKERS="1")
    *slow, other = await registered(town, SLOW + 1)
    slowed = {"kind": "429", "method": "editMessageMedia", "retry_after": 5}
    await town.suffers(*({**slowed, "chat_id": person.id} for person in slow))
    for person in slow:
        await person.sends_photo(LESION)
    await until_slowed_down(town, *slow)
    await other.sends_photo(LESION)
    await other.waits_for(is_answer, 60)
    assert await answers(slow) == []
    await town.suffers()
    await until_answered(slow, SLOW)
    assert (gateway.stop(), worker.stop()) == (0, 0)


async def test_worker_killed_with_photos_in_hand_loses_and_doubles_nothing(machines: Machines, town: Town) -> None:
    gateway, steady = machines.started("run", "gateway"), machines.started("worker", "steady")
    victim, people = machines.process("worker", "victim"), await registered(town, 4)
    in_hand = "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IN ({}) AND task_name = 'answer'"
    newest = "SELECT max(id) FROM procrastinate_workers HAVING count(*) > 1"
    photos = []
    for _ in range(KILLS):
        await asyncio.to_thread(victim.start)
        for _ in range(2):
            photos += [await person.sends_photo(LESION) for person in people]
        await until(lambda: machines.rows(in_hand.format(newest)) != [])
        victim.kill()
    await until_answered(people, len(photos))
    outcomes = "SELECT outcome, count(*) FROM cases GROUP BY outcome"
    await until(lambda: machines.rows(outcomes) == [("assessed", len(photos))])
    assert "A worker is gone with a job in hand" in steady.log
    assert (gateway.stop(), steady.stop()) == (0, 0)


async def test_hung_worker_is_taken_over_and_answers_nothing_when_it_goes_on(machines: Machines, town: Town) -> None:
    machines.started("run", "gateway")
    hanging = machines.started("worker", "hanging")
    eva = (await registered(town, 1))[0]
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    photo = await eva.sends_photo(LESION)
    await until(lambda: machines.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") != [])
    hanging.signals(signal.SIGSTOP)
    await town.suffers()
    second = machines.started("worker", "second")
    await until_answered([eva], 1)
    hanging.signals(signal.SIGCONT)
    other = await eva.sends_photo(LESION)
    await until_answered([eva], 2)
    assert sorted(await answers([eva])) == [(eva.id, photo["message_id"]), (eva.id, other["message_id"])]
    assert (hanging.stop(), second.stop()) == (0, 0)


async def test_nothing_is_sent_after_an_erasure_while_a_worker_has_the_photo(
    machines: Machines, town: Town, content: Content
) -> None:
    machines.started("run", "gateway")
    worker = machines.started("worker", "worker")
    eva = (await registered(town, 1))[0]
    await town.suffers({"kind": "delay", "method": "file", "delay_s": 15, "times": 1})
    await eva.sends_photo(LESION)
    await until(lambda: machines.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") != [])
    await eva.says("/delete")
    await eva.waits_for(lambda message: bool(message.get("reply_markup")))
    await eva.presses(content.texts("en").plain("button-delete-yes"))
    await eva.waits_for(lambda message: "XXXX" not in str(message) and "eceipt" in str(message.get("text")))
    await town.suffers()
    await until(lambda: machines.rows("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'answer'") == [])
    assert machines.rows("SELECT count(*) FROM cases") == [(0,)]
    texts = [str(message.get("text", "")) for message in await eva.messages()]
    assert await answers([eva]) == []
    assert shown(content.texts("en"), "looking") not in texts
    assert worker.stop() == 0


async def test_second_gateway_takes_over_in_the_middle_of_a_conversation_and_of_photos(
    machines: Machines, town: Town
) -> None:
    first = machines.started("run", "first")
    machines.started("worker", "worker")
    second = machines.process("run", "second", WEB_PORT=(second_port := str(free_port())))
    second.launch()
    await until(lambda: "stands by" in second.log)
    assert (await ready(second_port))["leads"] == "down"
    ana, (eva,) = await town.newcomer("Ana"), await registered(town, 1)
    await ana.says("/start")
    await ana.waits_for(asks(Step.LANGUAGE))
    await ana.presses(button(Step.LANGUAGE, "en"))
    await ana.waits_for(asks(Step.CONSENT))
    photos = [await eva.sends_photo(LESION) for _ in range(4)]
    first.kill()
    await ana.presses(button(Step.CONSENT, "agree"))
    await ana.waits_for(asks(Step.AGE), TAKEN_UP_WITHIN_S)
    await until_answered([eva], len(photos))
    assert [asks(Step.AGE)(message) for message in await ana.messages()].count(True) == 1
    assert await ready(second_port) == {"database": "ok", "telegram": "ok", "workers": "ok"}
    assert second.stop() == 0


async def test_gateway_that_hung_ends_itself_and_stands_by(machines: Machines, town: Town) -> None:
    hanging, second = machines.started("run", "hanging"), machines.process("run", "second")
    second.launch()
    await until(lambda: "stands by" in second.log)
    hanging.signals(signal.SIGSTOP)
    await asyncio.to_thread(second.waits_to_be_ready)
    hanging.signals(signal.SIGCONT)
    await until(lambda: "stands by" in hanging.log)
    ana = await town.newcomer("Ana")
    await ana.says("/start")
    await ana.waits_for(asks(Step.LANGUAGE))
    assert (second.stop(), hanging.log.count("Traceback")) == (0, 0)
    await asyncio.to_thread(hanging.waits_to_be_ready, 1)
    assert hanging.stop() == 0


async def test_restart_of_postgresql_loses_and_doubles_nothing(
    machines: Machines, town: Town, postgres: Cluster
) -> None:
    gateway, worker = machines.started("run", "gateway"), machines.started("worker", "worker")
    people = await registered(town, 2)
    photos = [await person.sends_photo(LESION) for _ in range(4) for person in people]
    await until(lambda: machines.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") != [])
    postgres.kill()
    await asyncio.sleep(3)
    postgres.start()
    await asyncio.to_thread(gateway.waits_to_be_ready, 1)
    photos += [await person.sends_photo(LESION) for person in people]
    await until_answered(people, len(photos))
    assert (gateway.stop(), worker.stop()) == (0, 0)


async def test_processes_that_are_started_before_postgresql_wait_for_it(
    machines: Machines, town: Town, postgres: Cluster
) -> None:
    port = str(free_port())
    gateway, worker = machines.process("run", "gateway", WEB_PORT=port), machines.process("worker", "worker")
    impatient = machines.process("run", "impatient")
    postgres.stop()
    try:
        for process in (gateway, worker, impatient):
            process.launch()
        for process in (gateway, worker, impatient):
            await until(partial(is_waiting, process))
        assert await ready(port) == {"database": "down"}
        assert impatient.stop() == 0
    finally:
        postgres.start()
    for process in (gateway, worker):
        await asyncio.to_thread(process.waits_to_be_ready)
    (eva,) = await registered(town, 1)
    await eva.sends_photo(LESION)
    await until_answered([eva], 1)
    assert (gateway.stop(), worker.stop()) == (0, 0)


def is_waiting(process: BotProcess) -> bool:
    return "PostgreSQL does not answer" in process.log


async def ready(port: str) -> dict[str, str]:
    """What /readyz says."""
    async with aiohttp.request("GET", f"http://127.0.0.1:{port}/readyz") as answer:
        said: dict[str, str] = await answer.json()
        return said


async def registered(town: Town, count: int) -> list[Person]:
    people = [await town.newcomer(f"Eva {number}") for number in range(count)]
    await asyncio.gather(*(register(person, "en") for person in people))
    return people


async def answers(people: list[Person]) -> list[tuple[int, int]]:
    """Whose photos were answered, as often as they were."""
    chats = [(person.id, await person.messages()) for person in people]
    return [(i, m["reply_to_message"]["message_id"]) for i, messages in chats for m in messages if is_answer(m)]


async def until_answered(people: list[Person], count: int) -> None:
    """Wait until as many photos are answered, each once, and nothing is promised any more."""
    for _ in range(TAKEN_UP_WITHIN_S * 10):
        if len(await answers(people)) >= count:
            break
        await asyncio.sleep(0.1)
    found = await answers(people)
    assert (len(found), len(set(found))) == (count, count)


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(TAKEN_UP_WITHIN_S * 10):
        if is_so():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")
