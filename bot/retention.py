"""Erases what is due, now and then, while the bot runs."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from telegram.ext import ExtBot

from bot.blanking import blank_all_in, blank_copies
from bot.context import Services
from bot.faults import is_transient, until_it_works
from bot.storage.retention import ROWS_AT_ONCE, Retention

_EVERY: Final = timedelta(minutes=10)
_LOOK_EVERY_S: Final = 60
_PAUSE_S: Final = 0.1  # in which others get at the database

_log = logging.getLogger(__name__)


class Erasing:
    """One process at a time takes a turn, and each turn erases all that is due, a limited number of rows at a time."""

    def __init__(self, bot: ExtBot[int], services: Services, retention: Retention) -> None:
        self._bot = bot
        self._services = services
        self._retention = retention

    async def run(self) -> None:
        """Take turns until cancelled."""
        while True:
            try:
                await self.turn()
            except Exception as error:  # noqa: BLE001 - it is tried again in the next turn
                if not is_transient(error):  # that Telegram is away owners hear anyway
                    await self._services.incidents.record(_log, error)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def turn(self) -> None:
        """Erase what is due, unless another process did so lately; what a passing fault strikes is done again.

        What needs Telegram goes last, and leaves off after a while: all else is due again meanwhile.

        Raises:
            TelegramError: Telegram is away for so long; the next turn goes on.
        """
        now, owner_ids = self._services.now(), self._services.moderators.owner_ids
        if not await until_it_works(lambda: self._retention.claim(now, _EVERY)):
            return
        await _erase_all(lambda: until_it_works(lambda: self._retention.erase_due(now, owner_ids)))
        within_s = _EVERY.total_seconds()
        await _erase_all(lambda: until_it_works(lambda: self._erase_feedback(now), within_s))
        await until_it_works(lambda: self._blank_left(owner_ids), within_s)

    async def _erase_feedback(self, now: datetime) -> Mapping[str, int]:
        """Erase some; what moderators see of it goes first: killed in between, the next turn does both."""
        await blank_copies(await self._retention.copies_due(now), self._bot, self._services)
        return await self._retention.erase_feedback_due(now)

    async def _blank_left(self, owner_ids: AbstractSet[int]) -> None:
        """Blank what is left with people who are no moderators any more: where /revoke was cut off, this goes on."""
        for chat_id in await self._retention.chats_left(owner_ids):
            await blank_all_in(chat_id, self._bot, self._services)


async def _erase_all(erase_some: Callable[[], Awaitable[Mapping[str, int]]]) -> None:
    """Erase until nothing is due; the log says how much of what that was, and not whose."""
    erased = Counter[str]()
    while True:
        counts = await erase_some()
        erased.update(counts)
        if max(counts.values(), default=0) < ROWS_AT_ONCE:
            break
        await asyncio.sleep(_PAUSE_S)
    if erased:
        _log.info("Erased what was due: %s", ", ".join(f"{count} of {table}" for table, count in erased.items()))
