"""Messages to many people, and how far each of them has come."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.tables import broadcasts, deliveries, drafts, patients
from bot.storage.writing import take_turn


class State(StrEnum):
    """What becomes of a broadcast."""

    SENDING = "sending"
    CANCELLED = "cancelled"
    DONE = "done"


class Outcome(StrEnum):
    """How far the message to one person has come; SENDING is in doubt until it is settled."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What people get.

    Attributes:
        text: the text, or the caption of the picture.
        entities: its formatting, as the Bot API writes it.
        photo_file_id: opens the picture at Telegram; None for a text alone.
    """

    text: str
    entities: Sequence[Mapping[str, Any]]
    photo_file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast that is not over.

    Attributes:
        broadcast_id: our number; none is given twice.
        chat_id: the moderator's, where the progress is shown.
        progress_message_id: the message that shows it; None until it is sent.
        announcement: what is sent.
        report_language: the moderator's.
        state: SENDING, or CANCELLED until that is reported.
    """

    broadcast_id: int
    chat_id: int
    progress_message_id: int | None
    announcement: Announcement
    report_language: str
    state: State


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people a broadcast has reached, and how many not."""

    delivered: int = 0
    blocked: int = 0
    failed: int = 0
    unsent: int = 0

    @property
    def people(self) -> int:
        """All whom it was meant for, but for those who were erased, were banned or withdrew before they had it."""
        return self.delivered + self.blocked + self.failed + self.unsent


_IS_OPEN = broadcasts.c.ended_at.is_(None)
_ROWS_AT_ONCE: Final = 1000


class Broadcasts:
    """The tables of broadcasts and of their deliveries. At most one is open at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def audience(self) -> dict[int, str]:
        """Return the registered patients and the language of each; also those who block the bot."""
        query = sa.select(patients.c.user_id, patients.c.language).where(*_is_meant(None))
        languages: dict[int, str] = {}
        async with self._engine.connect() as connection:
            result = await connection.stream(query)
            async for rows in result.partitions(_ROWS_AT_ONCE):  # others have their turn in between
                languages.update((user_id, language) for user_id, language in rows)
        return languages

    async def start(
        self,
        announcement: Announcement,
        language: str | None,
        report_language: str,
        banned: AbstractSet[int],
        by: Entry,
    ) -> int | None:
        """Turn a moderator's draft into a broadcast to whoever is there now; banned people are left out.

        Returns:
            Its number; None where the draft is gone, which an earlier press took, or where another broadcast is open.
        """
        async with self._engine.begin() as connection:
            drop = drafts.delete().where(drafts.c.user_id == by.actor_id)  # comes first: it locks out a second start
            await take_turn(connection, "broadcast")
            if not (await connection.execute(drop)).rowcount or await _open_one(connection) is not None:
                await connection.rollback()
                return None
            row = {
                "chat_id": by.actor_id,  # a private chat has its person's id
                "text": announcement.text,
                "entities": [dict(entity) for entity in announcement.entities],
                "photo_file_id": announcement.photo_file_id,
                "language": language,
                "report_language": report_language,
                "state": State.SENDING,
                "started_at": by.at,
            }
            new = broadcasts.insert().values(row).returning(broadcasts.c.broadcast_id)
            broadcast_id: int = (await connection.execute(new)).scalar_one()
            people = await _write_recipients(connection, broadcast_id, language, banned)
            await write_entry(connection, replace(by, details=f"language={language or '*'}, people={people}"))
        return broadcast_id

    async def get_open(self) -> Broadcast | None:
        """Return the broadcast that is not over."""
        async with self._engine.connect() as connection:
            return await _open_one(connection)

    async def counts(self, broadcast_id: int) -> Counts:
        """Return how far it has come."""
        query = (
            sa.select(deliveries.c.outcome, sa.func.count())
            .where(deliveries.c.broadcast_id == broadcast_id)
            .group_by(deliveries.c.outcome)
        )
        async with self._engine.connect() as connection:
            found = {Outcome(outcome): int(count) for outcome, count in await connection.execute(query)}
        ended = {str(o): found.get(o, 0) for o in (Outcome.DELIVERED, Outcome.BLOCKED, Outcome.FAILED)}
        return Counts(**ended, unsent=found.get(Outcome.WAITING, 0) + found.get(Outcome.SENDING, 0))

    async def show_in(self, broadcast_id: int, progress_message_id: int) -> None:
        """Record which message shows the progress."""
        async with self._engine.begin() as connection:
            is_it = broadcasts.c.broadcast_id == broadcast_id
            await connection.execute(broadcasts.update().where(is_it).values(progress_message_id=progress_message_id))

    async def waiting(self, broadcast_id: int, count: int) -> list[int]:
        """Return the next people to write to; nobody once it is cancelled."""
        query = sa.select(deliveries.c.user_id).where(*_is_next(broadcast_id)).order_by(deliveries.c.user_id)
        async with self._engine.connect() as connection:
            return list((await connection.scalars(query.limit(count))).all())

    async def claim(self, broadcast_id: int, user_id: int, after_message_id: int) -> bool:
        """Record, before it happens, that somebody is written to; False where that must not happen (any more).

        Args:
            broadcast_id: which broadcast.
            user_id: whom.
            after_message_id: a message that is there already: the new one's number will be higher.
        """
        values = {"outcome": Outcome.SENDING, "after_message_id": after_message_id}
        async with self._engine.begin() as connection:
            claimed = await connection.execute(
                deliveries.update().where(deliveries.c.user_id == user_id, *_is_next(broadcast_id)).values(values)
            )
        return bool(claimed.rowcount)

    async def settle(self, broadcast_id: int, user_id: int, outcome: Outcome) -> None:
        """Record what became of a claim."""
        async with self._engine.begin() as connection:
            await connection.execute(
                deliveries.update()
                .where(deliveries.c.broadcast_id == broadcast_id, deliveries.c.user_id == user_id)
                .values(outcome=outcome, after_message_id=None)
            )

    async def in_doubt(self, broadcast_id: int) -> list[tuple[int, int]]:
        """Return who was claimed and not settled, each with the message after which theirs can be."""
        query = sa.select(deliveries.c.user_id, deliveries.c.after_message_id).where(
            deliveries.c.broadcast_id == broadcast_id, deliveries.c.outcome == Outcome.SENDING
        )
        async with self._engine.connect() as connection:
            return [(user_id, after) for user_id, after in await connection.execute(query)]

    async def cancel(self, broadcast_id: int, by: Entry) -> bool:
        """Let nobody else be written to; False where it was cancelled or over already."""
        async with self._engine.begin() as connection:
            stopped = await cancel_those(connection, broadcasts.c.broadcast_id == broadcast_id)
            if stopped:
                await write_entry(connection, by)
        return bool(stopped)

    async def end(self, broadcast_id: int, now: datetime) -> None:
        """Record that it is over and reported; what it said and who got it is erased."""
        state = sa.case((broadcasts.c.state == State.SENDING, State.DONE), else_=broadcasts.c.state)
        nothing: dict[str, Any] = {"text": "", "entities": [], "photo_file_id": None}
        async with self._engine.begin() as connection:
            is_it = broadcasts.c.broadcast_id == broadcast_id
            await connection.execute(broadcasts.update().where(is_it).values(state=state, ended_at=now, **nothing))
            await connection.execute(deliveries.delete().where(deliveries.c.broadcast_id == broadcast_id))


async def cancel_those(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> int:
    """Let nobody else be written to by these broadcasts; returns how many were being sent."""
    is_sending = which & _IS_OPEN & (broadcasts.c.state == State.SENDING)
    stopped = await connection.execute(broadcasts.update().where(is_sending).values(state=State.CANCELLED))
    return stopped.rowcount


async def drop_waiting(connection: AsyncConnection, user_id: int) -> None:
    """Let somebody get no broadcast that they are not known to have, as part of a ban or of a withdrawal.

    They no longer count, nor do they where a message that is in doubt has reached them.
    """
    is_open = deliveries.c.outcome.in_([Outcome.WAITING, Outcome.SENDING])
    await connection.execute(deliveries.delete().where(deliveries.c.user_id == user_id, is_open))


def _is_meant(language: str | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        patients.c.registered_at.is_not(None),
        patients.c.consent_version.is_not(None),
    ]
    return conditions if language is None else [*conditions, patients.c.language == language]


def _is_next(broadcast_id: int) -> list[sa.ColumnElement[bool]]:
    is_sending = sa.exists().where(broadcasts.c.broadcast_id == broadcast_id, broadcasts.c.state == State.SENDING)
    still_meant = sa.exists().where(patients.c.user_id == deliveries.c.user_id, *_is_meant(None))
    is_waiting = deliveries.c.outcome == Outcome.WAITING
    return [deliveries.c.broadcast_id == broadcast_id, is_waiting, is_sending, still_meant]


async def _open_one(connection: AsyncConnection) -> Broadcast | None:
    columns = (
        *(broadcasts.c.broadcast_id, broadcasts.c.chat_id, broadcasts.c.progress_message_id),
        *(broadcasts.c.text, broadcasts.c.entities, broadcasts.c.photo_file_id),
        *(broadcasts.c.report_language, broadcasts.c.state),
    )
    row = (await connection.execute(sa.select(*columns).where(_IS_OPEN))).first()
    if row is None:
        return None
    announcement = Announcement(row.text, row.entities, row.photo_file_id)
    numbers = row.broadcast_id, row.chat_id, row.progress_message_id
    return Broadcast(*numbers, announcement, row.report_language, State(row.state))


async def _write_recipients(
    connection: AsyncConnection, broadcast_id: int, language: str | None, banned: AbstractSet[int]
) -> int:
    outcome = sa.case((patients.c.blocked_at.is_(None), Outcome.WAITING.value), else_=Outcome.BLOCKED.value)
    meant = sa.select(sa.literal(broadcast_id), patients.c.user_id, outcome).where(*_is_meant(language))
    await connection.execute(deliveries.insert().from_select(["broadcast_id", "user_id", "outcome"], meant))
    of_it = deliveries.c.broadcast_id == broadcast_id
    if banned:
        is_banned = deliveries.c.user_id == sa.bindparam("banned")
        await connection.execute(deliveries.delete().where(of_it, is_banned), [{"banned": one} for one in banned])
    return await connection.scalar(sa.select(sa.func.count()).select_from(deliveries).where(of_it)) or 0
