"""Of two answers about one spot the more urgent counts, and whoever gets the milder one reads it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Message
from telegram.ext import ExtBot

from bot.delivery import send
from bot.errors import SlowedDown
from bot.render.reply import Reply
from bot.storage import cases as stored
from emulator.person import Person, Town, open_town
from inference.risk import RiskLevel
from tests.bot.conftest import NOON
from tests.bot.desk import Desk, open_desk
from tests.bot.promised import OWNER_ID, TEXTS, SeeingPool, answering_at, promised, tasks_at
from tests.conversations.stories import shown


@pytest.mark.parametrize(
    ("before", "hours", "now", "is_told"),
    [
        (RiskLevel.URGENT, 23, RiskLevel.SOON, True),
        (RiskLevel.URGENT, 1, RiskLevel.ROUTINE, True),
        (RiskLevel.SOON, 1, RiskLevel.ROUTINE, True),
        (RiskLevel.URGENT, 25, RiskLevel.ROUTINE, False),
        (RiskLevel.URGENT, 1, RiskLevel.URGENT, False),
        (RiskLevel.ROUTINE, 1, RiskLevel.URGENT, False),
    ],
)
async def test_milder_answer_after_a_more_urgent_one_says_which_counts(
    engine: AsyncEngine, before: RiskLevel, hours: float, now: RiskLevel, *, is_told: bool
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva, other = await town.newcomer("Eva"), await town.newcomer("Other")
        await desk.services.patients.speak(eva.id, "en", NOON)
        for person, level, minutes_ago in (
            (other, RiskLevel.URGENT, 0.0),
            (eva, before, hours * 60),
            (eva, now, 0.0),
        ):
            case_id = await promised(desk, person, minutes_ago)
            answering = answering_at(desk, SeeingPool(level))
            for _ in range(2):
                await answering.answer_or_apologise(case_id)
        answer, *after = (await eva.messages())[-1 - is_told :]
        assert answer["caption"].startswith(shown(TEXTS, f"risk-{now}"))
        assert [(one["text"], one["reply_to_message"]["message_id"]) for one in after] == is_told * [
            (shown(TEXTS, "answer-milder"), answer["message_id"])
        ]


@pytest.mark.parametrize(
    ("levels", "notes"),
    [
        ((RiskLevel.URGENT, RiskLevel.ROUTINE, RiskLevel.ROUTINE), 2),
        ((RiskLevel.URGENT, RiskLevel.ROUTINE, RiskLevel.SOON, RiskLevel.ROUTINE), 3),
        ((RiskLevel.ROUTINE, RiskLevel.URGENT, RiskLevel.URGENT, RiskLevel.SOON), 1),
    ],
)
async def test_most_urgent_answer_of_the_last_day_counts_and_not_only_the_one_before(
    engine: AsyncEngine, levels: tuple[RiskLevel, ...], notes: int
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await desk.services.patients.speak(eva.id, "en", NOON)
        for level in levels:
            await answering_at(desk, SeeingPool(level)).answer_or_apologise(await promised(desk, eva))
        told = [message.get("text") for message in await eva.messages()]
        assert told.count(shown(TEXTS, "answer-milder")) == notes


@asynccontextmanager
async def milder_answer_due(engine: AsyncEngine) -> AsyncIterator[tuple[Desk, Town, Person, int]]:
    """Somebody whose first photo was urgent, and who is promised an answer to a second one."""
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await desk.services.patients.speak(eva.id, "en", NOON)
        await answering_at(desk, SeeingPool(RiskLevel.URGENT)).answer_or_apologise(await promised(desk, eva))
        yield desk, town, eva, await promised(desk, eva)


async def notes_to(eva: Person) -> int:
    return [message.get("text") for message in await eva.messages()].count(shown(TEXTS, "answer-milder"))


@pytest.mark.parametrize(("ends_in", "notes"), [("Cases.levels_beside", 1), ("Held.close", 2)])
async def test_that_an_answer_is_milder_is_said_whenever_the_bot_ends_and_twice_just_before_the_case_is_closed(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, ends_in: str, notes: int
) -> None:
    async def ends(*_: object) -> None:
        raise asyncio.CancelledError

    async with milder_answer_due(engine) as (desk, _, eva, case_id):
        with monkeypatch.context() as patched:
            patched.setattr(f"bot.storage.cases.{ends_in}", ends)
            with pytest.raises(asyncio.CancelledError):
                await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        for _ in range(2):
            await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        assert await notes_to(eva) == notes


@pytest.mark.parametrize("fails_in", ["Cases.levels_beside", "Held.close"])
async def test_that_an_answer_is_milder_is_said_once_in_spite_of_a_fault_of_the_database(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, fails_in: str
) -> None:
    store, name = getattr(stored, fails_in.partition(".")[0]), fails_in.partition(".")[2]
    works = getattr(store, name)
    faults = [OperationalError("SELECT", {}, Exception("database is locked"))]

    async def fails_once(*given: object) -> object:
        if faults:
            raise faults.pop()
        return await works(*given)

    async with milder_answer_due(engine) as (desk, _, eva, case_id):
        monkeypatch.setattr(store, name, fails_once)
        await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        assert await notes_to(eva) == 1
        assert await desk.services.cases.get_open(case_id) is None


@pytest.mark.parametrize("is_erased", [False, True])
async def test_that_an_answer_is_milder_is_said_after_the_time_that_telegram_wants_to_whoever_is_still_there(
    engine: AsyncEngine, *, is_erased: bool
) -> None:
    async with milder_answer_due(engine) as (desk, town, eva, case_id):
        await town.suffers({"kind": "429", "method": "sendMessage", "retry_after": 30, "times": 1})
        with pytest.raises(SlowedDown):
            await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        if is_erased:
            await desk.services.records.erase(eva.id, "1", NOON)
        await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        assert await notes_to(eva) == (not is_erased)


async def test_answer_whose_promise_is_gone_comes_once_though_telegram_takes_no_more_just_then(
    engine: AsyncEngine,
) -> None:
    async with milder_answer_due(engine) as (desk, town, eva, case_id):
        promise = (await eva.messages())[-1]
        await eva.deletes(promise)
        await town.suffers({"kind": "429", "method": "sendMessage", "retry_after": 30, "times": 1})
        await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        routine = shown(TEXTS, "risk-routine")
        assert [message.get("caption", "").startswith(routine) for message in await eva.messages()].count(True) == 1
        assert await desk.services.cases.get_open(case_id) is None


async def test_nobody_who_is_erased_meanwhile_is_told_that_an_answer_is_milder(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_asked, may_be_sent = asyncio.Event(), asyncio.Event()

    async def slow_send(bot: ExtBot[int], chat_id: int, reply: Reply, reply_to: int | None) -> Message:
        is_asked.set()
        await may_be_sent.wait()
        return await send(bot, chat_id, reply, reply_to)

    async with milder_answer_due(engine) as (desk, _, eva, case_id):
        monkeypatch.setattr("bot.cases.send", slow_send)
        answering, tasks = answering_at(desk, SeeingPool(RiskLevel.ROUTINE)), tasks_at(desk)
        tasks.start(case_id, lambda: answering.answer_or_apologise(case_id))
        await asyncio.wait_for(is_asked.wait(), 30)
        in_hand = [case.case_id for case in await desk.services.cases.open_of(eva.id)]
        assert in_hand == [case_id]
        if engine.dialect.name == "sqlite":  # PostgreSQL has the erasure wait until the case is held no longer
            await tasks.let_go(in_hand)
        erasing = asyncio.create_task(desk.services.records.erase(eva.id, "1", NOON))
        may_be_sent.set()
        await erasing
        said = await eva.messages()
        await tasks.stop()
        assert await eva.messages() == said


async def test_answer_stands_where_nothing_can_be_said_of_it(engine: AsyncEngine) -> None:
    async with milder_answer_due(engine) as (desk, town, eva, case_id):
        await town.suffers({"kind": "5xx", "method": "sendMessage"})
        await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        assert (await eva.messages())[-1]["caption"].startswith(shown(TEXTS, "risk-routine"))
        assert len(await desk.services.cases.history(eva.id, 5)) == 2
