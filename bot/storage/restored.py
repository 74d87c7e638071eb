"""What a database that was brought back must not go on with: time has passed since it was saved."""

import asyncio

from bot.storage.broadcasts import Broadcasts
from bot.storage.database import open_database
from bot.storage.notes import LOOKED_AT, Notes


def leave_off(url: str) -> int:
    """Cancel what was being sent to many, as they may have it by now; returns how many broadcasts that are."""
    return asyncio.run(_leave_off(url))


async def _leave_off(url: str) -> int:
    engine = open_database(url)
    try:
        await Notes(engine).forget(LOOKED_AT)  # else the service would have been away since the backup
        return await Broadcasts(engine).cancel_all()
    finally:
        await engine.dispose()
