"""Photos between "received" and "answered"."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.jobs import is_queued
from bot.storage.tables import cases
from bot.storage.writing import insert_unless_there


@dataclass(frozen=True, slots=True)
class Case:
    """A photo that waits for its answer.

    Attributes:
        case_id: our number.
        chat_id: where it came from.
        user_id: who sent it.
        message_id: the message that brought it.
        file_id: opens it at Telegram.
        progress_message_id: the message that becomes the answer; None until it is sent.
        received_at: when it came; aware UTC.
        retries: how often it was looked at anew after the bot or a worker had ended with it in hand.
    """

    case_id: int
    chat_id: int
    user_id: int
    message_id: int
    file_id: str
    progress_message_id: int | None
    received_at: datetime
    retries: int

    @property
    def is_suspect(self) -> bool:
        """Whether it was in hand so often that it may be what ends them."""
        return self.retries >= MAX_RETRIES


@dataclass(frozen=True, slots=True)
class KeptAssessment:
    """What is kept of an assessment, for the patient's history.

    Attributes:
        top_class: the code of the likeliest class.
        risk_level: a RiskLevel.
        probabilities: of each class, by its code, in [0, 1].
        model_sha256: which network said so.
    """

    top_class: str
    risk_level: str
    probabilities: Mapping[str, float]
    model_sha256: str


@dataclass(frozen=True, slots=True)
class PastAssessment:
    """A line of somebody's history."""

    received_at: datetime
    risk_level: str
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Promised:
    """A case whose answer was promised by a progress message and is due; larger priority goes first."""

    case_id: int
    priority: int


ASSESSED: Final = "assessed"  # outcomes; any other is why a photo was declined
FAILED: Final = "failed"
UNDELIVERABLE: Final = "undeliverable"
WITHDRAWN: Final = "withdrawn"
MAX_RETRIES: Final = 7  # of updates, too: whoever kills the bot at random is neither photo nor update
_HELD_AT_ONCE: Final = 5  # each takes a connection
_COLUMNS: Final = [cases.c[name] for name in Case.__slots__]
_OPEN: Final = sa.select(*_COLUMNS).where(cases.c.outcome.is_(None))
_OPEN_BY_ID: Final = _OPEN.where(cases.c.case_id == sa.bindparam("case_id"))  # made once: it takes as long as to ask


class Held:
    """An open case that nobody else can answer, withdraw or erase for as long as it is held."""

    def __init__(self, case: Case, begin: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self.case = case
        self._begin = begin

    async def is_still_open(self) -> bool:
        """Whether nobody has closed or erased it meanwhile, as another program may on SQLite.

        Raises:
            DBAPIError: it is held no longer: PostgreSQL has ended what stood still for a minute.
        """
        async with self._begin() as connection:
            return _case(await connection.execute(_OPEN_BY_ID, {"case_id": self.case.case_id})) is not None

    async def close(self, outcome: str, now: datetime, kept: KeptAssessment | None = None) -> None:
        """Record how it ended, unless it was closed before; the way to the photo is erased."""
        async with self._begin() as connection:
            await connection.execute(closing(cases.c.case_id == self.case.case_id, outcome, now, kept))


class Cases:
    """The cases' table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._places = asyncio.Semaphore(_HELD_AT_ONCE)

    async def open(self, chat_id: int, user_id: int, message_id: int, file_id: str, now: datetime) -> Case | None:
        """Store a case, or find the one that this message opened before; None when that one is closed."""
        async with self._engine.begin() as connection:
            await connection.execute(
                insert_unless_there(connection, cases, cases.c.chat_id, cases.c.message_id).values(
                    chat_id=chat_id,
                    user_id=user_id,
                    message_id=message_id,
                    file_id=file_id,
                    received_at=now,
                )
            )
            is_it = (cases.c.chat_id == chat_id) & (cases.c.message_id == message_id)
            return _case(await connection.execute(_OPEN.where(is_it)))

    async def get_open(self, case_id: int) -> Case | None:
        """Return a case unless it is closed."""
        async with self._engine.connect() as connection:
            return _case(await connection.execute(_OPEN_BY_ID, {"case_id": case_id}))

    @asynccontextmanager
    async def held(self, case_id: int) -> AsyncIterator[Held | None]:
        """Hold a case for as long as the block runs; None where it is closed, or erased.

        On PostgreSQL its row is locked: whoever else would deliver, withdraw or erase waits for the end. SQLite would
        have the whole database wait for Telegram; there one process answers, which cancels what is let go.
        """
        if self._engine.dialect.name == "sqlite":
            case = await self.get_open(case_id)
            yield Held(case, self._engine.begin) if case else None
            return
        async with self._places, self._engine.begin() as connection:
            case = _case(await connection.execute(_OPEN_BY_ID.with_for_update(), {"case_id": case_id}))
            yield Held(case, lambda: nullcontext(connection)) if case else None

    async def is_known(self, chat_id: int, message_id: int) -> bool:
        """Whether this message has opened a case, which may be closed by now."""
        key = (cases.c.chat_id == chat_id) & (cases.c.message_id == message_id)
        async with self._engine.connect() as connection:
            return await connection.scalar(sa.select(cases.c.case_id).where(key)) is not None

    async def promised(self, *, is_unqueued: bool = False) -> list[Promised]:
        """Return the cases whose answer was promised by a progress message and is due, oldest first.

        Args:
            is_unqueued: only those that are not in PostgreSQL's queue.
        """
        is_due = cases.c.outcome.is_(None) & cases.c.progress_message_id.is_not(None)
        place = sa.func.row_number().over(partition_by=cases.c.user_id, order_by=cases.c.case_id)
        query = sa.select(cases.c.case_id, (1 - place).label("priority")).where(is_due)
        due = query.order_by(cases.c.case_id).subquery()
        rest = sa.select(due).where(~is_queued(due.c.case_id)) if is_unqueued else sa.select(due)
        async with self._engine.connect() as connection:
            return [Promised(*row) for row in await connection.execute(rest.order_by(due.c.case_id))]

    async def promise(self, case_id: int, progress_message_id: int) -> None:
        """Record which message will become the answer."""
        async with self._engine.begin() as connection:
            await connection.execute(
                cases.update().where(cases.c.case_id == case_id).values(progress_message_id=progress_message_id)
            )

    async def retry(self, case_id: int) -> None:
        """Count that a case is looked at anew."""
        async with self._engine.begin() as connection:
            await connection.execute(
                cases.update().where(cases.c.case_id == case_id).values(retries=cases.c.retries + 1)
            )

    async def close(self, case_id: int, outcome: str, now: datetime) -> None:
        """Record how it ended, unless it was closed before; the way to the photo is erased."""
        async with self._engine.begin() as connection:
            await connection.execute(closing(cases.c.case_id == case_id, outcome, now))

    async def close_unpromised(self, chat_id: int, message_id: int, now: datetime) -> None:
        """Close as failed what a message has opened, unless there is one that would become the answer."""
        is_it = (cases.c.chat_id == chat_id) & (cases.c.message_id == message_id)
        async with self._engine.begin() as connection:
            await connection.execute(closing(is_it & cases.c.progress_message_id.is_(None), FAILED, now))

    async def let_go(self, case_ids: Iterable[int], now: datetime) -> None:
        """Close these as withdrawn, unless they were closed before."""
        async with self._engine.begin() as connection:
            await connection.execute(closing(cases.c.case_id.in_(list(case_ids)), WITHDRAWN, now))

    async def history(self, user_id: int, count: int, offset: int = 0) -> list[PastAssessment]:
        """Return somebody's assessments, latest first."""
        query = sa.select(*(cases.c[name] for name in PastAssessment.__slots__)).where(_is_assessed(user_id))
        query = query.order_by(cases.c.case_id.desc()).limit(count).offset(offset)
        async with self._engine.connect() as connection:
            return [PastAssessment(*row) for row in await connection.execute(query)]

    async def levels_beside(self, case: Case, since: datetime) -> set[str]:
        """Return the levels of the answers to somebody's other photos, of those that came since a moment."""
        query = sa.select(cases.c.risk_level).where(_is_assessed(case.user_id), cases.c.case_id != case.case_id)
        query = query.where(cases.c.received_at >= since)
        async with self._engine.connect() as connection:
            return set(await connection.scalars(query))

    async def history_count(self, user_id: int) -> int:
        """Return how many assessments somebody has."""
        query = sa.select(sa.func.count()).select_from(cases).where(_is_assessed(user_id))
        async with self._engine.connect() as connection:
            return int(await connection.scalar(query) or 0)

    async def received_since(self, user_id: int, since: datetime) -> int:
        """Return how many photos somebody has sent since a moment."""
        query = sa.select(sa.func.count()).select_from(cases)
        query = query.where(cases.c.user_id == user_id, cases.c.received_at >= since)
        async with self._engine.connect() as connection:
            return int(await connection.scalar(query) or 0)

    async def open_of(self, user_id: int) -> list[Case]:
        """Return what somebody still waits for."""
        query = _OPEN.where(cases.c.user_id == user_id)
        async with self._engine.connect() as connection:
            return [Case(*row) for row in await connection.execute(query)]

    async def promises_to_take_back(self, user_id: int) -> list[tuple[int, int]]:
        """Return the chats and numbers of the messages that promise somebody an answer, also of photos let go."""
        is_due = cases.c.outcome.is_(None) | (cases.c.outcome == WITHDRAWN)
        query = sa.select(cases.c.chat_id, cases.c.progress_message_id).where(cases.c.user_id == user_id, is_due)
        async with self._engine.connect() as connection:
            promises = await connection.execute(query.where(cases.c.progress_message_id.is_not(None)))
            return [(chat_id, message_id) for chat_id, message_id in promises]


def _is_assessed(user_id: int) -> sa.ColumnElement[bool]:
    return (cases.c.user_id == user_id) & cases.c.top_class.is_not(None)


def closing(
    which: sa.ColumnElement[bool], outcome: str, now: datetime, kept: KeptAssessment | None = None
) -> sa.Update:
    """Return what records how open cases ended; the way to the photo is erased."""
    values = {name: getattr(kept, name) for name in KeptAssessment.__slots__} if kept else {}
    closed = {"outcome": outcome, "closed_at": now, "file_id": None, **values}
    return cases.update().where(which, cases.c.outcome.is_(None)).values(closed)


def _case(rows: sa.CursorResult[*tuple[Any, ...]]) -> Case | None:
    row = rows.one_or_none()
    return Case(*row) if row else None
