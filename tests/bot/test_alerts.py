"""Owners are told what is wrong once, in their language, and that it is over."""

from typing import cast

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import Forbidden, NetworkError

from bot.alerts import AlertKind, Alerts
from bot.metrics import Metrics
from bot.storage.notes import Notes
from tests.bot.alerting import ENGLISH, SPANISH, Clock, Telegram, alerts_on, words
from tests.bot.desk import LIBRARY

FIGURES: dict[AlertKind, dict[str, float | str]] = {
    AlertKind.INCIDENTS: {"count": 5},
    AlertKind.QUEUE_LONG: {"count": 201},
    AlertKind.QUEUE_OLD: {"minutes": 11},
    AlertKind.SET_ASIDE: {},
    AlertKind.DATABASE_AWAY: {"minutes": 5},
    AlertKind.TELEGRAM_AWAY: {"minutes": 5},
    AlertKind.SERVICE_AWAY: {"minutes": 7},
    AlertKind.DISK_FULL: {"megabytes": 12},
    AlertKind.BACKUP_OLD: {"hours": 49},
    AlertKind.BACKUP_NONE: {},
    AlertKind.MODEL_CHANGED: {"name": "lentigo-resnet50-2"},
}
EVENTS = {
    AlertKind.SET_ASIDE,
    AlertKind.TELEGRAM_AWAY,
    AlertKind.SERVICE_AWAY,
    AlertKind.BACKUP_NONE,
    AlertKind.MODEL_CHANGED,
}


class Away(Notes):
    """Notes of a database that is away."""

    async def get(self, name: str) -> str | None:
        raise OperationalError("SELECT", None, Exception("away"))

    async def write(self, name: str, value: str) -> None:
        raise OperationalError("INSERT", None, Exception("away"))


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
    assert f'lentigo_alerts_total{{kind="{kind}"}} 0.0' in metrics.text().decode()  # so that the first is a rise
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


async def test_what_is_over_before_it_was_told_is_not_told_afterwards(
    alerts: Alerts, telegram: Telegram, clock: Clock
) -> None:
    for _ in range(2):
        await alerts.begin(AlertKind.QUEUE_LONG, count=300)
        await alerts.end(AlertKind.QUEUE_LONG)
        clock.goes_on(20)
    telegram.taken()
    clock.goes_on(60)
    await alerts.catch_up()
    assert telegram.taken() == []


async def test_what_comes_again_within_the_hour_and_lasts_is_told_after_it(
    alerts: Alerts, telegram: Telegram, clock: Clock
) -> None:
    await alerts.begin(AlertKind.QUEUE_LONG, count=300)
    await alerts.end(AlertKind.QUEUE_LONG)
    telegram.taken()
    for _ in range(7):
        clock.goes_on(10)
        await alerts.begin(AlertKind.QUEUE_LONG, count=400)
    (told,) = telegram.taken()
    assert told.startswith(words("alert-queue-long", count=400))


async def test_clock_that_is_set_back_keeps_no_alert_back(alerts: Alerts, telegram: Telegram, clock: Clock) -> None:
    for _ in range(2):
        await alerts.tell(AlertKind.SET_ASIDE)
        clock.goes_on(-24 * 60)
    assert telegram.taken() == [words("alert-set-aside")] * 2


async def test_alert_is_counted_where_there_is_no_owner_to_tell(engine: AsyncEngine, clock: Clock) -> None:
    metrics = Metrics()
    await alerts_on(Notes(engine), Telegram(), clock, (), metrics).tell(AlertKind.SET_ASIDE)
    assert 'lentigo_alerts_total{kind="set-aside"} 1.0' in metrics.text().decode()


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
