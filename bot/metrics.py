"""What Prometheus may know: counts and times of the whole service, never of anybody."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

_SHORT_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)  # one statement, one update
_LONG_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)  # one photo, with the queue


TELEGRAM_FAILURES: Final = ("429", "5xx", "network", "refused", "timeout")
_DATABASE_FAILURES: Final = (  # SQLAlchemy's classes
    *("DataError", "DatabaseError", "DBAPIError", "IntegrityError", "InterfaceError", "InternalError"),
    *("NotSupportedError", "OperationalError", "ProgrammingError"),
)


class Stage(StrEnum):
    """A stage of a photo's life; the value is a label."""

    WAIT = "wait"
    DOWNLOAD = "download"
    ASSESS = "assess"
    DELIVER = "deliver"


class Metrics:
    """The counts of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._updates = self._counter("updates", "Updates whose handling began, by kind.", "kind")
        self._repeated = self._counter("updates_repeated", "Updates that had come before.")
        self._refused = self._counter(
            "webhook_refused", "Requests to the webhook that were refused, by status.", "status"
        )
        self._update_s = self._histogram(
            "update_seconds", "From storing an update to the end of its handling.", _LONG_S
        )
        self._photos = self._counter("photos", "Photos that were answered, by outcome.", "outcome")
        self._stage_s = self._histogram("photo_stage_seconds", "Stages of a photo's life.", _LONG_S, "stage")
        self._photo_s = self._histogram("photo_seconds", "From receiving a photo to its answer.", _LONG_S)
        self._queue = self._gauge("queue_photos", "Photos that are looked at or wait for it.")
        self._oldest_s = self._gauge("queue_oldest_seconds", "For how long the oldest of them has waited.")
        self._held = self._gauge("held_photos", "Photos that wait for the end of maintenance.")
        self._inbox = self._gauge("inbox_updates", "Updates that are not handled yet.")
        self._telegram = self._counter("telegram_requests", "Requests to Telegram that were answered.")
        self._telegram_errors = self._counter("telegram_errors", "Requests to Telegram that failed, by kind.", "kind")
        self._database_s = self._histogram("database_seconds", "Statements of the database.", _SHORT_S)
        self._database_errors = self._counter("database_errors", "Errors of the database, by kind.", "kind")
        self._incidents = self._counter("incidents", "Errors that a patient may have been told of.")
        self._alerts = self._counter("alerts", "Alerts that owners were sent, by kind.", "kind")
        self._is_up = self._gauge("dependency_up", "1 while a dependency answers, 0 while it does not.", "dependency")
        self._model = Info("lentigo_model", "The network that is loaded.", registry=self.registry)
        self._expect_errors()
        self.hide_queue()

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self.registry)

    def update_begun(self, kind: str) -> None:
        """Count an update whose handling begins."""
        self._updates.labels(kind).inc()

    def updates_repeated(self, count: int) -> None:
        """Count updates that had come before."""
        self._repeated.inc(count)

    def update_handled(self, seconds: float) -> None:
        """Count how long an update took."""
        self._update_s.observe(max(0.0, seconds))

    def webhook_refused(self, status: int) -> None:
        """Count a request to the webhook that was refused."""
        self._refused.labels(str(status)).inc()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Measure a stage of a photo's life, also one that fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._stage_s.labels(stage).observe(time.perf_counter() - began)

    def photo_waited(self, seconds: float) -> None:
        """Count how long a photo waited until work on it began."""
        self._stage_s.labels(Stage.WAIT).observe(max(0.0, seconds))

    def photo_closed(self, outcome: str, seconds: float) -> None:
        """Count a photo by how it ended, which is one of a few words, and how long that took."""
        self._photos.labels(outcome).inc()
        self._photo_s.observe(max(0.0, seconds))

    def expect_photos(self, outcome: str) -> None:
        """Show an outcome at 0: of a count that begins at 1 Prometheus does not see that it rose."""
        self._photos.labels(outcome)

    def show_queue(self, photos: float, oldest_s: float, held: float, updates: float) -> None:
        """Show what is to be done."""
        self._queue.set(photos)
        self._oldest_s.set(oldest_s)
        self._held.set(held)
        self._inbox.set(updates)

    def hide_queue(self) -> None:
        """Show that nobody knows what is to be done: the database is away, or was not asked yet."""
        self.show_queue(math.nan, math.nan, math.nan, math.nan)

    def show_dependencies(self, are_up: Mapping[str, bool]) -> None:
        """Show which dependencies answer."""
        for name, is_up in are_up.items():
            self._is_up.labels(name).set(is_up)

    def show_model(self, name: str, sha256: str) -> None:
        """Show which network is loaded."""
        self._model.info({"name": name, "sha256": sha256})

    def telegram_answered(self) -> None:
        """Count a request that Telegram answered."""
        self._telegram.inc()

    def telegram_failed(self, kind: str) -> None:
        """Count a request that failed: 429, 5xx, network, timeout or refused."""
        self._telegram_errors.labels(kind).inc()

    def statement_done(self, seconds: float) -> None:
        """Count a statement of the database."""
        self._database_s.observe(seconds)

    def statement_failed(self, kind: str) -> None:
        """Count an error of the database by its class."""
        self._database_errors.labels(kind).inc()

    def incident_recorded(self) -> None:
        """Count an incident."""
        self._incidents.inc()

    def alert_sent(self, kind: str) -> None:
        """Count an alert by its kind."""
        self._alerts.labels(kind).inc()

    def expect_alerts(self, kinds: Iterable[str]) -> None:
        """Show these kinds at 0, likewise."""
        for kind in kinds:
            self._alerts.labels(kind)

    def _expect_errors(self) -> None:
        """Show the kinds that are known at 0, likewise."""
        for kind in TELEGRAM_FAILURES:
            self._telegram_errors.labels(kind)
        for kind in _DATABASE_FAILURES:
            self._database_errors.labels(kind)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"lentigo_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"lentigo_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"lentigo_{name}", what, labels, buckets=buckets, registry=self.registry)
