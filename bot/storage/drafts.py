"""What somebody has begun and not finished: it goes with the one question that is open to them, see write_move."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.tables import drafts
from bot.storage.writing import put


class Drafts:
    """The drafts' table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, user_id: int) -> dict[str, Any] | None:
        """Return somebody's draft."""
        async with self._engine.connect() as connection:
            query = sa.select(drafts.c.content).where(drafts.c.user_id == user_id)
            content: dict[str, Any] | None = await connection.scalar(query)
        return content

    async def put(self, user_id: int, content: Mapping[str, Any]) -> None:
        """Keep a draft in place of the one before."""
        async with self._engine.begin() as connection:
            await put(connection, drafts, user_id=user_id, content=dict(content))

    async def drop(self, user_id: int) -> None:
        """Forget it."""
        async with self._engine.begin() as connection:
            await connection.execute(drafts.delete().where(drafts.c.user_id == user_id))
