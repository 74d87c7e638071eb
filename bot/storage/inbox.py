"""Updates between Telegram and their handler: stored before they are acknowledged, erased once they are handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.tables import inbox

_REMEMBER = timedelta(hours=48)  # Telegram repeats an update for at most 24 hours
_MAX_STARTS = 5  # an update that was in hand at that many starts may be what ends the bot


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update as it came.

    Attributes:
        update_id: Telegram's number, unique and growing.
        lane: the chat (or user) whose updates are handled in order.
        payload: the update as JSON.
    """

    update_id: int
    lane: int
    payload: str


class Inbox:
    """The durable queue of updates."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def store(self, updates: Sequence[StoredUpdate], now: datetime) -> list[StoredUpdate]:
        """Keep the updates, all or none; returns those that were not known yet."""
        async with self._engine.begin() as connection:
            ids = [update.update_id for update in updates]
            rows = await connection.execute(sa.select(inbox.c.update_id).where(inbox.c.update_id.in_(ids)))
            known = set(rows.scalars())
            fresh = list({u.update_id: u for u in updates if u.update_id not in known}.values())
            if fresh:
                await connection.execute(
                    inbox.insert(),
                    [
                        {"update_id": u.update_id, "lane": u.lane, "payload": u.payload, "received_at": now}
                        for u in fresh
                    ],
                )
        return fresh

    async def unhandled(self) -> list[StoredUpdate]:
        """Return, at the start of the bot, what an earlier run left in hand, oldest first.

        Counts the starts of each; what was in hand at five starts is left out: it may be what ends the bot.
        """
        async with self._engine.begin() as connection:
            is_open = inbox.c.handled_at.is_(None)
            await connection.execute(inbox.update().where(is_open).values(starts=inbox.c.starts + 1))
            rows = await connection.execute(
                sa.select(inbox.c.update_id, inbox.c.lane, inbox.c.payload)
                .where(is_open, inbox.c.starts <= _MAX_STARTS)
                .order_by(inbox.c.update_id)
            )
            return [StoredUpdate(*row) for row in rows]

    async def finish(self, update_id: int, now: datetime) -> None:
        """Mark an update as handled and erase its content."""
        async with self._engine.begin() as connection:
            await connection.execute(
                inbox.update().where(inbox.c.update_id == update_id).values(handled_at=now, payload=None)
            )

    async def forget_old(self, now: datetime) -> None:
        """Drop the numbers of updates that Telegram will not repeat."""
        async with self._engine.begin() as connection:
            await connection.execute(inbox.delete().where(inbox.c.handled_at < now - _REMEMBER))
