"""Whose database this is: messages are numbered for each bot anew, so that the photos of two would be mistaken."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import SettingsError
from bot.storage.facts import fact
from bot.storage.tables import facts
from bot.storage.writing import insert_unless_there

_FACT: Final = "bot_id"  # as Telegram has it: the first half of the token, which stays when the other is revoked
OWN_DATABASE: Final = (
    "Put that one's token back, or name a database of its own for this one in DATA_DIR or DATABASE_URL, where people "
    "register anew."
)


async def check_bot(engine: AsyncEngine, bot_id: int) -> None:
    """Make sure that no other bot has used the database, and note that this one does.

    Args:
        engine: the database.
        bot_id: as Telegram tells it.

    Raises:
        SettingsError: another bot has.
    """
    async with engine.begin() as connection:
        fresh = {"name": _FACT, "value": str(bot_id)}
        await connection.execute(insert_unless_there(connection, facts).values(fresh))
        noted = await bot_of(connection)
    if noted != bot_id:
        raise SettingsError(f"BOT_TOKEN: is that of bot {bot_id}, and the database that of bot {noted}. {OWN_DATABASE}")


async def bot_of(connection: AsyncConnection) -> int | None:
    """Return the bot whose database this is; None before its first start."""
    noted = await fact(connection, _FACT)
    return None if noted is None else int(noted)
