"""The composition root: the only file that chooses implementations."""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, cast

from telegram import BotCommandScopeAllPrivateChats
from telegram.error import InvalidToken
from telegram.ext import Application, ContextTypes

from bot.cases import Answering
from bot.content import Content, load_content
from bot.context import Context, LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.directory import load_directory
from bot.errors import ContentError, SettingsError
from bot.faults import until_it_works
from bot.handlers import add_handlers
from bot.handlers.registration import menu
from bot.intake import Intake
from bot.pacing import Pacing
from bot.places import Places
from bot.settings import Settings
from bot.storage.cases import Cases
from bot.storage.conversations import Conversations
from bot.storage.database import open_database
from bot.storage.inbox import Inbox
from bot.storage.patients import Patients
from bot.web import serving_health
from bot.workers import Workers
from inference.errors import InferenceError

_CONNECTIONS: Final = 64
_READ_TIMEOUT_S: Final = 20

_log = logging.getLogger(__name__)


def now() -> datetime:
    """Return this moment, aware UTC."""
    return datetime.now(UTC)


async def run(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM.

    Raises:
        SettingsError: Telegram refuses the token, the port is taken, or the model can't be loaded.
        ContentError: content/ or the model's figures are broken.
    """
    stopping = _stop_signal()
    content = load_content(settings.content_dir)
    dermatologists = load_directory(settings.content_dir / "dermatologists")
    figures = _figures(settings.model_dir, content)
    engine = open_database(settings.storage_url)
    patients, cases, persistence = Patients(engine), Cases(engine), SqlPersistence(Conversations(engine))
    application = _application(settings, persistence)
    workers = Workers(os.cpu_count() or 1, settings.model_dir, settings.content_dir / "fonts")
    answering = Answering(application.bot, patients, cases, content, workers, now)
    try:
        async with (
            serving_health(settings.web_host, settings.web_port, engine),
            Places(settings.nominatim_url) as places,
        ):
            services = Services(
                patients, cases, content, dermatologists, places, figures, answer_soon=answering.start, now=now
            )
            application.bot_data["services"] = services
            add_handlers(application)
            intake = Intake(application, Inbox(engine), persistence, services)
            await _until(stopping, _serve(application, workers, answering, intake))
            _log.info("Stopped; what is not answered is kept")
    except InvalidToken:
        raise SettingsError("BOT_TOKEN: Telegram refuses it; ask @BotFather for the token.") from None
    except InferenceError as error:
        raise SettingsError(f"MODEL_DIR: {error}.") from error
    finally:
        workers.stop()
        await engine.dispose()


async def _serve(application: LentigoApplication, workers: Workers, answering: Answering, intake: Intake) -> None:
    """Get ready, then take updates and answer photos until cancelled."""
    try:
        await asyncio.gather(workers.warm_up(), _connect(application))
        await answering.resume()
        _log.info("Ready as @%s", application.bot.username)
        await intake.run()
    finally:
        await answering.stop()
        await application.shutdown()


async def _until(stopping: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work until it ends or is to stop; what it raises is raised."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, waiting):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await working


def _application(settings: Settings, persistence: SqlPersistence) -> LentigoApplication:
    application = (
        Application.builder()
        .token(settings.bot_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .updater(None)
        .rate_limiter(Pacing())
        .persistence(persistence)
        .context_types(ContextTypes(context=Context))
        .connection_pool_size(_CONNECTIONS)
        .pool_timeout(_READ_TIMEOUT_S)
        .read_timeout(_READ_TIMEOUT_S)
        .build()
    )
    return cast("LentigoApplication", application)  # the builder forgets the type of bot_data


async def _connect(application: LentigoApplication) -> None:
    """Wait until Telegram answers, then say what the bot can do."""
    await until_it_works(application.initialize)
    bot, scope = application.bot, BotCommandScopeAllPrivateChats()
    content: Content = application.bot_data["services"].content
    await until_it_works(partial(bot.delete_webhook, drop_pending_updates=False))
    await until_it_works(partial(bot.set_my_commands, menu(content.texts(None)), scope))
    for texts in content.by_language.values():
        await until_it_works(partial(bot.set_my_commands, menu(texts), scope, texts.language))


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def _figures(model_dir: Path, content: Content) -> Mapping[str, int]:
    path = model_dir / "figures.json"
    try:
        plain: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["plain"]
        for texts in content.by_language.values():
            texts.page("model", **plain)
    except (OSError, ValueError, KeyError) as error:
        raise ContentError(f"{path}: {error!r}") from error
    return plain
