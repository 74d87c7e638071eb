"""Who may not use the bot.

A ban is kept under a fingerprint, made of the id with this database's own key, so that it can outlive the person's
other data: who asks to be erased stays banned, and the ban says neither who they are nor why.
"""

import asyncio
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.audit import Entry, naming_patient, write_entry
from bot.storage.broadcasts import drop_waiting
from bot.storage.facts import server_key
from bot.storage.tables import bans
from bot.storage.writing import put


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban.

    Attributes:
        reason: as the banned person is told it; empty once they were erased.
        banned_at: aware UTC; the beginning of the year once they were erased.
        until: aware UTC; None for good; the end of the day once they were erased.
    """

    reason: str
    banned_at: datetime
    until: datetime | None


_COLUMNS = [bans.c[name] for name in Ban.__slots__]


class Bans:
    """The bans' table. The key of the fingerprints is read once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._key: bytes | None = None

    async def of(self, user_id: int, now: datetime) -> Ban | None:
        """Return the ban that holds for somebody now."""
        print_ = await self.fingerprint_of(user_id)
        async with self._engine.connect() as connection:
            query = sa.select(*_COLUMNS).where(bans.c.fingerprint == print_, holds(now))
            row = (await connection.execute(query)).one_or_none()
        return Ban(*row) if row else None

    async def among(self, user_ids: Iterable[int], now: datetime) -> frozenset[int]:
        """Return which of these people are banned now."""
        async with self._engine.begin() as connection:
            key = await server_key(connection)
            held = set(await connection.scalars(sa.select(bans.c.fingerprint).where(holds(now))))
        return await asyncio.to_thread(
            lambda: frozenset(one for one in user_ids if held and _made_with(key, one) in held)
        )

    async def ban(self, user_id: int, reason: str, until: datetime | None, by: Entry) -> None:
        """Ban somebody, in place of an earlier ban."""
        print_ = await self.fingerprint_of(user_id)
        async with self._engine.begin() as connection:
            await put(connection, bans, fingerprint=print_, reason=reason, banned_at=by.at, until=until)
            await drop_waiting(connection, user_id)
            await write_entry(connection, await naming_patient(connection, by))

    async def lift(self, user_id: int, by: Entry) -> None:
        """End a ban, if one holds."""
        print_ = await self.fingerprint_of(user_id)
        async with self._engine.begin() as connection:
            gone = await connection.execute(bans.delete().where(bans.c.fingerprint == print_, holds(by.at)))
            if gone.rowcount:
                await write_entry(connection, await naming_patient(connection, by))

    async def tidy(self, now: datetime) -> None:
        """Forget the bans that have ended."""
        async with self._engine.begin() as connection:
            await connection.execute(bans.delete().where(~holds(now)))

    async def fingerprint_of(self, user_id: int) -> str:
        """Return what a ban of this person is kept under."""
        if self._key is None:
            async with self._engine.begin() as connection:
                self._key = await server_key(connection)
        return _made_with(self._key, user_id)


async def fingerprint(connection: AsyncConnection, user_id: int) -> str:
    """Return what a ban of this person is kept under."""
    return _made_with(await server_key(connection), user_id)


async def keep_nameless(connection: AsyncConnection, user_id: int) -> None:
    """Keep of somebody's ban neither why nor exactly when: the audit has that moment beside their alias."""
    of_them = bans.c.fingerprint == await fingerprint(connection, user_id)
    query = sa.select(bans.c.banned_at, bans.c.until).where(of_them)
    if (row := (await connection.execute(query)).one_or_none()) is not None:
        nameless = {"reason": "", "banned_at": _year_of(row.banned_at), "until": row.until and _end_of_day(row.until)}
        await connection.execute(bans.update().where(of_them).values(nameless))


def _year_of(moment: datetime) -> datetime:
    return datetime(moment.year, 1, 1, tzinfo=moment.tzinfo)


def _end_of_day(moment: datetime) -> datetime:
    """Return the midnight that comes next, or is now."""
    midnight = datetime.combine(moment, time(tzinfo=moment.tzinfo))
    return moment if moment == midnight else midnight + timedelta(days=1)


def _made_with(key: bytes, user_id: int) -> str:
    return hmac.digest(key, f"ban {user_id}".encode(), "sha256").hex()


def holds(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Return the condition that a ban has not ended."""
    return bans.c.until.is_(None) | (bans.c.until > now)
