"""Photos that can't be answered just now, for Telegram slows their chat down or does not hand them out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeAlias

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot

from bot.connection.transport import Terms, Transport
from bot.errors import SlowedDown
from bot.storage.tables import cases, incidents
from emulator.person import Person, open_town
from tests.bot.conftest import NOON
from tests.bot.desk import open_desk
from tests.bot.promised import OWNER_ID, TEXTS, BrokenPool, DeadlyPool, answering_at, promised, queue_at
from tests.conversations.stories import shown

CAN_NOT_FETCH = {
    "kind": "refused",
    "method": "getFile",
    "description": "Bad Request: wrong file_id or the file is temporarily unavailable",
}
NOTHING_THERE = {"kind": "refused", "method": "file", "status": 404, "description": "Not Found"}
NEVER_SENT = {"kind": "delay", "method": "file", "delay_s": 6}
TERMS = Terms(connections=4, connection_s=5, connect_s=5, read_s=2, write_s=5)

Answer: TypeAlias = Callable[[], Awaitable[None]]

each_fault = pytest.mark.parametrize("fault", [CAN_NOT_FETCH, NOTHING_THERE, NEVER_SENT])


async def test_photo_whose_chat_is_slowed_down_is_answered_after_that(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        case_id = await promised(desk, eva)
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 1, "times": 2})
        queue = queue_at(desk, DeadlyPool())
        queue.start(case_id, 0)
        await eva.waits_for(shown(TEXTS, "declined-set-aside"), 30)
        await queue.stop()
        assert [call["status"] for call in await town.calls()].count(429) == 2
        async with engine.connect() as connection:
            assert (await connection.execute(cases.select())).one().retries == 0


async def test_chat_that_is_slowed_down_hears_nothing_more_until_it_may(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        first, second = await promised(desk, eva), await promised(desk, eva)
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 30})
        answering = answering_at(desk, DeadlyPool())
        for case_id in (first, second, first):
            with pytest.raises(SlowedDown):
                await answering.answer_or_apologise(case_id)
        assert [call["status"] for call in await town.calls()].count(429) == 1


async def test_apology_that_is_slowed_down_is_of_one_incident(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        case_id = await promised(desk, eva)
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 1, "times": 1})
        answering = answering_at(desk, BrokenPool())
        with pytest.raises(SlowedDown) as slowed:
            await answering.answer_or_apologise(case_id)
        await asyncio.sleep(slowed.value.wait_s)
        await answering.answer_or_apologise(case_id)
        async with engine.connect() as connection:
            assert len((await connection.execute(incidents.select())).all()) == 1


async def test_photo_that_is_let_go_while_it_is_put_off_is_forgotten(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        case_id = await promised(desk, await town.newcomer("Eva"))
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 1, "times": 1})
        answering = answering_at(desk, BrokenPool())
        with pytest.raises(SlowedDown):
            await answering.answer_or_apologise(case_id)
        assert answering._tried[case_id].incident is not None
        await desk.services.cases.let_go([case_id], NOON)
        await answering.answer_or_apologise(case_id)
        assert answering._tried == {}


@asynccontextmanager
async def promised_under(engine: AsyncEngine, fault: dict[str, object]) -> AsyncIterator[tuple[Person, Answer]]:
    """Somebody who is promised an answer while Telegram has a fault, and what tries it, by a bot like the real one."""
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        url, file_url = f"{desk.emulator.url}/bot", f"{desk.emulator.url}/file/bot"
        bot: ExtBot[Any] = ExtBot(desk.emulator.token, url, file_url, request=Transport(TERMS))
        async with bot:
            eva = await town.newcomer("Eva")
            case_id = await promised(desk, eva)
            await town.suffers(fault)
            answering = answering_at(desk, DeadlyPool(), bot)
            answering._reach.answered()  # as other requests are
            yield eva, partial(answering.answer_or_apologise, case_id)


@each_fault
async def test_photo_that_telegram_can_not_fetch_just_now_is_fetched_later(
    engine: AsyncEngine, fault: dict[str, object]
) -> None:
    async with promised_under(engine, {**fault, "times": 1}) as (eva, answer):
        with pytest.raises(SlowedDown):
            await answer()
        await answer()
        await eva.waits_for(shown(TEXTS, "declined-set-aside"))


@pytest.mark.parametrize("fault", [CAN_NOT_FETCH, NOTHING_THERE])
async def test_photo_that_telegram_never_can_fetch_is_asked_for_again(
    engine: AsyncEngine, fault: dict[str, object]
) -> None:
    async with promised_under(engine, fault) as (eva, answer):
        waited_s = 0.0
        for _ in range(5):
            with pytest.raises(SlowedDown) as slowed:
                await answer()
            waited_s += slowed.value.wait_s
        assert 60 <= waited_s <= 180
        await answer()
        await eva.waits_for(shown(TEXTS, "declined-gone"))
        async with engine.connect() as connection:
            assert (await connection.execute(cases.select())).one().outcome == "gone"


async def test_photo_that_does_not_come_is_asked_for_again_in_a_smaller_way(engine: AsyncEngine) -> None:
    async with promised_under(engine, NEVER_SENT) as (eva, answer):
        for _ in range(2):
            with pytest.raises(SlowedDown):
                await answer()
        await answer()
        await eva.waits_for(shown(TEXTS, "declined-slow"))
