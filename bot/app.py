"""The composition root: the only file that chooses implementations."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, cast

import procrastinate
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

from bot.broadcasting import Broadcasting
from bot.cases import Answering
from bot.context import Context, LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.delivery import send
from bot.errors import SettingsError
from bot.faults import until_it_works
from bot.handlers import add_handlers
from bot.intake import Intake
from bot.lead import leading
from bot.library import Library
from bot.machines import OnMachines, queue_app
from bot.menus import show_menus_to_all, try_to_show_menu
from bot.pacing import Pacing
from bot.places import Places
from bot.queues import InProcess, Queue
from bot.render import Reply, picture_labels
from bot.report import moment
from bot.settings import Settings, forget_secrets
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
from bot.storage.moderators import Moderators
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.statistics import Statistics
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
    stopping = stop_signal()
    library = Library(settings.content_dir, settings.model_dir)
    engine = open_database(settings.storage_url)
    try:
        async with (
            serving_health(settings.web_host, settings.web_port, engine),
            Places(settings.nominatim_url) as places,
            _queue_or_workers(settings, engine, library) as answered_by,
        ):
            bot = _assembled(settings, engine, library, answered_by, places)
            await until(stopping, _serve(bot))
            _log.info("Stopped; what is not answered is kept")
    except InvalidToken:
        raise SettingsError("BOT_TOKEN: Telegram refuses it; ask @BotFather for the token.") from None
    except InferenceError as error:
        raise SettingsError(f"MODEL_DIR: {error}.") from error
    finally:
        await engine.dispose()


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


@contextmanager
def warm_pool(settings: Settings, library: Library) -> Iterator[Workers]:
    """A pool of processes while the block runs; they are started when they are asked first."""
    workers = Workers(os.cpu_count() or 1, settings.model_dir, library.font_dir)
    try:
        yield workers
    finally:
        workers.stop()


@dataclass(frozen=True, slots=True)
class _Bot:
    """The parts that run."""

    application: LentigoApplication
    services: Services
    answered_by: procrastinate.App | Workers
    queue: Queue
    broadcasting: Broadcasting
    intake: Intake
    database_url: str


def _assembled(
    settings: Settings,
    engine: AsyncEngine,
    library: Library,
    answered_by: procrastinate.App | Workers,
    places: Places,
) -> _Bot:
    persistence, maintenance = SqlPersistence(Conversations(engine)), Maintenance(engine)
    application = _application(settings, persistence)
    cases, incidents = Cases(engine), Incidents(engine, now)
    queue: Queue
    if isinstance(answered_by, Workers):
        answering = answering_on(engine, settings, application.bot, library, answered_by)
        queue = InProcess(answering, cases, incidents, maintenance)
    else:
        queue = OnMachines(answered_by, engine, cases=cases, incidents=incidents, maintenance=maintenance, now=now)
    broadcasting = Broadcasting(
        bot=application.bot,
        broadcasts=Broadcasts(engine),
        patients=Patients(engine),
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
        answer_soon=queue.start,
        let_go=queue.let_go,
        broadcast_soon=broadcasting.start,
    )
    application.bot_data["services"] = services
    add_handlers(application)
    intake = Intake(application, Inbox(engine), persistence, services)
    return _Bot(application, services, answered_by, queue, broadcasting, intake, settings.storage_url)


def answering_on(
    engine: AsyncEngine, settings: Settings, bot: ExtBot[int], library: Library, workers: Workers
) -> Answering:
    """Return what answers cases over a database; the same in the bot on SQLite and in a worker on PostgreSQL."""
    patients = Patients(engine)
    return Answering(
        bot=bot,
        patients=patients,
        cases=Cases(engine),
        library=library,
        workers=workers,
        incidents=Incidents(engine, now),
        tell_owners=partial(_tell_owners, bot, settings.owner_ids, patients, library),
        now=now,
    )


async def _tell_owners(
    bot: ExtBot[int], owner_ids: AbstractSet[int], patients: Patients, library: Library, case_id: int
) -> None:
    """Tell the owners that a photo was set aside; nothing about whose it was."""
    for user_id in owner_ids:
        patient = await patients.get(user_id)
        texts = library.content.texts(patient.language if patient else None)
        with suppress(TelegramError):  # an owner who never wrote to the bot, or has blocked it
            await send(bot, user_id, Reply(texts.say("set-aside-owners", case=str(case_id), when=moment(now(), texts))))


def services_on(  # noqa: PLR0913 - everything that is not made of the database alone
    engine: AsyncEngine,
    *,
    owner_ids: AbstractSet[int],
    library: Library,
    places: Places,
    maintenance: Maintenance,
    answer_soon: Callable[[int, int], None],
    let_go: Callable[[Iterable[int]], Awaitable[None]],
    broadcast_soon: Callable[[int], None],
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
        incidents=Incidents(engine, now),
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
    )


async def _serve(bot: _Bot) -> None:
    """Once no other process does: get ready, then take updates and have photos answered until cancelled."""
    if isinstance(bot.answered_by, Workers):
        await _lead(bot, words_warming(bot.answered_by, bot.services.library))
        return
    async with leading(bot.database_url):  # what a process knows of conversations is read once: from here on
        await bot.services.library.reload()  # a moderator may have asked the other one to
        await _lead(bot)


async def words_warming(workers: Workers, library: Library) -> None:
    """Start the pool, and have each language's words drawn once."""
    await workers.warm_up([picture_labels(texts) for texts in library.content.by_language.values()])


async def _lead(bot: _Bot, *getting_ready: Coroutine[None, None, None]) -> None:
    try:
        bot.services.library.change(await until_it_works(bot.services.directory.changes))
        await asyncio.gather(*getting_ready, _connect(bot))
        await bot.broadcasting.resume()  # first: what it does not know to have arrived is looked for
        await bot.queue.resume()
        _log.info("Ready as @%s", bot.application.bot.username)
        await bot.intake.run()
    finally:
        await bot.queue.stop()
        await bot.broadcasting.stop()
        await bot.application.shutdown()


async def until(stopping: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work until it ends or is to stop; what it raises is raised."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, waiting):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await working


def _application(settings: Settings, persistence: SqlPersistence) -> LentigoApplication:
    builder = telegram_builder(settings).updater(None).persistence(persistence)
    application = builder.context_types(ContextTypes(context=Context)).build()
    return cast("LentigoApplication", application)  # the builder forgets the type of bot_data


def telegram_builder(settings: Settings) -> ApplicationBuilder[Any, Any, Any, Any, Any, Any]:
    """Return what makes applications that talk to Telegram as the settings say, and at its pace."""
    return (
        Application.builder()
        .token(settings.bot_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .rate_limiter(Pacing())
        .connection_pool_size(_CONNECTIONS)
        .pool_timeout(_READ_TIMEOUT_S)
        .read_timeout(_READ_TIMEOUT_S)
    )


async def _connect(bot: _Bot) -> None:
    """Wait until Telegram answers, then say what the bot can do."""
    telegram, services = bot.application.bot, bot.services
    await until_it_works(bot.application.initialize)
    await until_it_works(partial(telegram.delete_webhook, drop_pending_updates=False))
    await until_it_works(partial(show_menus_to_all, telegram, services.content))
    for user_id in await services.moderators.ids():
        texts, role = await services.texts_of(user_id), await services.moderators.role(user_id)
        await until_it_works(partial(try_to_show_menu, telegram, user_id, texts, role))


def stop_signal() -> asyncio.Event:
    """Return what SIGINT or SIGTERM sets."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
