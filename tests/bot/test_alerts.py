"""Owners are told what is wrong once, in their language, and that it is over."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import Forbidden, NetworkError, TelegramError

from bot.alerts import AlertKind, Alerts
from bot.content import Texts
from bot.delivery import formatted
from bot.health import Health, Probe
from bot.library import Library
from bot.metrics import Metrics
from bot.network import Network
from bot.storage.incidents import Incidents
from bot.storage.notes import Notes
from bot.storage.patients import Patient, Patients
from bot.storage.statistics import Queue, Statistics
from bot.watch import BACKED_UP_AT, Watch
from tests.bot.conftest import NOON

if TYPE_CHECKING:
    from telegram.ext import ExtBot

ROOT = Path(__file__).parents[2]
LIBRARY = Library(ROOT / "content", ROOT / "models")
ENGLISH, SPANISH = 1, 2
FIGURES: dict[AlertKind, dict[str, float | str]] = {
    AlertKind.INCIDENTS: {"count": 5},
    AlertKind.QUEUE_LONG: {"count": 201},
    AlertKind.QUEUE_OLD: {"minutes": 11},
    AlertKind.SET_ASIDE: {},
    AlertKind.DATABASE_AWAY: {"minutes": 5},
    AlertKind.TELEGRAM_AWAY: {"minutes": 5},
    AlertKind.DISK_FULL: {"megabytes": 12},
    AlertKind.BACKUP_OLD: {"hours": 49},
    AlertKind.MODEL_CHANGED: {"name": "lentigo-resnet50-2"},
}
EVENTS = {AlertKind.SET_ASIDE, AlertKind.TELEGRAM_AWAY, AlertKind.MODEL_CHANGED}


@dataclass
class Telegram:
    """Notes who is sent what; refuses while it has an error."""

    sent: list[tuple[int, str]] = field(default_factory=list)
    error: TelegramError | None = None

    async def send_message(self, chat_id: int, text: str, **_: object) -> None:
        if self.error:
            raise self.error
        self.sent.append((chat_id, text))

    def taken(self) -> list[str]:
        """What the first owner was sent since the last time."""
        texts = [text for chat_id, text in self.sent if chat_id == ENGLISH]
        self.sent.clear()
        return texts


@dataclass
class Clock:
    """The time, which a test moves."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def goes_on(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


class People(Patients):
    """Two owners, who speak different languages."""

    async def get(self, user_id: int) -> Patient | None:
        return cast("Patient", type("Owner", (), {"language": "es" if user_id == SPANISH else "en"}))


class Away(Notes):
    """Notes of a database that is away."""

    async def get(self, name: str) -> str | None:
        raise OperationalError("SELECT", None, Exception("away"))

    async def write(self, name: str, value: str) -> None:
        raise OperationalError("INSERT", None, Exception("away"))


def alerts_on(
    notes: Notes, telegram: Telegram, clock: Clock, owners: Sequence[int] = (ENGLISH,), metrics: Metrics | None = None
) -> Alerts:
    return Alerts(
        bot=cast("ExtBot[int]", telegram),
        owner_ids=frozenset(owners),
        patients=People(cast("AsyncEngine", None)),
        library=LIBRARY,
        notes=notes,
        metrics=metrics or Metrics(),
        now=clock,
    )


def words(name: str, texts: Texts | None = None, /, **figures: float | str) -> str:
    """A message as it is shown."""
    return formatted((texts or LIBRARY.content.texts("en")).say(name, **figures))[0]


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def alerts(engine: AsyncEngine, telegram: Telegram, clock: Clock) -> Alerts:
    return alerts_on(Notes(engine), telegram, clock)


@pytest.mark.parametrize("kind", AlertKind)
async def test_every_owner_is_told_in_their_language(engine: AsyncEngine, kind: AlertKind) -> None:
    telegram, metrics = Telegram(), Metrics()
    alerts = alerts_on(Notes(engine), telegram, Clock(), (SPANISH, ENGLISH), metrics)
    await alerts.tell(kind, **FIGURES[kind])
    expected = [
        (owner, words(f"alert-{kind}", LIBRARY.content.texts(language), **FIGURES[kind]))
        for owner, language in ((ENGLISH, "en"), (SPANISH, "es"))
    ]
    assert telegram.sent == expected
    assert f'lentigo_alerts_total{{kind="{kind}"}} 1.0' in metrics.text().decode()


@pytest.mark.parametrize("kind", sorted(set(AlertKind) - EVENTS))
async def test_what_lasts_is_told_once_and_then_that_it_is_over(
    alerts: Alerts, telegram: Telegram, clock: Clock, kind: AlertKind
) -> None:
    for _ in range(10):
        await alerts.begin(kind, **FIGURES[kind])
        clock.goes_on(0.25)
    assert telegram.taken() == [words(f"alert-{kind}", **FIGURES[kind])]
    for _ in range(2):
        await alerts.end(kind)
    assert telegram.taken() == [words(f"alert-over-{kind}")]


async def test_what_was_never_wrong_is_never_over(alerts: Alerts, telegram: Telegram) -> None:
    await alerts.end(AlertKind.QUEUE_OLD)
    assert telegram.taken() == []


async def test_what_happens_again_within_the_hour_is_counted_and_told_after_it(
    alerts: Alerts, telegram: Telegram, clock: Clock
) -> None:
    for _ in range(4):
        await alerts.tell(AlertKind.SET_ASIDE)
        clock.goes_on(10)
        await alerts.catch_up()
    assert telegram.taken() == [words("alert-set-aside")]
    clock.goes_on(21)
    for _ in range(2):
        await alerts.catch_up()
    assert telegram.taken() == [f"{words('alert-set-aside')}\n\n{words('alert-again', count=2)}"]


async def test_what_comes_and_goes_is_not_told_each_time(alerts: Alerts, telegram: Telegram, clock: Clock) -> None:
    for _ in range(5):
        await alerts.begin(AlertKind.QUEUE_LONG, count=300)
        clock.goes_on(1)
        await alerts.end(AlertKind.QUEUE_LONG)
        clock.goes_on(1)
    assert telegram.taken() == [words("alert-queue-long", count=300), words("alert-over-queue-long")]


async def test_what_lasts_all_night_is_told_every_six_hours(alerts: Alerts, telegram: Telegram, clock: Clock) -> None:
    for _ in range(12 * 4 + 1):
        await alerts.begin(AlertKind.DISK_FULL, megabytes=3)
        clock.goes_on(15)
    assert len(telegram.taken()) == 3


async def test_restart_repeats_nothing_and_forgets_nothing(
    engine: AsyncEngine, telegram: Telegram, clock: Clock
) -> None:
    await alerts_on(Notes(engine), telegram, clock).begin(AlertKind.QUEUE_LONG, count=300)
    telegram.taken()
    second = alerts_on(Notes(engine), telegram, clock)
    await second.begin(AlertKind.QUEUE_LONG, count=300)
    assert telegram.taken() == []
    await second.end(AlertKind.QUEUE_LONG)
    assert telegram.taken() == [words("alert-over-queue-long")]


async def test_alert_goes_out_while_the_database_is_away(telegram: Telegram, clock: Clock) -> None:
    alerts = alerts_on(Away(cast("AsyncEngine", None)), telegram, clock)
    for _ in range(3):
        await alerts.begin(AlertKind.DATABASE_AWAY, minutes=5)
    await alerts.end(AlertKind.DATABASE_AWAY)
    assert telegram.taken() == [words("alert-database-away", minutes=5), words("alert-over-database-away")]


async def test_alert_that_telegram_does_not_take_is_sent_later(
    alerts: Alerts, telegram: Telegram, clock: Clock
) -> None:
    telegram.error = NetworkError("away")
    await alerts.tell(AlertKind.SET_ASIDE)
    await alerts.begin(AlertKind.QUEUE_LONG, count=300)
    telegram.error = None
    await alerts.catch_up()
    await alerts.begin(AlertKind.QUEUE_LONG, count=300)
    assert telegram.taken() == [words("alert-set-aside"), words("alert-queue-long", count=300)]


async def test_owner_who_never_wrote_to_the_bot_is_not_asked_again_and_again(
    alerts: Alerts, telegram: Telegram
) -> None:
    telegram.error = Forbidden("bot can't initiate conversation with a user")
    await alerts.begin(AlertKind.QUEUE_LONG, count=300)
    telegram.error = None
    await alerts.begin(AlertKind.QUEUE_LONG, count=300)
    assert telegram.taken() == []


class Counted(Statistics):
    """A queue that a test fills."""

    in_hand = 0
    oldest_s = 0.0

    async def queue(self, now: datetime) -> Queue:
        return Queue(self.in_hand, self.oldest_s, waiting=2, updates=3)


@dataclass
class Service:
    """A service that is looked after, and what a test may break of it."""

    engine: AsyncEngine
    telegram: Telegram
    clock: Clock
    data_dir: Path
    metrics: Metrics = field(default_factory=Metrics)
    is_up: dict[str, bool] = field(default_factory=lambda: {"database": True, "telegram": True})

    network: str = "a" * 64

    def __post_init__(self) -> None:
        self.statistics = Counted(self.engine)
        self.incidents = Incidents(self.engine, self.clock)
        self.notes = Notes(self.engine)
        self.watch = Watch(
            alerts=alerts_on(self.notes, self.telegram, self.clock),
            health=Health({name: self.probe(name) for name in self.is_up}),
            metrics=self.metrics,
            statistics=self.statistics,
            incidents=self.incidents,
            notes=self.notes,
            network=Network("lentigo-3", self.network),
            data_dir=self.data_dir,
            now=self.clock,
        )

    def probe(self, name: str) -> Probe:
        async def answers() -> bool:
            return self.is_up[name]

        return answers

    async def is_looked_at(self) -> list[str]:
        """Look once; returns what the owner is told."""
        await self.watch.look()
        return self.telegram.taken()


@pytest.fixture
def service(engine: AsyncEngine, telegram: Telegram, clock: Clock, tmp_path: Path) -> Service:
    return Service(engine, telegram, clock, tmp_path)


async def test_healthy_service_is_quiet_and_shown(service: Service) -> None:
    service.statistics.in_hand, service.statistics.oldest_s = 1, 4.0
    assert await service.is_looked_at() == []
    text = service.metrics.text().decode()
    for line in (
        "lentigo_queue_photos 1.0",
        "lentigo_queue_oldest_seconds 4.0",
        "lentigo_held_photos 2.0",
        "lentigo_inbox_updates 3.0",
        'lentigo_dependency_up{dependency="telegram"} 1.0',
    ):
        assert f"{line}\n" in text


async def test_long_and_old_queue_is_told(service: Service) -> None:
    service.statistics.in_hand, service.statistics.oldest_s = 201, 660.0
    assert await service.is_looked_at() == [words("alert-queue-long", count=201), words("alert-queue-old", minutes=11)]
    service.statistics.in_hand, service.statistics.oldest_s = 200, 600.0
    assert await service.is_looked_at() == [words("alert-over-queue-long"), words("alert-over-queue-old")]


async def test_incidents_that_pile_up_are_told(service: Service) -> None:
    for _ in range(4):
        await service.incidents.record(logging.getLogger("bot"), ValueError())
    assert await service.is_looked_at() == []
    await service.incidents.record(logging.getLogger("bot"), ValueError())
    assert await service.is_looked_at() == [words("alert-incidents", count=5)]
    service.clock.goes_on(61)
    assert await service.is_looked_at() == [words("alert-over-incidents")]


async def test_database_that_is_away_for_five_minutes_is_told_and_that_it_is_back(service: Service) -> None:
    service.is_up["database"] = False
    assert await service.is_looked_at() == []
    assert "lentigo_queue_photos NaN" in service.metrics.text().decode()
    service.clock.goes_on(5)
    assert await service.is_looked_at() == [words("alert-database-away", minutes=5)]
    service.is_up["database"] = True
    assert await service.is_looked_at() == [words("alert-over-database-away")]


@pytest.mark.parametrize(("minutes", "told"), [(4, []), (7, [words("alert-telegram-away", minutes=7)])])
async def test_telegram_that_was_away_for_long_is_told_once_it_is_back(
    service: Service, minutes: int, told: list[str]
) -> None:
    service.is_up["telegram"] = False
    assert await service.is_looked_at() == []
    service.clock.goes_on(minutes)
    assert await service.is_looked_at() == []
    service.is_up["telegram"] = True
    assert await service.is_looked_at() == told
    assert await service.is_looked_at() == []


async def test_old_backup_is_told_and_an_unknown_one_is_not(service: Service) -> None:
    assert await service.is_looked_at() == []
    await service.notes.write(BACKED_UP_AT, (NOON - timedelta(hours=49)).isoformat())
    assert await service.is_looked_at() == [words("alert-backup-old", hours=49)]
    await service.notes.write(BACKED_UP_AT, NOON.isoformat())
    assert await service.is_looked_at() == [words("alert-over-backup-old")]


async def test_full_disk_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100 * 2**20}))
    assert await service.is_looked_at() == [words("alert-disk-full", megabytes=100)]


async def test_other_network_is_told_but_not_the_first(service: Service) -> None:
    assert await service.is_looked_at() == []
    other = Service(service.engine, service.telegram, service.clock, service.data_dir, network="b" * 64)
    assert await other.is_looked_at() == [words("alert-model-changed", name="lentigo-3")]
    assert await other.is_looked_at() == []
