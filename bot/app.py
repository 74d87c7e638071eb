"""The composition root: the only file that chooses implementations."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import cast

import procrastinate
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ContextTypes, ExtBot

from bot.address import file_of
from bot.alerts import Alerts
from bot.broadcasting import Broadcasting
from bot.connection.reach import Reach
from bot.context import Context, LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.directory.places import Places
from bot.environment import forget_secrets
from bot.errors import ContentError
from bot.faults import until_it_works
from bot.handlers import add_handlers
from bot.health import Health, Probe
from bot.incoming.intake import Intake
from bot.incoming.polling import Polling
from bot.incoming.updates import Source
from bot.incoming.webhook import Door, Webhook
from bot.lead import leading
from bot.library import Library
from bot.limits import PhotoRules
from bot.machines import OnMachines, queue_app
from bot.metrics import Metrics
from bot.parts import (
    Instruments,
    alerts_to,
    answering_on,
    health_of,
    instruments,
    meanwhile,
    now,
    opened_database,
    pool_probes,
    stop_signal,
    telegram_builder,
    until,
    warm_pool,
    words_warming,
)
from bot.queues import CaseTasks, InProcess, Queue
from bot.retention import Erasing
from bot.services import services_on
from bot.settings import UNFINISHED_DAYS, Settings
from bot.storage.broadcasts import Broadcasts
from bot.storage.cases import Cases
from bot.storage.conversations import Conversations
from bot.storage.inbox import Inbox
from bot.storage.jobs import worker_count
from bot.storage.maintenance import Maintenance
from bot.storage.notes import Notes
from bot.storage.owner import check_bot
from bot.storage.patients import Patients
from bot.storage.retention import Deadlines, Retention
from bot.watch import Watch
from bot.web import serving_operator
from bot.workers.pool import Workers

_log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM.

    Raises:
        SettingsError: Telegram refuses the token or the webhook, the database is another bot's, a port is taken, a key
            is missing, or the model can't be loaded.
        ContentError: content/ or the model's figures are broken.
    """
    stopping = stop_signal()
    library = Library(settings.content_dir, settings.model_dir, settings.retention_days)
    async with AsyncExitStack() as open_parts:
        engine = await open_parts.enter_async_context(opened_database(settings))
        places = await open_parts.enter_async_context(Places(settings.nominatim_url))
        answered_by = await open_parts.enter_async_context(_queue_or_workers(settings, engine, library))
        bot = _assembled(settings, engine, library, answered_by, places)
        pages = serving_operator(settings.web_host, settings.web_port, bot.health, bot.metrics)
        await open_parts.enter_async_context(pages)
        await until(stopping, _serve(bot))
        _log.info("Stopped; what is not answered is kept")


@asynccontextmanager
async def _queue_or_workers(
    settings: Settings, engine: AsyncEngine, library: Library
) -> AsyncIterator[procrastinate.App | Workers]:
    """On PostgreSQL photos go to machines through its queue, on SQLite to this one's pool of processes."""
    if engine.dialect.name == "sqlite":
        forget_secrets()
        with warm_pool(settings, library) as workers:
            yield workers
        return
    async with queue_app(settings.storage_url).open_async() as queue:
        yield queue


@dataclass(frozen=True, slots=True)
class _Bot:
    """The parts that run."""

    application: LentigoApplication
    services: Services
    answered_by: procrastinate.App | Workers
    queue: Queue
    broadcasting: Broadcasting
    intake: Intake
    health: Health
    metrics: Metrics
    watch: Watch
    erasing: Erasing
    engine: AsyncEngine
    database_url: str


def _assembled(
    settings: Settings,
    engine: AsyncEngine,
    library: Library,
    answered_by: procrastinate.App | Workers,
    places: Places,
) -> _Bot:
    by = instruments(settings, engine)
    persistence, maintenance = SqlPersistence(Conversations(engine)), Maintenance(engine)
    application = _application(settings, persistence, by.reach)
    alerts = alerts_to(settings, engine, application.bot, library, by.metrics)
    tasks = CaseTasks(Cases(engine), by.incidents, maintenance, now)
    queue = _queue(engine, answered_by, alerts, application.bot, library, tasks, by)
    broadcasting = Broadcasting(
        bot=application.bot,
        broadcasts=Broadcasts(engine),
        patients=Patients(engine),
        library=library,
        incidents=by.incidents,
        now=now,
    )
    services = services_on(
        engine,
        owner_ids=settings.owner_ids,
        library=library,
        places=places,
        maintenance=maintenance,
        answer_soon=queue.start,
        let_go=tasks.let_go,
        broadcast_soon=broadcasting.start,
        has_own_mix=settings.class_mix is not None,
        incidents=by.incidents,
        rules=PhotoRules(settings.photos_per_hour, settings.photos_per_day, settings.queue_limit),
    )
    application.bot_data["services"] = services
    add_handlers(application)
    intake = Intake(
        application=application,
        inbox=Inbox(engine),
        persistence=persistence,
        services=services,
        source=_source(settings, application.bot, by),
        metrics=by.metrics,
    )
    health = health_of(engine, application.bot, by.reach, _answer_probes(engine, answered_by))
    return _Bot(
        application=application,
        services=services,
        answered_by=answered_by,
        queue=queue,
        broadcasting=broadcasting,
        intake=intake,
        health=health,
        metrics=by.metrics,
        watch=_watch(settings, engine, services, alerts, health, by),
        erasing=_erasing(settings, engine, application.bot, services),
        engine=engine,
        database_url=settings.storage_url,
    )


def _queue(
    engine: AsyncEngine,
    answered_by: procrastinate.App | Workers,
    alerts: Alerts,
    bot: ExtBot[int],
    library: Library,
    tasks: CaseTasks,
    by: Instruments,
) -> Queue:
    if isinstance(answered_by, Workers):
        return InProcess(answering_on(engine, alerts, bot, library, answered_by, by), Cases(engine), tasks)
    return OnMachines(answered_by, engine, Cases(engine), tasks)


def _answer_probes(engine: AsyncEngine, answered_by: procrastinate.App | Workers) -> dict[str, Probe]:
    if isinstance(answered_by, Workers):
        return pool_probes(answered_by)

    async def has_worker() -> bool:
        return await worker_count(engine) > 0

    return {"workers": has_worker}


def _erasing(settings: Settings, engine: AsyncEngine, bot: ExtBot[int], services: Services) -> Erasing:
    deadlines = Deadlines(timedelta(settings.retention_days), timedelta(UNFINISHED_DAYS))
    return Erasing(bot, services, Retention(engine, deadlines))


def _watch(
    settings: Settings, engine: AsyncEngine, services: Services, alerts: Alerts, health: Health, by: Instruments
) -> Watch:
    file = file_of(settings.storage_url)
    return Watch(
        alerts=alerts,
        health=health,
        metrics=by.metrics,
        statistics=services.statistics,
        incidents=services.incidents,
        notes=Notes(engine),
        network=by.network,
        folder=file.parent if file else None,
        now=now,
    )


def _source(settings: Settings, bot: ExtBot[int], by: Instruments) -> Source:
    if not settings.webhook_url:
        return Polling(bot, by.reach, by.incidents)
    door = Door(
        url=settings.webhook_url,
        secret=settings.webhook_token,
        host=settings.webhook_host,
        port=settings.webhook_port,
        path=settings.webhook_listens_at,
        networks=settings.webhook_allowed_networks,
        client_header=settings.webhook_client_header,
    )
    return Webhook(bot, door, by.metrics, by.incidents)


async def _serve(bot: _Bot) -> None:
    """Once no other process does: get ready, then take updates and have photos answered until cancelled."""
    if isinstance(bot.answered_by, Workers):
        await _lead(bot, partial(words_warming, bot.answered_by, bot.services.library))
        return
    bot.health.stands_by = True
    async with leading(bot.database_url):  # what a process knows of conversations is read once: from here on
        bot.health.stands_by = False
        await _read_anew(bot.services)
        await _lead(bot)


async def _read_anew(services: Services) -> None:
    """Read what a moderator may have had the other one read; where that is broken, stay with the texts of the start."""
    try:
        await services.library.reload()
    except ContentError as error:
        await services.incidents.record(_log, error)


async def _lead(bot: _Bot, *getting_ready: Callable[[], Awaitable[None]]) -> None:
    try:
        async with meanwhile(bot.watch.show()):
            bot.services.library.change(await until_it_works(bot.services.directory.changes))
            await asyncio.gather(*(begin() for begin in getting_ready), until_it_works(bot.application.initialize))
            await until_it_works(partial(check_bot, bot.engine, bot.application.bot.id))
            await until_it_works(bot.services.moderators.stop_former)
            await bot.broadcasting.resume()  # first: what it does not know to have arrived is looked for
            await bot.queue.resume()
        _log.info("Ready as @%s", bot.application.bot.username)
        gc.freeze()  # what is loaded stays: no collection need look at it again
        bot.services.beside.begin(_show_menus(bot.application.bot, bot.services))
        async with meanwhile(bot.watch.run(), bot.erasing.run()):
            await bot.intake.run()
    finally:
        await bot.queue.stop()
        await bot.broadcasting.stop()
        await bot.services.beside.stop()
        await bot.application.shutdown()
        await bot.application.bot.shutdown()  # the application leaves it open where it did not come to its start


def _application(settings: Settings, persistence: SqlPersistence, reach: Reach) -> LentigoApplication:
    builder = telegram_builder(settings, reach).persistence(persistence)
    application = builder.context_types(ContextTypes(context=Context)).build()
    return cast("LentigoApplication", application)  # the builder forgets the type of bot_data


async def _show_menus(telegram: ExtBot[int], services: Services) -> None:
    """Say what the bot can do; moderators are told without having written."""
    await services.menus.show_to_all(telegram, services.library)
    for user_id in await services.moderators.ids():
        texts, role = await services.texts_of(user_id), await services.moderators.role(user_id)
        await services.menus.show(telegram, user_id, texts, role)
