"""Editing the bot's own messages."""

from emulator.errors import bad_request
from emulator.markup import inline_markup
from emulator.methods.media import caption_of, media_content
from emulator.methods.messages import text_of
from emulator.objects import Json, JsonObject
from emulator.requests import Params
from emulator.sending import editable_chat
from emulator.world import World

_MEDIA = ("photo", "document", "video", "animation", "audio", "voice")
_REPLACED = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    *_MEDIA,
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


async def edit_message_text(world: World, params: Params) -> Json:
    """Give a text message another text."""
    text = text_of(params)
    message = _editable(world, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edited(world, params, message, ("text", "entities"), text.fields("text", "entities"))


async def edit_message_caption(world: World, params: Params) -> Json:
    """Give a photo or file another caption, or none."""
    caption = caption_of(dict(params.values))
    message = _editable(world, params)
    if not any(kind in message for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _edited(world, params, message, ("caption", "caption_entities", "show_caption_above_media"), caption)


async def edit_message_media(world: World, params: Params) -> Json:
    """Give a message another photo or file; a text message may become one."""
    message = _editable(world, params)
    if not any(field in message for field in ("text", *_MEDIA)):
        raise bad_request("message can't be edited")
    content = await media_content(world, params, params.json("media"))
    message = _editable(world, params)  # it may be gone by now
    return _edited(world, params, message, _REPLACED, content)


async def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Give a message other buttons, or none."""
    return _edited(world, params, _own(world, params), (), {})


async def stop_message_live_location(world: World, params: Params) -> Json:
    """Let a live location be one no longer."""
    message = _editable(world, params)
    if "live_period" not in message.get("location", {}):
        raise bad_request("there is no live location in the message to edit")
    location = {name: value for name, value in message["location"].items() if name in {"latitude", "longitude"}}
    return _edited(world, params, message, ("location",), {"location": location})


def _editable(world: World, params: Params) -> JsonObject:
    """The message, unless it has no text: a place that was never live, or a contact, gets other buttons and no more."""
    message = _own(world, params)
    was_live = "location" in message and ("live_period" in message["location"] or "edit_date" in message)
    if any(kind in message for kind in ("venue", "contact")) or ("location" in message and not was_live):
        raise bad_request("message can't be edited")
    return message


def _own(world: World, params: Params) -> JsonObject:
    if "inline_message_id" in params:
        raise bad_request("MESSAGE_ID_INVALID")  # nobody uses the bot inline here
    for name, sentence in (("chat_id", "chat_id is empty"), ("message_id", "message identifier is not specified")):
        if name not in params:
            raise bad_request(sentence)
    chat = editable_chat(world, params)
    message = world.messages.get(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    is_foreign = message["from"]["id"] != world.accounts.bot["id"] or "forward_origin" in message
    if is_foreign or world.messages.is_fixed(message):
        raise bad_request("message can't be edited")
    return message


def _edited(
    world: World, params: Params, message: JsonObject, replaced: tuple[str, ...], content: JsonObject
) -> JsonObject:
    """The message with new content; its buttons vanish unless they were sent again."""
    markup = inline_markup(params.json("reply_markup"))
    gone = {*replaced, "reply_markup"}
    edited = {key: value for key, value in message.items() if key not in gone} | content
    if markup:
        edited["reply_markup"] = markup
    if edited == message:
        raise bad_request(_NOT_MODIFIED)
    edited["edit_date"] = int(world.clock())
    with world.store.together():
        world.messages.save(edited)
        world.note_change("edited_message", edited["chat"]["id"], edited["message_id"], message=edited)
    return edited
