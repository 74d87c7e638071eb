"""Updates between Telegram and their handler: stored before they are acknowledged, erased once they are handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.cases import MAX_RETRIES
from bot.storage.conversations import Move, write_move
from bot.storage.database import truncate_write_ahead_log
from bot.storage.tables import inbox
from bot.storage.writing import insert_unless_there

_REMEMBER = timedelta(hours=48)  # Telegram repeats an update for at most 24 hours
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update as it came.

    Attributes:
        update_id: Telegram's number, unique and growing.
        lane: the chat (or user) whose updates are handled in order.
        payload: the update as JSON.
        retries: how often handling it was begun anew after the bot had ended in the middle; None while it is fresh.
    """

    update_id: int
    lane: int
    payload: str
    retries: int | None = None

    @property
    def is_suspect(self) -> bool:
        """Whether it was in hand so often that it may be what ends the bot."""
        return (self.retries or 0) >= MAX_RETRIES


@dataclass(frozen=True, slots=True)
class Finished:
    """An update that its handler is done with, and how its conversations stand now."""

    update_id: int
    moves: Sequence[Move] = ()


class Inbox:
    """The durable queue of updates."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def store(self, updates: Sequence[StoredUpdate], now: datetime) -> list[StoredUpdate]:
        """Keep the updates, all or none; returns those that are not handled yet, also where they were known."""
        once = {update.update_id: update for update in updates}
        rows = [
            {"update_id": u.update_id, "lane": u.lane, "payload": u.payload, "received_at": now}
            for _, u in sorted(once.items())  # in one order: who stores the same ones waits, and nobody for ever
        ]
        if not rows:
            return []
        async with self._engine.begin() as connection:
            await connection.execute(insert_unless_there(connection, inbox), rows)
            is_due = inbox.c.update_id.in_(once) & inbox.c.handled_at.is_(None)
            due = set(await connection.scalars(sa.select(inbox.c.update_id).where(is_due)))
        return [update for number, update in once.items() if number in due]

    async def unhandled(self) -> list[StoredUpdate]:
        """Return, at the start of the bot, what an earlier run left in hand, oldest first."""
        columns = [inbox.c[name] for name in StoredUpdate.__slots__]
        query = sa.select(*columns).where(inbox.c.handled_at.is_(None)).order_by(inbox.c.update_id)
        async with self._engine.connect() as connection:
            return [StoredUpdate(*row) for row in await connection.execute(query)]

    async def retry(self, update_ids: Sequence[int]) -> None:
        """Count that updates from an earlier run are begun anew."""
        async with self._engine.begin() as connection:
            are_they = inbox.c.update_id.in_(update_ids)
            await connection.execute(inbox.update().where(are_they).values(retries=inbox.c.retries + 1))

    async def finish(self, those: Sequence[Finished], now: datetime) -> None:
        """Mark updates as handled, erase what they said and who said it, and move their conversations, all or none."""
        are_they = inbox.c.update_id.in_([one.update_id for one in those])
        async with self._engine.begin() as connection:
            await connection.execute(inbox.update().where(are_they).values(handled_at=now, payload=None, lane=_NOBODY))
            for one in those:
                for move in one.moves:
                    await write_move(connection, move, now)

    async def tidy(self, now: datetime) -> None:
        """Drop the numbers of updates that Telegram will not repeat, and the traces of what was erased."""
        async with self._engine.begin() as connection:
            await connection.execute(inbox.delete().where(inbox.c.handled_at < now - _REMEMBER))
        await truncate_write_ahead_log(self._engine)
