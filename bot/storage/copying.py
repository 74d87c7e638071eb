"""Moving everything into another database: from SQLite to PostgreSQL, or back. All of it, or nothing."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import BackupError
from bot.storage.queue_schema import QUEUE_FACT
from bot.storage.tables import facts, metadata

_ROWS_AT_ONCE: Final = 1000
_MUST_BE_EMPTY: Final = "it must be empty."


async def copy_everything(source: AsyncEngine, target: AsyncEngine) -> Mapping[str, int]:
    """Copy every row, as they are at one moment; returns how many of each table.

    Args:
        source: nothing may write to it meanwhile, or what it writes stays behind.
        target: brought up to date, and empty.

    Raises:
        BackupError: the target has rows, or has not taken all; then nothing is copied.
    """
    tables = [table for table in metadata.sorted_tables if table is not facts]
    async with source.connect() as old, target.begin() as new:
        await _stand_still(old)
        for table in tables:
            if await _count(new, table):
                raise BackupError(f"There are rows in {table.name} of the database to copy to: {_MUST_BE_EMPTY}")
        counts = {table.name: await _copy_table(table, old, new) for table in tables}
        for table in tables:
            if not await _count(old, table) == await _count(new, table) == counts[table.name]:
                raise BackupError(f"{table.name} has not come over whole: is the bot stopped?")
            await _number_on(table, old, new)
        await _copy_facts(old, new)
    return counts


async def _stand_still(old: AsyncConnection) -> None:
    """Let every query see the rows as the first one does; else each would see what is new by then."""
    if old.dialect.name == "postgresql":
        await old.execution_options(isolation_level="REPEATABLE READ")
    else:
        await old.exec_driver_sql("BEGIN")


async def _copy_facts(old: AsyncConnection, new: AsyncConnection) -> None:
    """Add what the old database knows about itself; what making the new one has written there stays."""
    there = {row.name: row.value for row in await new.execute(sa.select(facts))}
    to_copy = sa.select(facts).where(facts.c.name != QUEUE_FACT)  # each has the queue's tables of its own, or none
    known = {row.name: row.value for row in await old.execute(to_copy)}
    if any(there.get(name, value) != value for name, value in known.items()):
        raise BackupError(f"A bot has run on the database to copy to: {_MUST_BE_EMPTY}")
    missing = [{"name": name, "value": value} for name, value in known.items() if name not in there]
    if missing:
        await new.execute(facts.insert(), missing)


async def _count(connection: AsyncConnection, table: sa.Table) -> int:
    return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def _copy_table(table: sa.Table, old: AsyncConnection, new: AsyncConnection) -> int:
    count = 0
    rows = await old.stream(sa.select(table).order_by(*table.primary_key.columns))
    async for part in rows.mappings().partitions(_ROWS_AT_ONCE):
        await new.execute(table.insert(), [dict(row) for row in part])
        count += len(part)
    return count


async def _number_on(table: sa.Table, old: AsyncConnection, new: AsyncConnection) -> None:
    """Let new rows be numbered from where the old database would go on: no number is given twice."""
    column = table.autoincrement_column
    if column is None:
        return
    last = await old.scalar(sa.select(sa.func.max(column))) or 0
    if old.dialect.name == "sqlite" and table.dialect_options["sqlite"]["autoincrement"]:
        given = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        last = max(last, await old.scalar(given, {"name": table.name}) or 0)
    if last and new.dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
        await new.execute(sa.select(sa.func.setval(sequence, last)))
