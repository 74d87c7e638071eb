"""A reply, and how numbers, times and pages are said in one."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.content import Texts


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button; data is what comes back when it is pressed (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, before it is anybody's.

    Attributes:
        markdown: the text, or the caption of the picture (1024 characters at most once it is rendered).
        buttons: rows of buttons under it.
        picture: a JPEG, or None for a text message.
        location_button: label of a key under the text field that shares the patient's location.
        is_end_of_keys: takes the keys under the text field away.
    """

    markdown: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: bytes | None = None
    location_button: str | None = None
    is_end_of_keys: bool = False


def below(reply: Reply, first: str) -> Reply:
    """Return a reply below something that is said first."""
    return replace(reply, markdown=f"{first}\n\n{reply.markdown}")


def length(text: str) -> int:
    """Return how long a text is for Telegram, which counts UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def shortened(words: str, most: int) -> str:
    """Return words of at most so many characters as they are, of others the beginning, and that it is one."""
    return words if len(words) <= most else f"{words[:most]}…"


def in_100(probability: float, texts: Texts) -> str:
    """Return a natural frequency, "12 in 100", never 0 and never 100."""
    count = round(probability * 100)
    if count < 1:
        return texts.plain("fewer-than-1-in-100")
    return texts.plain("more-than-99-in-100") if count > 99 else texts.plain("n-in-100", count=count)


def in_time(wait: timedelta, texts: Texts) -> str:
    """Return "in 12 minutes": never less than the wait, and no more exact than anybody needs."""
    seconds = math.ceil(wait.total_seconds())
    for unit, length_s, last in (("seconds", 10, 60), ("minutes", 60, 90 * 60), ("hours", 3600, math.inf)):
        rounded = max(1, math.ceil(seconds / length_s)) * length_s
        if rounded < last:
            return texts.plain(f"in-{unit}", count=rounded if unit == "seconds" else rounded // length_s)
    raise ValueError("longer than for ever")


def hyphenated(code: str) -> str:
    """Return a code as the names of messages have it."""
    return code.replace("_", "-")


def moment(when: datetime, texts: Texts) -> str:
    """Return a date and a time of day, in UTC."""
    return texts.plain("stats-moment", when=when, time=f"{when:%H:%M}")


def page_count(count: int, size: int) -> int:
    """Return how many pages so many lines take."""
    return -(-count // size)


def page_within(wanted: int, count: int, size: int) -> int:
    """Return the page that was asked for, or the last where there are fewer by now; pages count from 0."""
    return min(wanted, max(0, page_count(count, size) - 1))


def page_buttons(
    prefix: str,
    page: int,
    pages: int,
    texts: Texts,
    labels: tuple[str, str] = ("button-newer", "button-older"),
    suffix: str = "",
) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons that turn pages, counted from 0: `<prefix>:<page><suffix>`; none where there is one page."""
    turns = [(label, to) for label, to in zip(labels, (page - 1, page + 1), strict=True) if 0 <= to < pages]
    buttons = tuple(Button(texts.plain(label), f"{prefix}:{to}{suffix}") for label, to in turns)
    return (buttons,) if buttons else ()
