"""Single values that belong to the whole service."""

import secrets
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.sealed import SealedText
from bot.storage.tables import facts
from bot.storage.writing import insert_unless_there, put

SERVER_KEY: Final = "fingerprint_key"  # the one fact that is sealed: who has it can try out ids
_VALUE: Final = sa.select(facts.c.value).where(facts.c.name == sa.bindparam("name"))
_SEALED_VALUE: Final = sa.type_coerce(facts.c.value, SealedText)


async def fact(connection: AsyncConnection, name: str) -> str | None:
    """Return a value, or None."""
    value: str | None = await connection.scalar(_VALUE, {"name": name})
    return value


async def write_fact(connection: AsyncConnection, name: str, value: str | None) -> None:
    """Replace a value; None deletes it."""
    if value is None:
        await connection.execute(facts.delete().where(facts.c.name == name))
    else:
        await put(connection, facts, name=name, value=value)


async def known_server_key(connection: AsyncConnection) -> bytes | None:
    """Return server_key where there is one already."""
    key = await connection.scalar(sa.select(_SEALED_VALUE).where(facts.c.name == SERVER_KEY))
    return None if key is None else bytes.fromhex(key)


async def server_key(connection: AsyncConnection) -> bytes:
    """Return the secret that this database's fingerprints and receipts are made with."""
    value = sa.type_coerce(secrets.token_hex(32), SealedText)
    fresh = insert_unless_there(connection, facts).values(name=SERVER_KEY, value=value)
    await connection.execute(fresh)  # never two keys
    return await known_server_key(connection) or b""
