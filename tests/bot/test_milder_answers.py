"""Of two answers about one spot the more urgent counts, and whoever gets the milder one reads it."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from emulator.person import open_town
from inference.risk import RiskLevel
from tests.bot.conftest import NOON
from tests.bot.desk import open_desk
from tests.bot.promised import OWNER_ID, TEXTS, SeeingPool, answering_at, promised
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


async def test_that_an_answer_is_milder_is_said_once_where_the_bot_ends_before_the_case_is_closed(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends(*_: object) -> None:
        raise asyncio.CancelledError

    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await desk.services.patients.speak(eva.id, "en", NOON)
        await answering_at(desk, SeeingPool(RiskLevel.URGENT)).answer_or_apologise(await promised(desk, eva))
        case_id = await promised(desk, eva)
        answering = answering_at(desk, SeeingPool(RiskLevel.ROUTINE))
        with monkeypatch.context() as patched:
            patched.setattr("bot.storage.cases.Held.close", ends)
            with pytest.raises(asyncio.CancelledError):
                await answering.answer_or_apologise(case_id)
        for _ in range(2):
            await answering.answer_or_apologise(case_id)
        told = [message.get("text") for message in await eva.messages()]
        assert told.count(shown(TEXTS, "answer-milder")) == 1


async def test_answer_stands_where_nothing_can_be_said_of_it(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await desk.services.patients.speak(eva.id, "en", NOON)
        await answering_at(desk, SeeingPool(RiskLevel.URGENT)).answer_or_apologise(await promised(desk, eva))
        case_id = await promised(desk, eva)
        await town.suffers({"kind": "5xx", "method": "sendMessage"})
        await answering_at(desk, SeeingPool(RiskLevel.ROUTINE)).answer_or_apologise(case_id)
        assert (await eva.messages())[-1]["caption"].startswith(shown(TEXTS, "risk-routine"))
        assert len(await desk.services.cases.history(eva.id, 5)) == 2
