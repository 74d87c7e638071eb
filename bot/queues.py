"""Who answers the photos that wait: this process. For workers on many machines see machines.py."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Protocol

from bot.cases import Answering
from bot.errors import SlowedDown
from bot.faults import until_it_works
from bot.storage.cases import Cases
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance

_log = logging.getLogger(__name__)


class Queue(Protocol):
    """Sees to it that photos are answered."""

    def start(self, case_id: int, priority: int) -> None:
        """Have a case answered once maintenance lets it, unless that has begun; the larger priority goes first."""

    async def resume(self) -> None:
        """Have that answered which was promised by an earlier run, or another process, and that nobody sees to."""

    async def stop(self) -> None:
        """Leave off; what is not answered stays open in the database."""


class CaseTasks:
    """Work on cases, at most one a case at a time, begun once maintenance lets it."""

    def __init__(
        self, cases: Cases, incidents: Incidents, maintenance: Maintenance, now: Callable[[], datetime]
    ) -> None:
        self._cases = cases
        self._incidents = incidents
        self._maintenance = maintenance
        self._now = now
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, case_id: int, work: Callable[[], Awaitable[None]]) -> None:
        """Begin work on a case, unless that has begun already."""
        if case_id not in self._tasks:
            self._tasks[case_id] = task = asyncio.create_task(self._done(case_id, work))
            task.add_done_callback(lambda _: self._tasks.pop(case_id, None))

    async def let_go(self, case_ids: Iterable[int]) -> None:
        """Leave off with these, for good: once this returns, nothing more is sent for them.

        A worker on another machine may have one in hand. It holds the case's row while it sends, so that closing the
        case here waits for it; and whoever sends later, or takes the case up at the next start, finds it closed.
        """
        ids = list(case_ids)
        await self._cancel(ids)
        await self._cases.let_go(ids, self._now())

    async def stop(self) -> None:
        """End every task, and wait until they have ended."""
        await self._cancel(list(self._tasks))

    async def _cancel(self, case_ids: Iterable[int]) -> None:
        tasks = [task for case_id in case_ids if (task := self._tasks.get(case_id)) is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _done(self, case_id: int, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await until_it_works(lambda: until_due(case_id, self._cases, self._maintenance))
            await work()
        except Exception as error:  # noqa: BLE001 - the case stays open, and is taken up again
            await self._incidents.record(_log, error)


class InProcess:
    """Answers photos in this process, as tasks."""

    def __init__(self, answering: Answering, cases: Cases, tasks: CaseTasks) -> None:
        self._answering = answering
        self._cases = cases
        self._tasks = tasks

    def start(self, case_id: int, priority: int) -> None:
        """Begin to answer a case, unless that has begun already."""
        self._tasks.start(case_id, partial(self._until_answered, case_id, priority, is_again=False))

    async def resume(self) -> None:
        """Begin to answer what an earlier run left open."""
        for promised in await until_it_works(self._cases.promised):
            again = partial(self._until_answered, promised.case_id, promised.priority, is_again=True)
            self._tasks.start(promised.case_id, again)

    async def stop(self) -> None:
        """Leave off; what is not answered stays open in the database, for the next start."""
        await self._tasks.stop()

    async def _until_answered(self, case_id: int, priority: int, *, is_again: bool) -> None:
        while True:
            try:
                return await self._answering.answer_or_apologise(case_id, priority, is_again=is_again)
            except SlowedDown as slowed:
                await asyncio.sleep(slowed.wait_s)
                is_again = False  # nobody has ended with it


async def until_due(case_id: int, cases: Cases, maintenance: Maintenance) -> None:
    """Wait while maintenance holds a photo up."""
    if await maintenance.pause() is not None and (case := await cases.get_open(case_id)) is not None:
        await maintenance.wait_for_end(case.received_at)
