"""Photos, documents, albums and file downloads."""

from emulator.entities import formatted
from emulator.errors import bad_request
from emulator.files import MAX_DOWNLOAD_BYTES, StoredFile, Upload, is_file_id
from emulator.objects import MAX_ALBUM, MAX_CAPTION, Json, JsonObject
from emulator.photos import MAX_SIDES_SUM_PX, BadPhotoShape, NotAPhoto
from emulator.requests import Params
from emulator.sending import send, send_all, writable_chat
from emulator.world import World

MAX_PHOTO_BYTES = 10 * 1024 * 1024


def caption_of(described: JsonObject) -> JsonObject:
    """The caption fields of a message, from parameters or from one InputMedia.

    Raises:
        BotApiError: 400 for broken formatting or more than 1024 characters after parsing.
    """
    text = formatted(
        str(described.get("caption") or ""), str(described.get("parse_mode") or ""), described.get("caption_entities")
    )
    if len(text.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    fields = text.fields("caption", "caption_entities")
    for option, field in (
        ("show_caption_above_media", "show_caption_above_media"),
        ("has_spoiler", "has_media_spoiler"),
    ):
        if described.get(option):
            fields[field] = True
    return fields


async def send_photo(world: World, params: Params) -> Json:
    """Send a photo: an upload, or one that Telegram has already."""
    writable_chat(world, params)
    caption = caption_of(dict(params.values))
    return send(world, params, await _photo(world, params.upload("photo"), params.text("photo")) | caption)


async def send_document(world: World, params: Params) -> Json:
    """Send a file: an upload, or one that Telegram has already."""
    writable_chat(world, params)
    caption = caption_of(dict(params.values))
    return send(world, params, await _document(world, params.upload("document"), params.text("document")) | caption)


async def send_media_group(world: World, params: Params) -> Json:
    """Send two to ten photos or documents as an album."""
    writable_chat(world, params)
    items = params.json("media")
    if not 2 <= len(items) <= MAX_ALBUM:
        raise bad_request(
            "there must be from 2 to 10 messages in the album" if items else "there are no messages to send"
        )
    if len({str(item.get("type")) for item in items if isinstance(item, dict)}) > 1:
        raise bad_request("can't use the media of the specified type in the album")
    contents = [await media_content(world, params, item) for item in items]
    group = world.new_album()
    return send_all(world, params, [content | {"media_group_id": group} for content in contents])


async def media_content(world: World, params: Params, item: Json) -> JsonObject:
    """What a message with this InputMedia says.

    Raises:
        BotApiError: 400 "can't parse InputMedia: …", or about its file or caption.
    """
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    reference = str(item.get("media") or "")
    upload = params.attached(reference) if reference else params.uploads.get("media")
    if upload is None and (not reference or reference.startswith("attach://")):
        raise bad_request("can't parse InputMedia: media not found")
    if item.get("type") == "photo":
        return await _photo(world, upload, reference) | caption_of(item)
    if item.get("type") == "document":
        return await _document(world, upload, reference) | caption_of(item)
    raise bad_request(f'can\'t parse InputMedia: type "{item.get("type")}" is unsupported')


async def _photo(world: World, upload: Upload | None, file_id: str) -> JsonObject:
    if upload is None:
        return {"photo": world.files.sizes_of(_known_file(world, file_id, "photo"))}
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > MAX_PHOTO_BYTES:
        raise bad_request("file is too big for a photo")
    try:
        return {"photo": await world.files.uploaded_photo(upload, MAX_SIDES_SUM_PX)}
    except NotAPhoto:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    except BadPhotoShape:
        raise bad_request("PHOTO_INVALID_DIMENSIONS") from None


async def _document(world: World, upload: Upload | None, file_id: str) -> JsonObject:
    if upload is None:
        return {"document": _known_file(world, file_id, "document").described}
    if not upload.content:
        raise bad_request("file must be non-empty")
    return {"document": await world.files.add_file("document", upload)}


def _known_file(world: World, file_id: str, kind: str) -> StoredFile:
    if file_id.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the emulator fetches nothing from elsewhere
    file = world.files.find(file_id)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file


async def get_file(world: World, params: Params) -> Json:
    """Where a file can be downloaded."""
    file_id = params.text("file_id")
    file = world.files.find(file_id)
    if file is None and is_file_id(file_id):
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file is None:
        raise bad_request("invalid file_id")
    if file.described["file_size"] > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    kept = ("file_id", "file_unique_id", "file_size")
    return {name: file.described[name] for name in kept} | {"file_path": file.path}
