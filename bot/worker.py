"""`python -m bot worker`: answers photos that wait in PostgreSQL. Where a worker is put together."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.error import InvalidToken
from telegram.ext import ExtBot

from bot.app import answering_on, stop_signal, telegram_builder, until, warm_pool, words_warming
from bot.errors import SettingsError
from bot.faults import until_it_works
from bot.library import Library
from bot.machines import add_tasks, queue_app, work
from bot.settings import Settings, forget_secrets
from bot.storage.database import open_database
from inference.errors import InferenceError

_log = logging.getLogger(__name__)


async def run_worker(settings: Settings) -> None:
    """Answer photos until SIGINT or SIGTERM.

    Raises:
        SettingsError: there is no queue on SQLite, Telegram refuses the token, or the model can't be loaded.
        ContentError: content/ or the model's figures are broken.
    """
    stopping = stop_signal()
    library = Library(settings.content_dir, settings.model_dir)
    engine = open_database(settings.storage_url)
    if engine.dialect.name == "sqlite":
        raise SettingsError("DATABASE_URL: workers need PostgreSQL; on SQLite the bot answers photos itself.")
    forget_secrets()
    try:
        with warm_pool(settings, library) as workers:
            async with _telegram(settings) as bot, queue_app(settings.storage_url).open_async() as queue:
                add_tasks(queue, answering_on(engine, settings, bot, library, workers).answer_or_apologise)

                async def serve() -> None:
                    await asyncio.gather(words_warming(workers, library), until_it_works(bot.initialize))
                    _log.info("Ready to answer photos as @%s", bot.username)
                    await work(queue, concurrency=2 * workers.count + 1)  # look, send, and one more downloads

                await until(stopping, serve())
                _log.info("Stopped; what is not answered is in the queue")
    except InvalidToken:
        raise SettingsError("BOT_TOKEN: Telegram refuses it; ask @BotFather for the token.") from None
    except InferenceError as error:
        raise SettingsError(f"MODEL_DIR: {error}.") from error
    finally:
        await engine.dispose()


@asynccontextmanager
async def _telegram(settings: Settings) -> AsyncIterator[ExtBot[int]]:
    bot: ExtBot[int] = telegram_builder(settings).updater(None).build().bot
    try:
        yield bot
    finally:
        await bot.shutdown()
