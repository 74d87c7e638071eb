"""An update between Telegram's JSON and the inbox: which are asked for, into whose lane they go, of which kind."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

from telegram import Message, MessageEntity, Update
from telegram.ext import ExtBot

from bot.storage.inbox import StoredUpdate

ALLOWED_UPDATES: Final = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
_END_OF_NUMBERS: Final = 2**63  # what the database holds
_IDS: Final = (("chat", "id"), ("message", "chat", "id"), ("from", "id"))  # in an event: of the chat, of the person
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
    lane: Any = next(filter(None, _ids(update)), None)
    nobody = -number  # a lane of its own, and never a person's
    return StoredUpdate(number, lane if _is_number(lane) else nobody, json.dumps(update))


def _ids(update: Mapping[str, Any]) -> list[Any]:
    event = next((update[kind] for kind in ALLOWED_UPDATES if kind in update), None)
    return [_inside(event, *keys) for keys in _IDS]


def _inside(value: object, *keys: str) -> Any:  # noqa: ANN401 - JSON is anything
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def read(body: bytes) -> StoredUpdate | None:
    """Return the update that somebody who claims to be Telegram has sent; None where it is none.

    One whose ids are no numbers is none: a library that fails on them would quote them in the log.
    """
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = _inside(update, "update_id")
    is_one = _is_number(number) and number > 0 and all(_is_number(each) for each in _ids(update) if each is not None)
    return stored(update) if is_one else None


def parsed(update: StoredUpdate, bot: ExtBot[int]) -> Update:
    """Return an update as python-telegram-bot has it, which looks for a command in the first entity of a message only.

    Of a command that is bold together with what follows it Telegram tells the bold first.
    """
    told = json.loads(update.payload)
    entities = _inside(told, "message", "entities")
    if isinstance(entities, list):
        entities.sort(key=lambda entity: (entity["offset"], entity["type"] != MessageEntity.BOT_COMMAND))
    return Update.de_json(told, bot)


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
