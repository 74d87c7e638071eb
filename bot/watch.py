"""Looks after the service every few seconds: shows the operator's machines how it is, and owners what is wrong."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.alerts import NOTED_WITHIN_S, AlertKind, Alerts
from bot.health import DATABASE, OK, TELEGRAM, Health
from bot.metrics import Metrics
from bot.storage.backup import BACKED_UP_AT, OLD_BACKUP, backup_age
from bot.storage.incidents import Incidents
from bot.storage.notes import LOOKED_AT, Notes
from bot.storage.statistics import Queue, Statistics
from bot.workers.network import Network

_MODEL: Final = "model"  # a note: the sum of the network that answered last
_UNSAVED_SINCE: Final = "unsaved_since"  # a note: when a service without any backup was first looked at, ISO 8601
_TOLD: Final = "told"  # instead of it, once owners know: who saves the disk in another way is not to be told again

_EVERY_S: Final = 15  # as often as Prometheus asks by default
_WAITS_AFTER_S: Final = 5.0  # a start that is not over by then
_AWAY_FOR: Final = timedelta(minutes=5)  # a restart is over by then
_MANY_INCIDENTS: Final = 5  # in an hour: one is somebody's odd photo, five are a fault
_LONG_QUEUE: Final = 200  # photos; one bot, which answers at most 11 a second, takes at least 18 seconds for them
_OLD_QUEUE: Final = timedelta(minutes=10)  # by then a patient has given up
_LEAST_FREE_BYTES: Final = 512 * 2**20  # SQLite doubles its file when it is copied

_log = logging.getLogger(__name__)


class Watch:
    """Asks, shows and tells. Runs where updates are taken, so that there is one."""

    def __init__(  # noqa: PLR0913 - put together once, in app.py
        self,
        *,
        alerts: Alerts,
        health: Health,
        metrics: Metrics,
        statistics: Statistics,
        incidents: Incidents,
        notes: Notes,
        network: Network,
        folder: Path | None,
        now: Callable[[], datetime],
    ) -> None:
        self._alerts = alerts
        self._health = health
        self._metrics = metrics
        self._statistics = statistics
        self._incidents = incidents
        self._notes = notes
        self._network = network
        self._folder = folder
        self._now = now
        self._away_since: dict[str, datetime] = {}
        self._has_looked = False

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the next look may go through
                _log.warning("The service can't be looked after (%s)", type(error).__name__)
            await asyncio.sleep(_EVERY_S)

    async def show(self) -> None:
        """Show what answers, again and again, until cancelled; tell nobody: for a start that waits for it.

        A start that does not wait is over before anything is asked, and is not held up by it.
        """
        await asyncio.sleep(_WAITS_AFTER_S)
        while True:
            await self._shown()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Look once."""
        await self._look_at_own_absence()
        report = await self._shown()
        await self._look_at_absences(report)
        await self._look_at_disk()
        if report.get(DATABASE, OK) != OK:
            self._metrics.hide_queue()
            return
        await self._look_at_queue(await self._statistics.queue(self._now()))
        await self._look_at_incidents()
        await self._look_at_backup()
        await self._look_at_model()
        await self._alerts.catch_up()

    async def _shown(self) -> dict[str, str]:
        report = await self._health.report()
        self._metrics.show_dependencies({name: word == OK for name, word in report.items()})
        return report

    async def _look_at_absences(self, report: dict[str, str]) -> None:
        away = {name: self._away(name, is_away=word != OK) for name, word in report.items()}
        if (lasted := away.get(DATABASE, timedelta())) >= _AWAY_FOR and report[DATABASE] != OK:
            await self._alerts.begin(AlertKind.DATABASE_AWAY, minutes=_minutes(lasted))
        elif report.get(DATABASE) == OK:
            await self._alerts.end(AlertKind.DATABASE_AWAY)
        if away.get(TELEGRAM, timedelta()) >= _AWAY_FOR and report[TELEGRAM] == OK:  # only now it can be told
            await self._alerts.tell(AlertKind.TELEGRAM_AWAY, minutes=_minutes(away[TELEGRAM]))

    def _away(self, name: str, *, is_away: bool) -> timedelta:
        """Return for how long a dependency has been away, or had been when it has just come back."""
        if is_away:
            return self._now() - self._away_since.setdefault(name, self._now())
        since = self._away_since.pop(name, None)
        return self._now() - since if since else timedelta()

    async def _look_at_own_absence(self) -> None:
        """Tell for how long nobody took updates before this process did; one that loses its database begins anew.

        Where the database does not take the note it counts as down, also where it lets itself be read: no update can be
        taken either.
        """
        try:
            async with asyncio.timeout(NOTED_WITHIN_S):
                before = None if self._has_looked else await self._notes.get(LOOKED_AT)
                await self._notes.write(LOOKED_AT, self._now().isoformat())
        except (SQLAlchemyError, OSError):
            self._health.takes_nothing = True
            return
        self._health.takes_nothing, self._has_looked = False, True
        lasted = self._now() - datetime.fromisoformat(before) if before else timedelta()
        if lasted > _AWAY_FOR:
            await self._alerts.tell(AlertKind.SERVICE_AWAY, minutes=_minutes(lasted))

    async def _look_at_queue(self, queue: Queue) -> None:
        oldest_s = queue.oldest_s or 0.0
        self._metrics.show_queue(queue.in_hand, oldest_s, queue.waiting, queue.updates)
        await self._lasts(AlertKind.QUEUE_LONG, queue.in_hand > _LONG_QUEUE, count=queue.in_hand)
        is_old = oldest_s > _OLD_QUEUE.total_seconds()
        await self._lasts(AlertKind.QUEUE_OLD, is_old, minutes=_minutes(timedelta(seconds=oldest_s)))

    async def _look_at_incidents(self) -> None:
        count = await self._incidents.count_since(self._now() - timedelta(hours=1))
        await self._lasts(AlertKind.INCIDENTS, count >= _MANY_INCIDENTS, count=count)

    async def _look_at_disk(self) -> None:
        if self._folder is None:  # a server keeps everything
            return
        free = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        await self._lasts(AlertKind.DISK_FULL, free < _LEAST_FREE_BYTES, megabytes=free // 2**20)

    async def _look_at_backup(self) -> None:
        noted = await self._notes.get(BACKED_UP_AT)
        if noted is None:
            await self._look_at_missing_backup()
        age = backup_age(noted, self._now())
        if age is not None:
            await self._lasts(AlertKind.BACKUP_OLD, age > OLD_BACKUP, hours=int(age.total_seconds() // 3600))

    async def _look_at_missing_backup(self) -> None:
        """Tell, once, that there has never been one since a backup of every day would have been missed twice."""
        since = await self._notes.get(_UNSAVED_SINCE)
        if since is None:
            await self._notes.write(_UNSAVED_SINCE, self._now().isoformat())
        elif since != _TOLD and self._now() - datetime.fromisoformat(since) > OLD_BACKUP:
            await self._alerts.tell(AlertKind.BACKUP_NONE)
            await self._notes.write(_UNSAVED_SINCE, _TOLD)

    async def _look_at_model(self) -> None:
        before = await self._notes.get(_MODEL)
        if before == self._network.sha256:
            return
        if before is not None:
            await self._alerts.tell(AlertKind.MODEL_CHANGED, name=self._network.name)
        await self._notes.write(_MODEL, self._network.sha256)

    async def _lasts(self, kind: AlertKind, does_last: bool, **figures: float | str) -> None:  # noqa: FBT001 - it is the question
        if does_last:
            await self._alerts.begin(kind, **figures)
        else:
            await self._alerts.end(kind)


def _minutes(lasted: timedelta) -> int:
    return int(lasted.total_seconds() // 60)
