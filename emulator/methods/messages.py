"""Sending, copying, deleting and reacting: everything but files and edits."""

from emulator import people
from emulator.entities import FormattedText, formatted
from emulator.errors import bad_request
from emulator.objects import MAX_TEXT, Json, JsonObject
from emulator.reactions import checked_reaction
from emulator.requests import Params, is_id
from emulator.sending import editable_chat, send, writable_chat
from emulator.world import CHAT_ACTION_S, World

DELETABLE_S = 48 * 3600
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def text_of(params: Params) -> FormattedText:
    """The text of a message, formatted and within Telegram's limits."""
    text = formatted(params.text("text"), params.text("parse_mode"), params.json("entities"))
    if not text.text:
        raise bad_request("text must be non-empty" if params.text("text") else "message text is empty")
    if len(text.text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text


async def send_message(world: World, params: Params) -> Json:
    """Send a text."""
    content = text_of(params).fields("text", "entities")
    if (params.json("link_preview_options") or {}).get("is_disabled"):
        content["link_preview_options"] = {"is_disabled": True}
    return send(world, params, content)


def _location(params: Params) -> JsonObject:
    latitude, longitude = params.number("latitude"), params.number("longitude")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong latitude or longitude specified")
    return {"latitude": latitude, "longitude": longitude}


async def send_location(world: World, params: Params) -> Json:
    """Send a point on the map."""
    location = _location(params)
    for name in ("horizontal_accuracy", "live_period", "heading", "proximity_alert_radius"):
        if name in params:
            location[name] = params.values[name]
    return send(world, params, {"location": location})


async def send_venue(world: World, params: Params) -> Json:
    """Send a place with its name and address."""
    venue: JsonObject = {
        "location": _location(params),
        "title": params.text("title"),
        "address": params.text("address"),
    }
    for name in ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type"):
        if name in params:
            venue[name] = params.text(name)
    return send(world, params, {"venue": venue, "location": venue["location"]})


async def send_contact(world: World, params: Params) -> Json:
    """Send a phone contact."""
    names = ("phone_number", "first_name", "last_name", "vcard")
    return send(world, params, {"contact": {name: params.text(name) for name in names if name in params}})


async def send_chat_action(world: World, params: Params) -> Json:
    """Show for five seconds what the bot is doing."""
    action = params.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = writable_chat(world, params)
    world.actions[chat["id"]] = action, world.clock() + CHAT_ACTION_S
    world.note("chat_action", chat["id"], action=action)
    return True


def _source(world: World, params: Params, deed: str) -> JsonObject:
    chat = world.bot_chat(params.text("from_chat_id"))
    message = world.messages.get(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {deed} not found")
    if message.get("has_protected_content"):
        raise bad_request(f"message can't be {'copied' if deed == 'copy' else 'forwarded'}")
    return message


_CONTENT = (
    *("text", "entities", "caption", "caption_entities", "location", "venue", "contact"),
    *("photo", "document", "video", "video_note", "voice", "audio", "sticker", "animation"),
)


def _content_of(message: JsonObject) -> JsonObject:
    return {field: message[field] for field in _CONTENT if field in message}


async def forward_message(world: World, params: Params) -> Json:
    """Send a message on, with where it comes from."""
    source = _source(world, params, "forward")
    origin: JsonObject = source.get("forward_origin") or {
        "type": "user",
        "sender_user": source["from"],
        "date": source["date"],
    }
    return send(world, params, _content_of(source) | {"forward_origin": origin})


async def copy_message(world: World, params: Params) -> Json:
    """Send a message on as if it were new, with another caption if asked."""
    content = _content_of(_source(world, params, "copy"))
    if "caption" in params:
        caption = formatted(params.text("caption"), params.text("parse_mode"), params.json("caption_entities"))
        content.pop("caption_entities", None)
        content |= caption.fields("caption", "caption_entities")
    return {"message_id": send(world, params, content)["message_id"]}


async def delete_message(world: World, params: Params) -> Json:
    """Delete a message for everybody."""
    chat = editable_chat(world, params)
    message = world.messages.get(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _check_deletable(world, message)
    people.delete(world, chat["id"], message["message_id"])
    return True


async def delete_messages(world: World, params: Params) -> Json:
    """Delete up to a hundred messages; those that are gone already are skipped."""
    chat = editable_chat(world, params)
    message_ids = params.json("message_ids")
    if not 1 <= len(message_ids) <= 100:
        raise bad_request(
            "too many message identifiers specified" if message_ids else "message identifiers are not specified"
        )
    if not all(is_id(number) for number in message_ids):
        raise bad_request("message identifier must be of type Number")
    found = [message for number in message_ids if (message := world.messages.get(chat["id"], number))]
    for message in found:
        _check_deletable(world, message)
    for message in found:
        people.delete(world, chat["id"], message["message_id"])
    return True


def _check_deletable(world: World, message: JsonObject) -> None:
    is_foreign = message["chat"]["type"] != "private" and message["from"]["id"] != world.accounts.bot["id"]
    if is_foreign or message["date"] < world.clock() - DELETABLE_S:
        raise bad_request("message can't be deleted")


async def set_message_reaction(world: World, params: Params) -> Json:
    """Put the bot's reaction on a message, or take it back."""
    chat = writable_chat(world, params)
    message = world.messages.get(chat["id"], params.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    reaction = checked_reaction(params.json("reaction") or [])
    message_id = message["message_id"]
    world.messages.react(chat["id"], message_id, world.accounts.bot["id"], reaction)
    world.note_change("reaction", chat["id"], message_id, message_id=message_id, reaction=reaction)
    return True
