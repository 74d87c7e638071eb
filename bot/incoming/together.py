"""Many small writes in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bot.faults import is_transient

_T = TypeVar("_T")


class Together(Generic[_T]):
    """Writes what comes while it is busy in one go, once it is done; whoever brought it waits for that."""

    def __init__(self, write: Callable[[Sequence[_T]], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: list[tuple[_T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, item: _T) -> None:
        """Have it written.

        Raises:
            Exception: what writing it raised.
        """
        is_written = asyncio.get_running_loop().create_future()
        self._waiting.append((item, is_written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await is_written

    async def drain(self, within_s: float) -> None:
        """Wait until nothing is being written, for so long at most."""
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=within_s)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                brought, self._waiting = self._waiting, []
                error = await self._error([item for item, _ in brought])
                is_final = len(brought) == 1 or error is None or is_transient(error)
                for item, is_written in brought:
                    _wake(is_written, error if is_final else await self._error([item]))  # none spoils the others
        finally:
            self._writing = None

    async def _error(self, items: Sequence[_T]) -> Exception | None:
        try:
            await self._write(items)
        except Exception as error:  # noqa: BLE001 - it is raised to whoever waits
            return error
        return None


def _wake(is_written: asyncio.Future[None], error: Exception | None) -> None:
    if is_written.done():  # who waited has gone
        return
    if error is None:
        is_written.set_result(None)
    else:
        is_written.set_exception(error)
