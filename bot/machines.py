"""Photos answered by workers on many machines, through procrastinate's queue in PostgreSQL."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol

from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg import OperationalError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import SlowedDown
from bot.faults import until_it_works
from bot.libpq import NOTICES_ABSENCE, conninfo
from bot.queues import CaseTasks
from bot.storage.cases import Cases
from bot.storage.jobs import HEARTBEAT, STALLED_AFTER, queueing_lock, worker_count

_ANSWER: Final = "answer"  # the name of the task
_CONNECTIONS: Final = 4
_CONNECT_TIMEOUT_S: Final = 10
_TAKE_OVER_EVERY_S: Final = 5
_AT_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)  # by any clock: this machine's may be ahead of the database's
_FINISH_WITHIN_S: Final = 8  # when a worker is told to stop: before it seems dead; the rest goes back
_LOOK_EVERY_S: Final = 10
_AGAIN_AFTER_S: Final = 1
_ENDED_WITHIN_S: Final = 20

_log = logging.getLogger(__name__)


def queue_app(url: str) -> App:
    """Return procrastinate over the database at this address; nothing is connected yet."""
    patience = {**NOTICES_ABSENCE, "connect_timeout": _CONNECT_TIMEOUT_S}
    app = App(connector=PsycopgConnector(conninfo=conninfo(url), kwargs=patience, min_size=1, max_size=_CONNECTIONS))
    app.job_manager = _Lasting(app.connector)
    return app


class _Lasting(JobManager):
    """Ends jobs through faults that pass: one that is not ended is in hand for as long as its worker lives."""

    async def finish_job_by_id_async(self, job_id: int, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - procrastinate's
        """End a job for good."""
        await _until_ended(partial(super().finish_job_by_id_async, job_id, status, delete_job))

    async def retry_job_by_id_async(self, *job: Any, **changes: Any) -> None:  # noqa: ANN401 - handed on as it comes
        """End a job so that it comes back."""
        await _until_ended(partial(super().retry_job_by_id_async, *job, **changes))


async def _until_ended(end: Callable[[], Awaitable[None]]) -> None:
    """Repeat this for a while; where the database is away for longer, the worker as a whole counts as dead.

    Raises:
        ConnectorException: it is away for longer, or another has ended the job.
    """
    give_up_at = time.monotonic() + _ENDED_WITHIN_S
    is_again = False
    while True:
        try:
            return await end()
        except ConnectorException as error:
            is_away = isinstance(error.__cause__, OperationalError)
            if is_again and not is_away:  # the first time went through, and only the answer to it was lost
                return None
            if not is_away or time.monotonic() > give_up_at:
                raise
        is_again = True
        await asyncio.sleep(_AGAIN_AFTER_S)


class OnMachines:
    """Has photos answered by workers, which are processes of their own."""

    def __init__(self, app: App, engine: AsyncEngine, cases: Cases, tasks: CaseTasks) -> None:
        self._app = app
        self._engine = engine
        self._cases = cases
        self._tasks = tasks
        self._looking: asyncio.Task[None] | None = None

    def start(self, case_id: int, priority: int) -> None:
        """Put a case into the queue once maintenance lets it; what waits for that holds no place of a worker."""
        self._tasks.start(case_id, partial(_until_queued, self._app, case_id, priority))

    async def resume(self) -> None:
        """Queue what was promised and is not in the queue, now and again and again; say when there is no worker."""
        await until_it_works(self._queue_promised)
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Leave off; what is not in the queue yet is put there by whoever resumes."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._tasks.stop()

    async def _queue_promised(self) -> None:
        for promised in await self._cases.promised(is_unqueued=True):
            self.start(promised.case_id, promised.priority)

    async def _look(self) -> None:
        had_worker = True
        while True:
            with suppress(SQLAlchemyError):  # the database is away: those who need it say so
                has_worker = await worker_count(self._engine) > 0
                if had_worker and not has_worker:
                    _log.warning("No worker is there: photos wait until one is started (python -m bot worker)")
                elif has_worker and not had_worker:
                    _log.info("A worker is there again")
                had_worker = has_worker
                await self._queue_promised()
            await asyncio.sleep(_LOOK_EVERY_S)


async def _until_queued(app: App, case_id: int, priority: int, wait_s: float = 0) -> None:
    lock, due = queueing_lock(case_id), {"seconds": math.ceil(wait_s)}
    job = app.configure_task(_ANSWER, priority=priority, queueing_lock=lock, schedule_in=due if wait_s else None)
    while True:
        try:
            await job.defer_async(case_id=case_id)
        except AlreadyEnqueued:
            return
        except ConnectorException as error:
            _log.warning("The queue can't be reached (%s); again in %s s", type(error).__name__, _AGAIN_AFTER_S)
            await asyncio.sleep(_AGAIN_AFTER_S)
        else:
            return


class Answer(Protocol):
    """Answers a case; where it raises, it is asked again, later and later."""

    async def __call__(self, case_id: int, priority: int, *, is_again: bool) -> None:
        """Answer it; is_again says whether a worker had it in hand before."""


def add_task(app: App, answer: Answer) -> None:
    """Tell procrastinate what a worker does: answer a case.

    Args:
        app: gets the task.
        answer: gets a case.
    """

    async def answer_job(context: JobContext, case_id: int) -> None:
        job = context.job
        try:
            await answer(case_id, job.priority, is_again=job.attempts > 0)
        except SlowedDown as slowed:  # another job, as this one would seem to come from a worker that ended
            await _until_queued(app, case_id, job.priority, slowed.wait_s)

    app.task(name=_ANSWER, retry=RetryStrategy(linear_wait=10), pass_context=True)(answer_job)


async def take_over(app: App, every_s: float = _TAKE_OVER_EVERY_S) -> None:
    """Put back what dead workers had in hand, again and again, until cancelled; by the database's clock alone.

    Where several do it at once, the first to come puts a job back, and the others find it no longer in hand. One that
    another worker has taken in that very moment may be put back once more: its answer is sent once all the same.
    """
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER.total_seconds()):
                await _retry(app, job)
        except Exception as error:  # noqa: BLE001 - the next look may go through
            _log.warning("What dead workers had in hand can't be looked for (%s)", type(error).__name__)
        await asyncio.sleep(every_s)


async def _retry(app: App, job: Job) -> None:
    _log.warning("A worker is gone with a job in hand; another takes it")
    try:
        await app.job_manager.retry_job(job, _AT_ONCE)
    except UniqueViolation:  # the same case waits already
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    except ConnectorException:  # finished after all, or the database is away: then it is found again
        _log.info("The job was not there any more")


async def work(app: App, concurrency: int) -> None:
    """Take jobs until cancelled; then finish those in hand. Where the database goes away, wait until it is back."""
    while True:
        try:
            await app.run_worker_async(
                concurrency=concurrency,
                delete_jobs="always",
                fetch_job_polling_interval=2,
                install_signal_handlers=False,
                shutdown_graceful_timeout=_FINISH_WITHIN_S,
                stalled_worker_timeout=STALLED_AFTER.total_seconds(),
                update_heartbeat_interval=HEARTBEAT.total_seconds(),
            )
        except ConnectorException as error:
            _log.warning("The queue can't be reached (%s); again in %s s", type(error).__name__, _AGAIN_AFTER_S)
        await asyncio.sleep(_AGAIN_AFTER_S)
