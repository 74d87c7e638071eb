"""What people's messages say, from the control API's description to the fields of a Bot API message."""

from collections.abc import Sequence

from emulator.entities import FormattedText, formatted
from emulator.errors import BotApiError, ControlError
from emulator.files import Upload
from emulator.objects import MAX_ALBUM, MAX_PREMIUM_CAPTION, MAX_TEXT, Json, JsonObject
from emulator.photos import BadPhotoShape, NotAPhoto
from emulator.world import World

_CAPTIONED = ("photo", "document", "video", "voice", "audio", "animation")
_FILES = frozenset({"document", "video", "video_note", "voice", "audio", "sticker", "animation"})  # but for photos
_ALBUMS = (frozenset({"photo", "video"}), frozenset({"document"}), frozenset({"audio"}))  # what goes together
_HEAD = frozenset({"message_id", "from", "chat", "date"})


def content_of(body: JsonObject) -> JsonObject:
    """What a message says, from the control API's description: a text, a location, a venue, a contact or anything else.

    Raises:
        ControlError: none of these, or an incomplete one.
    """
    if body.get("text") is not None:
        return text_content(str(body["text"]), body.get("entities"))
    if "fields" in body:
        return _fields(body["fields"])
    try:
        if "location" in body:
            return {"location": _location(body["location"])}
        if "venue" in body:
            place = {"title": str(body["venue"]["title"]), "address": str(body["venue"]["address"])}
            location = _location(body["venue"])
            return {"venue": {"location": location, **place}, "location": location}
        contact = body["contact"]
        known = ("phone_number", "first_name", "last_name", "user_id")
        return {"contact": {name: contact[name] for name in known if name in contact or name in known[:2]}}
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError(f"This message lacks {error}.") from error


def _fields(fields: object) -> JsonObject:
    """What the emulator knows nothing of (a poll, a dice, a pinned message…), as the Bot API describes it."""
    if not isinstance(fields, dict) or not fields or _HEAD & fields.keys():
        raise ControlError(f"“fields” are those of a message, but for {', '.join(sorted(_HEAD))}.")
    return fields


def _location(place: JsonObject) -> JsonObject:
    location: JsonObject = {"latitude": float(place["latitude"]), "longitude": float(place["longitude"])}
    if not (-90 <= location["latitude"] <= 90 and -180 <= location["longitude"] <= 180):
        raise ControlError("There is no such place on Earth.")
    optional = ("live_period", "horizontal_accuracy", "heading", "proximity_alert_radius")
    return location | {name: place[name] for name in optional if name in place}


def text_content(text: str, entities: Sequence[Json] | None = None) -> JsonObject:
    """What a message with this text says, with its formatting and the entities that Telegram finds by itself."""
    typed = _typed(text, entities)
    if not 1 <= len(typed.text) <= MAX_TEXT:
        raise ControlError(f"A message has 1 to {MAX_TEXT} characters.")
    return typed.fields("text", "entities")


def caption_content(caption: str, entities: Sequence[Json] | None) -> JsonObject:
    """The caption of a photo or file, with its formatting and the entities that Telegram finds by itself."""
    typed = _typed(caption, entities)
    if len(typed.text) > MAX_PREMIUM_CAPTION:
        raise ControlError(f"A caption has at most {MAX_PREMIUM_CAPTION} characters.")
    return typed.fields("caption", "caption_entities")


def _typed(text: str, entities: Sequence[Json] | None) -> FormattedText:
    try:
        return formatted(text, "", entities)
    except BotApiError as error:
        raise ControlError(f"No app formats a text like this: {error.description}.") from error


def changes_of(message: JsonObject, body: JsonObject) -> JsonObject:
    """What an edited message says now: another text or place, or another caption or none below a photo or file.

    Raises:
        ControlError: this message can't say that.
    """
    if "caption" in body:
        if "text" in message or not any(kind in message for kind in _CAPTIONED):
            raise ControlError("This message has no caption.")
        return caption_content(str(body["caption"] or ""), body.get("caption_entities"))
    changes = content_of(body)
    if not any(field in message for field in changes):
        raise ControlError("An edited message stays of its kind.")
    return changes


async def file_contents(
    world: World, kinds: Sequence[str], uploads: Sequence[Upload], caption: JsonObject
) -> list[JsonObject]:
    """What messages with these files say: one each, an album where there are several; the first has the caption.

    Args:
        world: keeps the files.
        kinds: of each file, or one for all: photo, document, video….
        uploads: the files.
        caption: its fields, see `caption_content`.

    Raises:
        ControlError: a photo is no image, or there are too many or no files, or some that don't go together.
    """
    each = list(kinds) * (len(uploads) if len(kinds) == 1 else 1)
    is_album = len(uploads) <= MAX_ALBUM and any(album.issuperset(each) for album in _ALBUMS)
    if len(each) != len(uploads) or not (is_album or len(uploads) == 1) or not uploads:
        raise ControlError("One file, or an album of two to ten photos and videos, documents, or pieces of music.")
    contents = [await _file_content(world, kind, upload) for kind, upload in zip(each, uploads, strict=True)]
    contents[0] |= caption
    if len(contents) > 1:
        group = world.new_album()
        contents = [content | {"media_group_id": group} for content in contents]
    return contents


async def _file_content(world: World, kind: str, upload: Upload) -> JsonObject:
    if kind == "photo":
        try:
            return {"photo": await world.files.add_photo(upload)}
        except (NotAPhoto, BadPhotoShape) as error:
            raise ControlError(f"“{upload.name}” can't be sent as a photo: {error}.") from error
    if kind not in _FILES:
        raise ControlError(f"There is no kind of file “{kind}”.")
    described = await world.files.add_file(kind, upload)
    return {kind: described} | ({"document": described} if kind == "animation" else {})
