"""What a bot and a worker are both made of: Telegram at its pace, the pool of processes, what answers a photo."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import InvalidToken
from telegram.ext import Application, ApplicationBuilder, ExtBot

from bot.alerts import AlertKind, Alerts
from bot.cases import Answering
from bot.connection.pacing import Pacing
from bot.connection.proxy import proxy_to
from bot.connection.reach import HEARD_LATELY_S, Reach
from bot.connection.transport import Terms, Transport
from bot.conversations import Unmarking
from bot.errors import SettingsError
from bot.health import DATABASE, TELEGRAM, Health, Probe, database_probe
from bot.library import Library
from bot.metrics import Metrics
from bot.render.answer import picture_labels
from bot.settings import Settings
from bot.storage.cases import Cases
from bot.storage.database import open_database
from bot.storage.incidents import Incidents
from bot.storage.measuring import measure
from bot.storage.notes import Notes
from bot.storage.patients import Patients
from bot.storage.rotation import check_keys
from bot.workers.network import Network, network_in
from bot.workers.pool import Workers
from inference.errors import InferenceError

_TERMS: Final = Terms(connections=64, connection_s=20, connect_s=5, read_s=20, write_s=5)


def now() -> datetime:
    """Return this moment, aware UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Have the database while the block runs; what ends it for a wrong setting names that setting.

    Raises:
        SettingsError: a key is missing, Telegram refuses the token, or the model can't be loaded.
    """
    engine = open_database(settings.storage_url, settings.keys)
    try:
        await check_keys(engine)
        yield engine
    except InvalidToken:
        raise SettingsError("BOT_TOKEN: Telegram refuses it; ask @BotFather for the token.") from None
    except InferenceError as error:
        raise SettingsError(f"MODEL_DIR: {str(error).rstrip('.')}.") from error
    finally:
        await engine.dispose()


@dataclass(frozen=True, slots=True)
class Instruments:
    """What counts and records.

    Attributes:
        metrics: what is counted.
        reach: whether Telegram answers.
        incidents: what went wrong.
        network: who looks at photos.
    """

    metrics: Metrics
    reach: Reach
    incidents: Incidents
    network: Network


def instruments(settings: Settings, engine: AsyncEngine) -> Instruments:
    """Return instruments that know the network and listen to the database."""
    metrics, network = Metrics(), network_in(settings.model_dir)
    metrics.show_model(network.name, network.sha256)
    measure(engine, metrics)
    return Instruments(metrics, Reach(metrics), Incidents(engine, now, metrics), network)


def telegram_builder(settings: Settings, reach: Reach) -> ApplicationBuilder[Any, Any, Any, Any, Any, Any]:
    """Return what makes applications that talk to Telegram as the settings say, and at its pace.

    Raises:
        SettingsError: there is a proxy that the bot can't speak to.
    """
    terms = replace(_TERMS, proxy=proxy_to(settings.telegram_api_url))
    return (
        Application.builder()
        .application_class(Unmarking)
        .token(settings.bot_token.get_secret_value())
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .updater(None)
        .rate_limiter(Pacing(reach))
        .request(Transport(terms))
        .get_updates_request(Transport(terms))
    )


@contextmanager
def warm_pool(settings: Settings, library: Library) -> Iterator[Workers]:
    """A pool of processes while the block runs; they are started when they are asked first."""
    workers = Workers(settings.worker_count, settings.model_dir, library.font_dir, settings.class_mix)
    try:
        yield workers
    finally:
        workers.stop()


async def words_warming(workers: Workers, library: Library) -> None:
    """Start the pool, and have each language's words drawn once."""
    await workers.warm_up([picture_labels(texts) for texts in library.content.by_language.values()])


def alerts_to(settings: Settings, engine: AsyncEngine, bot: ExtBot[int], library: Library, metrics: Metrics) -> Alerts:
    """Return what tells the owners."""
    return Alerts(
        bot=bot,
        owner_ids=settings.owner_ids,
        patients=Patients(engine),
        library=library,
        notes=Notes(engine),
        metrics=metrics,
        now=now,
    )


def answering_on(
    engine: AsyncEngine, alerts: Alerts, bot: ExtBot[int], library: Library, workers: Workers, by: Instruments
) -> Answering:
    """Return what answers cases over a database; the same in the bot on SQLite and in a worker on PostgreSQL."""
    return Answering(
        bot=bot,
        patients=Patients(engine),
        cases=Cases(engine),
        library=library,
        workers=workers,
        incidents=by.incidents,
        reach=by.reach,
        tell_owners=partial(alerts.tell, AlertKind.SET_ASIDE),
        now=now,
        metrics=by.metrics,
    )


def health_of(engine: AsyncEngine, bot: ExtBot[int], reach: Reach, answers: dict[str, Probe]) -> Health:
    """Return what asks the database, Telegram, and whoever answers photos."""

    async def telegram_answers() -> bool:
        if not reach.has_heard:  # the start asks already, again and again
            return False
        return reach.silent_s < HEARD_LATELY_S or bool(await bot.get_me())

    return Health({DATABASE: database_probe(engine), TELEGRAM: telegram_answers, **answers})


def pool_probes(workers: Workers) -> dict[str, Probe]:
    """Return the questions to a pool."""

    async def workers_live() -> bool:
        return workers.is_alive

    async def has_model() -> bool:
        return workers.has_model

    return {"workers": workers_live, "model": has_model}


async def until(stopping: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work until it ends or is to stop; what it raises is raised."""
    working, waiting = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, waiting):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await working


@asynccontextmanager
async def meanwhile(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do this beside the block, until that ends; then it has ended, too, and the database may be closed."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def stop_signal() -> asyncio.Event:
    """Return what SIGINT or SIGTERM sets."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
