"""How a message of the bot gets into a chat: checks, reply, keyboards, and what people then see."""

from collections.abc import Sequence

from emulator.errors import BotApiError, bad_request
from emulator.markup import checked_markup
from emulator.objects import Chat, JsonObject
from emulator.requests import Params, is_id
from emulator.world import World


def editable_chat(world: World, params: Params) -> Chat:
    """The chat in which the bot wants to change what it has written.

    Raises:
        BotApiError: "chat not found", or 403 where the person has deleted their account.
    """
    chat = world.bot_chat(params.text("chat_id"))
    if world.accounts.is_deactivated(chat["id"]):
        raise BotApiError(403, "Forbidden: user is deactivated")
    return chat


def writable_chat(world: World, params: Params) -> Chat:
    """The chat that the bot wants to write to.

    Raises:
        BotApiError: as above, or 403 where the person blocked the bot, or never wrote to it and is known from a group.
    """
    chat = editable_chat(world, params)
    if chat["type"] == "private" and not world.accounts.has_written(chat["id"]):
        raise BotApiError(403, "Forbidden: bot can't initiate conversation with a user")
    if world.accounts.is_blocked(chat["id"]):
        raise BotApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def send(world: World, params: Params, content: JsonObject) -> JsonObject:
    """Send one message with this content; returns it as the bot gets it back."""
    return send_all(world, params, [content])[0]


def send_all(world: World, params: Params, contents: Sequence[JsonObject]) -> list[JsonObject]:
    """Send one message, or those of an album, all or none."""
    chat = writable_chat(world, params)
    markup = checked_markup(params.json("reply_markup"))
    options = _reply(world, chat, params) | ({"has_protected_content": True} if params.flag("protect_content") else {})
    if markup and "inline_keyboard" in markup:
        options["reply_markup"] = markup
    with world.store.together():
        messages = [world.new_message(chat, world.accounts.bot, content | options) for content in contents]
        for message in messages:
            world.keep(message)
            if markup and "inline_keyboard" not in markup:
                world.messages.fix(message)
        _show_keyboard(world, chat["id"], markup)
    world.actions.pop(chat["id"], None)
    return messages


def _reply(world: World, chat: Chat, params: Params) -> JsonObject:
    asked: JsonObject = params.json("reply_parameters") or {}
    if not asked:
        return {}
    message_id = asked.get("message_id")
    if not is_id(message_id):
        raise bad_request('can\'t parse reply parameters: field "message_id" must be of type Number')
    target = world.reply_target(chat["id"], message_id)
    if target is None and not asked.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return {"reply_to_message": target} if target else {}


def _show_keyboard(world: World, chat_id: int, markup: JsonObject | None) -> None:
    if markup is None or "inline_keyboard" in markup or "force_reply" in markup:
        return
    keyboard = markup if "keyboard" in markup else None
    if keyboard != world.messages.keyboard(chat_id):
        world.messages.set_keyboard(chat_id, keyboard)
        world.note("reply_keyboard", chat_id, reply_keyboard=keyboard)
