"""Single values that belong to the whole service."""

import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import facts

_KEY = "fingerprint_key"


async def fact(connection: AsyncConnection, name: str) -> str | None:
    """Return a value, or None."""
    value: str | None = await connection.scalar(sa.select(facts.c.value).where(facts.c.name == name))
    return value


async def write_fact(connection: AsyncConnection, name: str, value: str | None) -> None:
    """Replace a value; None deletes it."""
    await connection.execute(facts.delete().where(facts.c.name == name))
    if value is not None:
        await connection.execute(facts.insert().values(name=name, value=value))


async def server_key(connection: AsyncConnection) -> bytes:
    """Return the secret that this database's fingerprints and receipts are made with."""
    is_there = sa.exists().where(facts.c.name == _KEY)
    fresh = sa.select(sa.literal(_KEY), sa.literal(secrets.token_hex(32))).where(~is_there)
    await connection.execute(facts.insert().from_select(["name", "value"], fresh))  # one statement: never two keys
    return bytes.fromhex(await fact(connection, _KEY) or "")
