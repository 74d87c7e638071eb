"""The composition root: the only file that chooses implementations."""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import stamina
from telegram import BotCommandScopeAllPrivateChats
from telegram.error import InvalidToken
from telegram.ext import Application, ContextTypes

from bot.cases import Answering
from bot.content import Content, load_content
from bot.context import Context, LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.directory import load_directory
from bot.errors import ContentError, SettingsError
from bot.faults import is_transient
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

_CONNECTIONS: Final = 64
_READ_TIMEOUT_S: Final = 20

_log = logging.getLogger(__name__)


def now() -> datetime:
    """Return this moment, aware UTC."""
    return datetime.now(UTC)


async def run(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM.

    Raises:
        SettingsError: Telegram refuses the token, or the port is taken.
        ContentError: content/ or the model's figures are broken.
    """
    content = load_content(settings.content_dir)
    dermatologists = load_directory(settings.content_dir / "dermatologists")
    figures = _figures(settings.model_dir)
    engine = open_database(settings.storage_url)
    inbox, patients, cases = Inbox(engine), Patients(engine), Cases(engine)
    application = _application(settings, SqlPersistence(Conversations(engine)))
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
            await _connect(application, content)
            warming = asyncio.create_task(workers.warm_up())
            await answering.resume()
            _log.info("Ready as @%s", application.bot.username)
            await Intake(application, inbox, services, now).run(_stop_signal())
            _log.info("Stopping; what is not answered is kept")
            await answering.stop()
            warming.cancel()
            await application.shutdown()
    finally:
        workers.stop()
        await engine.dispose()


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


async def _connect(application: LentigoApplication, content: Content) -> None:
    """Wait until Telegram answers, then say what the bot can do."""
    try:
        async for attempt in stamina.retry_context(on=is_transient, attempts=None, timeout=None, wait_max=30):
            with attempt:
                await application.initialize()
                await application.bot.delete_webhook(drop_pending_updates=False)
                for texts in content.by_language.values():
                    scope = BotCommandScopeAllPrivateChats()
                    await application.bot.set_my_commands(menu(texts), scope, texts.language)
                await application.bot.set_my_commands(menu(content.texts(None)), BotCommandScopeAllPrivateChats())
    except InvalidToken:
        raise SettingsError("BOT_TOKEN: Telegram refuses it; ask @BotFather for the token.") from None


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


def _figures(model_dir: Path) -> Mapping[str, int]:
    path = model_dir / "figures.json"
    try:
        plain: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["plain"]
    except (OSError, ValueError, KeyError) as error:
        raise ContentError(f"{path}: {error!r}") from error
    return plain
