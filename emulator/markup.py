"""Keyboards that a bot sends along, checked as Telegram does."""

from typing import Any

from emulator.errors import bad_request
from emulator.objects import JsonObject

_BUTTON_FLAGS = ("request_contact", "request_location")
_KEYBOARD_FLAGS = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")
_BUTTON_KINDS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay")


def checked_markup(markup: JsonObject | None) -> JsonObject | None:
    """A reply markup with only what Telegram knows of it; None for none.

    Raises:
        BotApiError: 400 for a malformed keyboard or callback data over 64 bytes.
    """
    if markup is None:
        return None
    if markup.get("keyboard"):
        rows = [[_reply_button(button) for button in row] for row in _rows(markup, "keyboard")]
        return {"keyboard": rows} | _flags(markup, _KEYBOARD_FLAGS) | _placeholder(markup)
    if markup.get("inline_keyboard"):
        inline_rows = [[_inline_button(button) for button in row] for row in _rows(markup, "inline_keyboard")]
        return {"inline_keyboard": [row for row in inline_rows if row]}
    if markup.get("remove_keyboard"):
        return {"remove_keyboard": True} | _flags(markup, ("selective",))
    if markup.get("force_reply"):
        return {"force_reply": True} | _flags(markup, ("selective",)) | _placeholder(markup)
    return None


def inline_markup(markup: JsonObject | None) -> JsonObject | None:
    """A reply markup for an edited message, which can only be an inline keyboard.

    Raises:
        BotApiError: 400 for anything else.
    """
    checked = checked_markup(markup)
    if checked is not None and "inline_keyboard" not in checked:
        raise bad_request("inline keyboard expected")
    return checked


def _rows(markup: JsonObject, field: str) -> list[list[Any]]:
    rows = markup[field]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        owner = " of the InlineKeyboardMarkup" if field == "inline_keyboard" else ""
        raise bad_request(f'field "{field}"{owner} must be an Array of Arrays')
    return rows


def _flags(markup: JsonObject, names: tuple[str, ...]) -> JsonObject:
    return {name: True for name in names if markup.get(name)}


def _placeholder(markup: JsonObject) -> JsonObject:
    text = markup.get("input_field_placeholder")
    if not text:
        return {}
    if not isinstance(text, str) or len(text) > 64:
        raise bad_request("input field placeholder must be a String of at most 64 characters")
    return {"input_field_placeholder": text}


def _reply_button(button: object) -> JsonObject:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    return {"text": _label(button, "keyboard button")} | _flags(button, _BUTTON_FLAGS)


def _inline_button(button: object) -> JsonObject:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    label = _label(button, "inline keyboard button")
    kind = next((kind for kind in _BUTTON_KINDS if button.get(kind)), None)
    if kind is None:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    value = button[kind]
    if kind == "callback_data" and len(str(value).encode()) > 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if kind == "url" and not _is_link(str(value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    return {"text": label, kind: value}


def _is_link(url: str) -> bool:
    scheme, has_scheme, rest = url.partition("://")
    return bool(rest) and scheme in {"http", "https", "tg", "tonsite"} if has_scheme else "." in url


def _label(button: JsonObject, what: str) -> str:
    if "text" not in button:
        raise bad_request(f"can't parse {what}: Can't find field \"text\"")
    text = button["text"]
    if not isinstance(text, str) or not text.strip():
        raise bad_request(f"{what} text must be a non-empty string" if text else "button text must be non-empty")
    return text
