"""Who did what when. Append-only: the database refuses anything else.

People stand in it under aliases. When somebody is erased, so is the row that says whose alias it was, and the entries
about them are nobody's.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.tables import aliases, audit, moderators, patients
from bot.storage.writing import insert_unless_there


@dataclass(frozen=True, slots=True)
class Entry:
    """A deed of a moderator.

    Attributes:
        actor_id: who did it.
        action: the command, and where one command does several things, which of them: "directory-remove".
        at: when; aware UTC.
        subject_id: whom it was done to, if anybody.
        details: how much, until when, which; never what somebody wrote, and nobody's name or id.
    """

    actor_id: int
    action: str
    at: datetime
    subject_id: int | None = None
    details: str = ""


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry as it is read; actor_id and subject_id are None where the alias is nobody's any more."""

    entry_id: int
    at: datetime
    actor: str
    actor_id: int | None
    action: str
    subject: str | None
    subject_id: int | None
    details: str


class Audit:
    """The audit's table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, entry: Entry) -> None:
        """Add an entry for what changed nothing; a deed that changes something writes its own with the change."""
        async with self._engine.begin() as connection:
            await write_entry(connection, entry)

    async def record_look(self, entry: Entry) -> None:
        """Add an entry for a look at somebody, who is named where they are a patient here."""
        async with self._engine.begin() as connection:
            await write_entry(connection, await naming_patient(connection, entry))

    async def page(self, count: int, offset: int = 0, about: int | None = None) -> list[ReadEntry]:
        """Return entries, latest first; about somebody: what they did and what was done to them."""
        actors, subjects = aliases.alias(), aliases.alias()
        query = (
            sa.select(
                *(audit.c.entry_id, audit.c.at, audit.c.actor, actors.c.user_id, audit.c.action),
                *(audit.c.subject, subjects.c.user_id, audit.c.details),
            )
            .join(actors, actors.c.alias == audit.c.actor, isouter=True)
            .join(subjects, subjects.c.alias == audit.c.subject, isouter=True)
            .order_by(audit.c.entry_id.desc())
            .limit(count)
            .offset(offset)
        )
        if about is not None:
            query = query.where((actors.c.user_id == about) | (subjects.c.user_id == about))
        async with self._engine.connect() as connection:
            return [ReadEntry(*row) for row in await connection.execute(query)]


async def write_entry(connection: AsyncConnection, entry: Entry) -> None:
    """Add an entry as part of the transaction of the deed itself."""
    subject = await _alias(connection, entry.subject_id) if entry.subject_id is not None else None
    await connection.execute(
        audit.insert().values(
            at=entry.at,
            actor=await _alias(connection, entry.actor_id),
            action=entry.action,
            subject=subject,
            details=entry.details,
        )
    )


async def naming_patient(connection: AsyncConnection, entry: Entry) -> Entry:
    """Return an entry that names whom it is about only where a patient here is: nothing would erase any other.

    To read their row would not do: it is written, so that an erasure waits for the entry, or the entry for it.
    """
    is_about = patients.c.user_id == entry.subject_id
    held = patients.update().where(is_about).values(user_id=patients.c.user_id).returning(patients.c.user_id)
    return entry if await connection.scalar(held) is not None else replace(entry, subject_id=None)


async def drop_aliases(connection: AsyncConnection, user_ids: Collection[int]) -> None:
    """Forget whose the aliases of these people were, but for those of moderators: of today, and of whoever acted."""
    acted = sa.exists().where(audit.c.actor == aliases.c.alias)
    is_moderator = sa.exists().where(moderators.c.user_id == aliases.c.user_id)
    await connection.execute(aliases.delete().where(aliases.c.user_id.in_(user_ids), ~acted, ~is_moderator))


async def _alias(connection: AsyncConnection, user_id: int) -> str:
    fresh = {"user_id": user_id, "alias": secrets.token_hex(4).upper()}
    # Two who meet the same person at once get the same alias.
    await connection.execute(insert_unless_there(connection, aliases).values(fresh))
    return str(await connection.scalar(sa.select(aliases.c.alias).where(aliases.c.user_id == user_id)))
