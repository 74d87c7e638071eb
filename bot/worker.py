"""`python -m bot worker`: answers photos that wait in PostgreSQL. Where a worker is put together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Final

from procrastinate import App
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.address import file_of
from bot.connection.reach import Reach
from bot.environment import forget_secrets
from bot.errors import SettingsError
from bot.faults import until_it_works
from bot.library import Library
from bot.machines import add_task, queue_app, take_over, work
from bot.parts import (
    alerts_to,
    answering_on,
    health_of,
    instruments,
    meanwhile,
    opened_database,
    pool_probes,
    stop_signal,
    telegram_builder,
    until,
    warm_pool,
    words_warming,
)
from bot.settings import Settings
from bot.storage.owner import check_bot
from bot.web import serving_operator
from bot.workers.pool import Workers

_ASK_EVERY_S: Final = 30
_PACED: Final = 40  # more, whose answers wait for the pace of their chats

_log = logging.getLogger(__name__)


async def run_worker(settings: Settings) -> None:
    """Answer photos until SIGINT or SIGTERM.

    Raises:
        SettingsError: there is no queue on SQLite, Telegram refuses the token, the database is another bot's, or the
            model can't be loaded.
        ContentError: content/ or the model's figures are broken.
    """
    if file_of(settings.storage_url) is not None:
        raise SettingsError("DATABASE_URL: workers need PostgreSQL; on SQLite the bot answers photos itself.")
    stopping = stop_signal()
    library = Library(settings.content_dir, settings.model_dir, settings.retention_days)
    forget_secrets()
    async with AsyncExitStack() as open_parts:
        engine = await open_parts.enter_async_context(opened_database(settings))
        by = instruments(settings, engine)
        workers = open_parts.enter_context(warm_pool(settings, library))
        bot = await open_parts.enter_async_context(_telegram(settings, by.reach))
        queue = await open_parts.enter_async_context(queue_app(settings.storage_url).open_async())
        alerts = alerts_to(settings, engine, bot, library, by.metrics)
        add_task(queue, answering_on(engine, alerts, bot, library, workers, by).answer_or_apologise)
        health = health_of(engine, bot, by.reach, pool_probes(workers))
        pages = serving_operator(settings.web_host, settings.worker_web_port, health, by.metrics)
        await open_parts.enter_async_context(pages)
        await until(stopping, _serve(bot, engine, workers, library, queue))
        _log.info("Stopped; what is not answered is in the queue")


async def _serve(bot: ExtBot[int], engine: AsyncEngine, workers: Workers, library: Library, queue: App) -> None:
    await asyncio.gather(words_warming(workers, library), until_it_works(bot.initialize))
    await until_it_works(partial(check_bot, engine, bot.id))
    _log.info("Ready to answer photos as @%s", bot.username)
    async with meanwhile(hear_of(bot), take_over(queue)):
        await work(queue, concurrency=2 * workers.count + 1 + _PACED)  # look, send, and one more downloads


async def hear_of(bot: ExtBot[int], every_s: float = _ASK_EVERY_S) -> None:
    """Ask Telegram something again and again, until cancelled.

    A request that it refuses is given up where it answers others, and a quiet worker asks nothing else.
    """
    while True:
        with suppress(TelegramError):
            await bot.get_me()
        await asyncio.sleep(every_s)


@asynccontextmanager
async def _telegram(settings: Settings, reach: Reach) -> AsyncIterator[ExtBot[int]]:
    bot: ExtBot[int] = telegram_builder(settings, reach).build().bot
    try:
        yield bot
    finally:
        await bot.shutdown()
