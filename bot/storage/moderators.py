"""Who looks after the service: owners, named in the settings, and moderators, named by owners."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.tables import UtcDateTime, drafts, moderators


class Role(StrEnum):
    """What somebody may do beyond what patients may."""

    OWNER = "owner"
    MODERATOR = "moderator"
    NOBODY = "nobody"


class Moderators:
    """The moderators' table, and the owners.

    Attributes:
        owner_ids: OWNER_IDS.
    """

    def __init__(self, engine: AsyncEngine, owner_ids: AbstractSet[int]) -> None:
        self._engine = engine
        self.owner_ids = owner_ids

    async def role(self, user_id: int) -> Role:
        """Return what somebody may do."""
        if user_id in self.owner_ids:
            return Role.OWNER
        async with self._engine.connect() as connection:
            query = sa.select(moderators.c.user_id).where(moderators.c.user_id == user_id)
            is_moderator = (await connection.scalar(query)) is not None
        return Role.MODERATOR if is_moderator else Role.NOBODY

    async def ids(self) -> list[int]:
        """Return everybody who has a role, owners first."""
        async with self._engine.connect() as connection:
            rows = await connection.scalars(sa.select(moderators.c.user_id).order_by(moderators.c.granted_at))
            return [*sorted(self.owner_ids), *(user_id for user_id in rows if user_id not in self.owner_ids)]

    async def grant(self, user_id: int, by: Entry) -> bool:
        """Make somebody a moderator; returns False where they were one."""
        async with self._engine.begin() as connection:
            is_one = sa.exists().where(moderators.c.user_id == user_id)
            fresh = sa.select(sa.literal(user_id), sa.literal(by.at, UtcDateTime)).where(~is_one)
            added = await connection.execute(moderators.insert().from_select(["user_id", "granted_at"], fresh))
            if added.rowcount:
                await write_entry(connection, by)
        return bool(added.rowcount)

    async def revoke(self, user_id: int, by: Entry) -> bool:
        """Take the role away; returns False where there was none."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(moderators.delete().where(moderators.c.user_id == user_id))
            await connection.execute(drafts.delete().where(drafts.c.user_id == user_id))  # what they had begun to do
            if gone.rowcount:
                await write_entry(connection, by)
        return bool(gone.rowcount)
