"""What the service notes about itself, one value by its name."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.facts import fact, write_fact

LOOKED_AT: Final = "looked_at"  # when the service was looked at last, ISO 8601


class Notes:
    """Single values, each in a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, name: str) -> str | None:
        """Return a value, or None."""
        async with self._engine.connect() as connection:
            return await fact(connection, name)

    async def write(self, name: str, value: str) -> None:
        """Replace a value."""
        async with self._engine.begin() as connection:
            await write_fact(connection, name, value)
