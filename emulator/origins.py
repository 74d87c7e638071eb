"""Where what somebody forwards comes from."""

import zlib
from collections.abc import Mapping
from typing import Any

from emulator.errors import ControlError
from emulator.fields import integer
from emulator.objects import Chat, JsonObject
from emulator.people import person_of
from emulator.world import World

_CHANNELS_FROM = 1_009_000_000_000  # with Telegram's -100 before the number
_CHANNELS = 1_000_000_000


def origin_of(world: World, fields: Mapping[str, Any]) -> JsonObject:
    """Who wrote what is forwarded: a person or the bot, only a name, the administrators of a group, or a channel.

    Raises:
        ControlError: 404 for nobody.
    """
    origin = _origin(world, fields)
    return {"forward_origin": origin | {"date": int(world.clock())}} if origin else {}


def _origin(world: World, fields: Mapping[str, Any]) -> JsonObject:
    if user_id := integer(fields, "forward_from_user_id"):
        bot = world.accounts.bot
        return {"type": "user", "sender_user": bot if user_id == bot["id"] else person_of(world, user_id)}
    if name := fields.get("forward_from_name"):
        return {"type": "hidden_user", "sender_user_name": str(name)}
    if chat_id := integer(fields, "forward_from_chat_id"):
        return {"type": "chat", "sender_chat": _group(world, chat_id)}
    if title := fields.get("forward_from_channel"):
        return {"type": "channel", "chat": _channel(str(title)), "message_id": 1}
    return {}


def _group(world: World, chat_id: int) -> Chat:
    group = world.accounts.chat(chat_id)
    if group is None or group["type"] == "private":
        raise ControlError(f"There is no group {chat_id}.", 404)
    return group


def _channel(title: str) -> Chat:
    """A channel of this title: it is nowhere else, and the same title means the same one."""
    number = _CHANNELS_FROM + zlib.crc32(title.encode()) % _CHANNELS
    return {"id": -number, "type": "channel", "title": title}
