"""Two ways to be the bot: python-telegram-bot, and plain requests."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from telegram import Bot
from telegram.request import HTTPXRequest

from emulator.server import RunningEmulator

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
