"""Writing what others may be writing at the same moment, on SQLite and on PostgreSQL."""

import zlib
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

_TURNS: Final = 0x1E4720  # of PostgreSQL's advisory locks with two numbers; the second is the turn's


def insert_unless_there(
    connection: AsyncConnection, table: sa.Table, *key: sa.Column[Any]
) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that passes over rows whose key is there, the primary one unless told otherwise.

    Who comes second waits for the first to be done; RETURNING tells what is new.
    """
    return _insert(connection, table).on_conflict_do_nothing(index_elements=list(key or table.primary_key))


async def put(connection: AsyncConnection, table: sa.Table, **values: object) -> None:
    """Write a row in place of the one with the same primary key."""
    key = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in key}
    row = _insert(connection, table).values(values)
    await connection.execute(row.on_conflict_do_update(index_elements=key, set_=changed))


async def take_turn(connection: AsyncConnection, name: str) -> None:
    """On PostgreSQL, wait for others who take a turn of this name; it is ours until the transaction ends.

    On SQLite it does nothing: there, the first statement that writes waits for everybody else.
    """
    if connection.dialect.name == "postgresql":
        turn = zlib.crc32(name.encode()) - 2**31  # a signed number of 32 bits
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURNS, turn)))


def _insert(connection: AsyncConnection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
