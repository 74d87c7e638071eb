"""Whoever watches over the service sees what goes wrong in it, and that it is over."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.health import Health, Probe
from bot.metrics import Metrics
from bot.storage.backup import BACKED_UP_AT
from bot.storage.incidents import Incidents
from bot.storage.notes import Notes
from bot.storage.statistics import Queue, Statistics
from bot.watch import Watch
from bot.workers.network import Network
from tests.bot.alerting import Clock, Telegram, alerts_on, words
from tests.bot.conftest import NOON


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
    folder: Path | None
    metrics: Metrics = field(default_factory=Metrics)
    is_up: dict[str, bool] = field(default_factory=lambda: {"database": True, "telegram": True})

    network: str = "a" * 64

    def __post_init__(self) -> None:
        self.statistics = Counted(self.engine)
        self.incidents = Incidents(self.engine, self.clock)
        self.notes = Notes(self.engine)
        self.health = Health({name: self.probe(name) for name in self.is_up})
        self.watch = Watch(
            alerts=alerts_on(self.notes, self.telegram, self.clock),
            health=self.health,
            metrics=self.metrics,
            statistics=self.statistics,
            incidents=self.incidents,
            notes=self.notes,
            network=Network("lentigo-3", self.network),
            folder=self.folder,
            now=self.clock,
        )

    def probe(self, name: str) -> Probe:
        async def answers() -> bool:
            return self.is_up[name]

        return answers

    @asynccontextmanager
    async def lets_only_read(self) -> AsyncIterator[None]:
        """Let the database take nothing, as where its disk is full or its server was made a stand-by."""
        is_file = self.engine.dialect.name == "sqlite"

        def refuse(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only=ON" if is_file else "SET TRANSACTION READ ONLY")

        event.listen(self.engine.sync_engine, "begin", refuse)
        yield
        event.remove(self.engine.sync_engine, "begin", refuse)
        await self.engine.dispose()  # SQLite's connections would go on refusing

    async def is_looked_at(self) -> list[str]:
        """Look once; returns what the owner is told."""
        await self.watch.look()
        return self.telegram.taken()


@pytest.fixture
def service(engine: AsyncEngine, tmp_path: Path) -> Service:
    return Service(engine, Telegram(), Clock(), tmp_path)


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


async def test_while_a_start_waits_it_is_shown_what_does_not_answer_and_nobody_told(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.watch._WAITS_AFTER_S", 0)
    service.is_up["telegram"] = False
    showing, text = asyncio.create_task(service.watch.show()), ""
    async with asyncio.timeout(30):
        while 'dependency="telegram"' not in text:
            await asyncio.sleep(0)
            text = service.metrics.text().decode()
    showing.cancel()
    assert 'lentigo_dependency_up{dependency="telegram"} 0.0' in text
    for gauge in ("queue_photos", "queue_oldest_seconds", "held_photos", "inbox_updates"):
        assert f"lentigo_{gauge} NaN\n" in text  # nobody has counted yet
    assert service.telegram.sent == []


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


async def test_database_that_lets_only_read_is_told_like_one_that_is_away(service: Service) -> None:
    assert await service.is_looked_at() == []
    async with service.lets_only_read():
        assert await service.is_looked_at() == []
        assert await service.health.report() == {"database": "down", "telegram": "ok"}
        assert 'lentigo_dependency_up{dependency="database"} 0.0' in service.metrics.text().decode()
        service.clock.goes_on(5)
        assert await service.is_looked_at() == [words("alert-database-away", minutes=5)]
    assert await service.is_looked_at() == [words("alert-over-database-away")]
    assert await service.health.report() == {"database": "ok", "telegram": "ok"}


async def test_service_that_starts_on_a_database_that_lets_only_read_tells_of_its_absence_once_it_takes_updates(
    service: Service,
) -> None:
    assert await service.is_looked_at() == []
    service.clock.goes_on(3)
    follower = Service(service.engine, service.telegram, service.clock, service.folder)
    async with follower.lets_only_read():
        assert await follower.is_looked_at() == []
        service.clock.goes_on(4)
        assert await follower.is_looked_at() == []
    assert await follower.is_looked_at() == [words("alert-service-away", minutes=7)]
    assert await follower.is_looked_at() == []


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


@pytest.mark.parametrize(("minutes", "told"), [(5, []), (7, [words("alert-service-away", minutes=7)])])
async def test_service_that_was_away_for_long_is_told_by_the_next_to_look_after_it(
    service: Service, minutes: int, told: list[str]
) -> None:
    assert await service.is_looked_at() == []
    service.clock.goes_on(minutes)
    follower = Service(service.engine, service.telegram, service.clock, service.folder)
    assert await follower.is_looked_at() == told
    service.clock.goes_on(minutes)  # one that is there all the time was not away
    assert await follower.is_looked_at() == []


async def test_service_that_was_never_saved_is_told_of_once(service: Service) -> None:
    assert await service.is_looked_at() == []
    service.clock.goes_on(48 * 60)
    assert words("alert-backup-none") not in await service.is_looked_at()
    service.clock.goes_on(1)
    assert await service.is_looked_at() == [words("alert-backup-none")]
    service.clock.goes_on(48 * 60)
    assert words("alert-backup-none") not in await service.is_looked_at()


async def test_old_backup_is_told_until_there_is_a_fresh_one(service: Service) -> None:
    assert await service.is_looked_at() == []
    await service.notes.write(BACKED_UP_AT, (NOON - timedelta(hours=49)).isoformat())
    assert await service.is_looked_at() == [words("alert-backup-old", hours=49)]
    await service.notes.write(BACKED_UP_AT, NOON.isoformat())
    assert await service.is_looked_at() == [words("alert-over-backup-old")]


async def test_backup_that_a_clock_noted_which_was_ahead_does_not_end_the_alert(service: Service) -> None:
    await service.notes.write(BACKED_UP_AT, (NOON - timedelta(hours=49)).isoformat())
    assert await service.is_looked_at() == [words("alert-backup-old", hours=49)]
    await service.notes.write(BACKED_UP_AT, (NOON + timedelta(days=30)).isoformat())
    assert await service.is_looked_at() == []


async def test_full_disk_is_told(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100 * 2**20}))
    assert await service.is_looked_at() == [words("alert-disk-full", megabytes=100)]


async def test_disk_is_no_matter_where_a_server_keeps_everything(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 0}))
    assert await Service(engine, Telegram(), Clock(), None).is_looked_at() == []


async def test_other_network_is_told_but_not_the_first(service: Service) -> None:
    assert await service.is_looked_at() == []
    other = Service(service.engine, service.telegram, service.clock, service.folder, network="b" * 64)
    assert await other.is_looked_at() == [words("alert-model-changed", name="lentigo-3")]
    assert await other.is_looked_at() == []
