"""How a photo ends, also one that no process survives."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.cases import Cases, Promised
from bot.storage.tables import cases
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import Desk, open_desk
from tests.bot.promised import (
    OWNER_ID,
    PHOTO,
    TEXTS,
    BrokenPool,
    DeadlyPool,
    EndlessPool,
    answering_at,
    promised,
    queue_at,
)
from tests.conversations.stories import shown


async def _answered(engine: AsyncEngine, pool: DeadlyPool, ends: int = 0) -> tuple[list[str], list[str], str]:
    """Return what the sender of a photo and the owner then read, and how the case ended.

    Args:
        engine: an empty database.
        pool: looks at the photo.
        ends: how often the bot ends before with the photo in hand.
    """
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        owner, eva = await town.newcomer("Olga", id=OWNER_ID), await town.newcomer("Eva")
        await owner.says("/start")
        case_id = await promised(desk, eva)
        for _ in range(ends):
            await _end_with_the_photo_in_hand(desk)
        answering = answering_at(desk, pool)
        for _ in range(2):  # a job that comes again finds the case closed
            await answering.answer_or_apologise(case_id, is_again=ends > 0)
        told = [str(message["text"]) for message in await eva.messages() if "text" in message]
        alarms = [str(message["text"]) for message in (await owner.messages())[1:]]
        assert str(eva.id) not in "".join(alarms)
        async with engine.connect() as connection:
            return told, alarms, (await connection.execute(cases.select())).one().outcome


async def _end_with_the_photo_in_hand(desk: Desk) -> None:
    """Let a bot start, take up what an earlier one left, and end with it."""
    pool = EndlessPool()
    queue = queue_at(desk, pool)
    await queue.resume()
    await asyncio.wait_for(pool.is_in_hand.wait(), 30)
    await queue.stop()


async def test_photo_that_ends_workers_is_set_aside_its_sender_told_and_an_owner(engine: AsyncEngine) -> None:
    told, (alarm,), outcome = await _answered(engine, DeadlyPool())
    assert told == [f"{shown(TEXTS, 'declined-set-aside')}\n\n{shown(TEXTS, 'declined-red-flags')}"]
    assert alarm.startswith("A photo was set aside:")
    assert outcome == "set_aside"


async def test_first_photo_that_is_set_aside_rises_from_nothing(engine: AsyncEngine) -> None:
    """Else Prometheus, which asks now and then, sees a count that begins at 1 and no rise."""
    async with open_desk(engine, OWNER_ID) as desk:
        counts = answering_at(desk, DeadlyPool())._metrics.text().decode()
        assert 'lentigo_photos_total{outcome="set_aside"} 0.0' in counts


@pytest.mark.parametrize(
    ("minutes_ago", "is_erased", "is_promise_gone", "is_unheard", "pointers"),
    [
        (4, False, False, False, 0),
        (6, False, False, False, 1),
        (6, True, False, False, 0),
        (6, False, True, False, 0),
        (6, False, False, True, 1),
    ],
)
async def test_answer_that_comes_late_is_pointed_out(
    engine: AsyncEngine, minutes_ago: int, pointers: int, *, is_erased: bool, is_promise_gone: bool, is_unheard: bool
) -> None:
    """It takes the place of a message, and of that Telegram tells nobody."""
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        if not is_erased:
            await desk.services.patients.speak(eva.id, "en", NOON)
        case_id, answering = await promised(desk, eva, minutes_ago), answering_at(desk, DeadlyPool())
        if is_promise_gone:
            case = await desk.services.cases.get_open(case_id)
            assert case is not None
            assert case.progress_message_id is not None
            await desk.application.bot.delete_message(eva.id, case.progress_message_id)
        if is_unheard:
            await town.suffers({"kind": "reset", "method": "editMessageText", "times": 1, "after": True})
        for _ in range(2):
            await answering.answer_or_apologise(case_id)
        told = [message for message in await eva.messages() if "text" in message]
        (answer,) = [one for one in told if one["text"].startswith(shown(TEXTS, "declined-set-aside"))]
        after = told[told.index(answer) + 1 :]
        assert [(one["text"], one["reply_to_message"]["message_id"]) for one in after] == pointers * [
            (shown(TEXTS, "answered-late"), answer["message_id"])
        ]


async def test_photo_that_fails_gets_an_apology_and_when_to_see_a_doctor_without_one(engine: AsyncEngine) -> None:
    (told,), alarms, outcome = await _answered(engine, BrokenPool())
    before, after = shown(TEXTS, "our-fault", incident="|").split("|")
    assert told.startswith(before)
    assert told.endswith(after)
    assert (alarms, outcome) == ([], "failed")


async def test_photo_with_which_the_bot_ends_again_and_again_is_not_looked_at_for_ever(
    engine: AsyncEngine,
) -> None:
    (told,), (alarm,), outcome = await _answered(engine, BrokenPool(), ends=7)
    assert told.startswith(shown(TEXTS, "declined-set-aside"))
    assert alarm.startswith("A photo was set aside:")
    assert outcome == "set_aside"


async def test_photo_that_was_in_hand_a_few_times_is_looked_at_anew(engine: AsyncEngine) -> None:
    (_,), alarms, outcome = await _answered(engine, BrokenPool(), ends=6)
    assert (alarms, outcome) == ([], "failed")  # it was looked at


async def test_photo_that_can_neither_be_answered_nor_apologised_for_is_closed(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva, kept = await town.newcomer("Eva"), desk.services.cases
        file_id = (await eva.sends_photo(PHOTO))["photo"][-1]["file_id"]
        nobody = eva.id + 1_000
        case = await kept.open(nobody, nobody, 1, file_id, NOON)
        assert case is not None
        await kept.promise(case.case_id, 2)
        await answering_at(desk, BrokenPool()).answer_or_apologise(case.case_id)
        async with engine.connect() as connection:
            assert (await connection.execute(cases.select())).one().outcome == "undeliverable"


async def _answered_in_spite_of(engine: AsyncEngine, *, is_heard: bool = True, **fault: object) -> tuple[str, str]:
    """Return what stands in the place of a promise, and how the case ended.

    Args:
        engine: an empty database.
        is_heard: whether Telegram answers others.
        fault: how Telegram refuses what this photo needs.
    """
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        case_id, answering = await promised(desk, eva), answering_at(desk, DeadlyPool())
        if is_heard:
            answering._reach.answered()
        await town.suffers({"kind": "5xx", **fault})
        await asyncio.wait_for(answering.answer_or_apologise(case_id), 30)
        async with engine.connect() as connection:
            return (await eva.messages())[-1]["text"], (await connection.execute(cases.select())).one().outcome


@pytest.fixture
def _few_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cases._MANY_REFUSALS", 2)


@pytest.mark.usefixtures("_few_refusals")
@pytest.mark.parametrize("method", ["getFile", "file", "editMessageText"])
async def test_photo_for_which_alone_telegram_refuses_something_for_good_gets_an_apology(
    engine: AsyncEngine, method: str
) -> None:
    told, outcome = await _answered_in_spite_of(engine, method=method, times=2)
    assert told.startswith(shown(TEXTS, "our-fault", incident="|").split("|")[0])
    assert outcome == "failed"


@pytest.mark.usefixtures("_few_refusals")
async def test_photo_whose_apology_is_refused_for_good_too_is_closed(engine: AsyncEngine) -> None:
    assert await _answered_in_spite_of(engine, method="editMessageText") == ("Looking", "undeliverable")


@pytest.mark.usefixtures("_few_refusals")
async def test_photo_is_answered_where_telegram_refused_everybody_for_long(engine: AsyncEngine) -> None:
    told, outcome = await _answered_in_spite_of(engine, is_heard=False, method="editMessageText", times=3)
    assert told.startswith(shown(TEXTS, "declined-set-aside"))
    assert outcome == "set_aside"


async def test_photos_that_were_in_hand_are_looked_at_one_by_one_so_that_the_guilty_one_is_known(
    engine: AsyncEngine,
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        kept = desk.services.cases
        for _ in range(2):
            await kept.retry(await promised(desk, eva))
        pool = EndlessPool()
        queue = queue_at(desk, pool)
        await queue.resume()
        await asyncio.wait_for(pool.is_in_hand.wait(), 30)
        await asyncio.sleep(0.5)  # for the other one to come as far
        await queue.stop()
        async with engine.connect() as connection:
            retries = [row.retries for row in await connection.execute(cases.select().order_by(cases.c.case_id))]
        assert sorted(retries) == [1, 2]


async def test_photos_of_an_earlier_run_are_answered_though_the_database_is_locked_at_the_start(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, faults = Cases.promised, [OperationalError("SELECT", {}, Exception("database is locked"))]

    async def locked(kept: Cases) -> list[Promised]:
        if faults:
            raise faults.pop()
        return await find(kept)

    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await promised(desk, eva)
        monkeypatch.setattr(Cases, "promised", locked)
        queue = queue_at(desk, DeadlyPool())
        await queue.resume()
        await eva.waits_for(shown(TEXTS, "declined-set-aside"), 30)
        await queue.stop()
