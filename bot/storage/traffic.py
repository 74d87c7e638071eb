"""How many photos come, wait and go: what limits are computed from, so that they hold across restarts and machines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.tables import cases


@dataclass(frozen=True, slots=True)
class Passage:
    """When a photo came and when it was answered."""

    received_at: datetime
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photo stands in the queue.

    Attributes:
        number: how many others of its sender waited when it came.
        ahead: how many photos that wait are looked at before it: those whose number is no larger.
        overtaking: how many came since a moment whose number is smaller: they are looked at before it, although later.
        waiting_since: when the second oldest photo came that waits: the oldest may be put off for a reason of its own.
    """

    number: int
    ahead: int
    overtaking: int
    waiting_since: datetime | None


_MOMENT: Final = cases.c.received_at.type
_IS_OPEN: Final = cases.c.outcome.is_(None)
_WAITING_SINCE: Final = (
    sa.select(cases.c.received_at).where(_IS_OPEN).order_by(cases.c.received_at).offset(1).limit(1).scalar_subquery()
)


def _place() -> sa.Select[Any]:
    """Return the query, made once: making it takes as long as asking it."""
    other = cases.alias()
    waited_then = other.c.closed_at.is_(None) | (other.c.closed_at > cases.c.received_at)
    is_before = (other.c.user_id == cases.c.user_id) & (other.c.case_id < cases.c.case_id)
    number = sa.select(sa.func.count()).select_from(other).where(is_before, waited_then).scalar_subquery()
    since = sa.bindparam("since", type_=_MOMENT)
    columns = cases.c.case_id, cases.c.received_at, _IS_OPEN.label("is_waiting"), number.label("number")
    photos = sa.select(*columns).where(_IS_OPEN | (cases.c.received_at > since)).cte()
    mine = photos.alias()
    is_other, is_lately = photos.c.case_id != mine.c.case_id, photos.c.received_at > since
    is_past = photos.c.received_at <= sa.bindparam("now", type_=_MOMENT)
    return (
        sa.select(
            mine.c.number,
            sa.func.count().filter(is_other, photos.c.is_waiting, photos.c.number <= mine.c.number),
            sa.func.count().filter(is_other, is_lately, is_past, photos.c.number < mine.c.number),
            _WAITING_SINCE,
        )
        .select_from(mine.join(photos, sa.true()))
        .where(mine.c.case_id == sa.bindparam("case_id"))
        .group_by(mine.c.number)
    )


_PLACE: Final = _place()
_RECEIVED: Final = sa.select(cases.c.received_at).where(
    cases.c.user_id == sa.bindparam("user_id"),
    cases.c.received_at > sa.bindparam("since", type_=_MOMENT),
    cases.c.received_at <= sa.bindparam("until", type_=_MOMENT),
)
_WAITING: Final = sa.select(sa.func.count(), _WAITING_SINCE).where(_IS_OPEN)
_PASSAGES: Final = (
    sa.select(cases.c.received_at, cases.c.closed_at)
    .where(cases.c.closed_at.is_not(None), cases.c.closed_at <= sa.bindparam("until", type_=_MOMENT))
    .order_by(cases.c.case_id.desc())
    .limit(sa.bindparam("count"))
)


class Traffic:
    """The cases' table, counted."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def received(self, user_id: int, since: datetime, until: datetime) -> list[datetime]:
        """Return when somebody's photos came, oldest first."""
        within = {"user_id": user_id, "since": since, "until": until}
        async with self._engine.connect() as connection:
            return sorted(await connection.scalars(_RECEIVED, within))

    async def waiting(self) -> tuple[int, datetime | None]:
        """Return how many photos wait for their answer, and when the second oldest of them came."""
        async with self._engine.connect() as connection:
            count, since = (await connection.execute(_WAITING)).one()
        return int(count), since

    async def place(self, case_id: int, since: datetime, now: datetime) -> Place | None:
        """Return where a photo stands that waits or came since a moment; None where it is none of these."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_PLACE, {"case_id": case_id, "since": since, "now": now})
            row = rows.one_or_none()
        return Place(*row) if row else None

    async def last_passages(self, count: int, until: datetime) -> list[Passage]:
        """Return the youngest photos that are answered, in the order in which they were."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_PASSAGES, {"until": until, "count": count})
            found = [Passage(*row) for row in rows]
        return sorted(found, key=lambda passage: passage.closed_at)
