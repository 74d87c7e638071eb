"""Who looks after the service: owners, named in the settings, and moderators, named by owners."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.broadcasts import cancel_those
from bot.storage.tables import broadcasts, drafts, moderators
from bot.storage.writing import insert_unless_there


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
        async with self._engine.connect() as connection:
            query = sa.select(moderators.c.user_id).where(moderators.c.user_id == user_id)
            return self.role_of(user_id, is_moderator=await connection.scalar(query) is not None)

    def role_of(self, user_id: int, *, is_moderator: bool) -> Role:
        """Return what somebody may do, of whom is known whether the table has them."""
        if user_id in self.owner_ids:
            return Role.OWNER
        return Role.MODERATOR if is_moderator else Role.NOBODY

    async def roles(self) -> dict[int, Role]:
        """Return everybody who has a role, owners first."""
        async with self._engine.connect() as connection:
            rows = await connection.scalars(sa.select(moderators.c.user_id).order_by(moderators.c.granted_at))
            named = dict.fromkeys(rows, Role.MODERATOR)
        owners = dict.fromkeys(sorted(self.owner_ids), Role.OWNER)
        return owners | {user_id: role for user_id, role in named.items() if user_id not in owners}

    async def ids(self) -> list[int]:
        """Return everybody who has a role, owners first."""
        return list(await self.roles())

    async def grant(self, user_id: int, by: Entry) -> None:
        """Make somebody a moderator, unless they are one."""
        async with self._engine.begin() as connection:
            fresh = insert_unless_there(connection, moderators).values(user_id=user_id, granted_at=by.at)
            added = await connection.scalar(fresh.returning(moderators.c.user_id))
            if added is not None:
                await write_entry(connection, by)

    async def revoke(self, user_id: int, by: Entry) -> None:
        """Take the role away, if there is one, and with it what they have begun."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(moderators.delete().where(moderators.c.user_id == user_id))
            await connection.execute(drafts.delete().where(drafts.c.user_id == user_id))
            await cancel_those(connection, broadcasts.c.chat_id == user_id)  # after the draft, which begins one
            if gone.rowcount:
                await write_entry(connection, by)

    async def stop_former(self) -> None:
        """Stop what people are sending who have no role any more: an owner who is taken out of OWNER_IDS, say."""
        is_moderator = sa.exists().where(moderators.c.user_id == broadcasts.c.chat_id)
        async with self._engine.begin() as connection:
            await cancel_those(connection, ~is_moderator & broadcasts.c.chat_id.not_in(self.owner_ids))
