"""What nobody waits for: it holds up neither the start, nor who sent an update, nor what they send next."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

from bot.storage.incidents import Incidents

_FINISH_WITHIN_S: Final = 3

_log = logging.getLogger(__name__)


class Beside:
    """Tasks beside the lanes; what breaks in one is recorded."""

    def __init__(self, incidents: Incidents) -> None:
        self._incidents = incidents
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Begin this and return at once."""
        task = asyncio.create_task(self._done(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _done(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            await self._incidents.record(_log, error)

    async def stop(self) -> None:
        """Let what needs no waiting come to its end, and leave off."""
        tasks = list(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=_FINISH_WITHIN_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
