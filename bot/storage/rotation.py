"""Which keys a database needs, and sealing everything anew with the first of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import SealedValueError, SettingsError
from bot.storage.database import truncate_write_ahead_log
from bot.storage.facts import SERVER_KEY, fact, write_fact
from bot.storage.sealed import KeyRing, SealedJson, SealedText, keys_of
from bot.storage.tables import facts, metadata

_FACT: Final = "key "  # then a key's name; the value is something that this key sealed
_SAMPLE: Final = "opened"
_ROWS_AT_ONCE: Final = 200  # others write in between
_SEALED_COLUMNS: Final[Mapping[sa.Table, Sequence[sa.Column[Any]]]] = {
    table: columns
    for table in metadata.sorted_tables
    if (columns := [column for column in table.c if isinstance(column.type, SealedText | SealedJson)])
}


async def check_keys(engine: AsyncEngine) -> None:
    """Make sure that every key is there which has sealed something, and note that the first one seals from now on.

    Raises:
        SettingsError: names the key that is missing.
    """
    ring = keys_of(engine)
    async with engine.connect() as connection:
        probes = await _probes(connection)
    if (name := _missing(ring, probes)) is not None:
        reason = f"key {name} is missing, which has sealed a part of this database; put it behind the others"
        raise SettingsError(f"ENCRYPTION_KEYS: {reason}.")
    if ring.names and ring.names[0] not in probes:
        async with engine.begin() as connection:
            await write_fact(connection, _FACT + ring.names[0], ring.sealed(_SAMPLE))


async def missing_key(engine: AsyncEngine, connection: AsyncConnection) -> str | None:
    """Return the name of a key that has sealed something and is not there; None where all are."""
    return _missing(keys_of(engine), await _probes(connection))


def _missing(ring: KeyRing, probes: Mapping[str, str]) -> str | None:
    for name, probe in probes.items():
        try:
            ring.opened(probe)
        except SealedValueError:
            return name
    return None


async def rotate(engine: AsyncEngine) -> int:
    """Seal with the first key whatever is plain or sealed with another one; returns how many rows that were.

    The bot may run meanwhile. Killed in the middle, it goes on where it was.

    Raises:
        SettingsError: there is no key, or the bot does not know it yet and could not read what is sealed with it.
        SealedValueError: a key is missing.
    """
    ring = keys_of(engine)
    if not ring.names:
        raise SettingsError("ENCRYPTION_KEYS: is missing; `python -m bot new-key` prints one.")
    async with engine.connect() as connection:
        if await fact(connection, _FACT + ring.names[0]) is None:
            raise SettingsError("ENCRYPTION_KEYS: restart the bot first: it does not know the first key yet.")
    total = await _seal_server_key(engine)
    while count := sum([await _seal_table(engine, table) for table in _SEALED_COLUMNS]):
        total += count  # once more: what the bot wrote before it was read may have been passed over
    async with engine.begin() as connection:
        is_other = facts.c.name.startswith(_FACT) & (facts.c.name != _FACT + ring.names[0])
        await connection.execute(facts.delete().where(is_other))
    await truncate_write_ahead_log(engine)
    return total


async def _probes(connection: AsyncConnection) -> dict[str, str]:
    query = sa.select(facts.c.name, facts.c.value).where(facts.c.name.startswith(_FACT))
    return {name.removeprefix(_FACT): value for name, value in await connection.execute(query)}


async def _seal_server_key(engine: AsyncEngine) -> int:
    """Seal anew the key of the fingerprints, which never changes; returns how many rows that were."""
    async with engine.begin() as connection:
        written = await fact(connection, SERVER_KEY)
        anew = _anew(written, keys_of(engine))
        if written == anew:
            return 0
        await write_fact(connection, SERVER_KEY, anew)
    return 1


async def _seal_table(engine: AsyncEngine, table: sa.Table) -> int:
    """Go once through the table; returns how many rows were to be sealed anew."""
    (number,) = table.primary_key
    query = _stale_rows(table, keys_of(engine))
    last, count = None, 0
    while True:
        async with engine.connect() as connection:
            after = query if last is None else query.where(number > last)
            rows = (await connection.execute(after)).mappings().all()
        if not rows:
            return count
        await _seal_rows(engine, table, rows)
        last, count = rows[-1][number.name], count + len(rows)


def _stale_rows(table: sa.Table, ring: KeyRing) -> sa.Select[Any]:
    """Return the query for rows of which something is not sealed with the first key, as they are written."""
    (number,) = table.primary_key
    written = {column.name: sa.type_coerce(column, sa.Text) for column in _SEALED_COLUMNS[table]}
    stale = [sa.func.substr(text, 1, len(ring.prefix)) != ring.prefix for text in written.values()]  # NULL is not
    columns = [text.label(name) for name, text in written.items()]
    return sa.select(number, *columns).where(sa.or_(*stale)).order_by(number).limit(_ROWS_AT_ONCE)


async def _seal_rows(engine: AsyncEngine, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows anew, unless they have been changed since they were read."""
    (number,) = table.primary_key
    names = [column.name for column in _SEALED_COLUMNS[table]]
    unchanged = [
        sa.type_coerce(table.c[name], sa.Text).is_not_distinct_from(sa.bindparam(f"old_{name}", type_=sa.Text))
        for name in names
    ]
    anew = {name: sa.bindparam(f"new_{name}", type_=sa.Text) for name in names}
    change = table.update().where(number == sa.bindparam("number"), *unchanged).values(anew)
    ring = keys_of(engine)
    async with engine.begin() as connection:
        await connection.execute(change, [_values(row, names, number.name, ring) for row in rows])


def _values(row: Mapping[str, Any], names: Sequence[str], number: str, ring: KeyRing) -> dict[str, Any]:
    old = {f"old_{name}": row[name] for name in names}
    new = {f"new_{name}": _anew(row[name], ring) for name in names}
    return {"number": row[number], **old, **new}


def _anew(written: str | None, ring: KeyRing) -> str | None:
    if written is None or written.startswith(ring.prefix):
        return written
    return ring.sealed(ring.opened(written))
