"""Which commands somebody sees in the menu. A courtesy: what somebody may do is checked where they do it."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from telegram import BotCommand, BotCommandScope, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.connection.pacing import told_to_wait, wait_s
from bot.content import Texts
from bot.faults import until_it_works
from bot.library import Library
from bot.storage.moderators import Role

PATIENTS: Final = (
    *("start", "history", "dermatologist", "settings", "feedback"),
    *("model", "privacy", "export", "delete", "help", "cancel"),
)
MODERATORS: Final = (
    *("stats", "inbox", "users", "user", "ban", "unban", "broadcast"),
    *("directory", "reload", "maintenance", "errors", "audit"),
)
OWNERS: Final = ("grant", "revoke")

_log = logging.getLogger(__name__)


def commands_of(role: Role) -> tuple[str, ...]:
    """Return the names of the commands that somebody with this role has."""
    match role:
        case Role.OWNER:
            return (*PATIENTS, *MODERATORS, *OWNERS)
        case Role.MODERATOR:
            return (*PATIENTS, *MODERATORS)
        case Role.NOBODY:
            return PATIENTS


def menu(texts: Texts, role: Role = Role.NOBODY) -> list[BotCommand]:
    """Return the command menu in a language."""
    return [BotCommand(name, texts.plain(f"command-{name}")) for name in commands_of(role)]


class Menus:
    """Who has which menu of this version. Telegram takes few menus, and then wants none for a quarter of an hour."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._shown: dict[int, tuple[str, Role]] = {}
        self._rest_until_s = -math.inf
        self._all = asyncio.Lock()

    def __contains__(self, user_id: int) -> bool:
        """Return whether somebody was shown a menu of their own."""
        return user_id in self._shown

    async def show(self, bot: ExtBot[int], user_id: int, texts: Texts, role: Role) -> None:
        """Show somebody their commands in their language, whatever that of their Telegram, unless they have them.

        Nobody waits for it. Where Telegram wants no menus now, or they have blocked the bot, it is for another time.
        """
        menu_of = texts.language, role
        if self._shown.get(user_id) == menu_of:
            return
        scope = BotCommandScopeChat(user_id)
        if await self._is_done(lambda: bot.set_my_commands(menu(texts, role), scope)):
            self._shown[user_id] = menu_of

    async def hide(self, bot: ExtBot[int], user_id: int) -> None:
        """Show somebody what everybody is shown."""
        self._shown.pop(user_id, None)
        await self._is_done(lambda: bot.delete_my_commands(BotCommandScopeChat(user_id)))

    def forget(self) -> None:
        """Show everybody their menu anew, with the next that they do: its words may be others now."""
        self._shown.clear()

    async def show_to_all(self, bot: ExtBot[int], library: Library) -> None:
        """Show everybody else the patients' commands, by the language of their Telegram; for as long as it takes."""
        scope = BotCommandScopeAllPrivateChats()
        async with self._all:  # or the words of an earlier turn could come last
            for code in (None, *library.content.by_language):
                await until_it_works(partial(_set_for, bot, scope, library, code))

    async def _is_done(self, request: Callable[[], Awaitable[bool]]) -> bool:
        if self._clock_s() < self._rest_until_s:
            return False
        try:
            with told_to_wait():
                return await request()
        except RetryAfter as error:
            self._rest_until_s = self._clock_s() + wait_s(error)
        except InvalidToken:
            raise
        except TelegramError as error:
            _log.debug("A menu is not shown (%s)", type(error).__name__)
        return False


async def _set_for(bot: ExtBot[int], scope: BotCommandScope, library: Library, code: str | None) -> None:
    await bot.set_my_commands(menu(library.content.texts(code)), scope, code)
