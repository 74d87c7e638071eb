"""Where each conversation stands."""

import json

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.tables import conversations


class Conversations:
    """The conversations' table. A key is the ids that python-telegram-bot tells conversations apart by."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self, name: str) -> dict[tuple[int | str, ...], int]:
        """Return the state of every conversation of this name."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                sa.select(conversations.c.key, conversations.c.state).where(conversations.c.name == name)
            )
            return {tuple(json.loads(key)): state for key, state in rows}

    async def move(self, name: str, key: tuple[int | str, ...], state: int | None) -> None:
        """Record the state; None ends the conversation."""
        stored = json.dumps(key)
        async with self._engine.begin() as connection:
            await connection.execute(
                conversations.delete().where(conversations.c.name == name, conversations.c.key == stored)
            )
            if state is not None:
                await connection.execute(conversations.insert().values(name=name, key=stored, state=state))
