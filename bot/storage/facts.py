"""Single values that belong to the whole service."""

import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import facts
from bot.storage.writing import insert_unless_there, put

_KEY = "fingerprint_key"


async def fact(connection: AsyncConnection, name: str) -> str | None:
    """Return a value, or None."""
    value: str | None = await connection.scalar(sa.select(facts.c.value).where(facts.c.name == name))
    return value


async def write_fact(connection: AsyncConnection, name: str, value: str | None) -> None:
    """Replace a value; None deletes it."""
    if value is None:
        await connection.execute(facts.delete().where(facts.c.name == name))
    else:
        await put(connection, facts, name=name, value=value)


async def known_server_key(connection: AsyncConnection) -> bytes | None:
    """Return server_key where there is one already."""
    key = await fact(connection, _KEY)
    return None if key is None else bytes.fromhex(key)


async def server_key(connection: AsyncConnection) -> bytes:
    """Return the secret that this database's fingerprints and receipts are made with."""
    fresh = {"name": _KEY, "value": secrets.token_hex(32)}
    await connection.execute(insert_unless_there(connection, facts).values(fresh))  # never two keys
    return bytes.fromhex(await fact(connection, _KEY) or "")
