"""What moderators changed of the lists of dermatologists."""

import asyncio
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.tables import directory_changes
from bot.storage.writing import take_turn


class Directory:
    """The table of changes, by the key of the entry; see bot/directory/changes.py for what it is.

    Attributes:
        turn: is held by whoever looks at the directory to change it, until that is done: nobody overwrites what they
            have not seen. Other processes don't take updates meanwhile.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.turn = asyncio.Lock()
        self._engine = engine
        self._turn = asyncio.Lock()

    async def changes(self) -> dict[str, Mapping[str, Any] | None]:
        """Return every change."""
        async with self._engine.connect() as connection:
            query = sa.select(directory_changes.c.key, directory_changes.c.entry).order_by(directory_changes.c.key)
            return {row.key: row.entry for row in await connection.execute(query)}

    async def change(self, changes: Mapping[str, Mapping[str, Any] | None], audited: Entry) -> None:
        """Keep changes in place of earlier ones; whoever comes later also goes on later."""
        rows = [{"key": key, "entry": change, "changed_at": audited.at} for key, change in changes.items()]
        async with self._turn, self._engine.begin() as connection:
            await take_turn(connection, "directory")
            if rows:
                is_changed = directory_changes.c.key == sa.bindparam("changed")
                gone = [{"changed": key} for key in changes]
                await connection.execute(directory_changes.delete().where(is_changed), gone)
                await connection.execute(directory_changes.insert(), rows)
            await write_entry(connection, audited)

    async def forget(self, key: str, audited: Entry) -> None:
        """Let a change go: an entry of a list is again what its list says, an added one is erased."""
        async with self._turn, self._engine.begin() as connection:
            await connection.execute(directory_changes.delete().where(directory_changes.c.key == key))
            await write_entry(connection, audited)
