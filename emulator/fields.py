"""What a request to the control API says: its body, numbers, arrays and files."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from emulator.errors import ControlError
from emulator.files import MAX_UPLOAD_BYTES, Upload, received
from emulator.objects import JsonObject


async def body_of(request: web.Request) -> JsonObject:
    """The JSON object that a request brings.

    Raises:
        ControlError: it brings none.
    """
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object.")
    return body


def integer(fields: Mapping[str, Any], name: str) -> int | None:
    """A whole number among fields; None when absent."""
    value = fields.get(name)
    try:
        return None if value in (None, "") else int(str(value))
    except ValueError:
        raise ControlError(f"“{name}” must be a number.") from None


def array(fields: Mapping[str, str], name: str) -> list[Any]:
    """A JSON array among the fields of a form; an empty one when absent."""
    try:
        value = json.loads(fields.get(name) or "[]")
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise ControlError(f"“{name}” must be a JSON array.")
    return value


def seconds(fields: Mapping[str, str], name: str, most: float) -> float:
    """A time among fields, no longer than allowed; 0 when absent."""
    try:
        return min(float(fields.get(name, "0")), most)
    except ValueError:
        raise ControlError(f"“{name}” must be a number.") from None


def upload_of(field: web.FileField) -> Upload:
    """The file in a part of a form.

    Raises:
        ControlError: 413 for a file that is too large.
    """
    upload = received(field)
    if upload.is_too_large:
        raise ControlError(f"“{upload.name}” has more than {MAX_UPLOAD_BYTES >> 20} MB.", 413)
    return upload
