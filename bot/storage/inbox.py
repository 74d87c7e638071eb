"""Updates between Telegram and their handler: stored before they are acknowledged, erased once they are handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.conversations import Move, write_move
from bot.storage.database import truncate_write_ahead_log
from bot.storage.tables import inbox

_REMEMBER = timedelta(hours=48)  # Telegram repeats an update for at most 24 hours
_MAX_RETRIES = 25
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
        return (self.retries or 0) >= _MAX_RETRIES


class Inbox:
    """The durable queue of updates."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def store(self, updates: Sequence[StoredUpdate], now: datetime) -> list[StoredUpdate]:
        """Keep the updates, all or none; returns those that are not handled yet, also where they were known."""
        async with self._engine.begin() as connection:
            ids = [update.update_id for update in updates]
            query = sa.select(inbox.c.update_id, inbox.c.handled_at).where(inbox.c.update_id.in_(ids))
            known = {row.update_id: row.handled_at for row in await connection.execute(query)}
            unhandled = {u.update_id: u for u in updates if known.get(u.update_id) is None}
            fresh = [u for u in unhandled.values() if u.update_id not in known]
            if fresh:
                values = [
                    {"update_id": u.update_id, "lane": u.lane, "payload": u.payload, "received_at": now} for u in fresh
                ]
                await connection.execute(inbox.insert(), values)
        return list(unhandled.values())

    async def unhandled(self) -> list[StoredUpdate]:
        """Return, at the start of the bot, what an earlier run left in hand, oldest first."""
        columns = [inbox.c[name] for name in StoredUpdate.__slots__]
        query = sa.select(*columns).where(inbox.c.handled_at.is_(None)).order_by(inbox.c.update_id)
        async with self._engine.connect() as connection:
            return [StoredUpdate(*row) for row in await connection.execute(query)]

    async def retry(self, update_id: int) -> None:
        """Count that an update from an earlier run is begun anew."""
        async with self._engine.begin() as connection:
            await connection.execute(
                inbox.update().where(inbox.c.update_id == update_id).values(retries=inbox.c.retries + 1)
            )

    async def finish(self, update_id: int, moves: Sequence[Move], now: datetime) -> None:
        """Mark an update as handled, erase what it said and who said it, and move its conversations, all or none."""
        async with self._engine.begin() as connection:
            await connection.execute(
                inbox.update().where(inbox.c.update_id == update_id).values(handled_at=now, payload=None, lane=_NOBODY)
            )
            for move in moves:
                await write_move(connection, move)

    async def tidy(self, now: datetime) -> None:
        """Drop the numbers of updates that Telegram will not repeat, and the traces of what was erased."""
        async with self._engine.begin() as connection:
            await connection.execute(inbox.delete().where(inbox.c.handled_at < now - _REMEMBER))
        await truncate_write_ahead_log(self._engine)
