"""Places that are taken in order of priority."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class Turns:
    """A number of places: the larger priority goes first, among equals whoever came first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._numbers = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def turn(self, priority: int) -> AsyncIterator[None]:
        """Wait for a place, and hold it for as long as the block runs."""
        place = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._numbers), place))
        self._let_in()
        try:
            await place
            yield
        finally:
            if not place.cancelled():
                self._free += 1
                self._let_in()

    def _let_in(self) -> None:
        while self._waiting and (self._free > 0 or self._waiting[0][2].done()):
            _, _, place = heapq.heappop(self._waiting)
            if not place.done():  # else its task was cancelled while it waited
                self._free -= 1
                place.set_result(None)
