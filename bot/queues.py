"""Who answers the photos that wait: this process. For workers on many machines see machines.py."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
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

    async def let_go(self, case_ids: Iterable[int]) -> None:
        """Leave off with these, for good: once this returns, nothing more is sent for them."""

    async def resume(self) -> None:
        """Have that answered which was promised by an earlier run, or another process, and that nobody sees to."""

    async def stop(self) -> None:
        """Leave off; what is not answered stays open in the database."""


class CaseTasks:
    """Tasks, at most one a case at a time."""

    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, case_id: int, work: Coroutine[None, None, None]) -> None:
        """Begin work on a case, unless that has begun already."""
        if case_id in self._tasks:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks[case_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(case_id, None))

    async def cancel(self, case_ids: Iterable[int]) -> None:
        """End the tasks of these cases, and wait until they have ended."""
        tasks = [task for case_id in case_ids if (task := self._tasks.get(case_id)) is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def cancel_all(self) -> None:
        """End every task, and wait until they have ended."""
        await self.cancel(list(self._tasks))


class InProcess:
    """Answers photos in this process, as tasks."""

    def __init__(
        self,
        answering: Answering,
        cases: Cases,
        incidents: Incidents,
        maintenance: Maintenance,
        now: Callable[[], datetime],
    ) -> None:
        self._answering = answering
        self._cases = cases
        self._incidents = incidents
        self._maintenance = maintenance
        self._now = now
        self._tasks = CaseTasks()

    def start(self, case_id: int, priority: int) -> None:
        """Begin to answer a case, unless that has begun already."""
        self._tasks.start(case_id, self._answer(case_id, priority))

    async def let_go(self, case_ids: Iterable[int]) -> None:
        """Leave off with these, for good: once this returns, nothing more is sent for them."""
        ids = list(case_ids)
        await self._tasks.cancel(ids)
        await self._cases.let_go(ids, self._now())  # else the next start takes them up before it hears of this

    async def resume(self) -> None:
        """Begin to answer what an earlier run left open."""
        for promised in await self._cases.promised():
            again = self._answer(promised.case_id, promised.priority, is_again=True)
            self._tasks.start(promised.case_id, again)

    async def stop(self) -> None:
        """Leave off; what is not answered stays open in the database, for the next start."""
        await self._tasks.cancel_all()

    async def _answer(self, case_id: int, priority: int, *, is_again: bool = False) -> None:
        try:
            await until_it_works(lambda: until_due(case_id, self._cases, self._maintenance))
            await self._until_answered(case_id, priority, is_again=is_again)
        except Exception as error:  # noqa: BLE001 - the case stays open, for the next start
            await self._incidents.record(_log, error)

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
