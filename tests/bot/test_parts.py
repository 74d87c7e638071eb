"""What runs beside the bot ends before what it needs."""

import asyncio

from bot.parts import meanwhile


async def test_what_is_done_beside_has_ended_once_the_block_has() -> None:
    """Otherwise the database is closed under its hands, and the process may never end."""
    ended = list[str]()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append("work")

    async with meanwhile(work(), work()):
        await asyncio.sleep(0)
    assert ended == ["work", "work"]
