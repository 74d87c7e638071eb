"""How the service is doing: counts, and nothing of anybody."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.cases import ASSESSED, FAILED, UNDELIVERABLE, WITHDRAWN
from bot.storage.maintenance import current_pause, ended_at, waits
from bot.storage.periods import Period, Step, steps
from bot.storage.tables import cases, inbox, patients

NO_ANSWERS: Final = (FAILED, UNDELIVERABLE, WITHDRAWN)
_DECLINED: Final = "declined"
_UNANSWERED: Final = "unanswered"
_ROWS_AT_ONCE: Final = 250
FEWEST_PEOPLE: Final = 5  # whose assessments are counted; the counts of fewer could tell somebody's


@dataclass(frozen=True, slots=True)
class People:
    """How many are registered and have blocked the bot; how many registered and sent a photo in the period."""

    registered: int
    new: int
    active: int
    blocked: int


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """From a photo's arrival to its answer, in seconds: 50, 90 and 99 of 100 photos took so long or less."""

    p50_s: float
    p90_s: float
    p99_s: float


@dataclass(frozen=True, slots=True)
class Queue:
    """What is to be done.

    Attributes:
        in_hand: photos that are looked at or about to be.
        oldest_s: for how long the oldest of them has been; None where there is none.
        waiting: photos that wait until maintenance is over.
        updates: messages and presses from Telegram that are not handled yet.
    """

    in_hand: int
    oldest_s: float | None
    waiting: int
    updates: int


@dataclass(frozen=True, slots=True)
class Column:
    """Photos of one step of the timeline, by how they ended; unanswered ones may still be in hand."""

    start: datetime
    assessed: int
    declined: int
    unanswered: int

    @property
    def total(self) -> int:
        """How many photos came."""
        return self.assessed + self.declined + self.unanswered


@dataclass(frozen=True, slots=True)
class _Ending:
    """So many photos of a column ended like this; the outcome of an open one is None."""

    number: int
    outcome: str | None
    count: int

    @property
    def kind(self) -> str:
        if self.outcome == ASSESSED:
            return ASSESSED
        return _UNANSWERED if self.outcome is None or self.outcome in NO_ANSWERS else _DECLINED


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that /stats tells.

    Attributes:
        declined: photos by why they were declined.
        unanswered: photos by why there was no answer; those in hand are not among them.
        classes: assessed photos by their likeliest class; of those alone that are of FEWEST_PEOPLE.
        risk_levels: assessed photos by the advice that was given; likewise.
        are_few: there are more assessed photos, older or all of them, which are of fewer people.
        answer_times: None where no photo was answered.
        step: what each column stands for.
        timeline: without gaps, oldest first; at least one column.
    """

    period: Period
    now: datetime
    people: People
    declined: Mapping[str, int]
    unanswered: Mapping[str, int]
    classes: Mapping[str, int]
    risk_levels: Mapping[str, int]
    are_few: bool
    answer_times: AnswerTimes | None
    queue: Queue
    step: Step
    timeline: tuple[Column, ...]

    @property
    def assessed(self) -> int:
        """How many photos of the period were assessed."""
        return sum(column.assessed for column in self.timeline)

    @property
    def photos(self) -> int:
        """How many photos came in the period."""
        return sum(column.total for column in self.timeline)


class Statistics:
    """Counts over the tables of people, photos and updates."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, period: Period, now: datetime, besides: int | None = None) -> Counts:
        """Return the counts of a period.

        Args:
            period: how far back.
            now: where it ends.
            besides: the update that asks, which is not counted as unhandled.
        """
        async with self._engine.connect() as connection:
            first = await connection.scalar(sa.select(sa.func.min(cases.c.received_at)))
            step, starts = steps(period, first or now, now)
            endings = await _endings(connection, starts)
            since = await _counted_since(connection, period, first or now, now)
            return Counts(
                period=period,
                now=now,
                people=await _people(connection, None if period is Period.ALL else starts[0]),
                declined=_by_reason(endings, _DECLINED),
                unanswered=_by_reason(endings, _UNANSWERED),
                classes=await _assessed(connection, cases.c.top_class, since) if since else {},
                risk_levels=await _assessed(connection, cases.c.risk_level, since) if since else {},
                are_few=await _assessed_people(connection, starts[0], since) > 0,
                answer_times=await _answer_times(connection, starts[0]),
                queue=await _queue(connection, now, besides),
                step=step,
                timeline=tuple(_column(number, start, endings) for number, start in enumerate(starts)),
            )

    async def queue(self, now: datetime) -> Queue:
        """Return what is to be done."""
        async with self._engine.connect() as connection:
            return await _queue(connection, now, None)


async def _people(connection: AsyncConnection, since: datetime | None) -> People:
    is_registered = patients.c.registered_at.is_not(None)
    is_new = patients.c.registered_at >= since if since else is_registered
    came = cases.c.received_at >= since if since else sa.true()
    counted = [
        sa.select(sa.func.count()).select_from(patients).where(is_registered),
        sa.select(sa.func.count()).select_from(patients).where(is_new),
        sa.select(sa.func.count(cases.c.user_id.distinct())).where(came),
        sa.select(sa.func.count()).select_from(patients).where(patients.c.blocked_at.is_not(None)),
    ]
    return People(*[await connection.scalar(query) or 0 for query in counted])


async def _endings(connection: AsyncConnection, starts: Sequence[datetime]) -> list[_Ending]:
    """Count photos by the column that they belong to and by how they ended."""
    later = [(cases.c.received_at < start, number) for number, start in enumerate(starts[1:])]
    number = sa.case(*later, else_=len(starts) - 1) if later else sa.literal(0)
    photos = sa.select(number.label("number"), cases.c.outcome).where(cases.c.received_at >= starts[0]).subquery()
    query = sa.select(photos.c.number, photos.c.outcome, sa.func.count()).group_by(photos.c.number, photos.c.outcome)
    return [_Ending(*row) for row in await connection.execute(query)]


def _by_reason(endings: Sequence[_Ending], kind: str) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for ending in endings:
        if ending.outcome is not None and ending.kind == kind:
            totals[ending.outcome] += ending.count
    return dict(totals.most_common())


def _column(number: int, start: datetime, endings: Sequence[_Ending]) -> Column:
    totals: Counter[str] = Counter()
    for ending in endings:
        if ending.number == number:
            totals[ending.kind] += ending.count
    return Column(start, totals[ASSESSED], totals[_DECLINED], totals[_UNANSWERED])


async def _counted_since(
    connection: AsyncConnection, period: Period, first: datetime, now: datetime
) -> datetime | None:
    """Return since when assessments are counted; None where none are.

    What a longer period has beyond a shorter one is of FEWEST_PEOPLE, too, else it is left out: two periods side by
    side would tell it.
    """
    since = None
    for one in Period:  # from the shortest to the longest
        start = steps(one, first, now)[1][0]
        if await _assessed_people(connection, start, since) >= FEWEST_PEOPLE:
            since = start
        if one is period:
            break
    return since


async def _assessed_people(connection: AsyncConnection, start: datetime, end: datetime | None) -> int:
    """Count those whose assessments would be counted."""
    is_kept = (cases.c.received_at >= start) & cases.c.top_class.is_not(None)
    if end is not None:
        is_kept &= cases.c.received_at < end
    return await connection.scalar(sa.select(sa.func.count(cases.c.user_id.distinct())).where(is_kept)) or 0


async def _assessed(connection: AsyncConnection, what: sa.Column[Any], since: datetime) -> dict[str, int]:
    """Count assessed photos by one of their columns; those from before it was kept are left out.

    What is sealed is different in each row to SQL, and counted here.
    """
    query = sa.select(what, sa.func.count()).where(cases.c.received_at >= since, what.is_not(None)).group_by(what)
    totals: Counter[str] = Counter()
    result = await connection.stream(query)
    async for rows in result.partitions(_ROWS_AT_ONCE):  # others have their turn in between
        for value, count in rows:
            totals[value] += count
    return dict(totals)


async def _answer_times(connection: AsyncConnection, since: datetime) -> AnswerTimes | None:
    is_answered = cases.c.closed_at.is_not(None) & cases.c.outcome.not_in(NO_ANSWERS)
    query = sa.select(cases.c.received_at, cases.c.closed_at).where(cases.c.received_at >= since, is_answered)
    times_s: list[float] = []
    result = await connection.stream(query)
    async for rows in result.partitions(_ROWS_AT_ONCE):  # others have their turn in between
        times_s += [(closed_at - received_at).total_seconds() for received_at, closed_at in rows]
    if not times_s:
        return None
    return AnswerTimes(*np.percentile(times_s, (50, 90, 99), method="inverted_cdf").tolist())  # each was measured


async def _queue(connection: AsyncConnection, now: datetime, besides: int | None) -> Queue:
    is_waiting = waits(await current_pause(connection))
    in_hand = cases.c.outcome.is_(None) & ~is_waiting
    oldest: datetime | None = await connection.scalar(sa.select(sa.func.min(cases.c.received_at)).where(in_hand))
    since = max(oldest, await ended_at(connection) or oldest) if oldest else None
    unhandled = inbox.c.handled_at.is_(None) & (inbox.c.update_id != (besides or 0))
    photos = sa.select(sa.func.count()).select_from(cases)
    return Queue(
        in_hand=await connection.scalar(photos.where(in_hand)) or 0,
        oldest_s=(now - since).total_seconds() if since else None,
        waiting=await connection.scalar(photos.where(is_waiting)) or 0,
        updates=await connection.scalar(sa.select(sa.func.count()).select_from(inbox).where(unhandled)) or 0,
    )
