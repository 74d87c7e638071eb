"""What somebody sees in a message."""

import re
from collections.abc import Callable
from typing import TypeAlias, cast

from emulator.objects import JsonObject, Message

Expectation: TypeAlias = str | re.Pattern[str] | Callable[[Message], bool]


def matches(message: Message, expected: Expectation) -> bool:
    """Whether a message has the text, fits the pattern, or fulfils the condition."""
    text = message.get("text") or message.get("caption") or ""
    if isinstance(expected, str):
        return expected in text
    return bool(expected.search(text)) if isinstance(expected, re.Pattern) else expected(message)


def described(expected: Expectation) -> str:
    """What was expected, in words."""
    if isinstance(expected, str):
        return f"“{expected}”"
    return repr(expected.pattern) if isinstance(expected, re.Pattern) else f"{expected.__name__}(message)"


def buttons(message: Message) -> list[JsonObject]:
    """The inline buttons below a message."""
    rows = message.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
    return [cast("JsonObject", button) for row in rows for button in row]


def has_label(message: Message, label: str) -> bool:
    """Whether one of the buttons has this label."""
    return any(button["text"] == label for button in buttons(message))


def shown(message: Message) -> str:
    """A message on one line, for the reader of a failed test."""
    kinds = [kind for kind in ("photo", "document", "location", "venue", "contact") if kind in message]
    text = message.get("text") or message.get("caption") or ""
    labels = "".join(f" [{button['text']}]" for button in buttons(message))
    who = "bot" if message["from"]["is_bot"] else message["from"]["first_name"]
    return f"  {message['message_id']} {who}: {' '.join([*kinds, text])}{labels}"
