"""The composition root: the only file that chooses implementations."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import InvalidToken
from telegram.ext import Application, ContextTypes, ExtBot

from bot.alerts import Alerts
from bot.broadcasting import Broadcasting
from bot.cases import Answering
from bot.context import Context, LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.errors import SettingsError
from bot.faults import until_it_works
from bot.handlers import add_handlers
from bot.health import Health, database_probe
from bot.intake import Intake
from bot.library import Library
from bot.menus import show_menus_to_all, try_to_show_menu
from bot.metrics import Metrics
from bot.network import network_in
from bot.pacing import Pacing
from bot.places import Places
from bot.polling import Polling
from bot.reach import Reach
from bot.render import picture_labels
from bot.settings import Settings
from bot.storage.audit import Audit
from bot.storage.bans import Bans
from bot.storage.broadcasts import Broadcasts
from bot.storage.cases import Cases
from bot.storage.conversations import Conversations
from bot.storage.database import open_database
from bot.storage.directory import Directory
from bot.storage.drafts import Drafts
from bot.storage.feedback import Feedback
from bot.storage.inbox import Inbox
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance
from bot.storage.measuring import measure
from bot.storage.moderators import Moderators
from bot.storage.notes import Notes
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.statistics import Statistics
from bot.updates import Source
from bot.watch import Watch
from bot.web import serving_operator
from bot.webhook import Door, Webhook
from bot.workers import Workers
from inference.errors import InferenceError

_CONNECTIONS: Final = 64
_READ_TIMEOUT_S: Final = 20
_HEARD_LATELY_S: Final = 60  # a question for updates is answered within 30 s

_log = logging.getLogger(__name__)


def now() -> datetime:
    """Return this moment, aware UTC."""
    return datetime.now(UTC)


async def run(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM.

    Raises:
        SettingsError: Telegram refuses the token or the webhook, a port is taken, or the model can't be loaded.
        ContentError: content/ or the model's figures are broken.
    """
    stopping = _stop_signal()
    library = Library(settings.content_dir, settings.model_dir)
    engine = open_database(settings.storage_url)
    workers = Workers(os.cpu_count() or 1, settings.model_dir, library.font_dir, settings.class_mix)
    try:
        async with Places(settings.nominatim_url) as places, AsyncExitStack() as serving:
            bot = _assembled(settings, engine, library, workers, places)
            pages = serving_operator(settings.web_host, settings.web_port, bot.health, bot.metrics)
            await serving.enter_async_context(pages)
            library.change(await bot.services.directory.changes())
            await _until(stopping, _serve(bot))
            _log.info("Stopped; what is not answered is kept")
    except InvalidToken:
        raise SettingsError("BOT_TOKEN: Telegram refuses it; ask @BotFather for the token.") from None
    except InferenceError as error:
        raise SettingsError(f"MODEL_DIR: {error}.") from error
    finally:
        workers.stop()
        await engine.dispose()


@dataclass(frozen=True, slots=True)
class _Bot:
    """The parts that run."""

    application: LentigoApplication
    services: Services
    workers: Workers
    answering: Answering
    broadcasting: Broadcasting
    intake: Intake
    health: Health
    metrics: Metrics
    watch: Watch


def _assembled(settings: Settings, engine: AsyncEngine, library: Library, workers: Workers, places: Places) -> _Bot:
    metrics, network = Metrics(), network_in(settings.model_dir)
    metrics.show_model(network.name, network.sha256)
    measure(engine, metrics)
    reach = Reach(metrics)
    persistence, maintenance = SqlPersistence(Conversations(engine)), Maintenance(engine)
    application = _application(settings, persistence, Pacing(reach))
    patients, incidents = Patients(engine), Incidents(engine, now, metrics)
    alerts = Alerts(
        bot=application.bot,
        owner_ids=settings.owner_ids,
        patients=patients,
        library=library,
        notes=Notes(engine),
        metrics=metrics,
        now=now,
    )
    answering = Answering(
        bot=application.bot,
        patients=patients,
        cases=Cases(engine),
        library=library,
        workers=workers,
        incidents=incidents,
        maintenance=maintenance,
        now=now,
        metrics=metrics,
    )
    broadcasting = Broadcasting(
        bot=application.bot,
        broadcasts=Broadcasts(engine),
        patients=patients,
        library=library,
        incidents=incidents,
        now=now,
    )
    services = services_on(
        engine,
        owner_ids=settings.owner_ids,
        library=library,
        places=places,
        maintenance=maintenance,
        answer_soon=answering.start,
        let_go=answering.let_go,
        broadcast_soon=broadcasting.start,
        has_own_mix=settings.class_mix is not None,
        incidents=incidents,
    )
    application.bot_data["services"] = services
    add_handlers(application)
    intake = Intake(
        application=application,
        inbox=Inbox(engine),
        persistence=persistence,
        services=services,
        source=_source(settings, application.bot, reach, metrics),
        metrics=metrics,
    )
    health = _health(engine, application.bot, reach, workers)
    watch = _watch(settings, engine, services, alerts, health, metrics)
    return _Bot(application, services, workers, answering, broadcasting, intake, health, metrics, watch)


def _watch(
    settings: Settings, engine: AsyncEngine, services: Services, alerts: Alerts, health: Health, metrics: Metrics
) -> Watch:
    return Watch(
        alerts=alerts,
        health=health,
        metrics=metrics,
        statistics=services.statistics,
        incidents=services.incidents,
        notes=Notes(engine),
        network=network_in(settings.model_dir),
        data_dir=settings.data_dir,
        now=now,
    )


def _source(settings: Settings, bot: ExtBot[int], reach: Reach, metrics: Metrics) -> Source:
    if not settings.webhook_url:
        return Polling(bot, reach)
    door = Door(
        url=settings.webhook_url,
        secret=settings.webhook_token,
        host=settings.webhook_host,
        port=settings.webhook_port,
        path=settings.webhook_listens_at,
        networks=settings.webhook_allowed_networks,
        client_header=settings.webhook_client_header,
    )
    return Webhook(bot, door, metrics)


def _health(engine: AsyncEngine, bot: ExtBot[int], reach: Reach, workers: Workers) -> Health:
    async def telegram_answers() -> bool:
        return reach.silent_s < _HEARD_LATELY_S or bool(await bot.get_me())

    async def workers_live() -> bool:
        return workers.is_alive

    async def has_model() -> bool:
        return workers.has_model

    database = database_probe(engine)
    return Health({"database": database, "telegram": telegram_answers, "workers": workers_live, "model": has_model})


def services_on(  # noqa: PLR0913 - everything that is not made of the database alone
    engine: AsyncEngine,
    *,
    owner_ids: AbstractSet[int],
    library: Library,
    places: Places,
    maintenance: Maintenance,
    answer_soon: Callable[[int], None],
    let_go: Callable[[Iterable[int]], Awaitable[None]],
    broadcast_soon: Callable[[int], None],
    has_own_mix: bool = False,
    incidents: Incidents | None = None,
) -> Services:
    """Return the services over a database."""
    return Services(
        patients=Patients(engine),
        cases=Cases(engine),
        records=Records(engine),
        drafts=Drafts(engine),
        feedback=Feedback(engine),
        broadcasts=Broadcasts(engine),
        moderators=Moderators(engine, owner_ids),
        bans=Bans(engine),
        audit=Audit(engine),
        incidents=incidents or Incidents(engine, now),
        maintenance=maintenance,
        statistics=Statistics(engine),
        library=library,
        directory=Directory(engine),
        places=places,
        answer_soon=answer_soon,
        let_go=let_go,
        broadcast_soon=broadcast_soon,
        now=now,
        started_at=now(),
        has_own_mix=has_own_mix,
    )


async def _serve(bot: _Bot) -> None:
    """Get ready, then take updates and answer photos until cancelled."""
    try:
        words = [picture_labels(texts) for texts in bot.services.library.content.by_language.values()]
        await asyncio.gather(bot.workers.warm_up(words), _connect(bot))
        await bot.broadcasting.resume()  # first: what it does not know to have arrived is looked for
        await bot.answering.resume()
        _log.info("Ready as @%s", bot.application.bot.username)
        watching = asyncio.create_task(bot.watch.run())
        try:
            await bot.intake.run()
        finally:
            watching.cancel()
    finally:
        await bot.answering.stop()
        await bot.broadcasting.stop()
        await bot.application.shutdown()


async def _until(stopping: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work until it ends or is to stop; what it raises is raised."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, waiting):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await working


def _application(settings: Settings, persistence: SqlPersistence, pacing: Pacing) -> LentigoApplication:
    application = (
        Application.builder()
        .token(settings.bot_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .updater(None)
        .rate_limiter(pacing)
        .persistence(persistence)
        .context_types(ContextTypes(context=Context))
        .connection_pool_size(_CONNECTIONS)
        .pool_timeout(_READ_TIMEOUT_S)
        .read_timeout(_READ_TIMEOUT_S)
        .build()
    )
    return cast("LentigoApplication", application)  # the builder forgets the type of bot_data


async def _connect(bot: _Bot) -> None:
    """Wait until Telegram answers, then say what the bot can do."""
    telegram, services = bot.application.bot, bot.services
    await until_it_works(bot.application.initialize)
    await until_it_works(partial(show_menus_to_all, telegram, services.content))
    for user_id in await services.moderators.ids():
        texts, role = await services.texts_of(user_id), await services.moderators.role(user_id)
        await until_it_works(partial(try_to_show_menu, telegram, user_id, texts, role))


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
