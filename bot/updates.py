"""An update between Telegram's JSON and the inbox: which are asked for, into whose lane they go, of which kind."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

from telegram import Message, Update
from telegram.ext import ExtBot

from bot.storage.inbox import StoredUpdate

ALLOWED_UPDATES: Final = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
_END_OF_NUMBERS: Final = 2**63  # what the database holds
_MESSAGE_KINDS: Final = ("photo", "document", "location", "text")

Take: TypeAlias = Callable[[Sequence[StoredUpdate]], Awaitable[None]]


class Source(Protocol):
    """Where updates come from."""

    async def run(self, take: Take) -> None:
        """Hand updates over until cancelled; Telegram is told that they arrived only after take has returned."""


def stored(update: Mapping[str, Any]) -> StoredUpdate:
    """Return an update, in the Bot API's JSON, as the inbox keeps it.

    It is not read any further: one that python-telegram-bot can't read must not hold up the others.
    """
    number = update["update_id"]
    event: Mapping[str, Any] = next((update[kind] for kind in ALLOWED_UPDATES if kind in update), {})
    of_whom = event.get("chat") or event.get("message", {}).get("chat") or event.get("from") or {}
    nobody = -number  # a lane of its own, and never a person's
    return StoredUpdate(number, of_whom.get("id", nobody), json.dumps(update))


def read(body: bytes, bot: ExtBot[int]) -> StoredUpdate | None:
    """Return the update that somebody who claims to be Telegram has sent; None where it is none."""
    try:
        update = json.loads(body)
        Update.de_json(update, bot)
        found = stored(update)
    except Exception:  # noqa: BLE001 - python-telegram-bot trusts Telegram and checks nothing itself
        return None
    return found if _is_number(found.update_id) and found.update_id > 0 and _is_number(found.lane) else None


def kind_of(update: Update) -> str:
    """Return one of a few words for what an update is."""
    if update.callback_query is not None:
        return "button"
    if update.my_chat_member is not None:
        return "membership"
    message = update.message
    if message is None:
        return "other"
    return "command" if _is_command(message) else next((k for k in _MESSAGE_KINDS if getattr(message, k)), "other")


def _is_command(message: Message) -> bool:
    return (message.text or "").startswith("/")


def _is_number(value: object) -> bool:
    return type(value) is int and -_END_OF_NUMBERS < value < _END_OF_NUMBERS  # True is an int, too
