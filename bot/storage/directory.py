"""What moderators changed of the lists of dermatologists, and what their imports took the place of."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.tables import directory_changes, directory_imports

IMPORT_DAYS: Final = 30  # for as long an import can be taken back
_IS_CHANGED: Final = directory_changes.c.key == sa.bindparam("changed")


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back makes of the directory.

    Attributes:
        restored: changes that were there before, by the key of the entry.
        forgotten: keys of entries that nothing was changed of before: they are what their list says, or gone.
        left: how many entries were changed since, and stay as they are.
    """

    restored: Mapping[str, Mapping[str, Any] | None]
    forgotten: Collection[str]
    left: int

    @property
    def count(self) -> int:
        """How many entries are taken back."""
        return len(self.restored) + len(self.forgotten)


class Directory:
    """The table of changes, by the key of the entry; see bot/directory/changes.py for what it is.

    Attributes:
        turn: is held by whoever looks at the directory to change it, until that is done: nobody overwrites what they
            have not seen. Whoever calls change, forget or undo holds it. Other processes don't take updates meanwhile.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.turn = asyncio.Lock()
        self._engine = engine

    async def changes(self) -> dict[str, Mapping[str, Any] | None]:
        """Return every change."""
        async with self._engine.connect() as connection:
            query = sa.select(directory_changes.c.key, directory_changes.c.entry).order_by(directory_changes.c.key)
            return {row.key: row.entry for row in await connection.execute(query)}

    async def change(
        self, changes: Mapping[str, Mapping[str, Any] | None], audited: Entry, import_id: str | None = None
    ) -> None:
        """Keep changes in place of earlier ones.

        Args:
            changes: by the key of the entry.
            audited: the deed.
            import_id: of the import that they are; what they take the place of is kept for a while.
        """
        rows = [
            {"key": key, "entry": change, "changed_at": audited.at, "import_id": import_id}
            for key, change in changes.items()
        ]
        async with self._engine.begin() as connection:
            if rows:
                if import_id is None:
                    await _forget_before(connection, changes)
                else:
                    await _keep_before(connection, changes, audited, import_id)
                await connection.execute(directory_changes.delete().where(_IS_CHANGED), _named(changes))
                await connection.execute(directory_changes.insert(), rows)
            await write_entry(connection, audited)

    async def forget(self, key: str, audited: Entry) -> None:
        """Let a change go: an entry of a list is again what its list says, an added one is erased."""
        async with self._engine.begin() as connection:
            await _forget_before(connection, [key])
            await connection.execute(directory_changes.delete().where(directory_changes.c.key == key))
            await write_entry(connection, audited)

    async def undoing(self, import_id: str) -> Undoing:
        """Return what taking an import back would make of the directory."""
        before, now = directory_imports.c, directory_changes.c
        query = (
            sa.select(before.key, before.is_new, before.entry, now.import_id)
            .join(directory_changes, now.key == before.key, isouter=True)
            .where(before.import_id == import_id)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        untouched = [row for row in rows if row.import_id == import_id]
        return Undoing(
            restored={row.key: row.entry for row in untouched if not row.is_new},
            forgotten=[row.key for row in untouched if row.is_new],
            left=len(rows) - len(untouched),
        )

    async def undo(self, import_id: str, undoing: Undoing, audited: Entry) -> None:
        """Take an import back, as undoing() has just said."""
        before = directory_imports.c
        mine = before.import_id == import_id
        async with self._engine.begin() as connection:
            query = sa.select(before.key, before.entry, before.of_import).where(mine, ~before.is_new)
            rows = [
                {"key": row.key, "entry": row.entry, "changed_at": audited.at, "import_id": row.of_import}
                for row in await connection.execute(query)
                if row.key in undoing.restored
            ]
            gone = _named([*undoing.restored, *undoing.forgotten])
            if gone:
                await connection.execute(directory_changes.delete().where(_IS_CHANGED), gone)
                is_done = mine & (before.key == sa.bindparam("changed"))
                await connection.execute(directory_imports.delete().where(is_done), gone)
            if rows:
                await connection.execute(directory_changes.insert(), rows)
            await write_entry(connection, audited)


async def _keep_before(connection: AsyncConnection, keys: Collection[str], audited: Entry, import_id: str) -> None:
    """Keep what an import takes the place of, and let go what is too old to be taken back."""
    is_old = directory_imports.c.imported_at < audited.at - timedelta(days=IMPORT_DAYS)
    await connection.execute(directory_imports.delete().where(is_old))
    was = {row.key: row for row in await connection.execute(sa.select(directory_changes))}
    rows = [
        {
            "import_id": import_id,
            "key": key,
            "is_new": key not in was,
            "entry": was[key].entry if key in was else None,
            "of_import": was[key].import_id if key in was else None,
            "imported_at": audited.at,
        }
        for key in keys
    ]
    await connection.execute(directory_imports.insert(), rows)


async def _forget_before(connection: AsyncConnection, keys: Collection[str]) -> None:
    """Blank what imports took the place of where that can't come back: an erased entry leaves nothing."""
    is_changed = directory_imports.c.key == sa.bindparam("changed")
    await connection.execute(directory_imports.update().where(is_changed).values(entry=None), _named(keys))


def _named(keys: Collection[str]) -> list[dict[str, str]]:
    return [{"changed": key} for key in keys]
