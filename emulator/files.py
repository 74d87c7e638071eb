"""Files that people and the bot sent: their ids, their bytes, and what messages say about them."""

import asyncio
import hashlib
import json
import mimetypes
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from aiohttp import web

from emulator.objects import JsonObject
from emulator.photos import Jpeg, photo_sizes, thumbnail
from emulator.store import Row, Store

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024

# Telegram's file ids begin alike for each kind.
_PREFIXES = {
    "photo": "AgACAgI",
    "document": "BQACAgI",
    "thumbnail": "AAMCAgA",
    "video": "BAACAgI",
    "voice": "AwACAgI",
    "video_note": "DQACAgI",
}
_OTHER_PREFIX = "CQACAgI"
_KNOWN_TYPES = {".heic": "image/heic", ".heif": "image/heif", ".webp": "image/webp", ".jpg": "image/jpeg"}
_DEFAULT_TYPES = {
    **dict.fromkeys(("video", "animation", "video_note"), "video/mp4"),
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
}
_SIZELESS: dict[str, JsonObject] = {
    "video": {"width": 640, "height": 480, "duration": 1},
    "animation": {"width": 320, "height": 240, "duration": 1},
    "video_note": {"length": 240, "duration": 1},
    "voice": {"duration": 1},
    "audio": {"duration": 1},
    "sticker": {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False},
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in.

    Args:
        name: its file name; may be empty.
        content: its bytes.
    """

    name: str
    content: bytes

    @property
    def is_too_large(self) -> bool:
        """Whether Telegram refuses it."""
        return len(self.content) > MAX_UPLOAD_BYTES


def received(field: web.FileField) -> Upload:
    """The file in a part of a form; of one that is too large no more than shows that."""
    return Upload(field.filename or "", field.file.read(MAX_UPLOAD_BYTES + 1))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known about a file, without its bytes.

    Args:
        path: under which it is downloaded, such as ``photos/file_3.jpg``.
        set_id: shared by all sizes of one photo.
        described: the Bot API object that messages show.
    """

    path: str
    set_id: str
    kind: str
    mime_type: str
    described: JsonObject


class FileShelf:
    """All files, by file id and by download path."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._uploaded: dict[bytes, str] = {}  # by the SHA-256 of what the bot uploaded: the photo made of it

    async def uploaded_photo(self, upload: Upload, max_sides_sum_px: float) -> list[JsonObject]:
        """The sizes of a photo that the bot uploads; the same bytes again are the photo that they were before.

        Telegram's server (`reuse_uploaded_photos_by_hash`) knows uploads of up to 11 MB again until it is restarted.
        It takes no larger photos of bots, so that all of them are known here, for as long as the emulator runs.

        Raises:
            NotAPhoto, BadPhotoShape: see `photo_sizes`.
        """
        digest = hashlib.sha256(upload.content).digest()
        if digest not in self._uploaded:
            sizes = await asyncio.to_thread(photo_sizes, upload.content, max_sides_sum_px)
            if digest not in self._uploaded:  # it may have come twice at once
                set_id = _new_id(12)
                self._keep_sizes(sizes, "photo", set_id)
                self._uploaded[digest] = set_id
        return self._sizes_of(self._uploaded[digest])

    async def add_photo(self, upload: Upload) -> list[JsonObject]:
        """Process and keep a person's photo; returns its sizes as messages show them, smallest first.

        Raises:
            NotAPhoto, BadPhotoShape: see `photo_sizes`.
        """
        sizes = await asyncio.to_thread(photo_sizes, upload.content)
        return self._keep_sizes(sizes, "photo", _new_id(12))

    async def add_file(self, kind: str, upload: Upload) -> JsonObject:
        """Keep a file byte for byte; returns it as messages show it.

        Args:
            kind: document, video, video_note, voice, audio, sticker or animation.
            upload: the file; its mime type goes by its name.
        """
        described: JsonObject = dict(_SIZELESS.get(kind, {}))
        mime_type = mime_type_of(upload.name, _DEFAULT_TYPES.get(kind, "application/octet-stream"))
        if kind not in {"sticker", "voice", "video_note"} and upload.name:
            described["file_name"] = upload.name
        if kind not in {"sticker", "video_note"}:
            described["mime_type"] = mime_type
        if kind == "document" and mime_type.startswith("image/"):
            small = await asyncio.to_thread(thumbnail, upload.content)
            if small:
                described["thumbnail"] = self._keep_sizes([small], "thumbnail", _new_id(12))[0]
        return self._keep(kind, _new_id(12), mime_type, described, upload.content)

    def _keep_sizes(self, sizes: Sequence[Jpeg], kind: str, set_id: str) -> list[JsonObject]:
        with self._store.together():
            return [
                self._keep(kind, set_id, "image/jpeg", {"width": size.width, "height": size.height}, size.content)
                for size in sizes
            ]

    def _keep(self, kind: str, set_id: str, mime_type: str, described: JsonObject, content: bytes) -> JsonObject:
        file_id = _PREFIXES.get(kind, _OTHER_PREFIX) + _new_id(48)
        ids: JsonObject = {"file_id": file_id, "file_unique_id": f"AQAD{_new_id(8)}"}
        full = ids | described | {"file_size": len(content)}
        sql = "INSERT INTO files (file_id, set_id, kind, mime_type, body, content) VALUES (?, ?, ?, ?, ?, ?)"
        self._store.run(sql, file_id, set_id, kind, mime_type, json.dumps(full), content)
        return full

    def find(self, file_id: str) -> StoredFile | None:
        """The file with this id."""
        sql = "SELECT number, set_id, kind, mime_type, body FROM files WHERE file_id = ?"
        row = self._store.row(sql, file_id)
        return _stored(row) if row else None

    def sizes_of(self, file: StoredFile) -> list[JsonObject]:
        """All sizes of the photo that this file is one of, smallest first."""
        return self._sizes_of(file.set_id)

    def _sizes_of(self, set_id: str) -> list[JsonObject]:
        rows = self._store.rows("SELECT body FROM files WHERE set_id = ? ORDER BY number", set_id)
        return [json.loads(body) for (body,) in rows]

    def at(self, path: str) -> StoredFile | None:
        """The file with this download path."""
        number = PurePosixPath(path).stem.removeprefix("file_")
        if not number.isdecimal():
            return None
        sql = "SELECT number, set_id, kind, mime_type, body FROM files WHERE number = ?"
        row = self._store.row(sql, int(number))
        file = _stored(row) if row else None
        return file if file and file.path == path else None

    def content(self, file: StoredFile) -> bytes:
        """The bytes of a file."""
        sql = "SELECT content FROM files WHERE file_id = ?"
        ((content,),) = self._store.rows(sql, file.described["file_id"])
        return bytes(content)


def is_file_id(file_id: str) -> bool:
    """Whether this could be the id of a file, also of one that is not here."""
    return file_id.startswith((*_PREFIXES.values(), _OTHER_PREFIX))


def mime_type_of(name: str, default: str) -> str:
    """The type that a file name promises."""
    suffix = PurePosixPath(name.lower()).suffix
    return _KNOWN_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or default


def _stored(row: Row) -> StoredFile:
    number, set_id, kind, mime_type, body = row
    described: JsonObject = json.loads(body)
    suffix = PurePosixPath(described.get("file_name", "")).suffix or mimetypes.guess_extension(mime_type) or ""
    return StoredFile(f"{kind}s/file_{number}{suffix}", set_id, kind, mime_type, described)


def _new_id(length: int) -> str:
    return secrets.token_urlsafe(length)[:length]
