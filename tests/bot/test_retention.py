"""What has been kept for as long as patients were told is erased: not a day before, and the day after."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import TimedOut

from bot.errors import BotError
from bot.incidents import frames_of
from bot.render.questions import Step
from bot.retention import Erasing
from bot.storage import retention, tables
from bot.storage.audit import Audit, Entry
from bot.storage.cases import Cases, KeptAssessment
from bot.storage.feedback import Feedback
from bot.storage.incidents import Incident, Incidents
from bot.storage.moderators import Moderators
from bot.storage.patients import Patients
from bot.storage.retention import Deadlines, Retention
from tests.bot.conftest import NOON, close
from tests.bot.desk import Desk, open_desk

DAY = timedelta(days=1)
KEPT, UNFINISHED = 400 * DAY, 30 * DAY
DEADLINES = Deadlines(KEPT, UNFINISHED)
PATIENT, OWNER, MODERATOR = 512_345_678, 1001, 1002
MOLE = KeptAssessment("nv", "routine", {"nv": 0.9, "mel": 0.1}, "a" * 64)
Begin = Callable[[AsyncEngine], Coroutine[Any, Any, None]]


async def case(engine: AsyncEngine, outcome: str | None, kept: KeptAssessment | None = None) -> None:
    opened = await Cases(engine).open(PATIENT, PATIENT, 1, "file", NOON)
    assert opened is not None
    if outcome is not None:
        await close(engine, opened.case_id, outcome, NOON, kept)


async def assessment(engine: AsyncEngine) -> None:
    await case(engine, "assessed", MOLE)


async def declined_photo(engine: AsyncEngine) -> None:
    await case(engine, "blurred")


async def photo_in_hand(engine: AsyncEngine) -> None:
    await case(engine, None)


async def answered_feedback(engine: AsyncEngine) -> None:
    number = await Feedback(engine).add(PATIENT, "hello", NOON - DAY)
    assert number is not None
    await Feedback(engine).note_copy(number, OWNER, 77)
    await Feedback(engine).close(number, "hello yourself", Entry(OWNER, "inbox-answer", NOON))


async def feedback_put_aside(engine: AsyncEngine) -> None:
    number = await Feedback(engine).add(PATIENT, "hello", NOON - DAY)
    assert number is not None
    await Feedback(engine).put_aside(number, Entry(OWNER, "inbox-answer", NOON))


async def waiting_feedback(engine: AsyncEngine) -> None:
    await Feedback(engine).add(PATIENT, "hello", NOON)


async def incident(engine: AsyncEngine) -> None:
    error = BotError("x")
    await Incidents(engine, lambda: NOON)._keep(Incident("A1B2C3", NOON, "BotError", frames_of(error)))


async def broadcast(engine: AsyncEngine, ended_at: datetime | None = NOON) -> None:
    async with engine.begin() as connection:
        words = {"chat_id": OWNER, "text": "", "entities": [], "report_language": "en", "state": "done"}
        times = {"started_at": NOON, "ended_at": ended_at}
        await connection.execute(tables.broadcasts.insert().values(words | times))


async def ended_broadcast(engine: AsyncEngine) -> None:
    await broadcast(engine)
    await broadcast(engine, None)


async def latest_broadcast(engine: AsyncEngine) -> None:
    await broadcast(engine)


async def unfinished(engine: AsyncEngine, person: int = PATIENT) -> None:
    await Patients(engine).speak(person, "en", NOON)
    async with engine.begin() as connection:
        values = {"name": "dialogue", "key": f"[{person}, {person}]", "state": Step.NAME}
        await connection.execute(tables.conversations.insert().values(values))
        await connection.execute(tables.drafts.insert().values(user_id=person, content={"clinic": "x"}))


async def registration(engine: AsyncEngine) -> None:
    await unfinished(engine)
    await Patients(engine).register(PATIENT, NOON)


async def owner(engine: AsyncEngine) -> None:
    await unfinished(engine, OWNER)


async def moderator(engine: AsyncEngine) -> None:
    await unfinished(engine, MODERATOR)
    await Moderators(engine, frozenset()).grant(MODERATOR, Entry(OWNER, "grant", NOON))


async def rows(engine: AsyncEngine) -> dict[str, int]:
    """How many rows each table has of what a person or a moderator left; the rest is not looked at here."""
    names = ("cases", "feedback", "feedback_copies", "incidents", "broadcasts", "patients", "drafts", "conversations")
    async with engine.connect() as connection:
        counts = {
            name: await connection.scalar(sa.select(sa.func.count()).select_from(tables.metadata.tables[name]))
            for name in names
        }
    return {name: count for name, count in counts.items() if count}


async def erased(store: Retention, now: datetime) -> list[int]:
    """Erase what is due; returns how many rows of each table that were."""
    return [*(await store.erase_due(now, {OWNER})).values(), *(await store.erase_feedback_due(now)).values()]


@pytest.mark.parametrize(
    ("begin", "after", "left"),
    [
        (assessment, KEPT, {}),
        (declined_photo, KEPT, {}),
        (answered_feedback, KEPT, {}),
        (feedback_put_aside, KEPT, {}),
        (incident, KEPT, {}),
        (ended_broadcast, KEPT, {"broadcasts": 1}),
        (unfinished, UNFINISHED, {}),
    ],
)
async def test_is_kept_to_the_day_and_gone_on_the_next(
    engine: AsyncEngine, begin: Begin, after: timedelta, left: dict[str, int]
) -> None:
    store = Retention(engine, DEADLINES)
    await begin(engine)
    before = await rows(engine)
    assert await erased(store, NOON + after - DAY) == []
    assert await erased(store, NOON + after) == []
    assert await rows(engine) == before
    assert await erased(store, NOON + after + DAY) == [1]
    assert await rows(engine) == left


@pytest.mark.parametrize(
    "begin",
    [photo_in_hand, waiting_feedback, latest_broadcast, registration, owner, moderator],
    ids=lambda one: one.__name__,
)
async def test_is_kept_for_good(engine: AsyncEngine, begin: Begin) -> None:
    await begin(engine)
    before = await rows(engine)
    assert await erased(Retention(engine, DEADLINES), NOON + 9999 * DAY) == []
    assert await rows(engine) == before


async def test_alias_of_who_never_finished_goes_with_the_registration(engine: AsyncEngine) -> None:
    await unfinished(engine)
    await Audit(engine).record(Entry(OWNER, "user", NOON, PATIENT))  # somebody looked who this is
    await Retention(engine, DEADLINES).erase_due(NOON + UNFINISHED + DAY, {OWNER})
    assert [(one.actor_id, one.subject_id) for one in await Audit(engine).page(9)] == [(OWNER, None)]


async def test_transaction_erases_a_limited_number_and_the_oldest_first(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 2)
    for person in range(1, 6):
        opened = await Cases(engine).open(person, person, 1, "file", NOON)
        assert opened is not None
        await Cases(engine).close(opened.case_id, "blurred", NOON)
    store, later = Retention(engine, DEADLINES), NOON + KEPT + DAY
    counts = [await store.erase_due(later, set()) for _ in range(4)]
    assert counts == [{"cases": 2}, {"cases": 2}, {"cases": 1}, {}]


async def test_one_process_at_a_time_has_its_turn(engine: AsyncEngine) -> None:
    first, second, every = Retention(engine, DEADLINES), Retention(engine, DEADLINES), timedelta(minutes=10)
    assert await first.claim(NOON, every)
    assert not await second.claim(NOON + timedelta(minutes=9), every)
    assert await second.claim(NOON + timedelta(minutes=10), every)
    assert not await first.claim(NOON + timedelta(minutes=11), every)


async def test_clock_that_was_ahead_does_not_end_the_turns(engine: AsyncEngine) -> None:
    store, every = Retention(engine, DEADLINES), timedelta(minutes=10)
    assert await store.claim(NOON + 9999 * DAY, every)
    assert await store.claim(NOON, every)


async def test_clock_that_jumps_by_an_hour_erases_nothing_before_its_day(engine: AsyncEngine) -> None:
    store, every, hour = Retention(engine, DEADLINES), timedelta(minutes=10), timedelta(hours=1)
    await assessment(engine)
    before = await rows(engine)
    for now in (NOON + KEPT - DAY, NOON + KEPT - DAY + hour, NOON + KEPT - DAY - hour, NOON + KEPT - DAY):
        assert await store.claim(now, every)  # neither back nor forth ends the turns
        assert await store.erase_due(now, set()) == {}
    assert await rows(engine) == before


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as opened:
        yield opened


async def test_feedback_that_is_due_is_blanked_where_moderators_read_it(
    desk: Desk, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log says how much, not whose."""
    desk.newcomer(OWNER)
    sent = await desk.application.bot.send_message(OWNER, "hello")
    number = await Feedback(engine).add(PATIENT, "hello", NOON - DAY)
    assert number is not None
    await Feedback(engine).note_copy(number, OWNER, sent.message_id)
    await Feedback(engine).put_aside(number, Entry(OWNER, "inbox-answer", NOON))
    desk.recorder.done.clear()
    now = NOON + KEPT - DAY
    services = replace(desk.services, now=lambda: now)
    erasing = Erasing(desk.application.bot, services, Retention(engine, DEADLINES))
    with caplog.at_level("INFO", logger="bot.retention"):
        await erasing.turn()
        assert (desk.recorder.done, await rows(engine)) == ([], {"feedback": 1, "feedback_copies": 1})
        now = NOON + KEPT + DAY
        await erasing.turn()
        await erasing.turn()
    (done,) = desk.recorder.done
    assert (done.method, done.chat_id) == ("editMessageText", OWNER)
    assert "hello" not in done.text
    assert await rows(engine) == {}
    assert [record.getMessage() for record in caplog.records] == ["Erased what was due: 1 of feedback"]


async def test_turn_erases_all_that_is_due_and_blanks_all_of_it_before(
    desk: Desk, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module in ("bot.retention", "bot.storage.retention"):
        monkeypatch.setattr(f"{module}.ROWS_AT_ONCE", 2)
    desk.newcomer(OWNER)
    for text in "abcde":
        sent, number = await desk.application.bot.send_message(OWNER, text), await Feedback(engine).add(9, text, NOON)
        assert number is not None
        await Feedback(engine).note_copy(number, OWNER, sent.message_id)
        await Feedback(engine).put_aside(number, Entry(OWNER, "inbox-answer", NOON))
    desk.recorder.done.clear()
    services = replace(desk.services, now=lambda: NOON + KEPT + DAY)
    with caplog.at_level("INFO", logger="bot.retention"):
        await Erasing(desk.application.bot, services, Retention(engine, DEADLINES)).turn()
    assert [done.method for done in desk.recorder.done] == ["editMessageText"] * 5
    assert await rows(engine) == {}
    assert [record.getMessage() for record in caplog.records] == ["Erased what was due: 5 of feedback"]


@pytest.mark.parametrize(("faults", "left"), [(1, {}), (9999, {"feedback": 1, "feedback_copies": 1})])
async def test_fault_of_telegram_holds_up_nothing_but_what_moderators_see_and_that_is_tried_again(
    desk: Desk, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, faults: int, left: dict[str, int]
) -> None:
    async def away_at_first(*_: object, **_and: object) -> None:
        nonlocal faults
        faults -= 1
        if faults >= 0:
            raise TimedOut

    monkeypatch.setattr("bot.blanking.replace", away_at_first)
    await answered_feedback(engine)
    await unfinished(engine)
    await assessment(engine)
    services = replace(desk.services, now=lambda: NOON + KEPT + DAY)
    erasing = asyncio.create_task(Erasing(desk.application.bot, services, Retention(engine, DEADLINES)).run())
    for _ in range(200):
        if await rows(engine) == left:
            break
        await asyncio.sleep(0.05)
    erasing.cancel()
    await asyncio.gather(erasing, return_exceptions=True)
    assert await rows(engine) == left
    assert (await desk.rows())["incidents"] == []


async def test_chat_of_a_moderator_that_is_gone_holds_up_no_erasure(desk: Desk, engine: AsyncEngine) -> None:
    desk.newcomer(OWNER)
    sent = await desk.application.bot.send_message(OWNER, "hello")
    number = await Feedback(engine).add(PATIENT, "hello", NOON)
    assert number is not None
    for chat_id in (MODERATOR, OWNER):  # nobody is at Telegram by the first number
        await Feedback(engine).note_copy(number, chat_id, sent.message_id)
    await Feedback(engine).put_aside(number, Entry(OWNER, "inbox-answer", NOON))
    desk.recorder.done.clear()
    services = replace(desk.services, now=lambda: NOON + KEPT + DAY)
    await Erasing(desk.application.bot, services, Retention(engine, DEADLINES)).turn()
    assert {done.chat_id for done in desk.recorder.done} == {MODERATOR, OWNER}
    assert await rows(engine) == {}


async def test_who_answers_after_their_registration_was_erased_begins_anew(desk: Desk, engine: AsyncEngine) -> None:
    desk.newcomer(PATIENT)
    desk.stands(PATIENT, Step.SKIN_TYPE)
    (asked,) = await desk.hears(PATIENT, text="3")
    question = desk.services.content.texts("en").plain("ask-language")
    assert question in asked.text
    assert await rows(engine) == {}
