"""Long polling: the bot asks Telegram for updates, and by the next question acknowledges what is stored by then."""

import asyncio
import logging
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import ExtBot
from telegram.warnings import PTBUserWarning

from bot.connection.reach import Reach
from bot.faults import until_it_works
from bot.incoming.updates import ALLOWED_UPDATES, Take, stored
from bot.storage.incidents import Incidents

_TIMEOUT_S: Final = 30
_LONGEST_WAIT_S: Final = 30

_log = logging.getLogger(__name__)


class Polling:
    """A source of updates that needs no address of its own."""

    def __init__(self, bot: ExtBot[int], reach: Reach, incidents: Incidents) -> None:
        # Bot.get_updates reads what it is told: one update that it can't read would end the asking.
        warnings.filterwarnings("ignore", message="Please use 'Bot.getUpdates'", category=PTBUserWarning)
        self._bot = bot
        self._reach = reach
        self._incidents = incidents

    async def run(self, take: Take) -> None:
        """Ask until cancelled; a webhook that somebody has set is removed, and what it has not brought comes here.

        Raises:
            InvalidToken: Telegram does not know the bot any more.
        """
        await self._remove_webhook()
        offset = 0
        while True:
            updates = await self._answer(offset)
            if updates:
                await until_it_works(partial(take, [stored(update) for update in updates]))
                offset = updates[-1]["update_id"] + 1  # the next request acknowledges what is stored by now

    async def _remove_webhook(self) -> None:
        await until_it_works(partial(self._bot.delete_webhook, drop_pending_updates=False))

    async def _answer(self, offset: int) -> Sequence[Mapping[str, Any]]:
        wait_s = 1.0
        while True:
            try:
                updates = await self._asked(offset)
            except (EndPointNotFound, InvalidToken):  # python-telegram-bot takes the one for the other
                raise InvalidToken from None
            except TelegramError as error:  # away, busy, or answering what is no JSON
                self._reach.failed(error)
                _log.warning("Telegram can't be asked for updates (%s); again in %.0f s", type(error).__name__, wait_s)
                if isinstance(error, Conflict):  # another program has the token: a webhook of its own, or it asks too
                    await self._incidents.record(_log, error)
                    await self._remove_webhook()
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            else:
                self._reach.answered()
                return updates

    async def _asked(self, offset: int) -> list[Mapping[str, Any]]:
        question = {"offset": offset, "timeout": _TIMEOUT_S, "allowed_updates": ALLOWED_UPDATES}
        updates = await self._bot.do_api_request("getUpdates", question, read_timeout=2 * _TIMEOUT_S)
        return cast("list[Mapping[str, Any]]", updates)
