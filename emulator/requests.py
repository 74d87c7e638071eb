"""A Bot API request as bots send it: JSON, form or multipart, checked against the table of methods."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from aiohttp import web

from emulator.errors import BotApiError, bad_request
from emulator.files import Upload, received
from emulator.objects import JsonObject

METHODS: dict[str, dict[str, JsonObject]] = json.loads(Path(__file__).with_name("methods.json").read_text("utf-8"))
_METHOD_NAMES = {name.lower(): name for name in METHODS}
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
# What Telegram says where a parameter is missing, where that is not its usual sentence.
_MISSING = {
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
}
_EMPTY = frozenset({"chat_id", "from_chat_id", "latitude", "longitude"})


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of one request, already of their declared types; absent ones are missing.

    Args:
        values: by name; numbers, booleans, texts, and JSON objects or arrays.
        uploads: files that came along, by the name of their part.
        unknown: names that the method does not have; Telegram ignores them too.
    """

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.uploads

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return str(self.values.get(name, default))

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number."""
        return int(self.values.get(name, default))

    def number(self, name: str) -> float:
        """A number; 0 when absent."""
        return float(self.values.get(name, 0))

    def flag(self, name: str) -> bool:
        """A boolean; false when absent."""
        return bool(self.values.get(name, False))

    def json(self, name: str) -> Any:  # noqa: ANN401 - JSON of any shape
        """A nested object or array; None when absent."""
        return self.values.get(name)

    def upload(self, name: str) -> Upload | None:
        """A file that came along, under its own name or through ``attach://``."""
        reference = self.values.get(name)
        return self.attached(reference) if isinstance(reference, str) else self.uploads.get(name)

    def attached(self, reference: str) -> Upload | None:
        """The file meant by an ``attach://`` reference."""
        name = reference.removeprefix("attach://")
        return self.uploads.get(name) if name != reference else None


def method_name(asked: str) -> str:
    """The method's name in its usual spelling; Telegram does not mind the case.

    Raises:
        BotApiError: 404 for a method that the emulator does not have.
    """
    if asked.lower() not in _METHOD_NAMES:
        raise BotApiError(404, f"Not Found: method {asked} not found")
    return _METHOD_NAMES[asked.lower()]


async def read_request(request: web.Request) -> tuple[JsonObject, dict[str, Upload]]:
    """The raw parameters of a request, from its query and its body, and the files in it."""
    raw: JsonObject = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        raw |= await _body(request, uploads)
    except web.HTTPRequestEntityTooLarge:
        raise BotApiError(413, "Request Entity Too Large") from None
    return raw, uploads


async def _body(request: web.Request, uploads: dict[str, Upload]) -> JsonObject:
    """The fields of the body; files go to `uploads`."""
    if request.content_type == "application/json":
        return _json_body(await request.text())
    if request.content_type not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return {}
    fields: JsonObject = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            uploads[name] = _upload(value)
        else:
            fields[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return fields


def _upload(field: web.FileField) -> Upload:
    upload = received(field)
    if upload.is_too_large:
        raise BotApiError(413, "Request Entity Too Large")
    return upload


def _json_body(text: str) -> JsonObject:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("can't parse request body JSON object")
    return body


def checked(method: str, raw: JsonObject, uploads: Mapping[str, Upload]) -> Params:
    """Parameters of their declared types.

    Raises:
        BotApiError: 400 that names the first wrong or missing parameter.
    """
    table = METHODS[method]
    _check_unicode(raw)
    given = {name: value for name, value in raw.items() if value not in ("", None)}
    values = {name: _typed(name, value, table[name]["types"]) for name, value in given.items() if name in table}
    for name, row in table.items():
        if row["required"] and name not in values and name not in uploads:
            raise bad_request(_missing(name))
    return Params(values, uploads, tuple(name for name in given if name not in table))


def is_id(value: object) -> TypeGuard[int]:
    """Whether this can be the number of a chat or message: Telegram's have at most 64 bits."""
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _check_unicode(raw: JsonObject) -> None:
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _missing(name: str) -> str:
    return f"{name} is empty" if name in _EMPTY else _MISSING.get(name, f'parameter "{name}" is required')


def _typed(name: str, value: object, types: list[str]) -> object:
    if "String" in types:
        return value if isinstance(value, str) else json.dumps(value)
    if types == ["Integer"]:
        return _integer(name, value)
    if types == ["Float"]:
        return _float(name, value)
    if types == ["Boolean"]:
        return _boolean(name, value)
    return value if types == ["InputFile"] else _nested(name, value, is_array=types[0].startswith("Array"))


def _integer(name: str, value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = 2**63
    if not is_id(number):
        raise bad_request(f'parameter "{name}" must be of type Integer')
    return number


def _float(name: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise bad_request(f'parameter "{name}" must be of type Float')
    return number


def _boolean(name: str, value: object) -> bool:
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise bad_request(f'parameter "{name}" must be of type Boolean')
    return word in _TRUE


def _nested(name: str, value: object, *, is_array: bool) -> object:
    parsed = value
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            raise bad_request(f'can\'t parse parameter "{name}" as JSON') from None
    if not isinstance(parsed, list if is_array else dict):
        raise bad_request(f'parameter "{name}" must be {"an Array" if is_array else "an Object"}')
    return parsed
