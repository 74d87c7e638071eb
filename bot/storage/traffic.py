"""How many photos come, wait and go: what limits are computed from, so that they hold across restarts and machines."""

from dataclasses import dataclass
from datetime import datetime

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
        case_id: our number.
        number: how many others of its sender waited when it came.
        is_waiting: whether it is not answered yet.
        received_at: when it came.
    """

    case_id: int
    number: int
    is_waiting: bool
    received_at: datetime


class Traffic:
    """The cases' table, counted."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def received(self, user_id: int, since: datetime, until: datetime) -> list[datetime]:
        """Return when somebody's photos came, oldest first."""
        query = sa.select(cases.c.received_at).where(
            cases.c.user_id == user_id, cases.c.received_at > since, cases.c.received_at <= until
        )
        async with self._engine.connect() as connection:
            return sorted((await connection.execute(query)).scalars())

    async def in_hand(self) -> int:
        """Return how many photos wait for their answer."""
        query = sa.select(sa.func.count()).select_from(cases).where(cases.c.outcome.is_(None))
        async with self._engine.connect() as connection:
            return int(await connection.scalar(query) or 0)

    async def waiting_since(self) -> datetime | None:
        """Return when the oldest photo came that waits for its answer."""
        query = sa.select(sa.func.min(cases.c.received_at, type_=cases.c.received_at.type))
        async with self._engine.connect() as connection:
            oldest: datetime | None = await connection.scalar(query.where(cases.c.outcome.is_(None)))
        return oldest

    async def places(self, since: datetime) -> list[Place]:
        """Return the photos that wait, and those that came since a moment."""
        other = cases.alias()
        waited_then = other.c.closed_at.is_(None) | (other.c.closed_at > cases.c.received_at)
        is_before = (other.c.user_id == cases.c.user_id) & (other.c.case_id < cases.c.case_id)
        place = sa.select(sa.func.count()).select_from(other).where(is_before, waited_then).scalar_subquery()
        is_open = cases.c.outcome.is_(None)
        query = sa.select(cases.c.case_id, place, is_open, cases.c.received_at)
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.where(is_open | (cases.c.received_at > since)))
            return [Place(case_id, int(number), bool(waits), at) for case_id, number, waits, at in rows]

    async def last_passages(self, count: int, until: datetime) -> list[Passage]:
        """Return the youngest photos that are answered, in the order in which they were."""
        query = sa.select(cases.c.received_at, cases.c.closed_at)
        query = query.where(cases.c.closed_at.is_not(None), cases.c.closed_at <= until)
        query = query.order_by(cases.c.case_id.desc()).limit(count)
        async with self._engine.connect() as connection:
            found = [Passage(*row) for row in await connection.execute(query)]
        return sorted(found, key=lambda passage: passage.closed_at)
