"""Who looks after the service: owners, named in the settings, and moderators, named by owners."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.tables import drafts, moderators
from bot.storage.writing import insert_unless_there


class Role(StrEnum):
    """What somebody may do beyond what patients may."""

    OWNER = "owner"
    MODERATOR = "moderator"
    NOBODY = "nobody"


class Moderators:
    """The moderators' table, and the owners."""

    def __init__(self, engine: AsyncEngine, owner_ids: AbstractSet[int]) -> None:
        self._engine = engine
        self._owner_ids = owner_ids

    async def role(self, user_id: int) -> Role:
        """Return what somebody may do."""
        if user_id in self._owner_ids:
            return Role.OWNER
        async with self._engine.connect() as connection:
            query = sa.select(moderators.c.user_id).where(moderators.c.user_id == user_id)
            is_moderator = (await connection.scalar(query)) is not None
        return Role.MODERATOR if is_moderator else Role.NOBODY

    async def ids(self) -> list[int]:
        """Return everybody who has a role, owners first."""
        async with self._engine.connect() as connection:
            rows = await connection.scalars(sa.select(moderators.c.user_id).order_by(moderators.c.granted_at))
            return [*sorted(self._owner_ids), *(user_id for user_id in rows if user_id not in self._owner_ids)]

    async def grant(self, user_id: int, by: Entry) -> bool:
        """Make somebody a moderator; returns False where they were one."""
        async with self._engine.begin() as connection:
            fresh = insert_unless_there(connection, moderators).values(user_id=user_id, granted_at=by.at)
            added = await connection.scalar(fresh.returning(moderators.c.user_id))
            if added is not None:
                await write_entry(connection, by)
        return added is not None

    async def revoke(self, user_id: int, by: Entry) -> bool:
        """Take the role away; returns False where there was none."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(moderators.delete().where(moderators.c.user_id == user_id))
            await connection.execute(drafts.delete().where(drafts.c.user_id == user_id))  # what they had begun to do
            if gone.rowcount:
                await write_entry(connection, by)
        return bool(gone.rowcount)
