"""Two ways to be the bot: python-telegram-bot, and plain requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from telegram import Bot
from telegram.request import HTTPXRequest

from emulator.person import Town, open_town
from emulator.server import RunningEmulator, running_emulator
from emulator.settings import Settings

Answer: TypeAlias = dict[str, Any]
Ask: TypeAlias = Callable[..., Awaitable[Answer]]


def bot_of(emulator: RunningEmulator) -> Bot:
    """A client of python-telegram-bot for this emulator; it loads no certificates, which takes long."""
    return Bot(
        emulator.token,
        base_url=f"{emulator.url}/bot",
        base_file_url=f"{emulator.url}/file/bot",
        request=HTTPXRequest(httpx_kwargs={"verify": False}),
        get_updates_request=HTTPXRequest(connection_pool_size=4, httpx_kwargs={"verify": False}),
    )


@asynccontextmanager
async def emulator_with(settings: Settings) -> AsyncIterator[tuple[Town, Bot]]:
    """An emulator of its own, with other constants; its people and its bot."""
    async with (
        running_emulator(settings=settings) as emulator,
        open_town(emulator.url) as town,
        bot_of(emulator) as bot,
    ):
        yield town, bot


async def until_called(town: Town, method: str) -> None:
    """Wait until the bot has asked for this."""
    for _ in range(600):
        if method in [call["method"] for call in await town.calls()]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"it never asked for {method}")
