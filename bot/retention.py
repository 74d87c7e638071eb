"""Erases what is due, now and then, while the bot runs."""

import asyncio
import logging
from collections import Counter
from datetime import timedelta
from typing import Final

from telegram.ext import ExtBot

from bot.blanking import blank_all_in, blank_copies
from bot.context import Services
from bot.faults import until_it_works
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
                await until_it_works(self.turn)
            except Exception as error:  # noqa: BLE001 - it is tried again in the next turn
                await self._services.incidents.record(_log, error)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def turn(self) -> None:
        """Erase what is due, unless another process did so lately.

        What moderators see of it goes first: killed in between, the next turn does both. What is left with people who
        are no moderators any more goes last, as it may take long: where /revoke was cut off, this goes on.
        """
        now = self._services.now()
        if not await self._retention.claim(now, _EVERY):
            return
        owner_ids, erased = self._services.moderators.owner_ids, Counter[str]()
        while True:
            await blank_copies(await self._retention.copies_due(now), self._bot, self._services)
            counts = await self._retention.erase_due(now, owner_ids)
            erased.update(counts)
            if max(counts.values(), default=0) < ROWS_AT_ONCE:
                break
            await asyncio.sleep(_PAUSE_S)
        if erased:
            _log.info("Erased what was due: %s", ", ".join(f"{count} of {table}" for table, count in erased.items()))
        for chat_id in await self._retention.chats_left(owner_ids):
            await blank_all_in(chat_id, self._bot, self._services)
