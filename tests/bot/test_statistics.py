"""Counts are right, for every period, and hold nothing of anybody."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import tables
from bot.storage.audit import Entry
from bot.storage.cases import Cases, KeptAssessment
from bot.storage.inbox import Finished, Inbox, StoredUpdate
from bot.storage.maintenance import Maintenance, Mode
from bot.storage.patients import Patients
from bot.storage.periods import Period, Step, steps
from bot.storage.statistics import AnswerTimes, Counts, People, Statistics
from tests.bot.conftest import NOON, close

MOLE = KeptAssessment("nv", "routine", {"nv": 0.9}, "f" * 64)
MELANOMA = KeptAssessment("mel", "urgent", {"mel": 0.7}, "f" * 64)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LENGTHS = {
    Step.HOUR: (HOUR, HOUR),
    Step.DAY: (DAY, DAY),
    Step.WEEK: (7 * DAY, 7 * DAY),
    Step.MONTH: (28 * DAY, 31 * DAY),
    Step.YEAR: (365 * DAY, 366 * DAY),
}


async def photo(
    engine: AsyncEngine,
    received_at: datetime,
    outcome: str | None = "assessed",
    kept: KeptAssessment | None = None,
    took_s: float = 2,
    user_id: int = 7,
) -> None:
    """A photo that came at a moment and ended somehow."""
    cases = Cases(engine)
    async with engine.connect() as connection:
        message_id = await connection.scalar(sa.select(sa.func.count()).select_from(tables.cases))
    case = await cases.open(user_id, user_id, message_id or 0, "file", received_at)
    assert case is not None
    if outcome is not None:
        await close(engine, case.case_id, outcome, received_at + timedelta(seconds=took_s), kept)


async def assessed_of_others(engine: AsyncEngine, count: int = 4, received_at: datetime = NOON) -> None:
    """Photos of so many people, so that nobody stands alone in the counts."""
    for user_id in range(1001, 1001 + count):
        await photo(engine, received_at, kept=MOLE, user_id=user_id)


async def of(engine: AsyncEngine, period: Period = Period.DAY, now: datetime = NOON, **more: Any) -> Counts:  # noqa: ANN401 - one argument or none
    return await Statistics(engine).of(period, now, **more)


async def test_empty_database_counts_nothing(engine: AsyncEngine) -> None:
    for period in Period:
        counts = await of(engine, period)
        assert counts.photos == counts.assessed == 0
        assert counts.people == People(registered=0, new=0, active=0, blocked=0)
        assert counts.answer_times is None
        assert (counts.queue.in_hand, counts.queue.oldest_s, counts.queue.waiting, counts.queue.updates) == (
            0,
            None,
            0,
            0,
        )
        assert len(counts.timeline) >= 1


async def test_photos_are_counted_by_how_they_ended(engine: AsyncEngine) -> None:
    for outcome, kept in (
        ("assessed", MOLE),
        ("assessed", MOLE),
        ("assessed", MELANOMA),
        ("assessed", None),  # from before assessments were kept
        ("blurred", None),
        ("blurred", None),
        ("no_lesion", None),
        ("failed", None),
        ("undeliverable", None),
        ("withdrawn", None),
        (None, None),
    ):
        await photo(engine, NOON - HOUR, outcome, kept)
    await assessed_of_others(engine)
    counts = await of(engine)
    assert (counts.photos, counts.assessed) == (15, 8)
    assert counts.declined == {"blurred": 2, "no_lesion": 1}
    assert counts.unanswered == {"failed": 1, "undeliverable": 1, "withdrawn": 1}
    assert counts.classes == {"nv": 6, "mel": 1}
    assert counts.risk_levels == {"routine": 6, "urgent": 1}
    columns = [(column.assessed, column.declined, column.unanswered) for column in counts.timeline[-2:]]
    assert columns == [(4, 3, 4), (4, 0, 0)]


async def test_each_photo_stands_in_the_column_of_its_time(engine: AsyncEngine) -> None:
    edges = (NOON - 23 * HOUR, NOON - 22 * HOUR - timedelta(microseconds=1), NOON - 22 * HOUR, NOON)
    for received_at in (*edges, NOON - 23 * HOUR - timedelta(microseconds=1)):  # the last is too old
        await photo(engine, received_at)
    counts = await of(engine, now=NOON + timedelta(minutes=59))
    assert [column.total for column in counts.timeline] == [2, 1, *[0] * 21, 1]
    assert counts.step is Step.HOUR
    assert [column.start.hour for column in counts.timeline] == [*range(13, 24), *range(13)]


async def test_each_period_counts_what_belongs_to_it(engine: AsyncEngine) -> None:
    for days in (0, 3, 6, 8, 400):
        await assessed_of_others(engine, 5, NOON - days * DAY)
    counts = {period: await of(engine, period) for period in Period}
    expected = {Period.DAY: 5, Period.WEEK: 15, Period.ALL: 25}
    assert {period: one.photos for period, one in counts.items()} == expected
    assert {period: one.classes["nv"] for period, one in counts.items()} == expected
    assert [column.total for column in counts[Period.WEEK].timeline] == [5, 0, 0, 5, 0, 0, 5]
    assert counts[Period.ALL].step is Step.MONTH


@pytest.mark.parametrize(("others", "are_few"), [(0, True), (3, True), (4, False)])
async def test_what_photos_of_few_people_show_is_not_counted(
    engine: AsyncEngine, others: int, *, are_few: bool
) -> None:
    for _ in range(9):
        await photo(engine, NOON, kept=MELANOMA)
    await photo(engine, NOON, "blurred", user_id=8)  # says nothing of a spot, so its sender is nobody to hide among
    await photo(engine, NOON - 2 * DAY, kept=MELANOMA, user_id=9)  # of another day
    await assessed_of_others(engine, others)
    counts = await of(engine)
    assert (counts.are_few, counts.assessed, counts.declined) == (are_few, 9 + others, {"blurred": 1})
    assert counts.classes == ({} if are_few else {"mel": 9, "nv": others})
    assert counts.risk_levels == ({} if are_few else {"urgent": 9, "routine": others})


@pytest.mark.parametrize(
    ("people", "counted"),
    [  # of today, of the week before, and of before: how many of them stand in the counts of each period
        ((5, 1, 0), (5, 5, 5)),
        ((5, 0, 1), (5, 5, 5)),
        ((5, 5, 4), (5, 10, 10)),
        ((5, 4, 5), (5, 5, 14)),
        ((4, 5, 1), (0, 9, 9)),
        ((4, 0, 4), (0, 0, 8)),
        ((2, 2, 0), (0, 0, 0)),
        ((0, 4, 5), (0, 0, 9)),
        ((6, 7, 8), (6, 13, 21)),
    ],
)
async def test_periods_side_by_side_tell_nothing_of_few_people(
    engine: AsyncEngine, people: tuple[int, ...], counted: tuple[int, ...]
) -> None:
    sent, days = 0, (0, 3, 60)
    for count, ago in zip(people, days, strict=True):
        for _ in range(count):
            sent += 1
            await photo(engine, NOON - ago * DAY, kept=MELANOMA, user_id=sent)
    for period, count, seen in zip(Period, counted, accumulate(people), strict=True):
        counts = await of(engine, period)
        assert (counts.assessed, counts.are_few) == (seen, seen > count)
        assert counts.classes == ({"mel": count} if count else {})
        assert counts.risk_levels == ({"urgent": count} if count else {})


async def test_people_are_counted_once(engine: AsyncEngine) -> None:
    patients = Patients(engine)
    for user_id, days in ((1, 30), (2, 2), (3, 0)):
        await patients.speak(user_id, "en", NOON - days * DAY)
        await patients.register(user_id, NOON - days * DAY)
    await patients.speak(4, "en", NOON)  # has not finished
    await patients.mark_blocked(1, NOON)
    for _ in range(3):
        await photo(engine, NOON - 3 * DAY, user_id=2)
    await photo(engine, NOON, user_id=3)
    assert (await of(engine, Period.DAY)).people == People(registered=3, new=1, active=1, blocked=1)
    assert (await of(engine, Period.WEEK)).people == People(registered=3, new=2, active=2, blocked=1)
    assert (await of(engine, Period.ALL)).people == People(registered=3, new=3, active=2, blocked=1)


async def test_answer_times_are_those_of_answered_photos(engine: AsyncEngine) -> None:
    for took_s in range(1, 101):
        await photo(engine, NOON - HOUR, "assessed" if took_s % 2 else "blurred", took_s=took_s)
    for outcome in ("failed", "undeliverable", "withdrawn", None):
        await photo(engine, NOON - HOUR, outcome, took_s=9999)
    assert (await of(engine)).answer_times == AnswerTimes(p50_s=50, p90_s=90, p99_s=99)


@pytest.mark.parametrize(("took_s", "told"), [([5], (5, 5, 5)), ([3, 1], (1, 3, 3)), ([4, 1, 2], (2, 4, 4))])
async def test_answer_time_is_one_that_was_measured(
    engine: AsyncEngine, took_s: list[int], told: tuple[int, int, int]
) -> None:
    for one_s in took_s:
        await photo(engine, NOON - HOUR, took_s=one_s)
    assert (await of(engine)).answer_times == AnswerTimes(*told)


async def test_queue_tells_what_is_in_hand_and_what_waits(engine: AsyncEngine) -> None:
    await photo(engine, NOON - timedelta(minutes=5), None)
    await photo(engine, NOON - timedelta(minutes=2), None)
    await Maintenance(engine).begin(Mode.WAIT, Entry(1, "maintenance", NOON - timedelta(minutes=1)))
    await photo(engine, NOON, None)
    inbox = Inbox(engine)
    await inbox.store([StoredUpdate(number, 7, "{}") for number in (1, 2, 3)], NOON)
    await inbox.finish([Finished(1)], NOON)
    queue = (await of(engine, besides=3)).queue
    assert (queue.in_hand, queue.oldest_s, queue.waiting, queue.updates) == (2, 300, 1, 1)


async def test_photo_that_maintenance_held_up_waits_for_us_since_its_end(engine: AsyncEngine) -> None:
    maintenance = Maintenance(engine)
    await maintenance.begin(Mode.WAIT, Entry(1, "maintenance", NOON - timedelta(hours=2)))
    await photo(engine, NOON - timedelta(hours=1), None)
    await maintenance.end(Entry(1, "maintenance", NOON - timedelta(minutes=1)))
    assert (await of(engine)).queue.oldest_s == 60


async def test_nothing_of_anybody_is_counted(engine: AsyncEngine) -> None:
    await Patients(engine).speak(987654321, "en", NOON)
    await photo(engine, NOON, kept=MOLE, user_id=987654321)
    assert "987654321" not in str(asdict(await of(engine, Period.ALL)))


@pytest.mark.parametrize(
    ("days", "step", "count"),
    [
        (0, Step.DAY, 1),
        (25, Step.DAY, 26),
        (26, Step.WEEK, 5),
        (175, Step.WEEK, 26),
        (182, Step.MONTH, 7),
        (760, Step.MONTH, 26),
        (800, Step.YEAR, 3),
    ],
)
def test_everything_is_shown_in_the_finest_steps_that_can_be_read(days: int, step: Step, count: int) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    found, starts = steps(Period.ALL, now - days * DAY, now)
    assert (found, len(starts)) == (step, count)


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("days", [0, 1, 30, 100, 400, 4000])
def test_steps_follow_each_other_without_gaps_up_to_now(period: Period, days: int) -> None:
    for hours in range(0, 24 * 40, 7):
        now = datetime(2024, 2, 20, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
        step, starts = steps(period, now - days * DAY, now)
        assert all(LENGTHS[step][0] <= later - start <= LENGTHS[step][1] for start, later in pairwise(starts))
        assert timedelta(0) <= now - starts[-1] < LENGTHS[step][1]
        assert all(start.minute == start.second == start.microsecond == 0 for start in starts)


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
    assert {start.weekday() for start in steps(Period.ALL, now - 60 * DAY, now)[1]} == {0}
    assert {start.day for start in steps(Period.ALL, now - 300 * DAY, now)[1]} == {1}
