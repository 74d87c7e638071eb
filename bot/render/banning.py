"""For how long somebody is banned and why: read from what a moderator wrote, or asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.content import Content, Texts
from bot.render.reply import Button, Reply, shortened

BAN: Final = "ban"  # callback data, followed by a colon and what is meant
BAN_DAYS: Final = (1, 7, 30, 0)  # 0 for good
MAX_BAN_REASON: Final = 500  # characters
_MOST: Final = 999  # days or weeks
_MAX_UNREAD: Final = 20  # characters of what is no length, to be told again
_LENGTH: Final = re.compile(r"([1-9]\d{0,2})([dw])")  # 7d, 2w
_MEANT_AS_LENGTH: Final = re.compile(r"\d+[^\W\d_]+")  # 12h, 1000d
_AROUND: Final = "\"'“”«».,:;"
_DAYS: Final = {"d": 1, "w": 7}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a moderator wrote behind the name of whom they ban.

    Attributes:
        days: for how long, 0 for good; None where that can't be read.
        reason: why, as the person will read it.
        unread: what stands where the length should and begins like one, but is none.
    """

    days: int | None
    reason: str
    unread: str = ""

    @property
    def is_reason_long(self) -> bool:
        """Whether the reason is longer than the person is told."""
        return len(self.reason) > MAX_BAN_REASON


def wanted(words: Sequence[str], content: Content) -> Wanted:
    """Return what the words behind the name say. A ban for good has to be asked for, in any language of the bot."""
    plain = [word.strip(_AROUND).casefold() for word in words]
    for texts in content.by_language.values():
        for_good = texts.plain("user-ban-good").casefold().split()
        if plain[: len(for_good)] == for_good:
            return Wanted(0, " ".join(words[len(for_good) :]))
    first = plain[0] if plain else ""
    if length := _LENGTH.fullmatch(first):
        return Wanted(int(length[1]) * _DAYS[length[2]], " ".join(words[1:]))
    is_no_reason = _MEANT_AS_LENGTH.fullmatch(first) is not None
    return Wanted(None, " ".join(words[1:] if is_no_reason else words), first if first[:1].isdigit() else "")


def ban_question(user_id: int, of: Wanted, texts: Texts) -> Reply:
    """Return the question for how long, as buttons; with the reason, where one was given, and what can't be read."""
    rows = tuple((Button(_length(days, texts), f"{BAN}:{user_id}:{days}"),) for days in BAN_DAYS)
    word = shortened(of.unread, _MAX_UNREAD)
    parts = [texts.say("ban-length-unread", word=word, most=_MOST)] if word else []
    if of.is_reason_long:
        parts.append(texts.say("ban-reason-long", most=MAX_BAN_REASON))
    elif of.reason:
        parts.append(texts.say("ban-reason-kept", reason=of.reason))
    return Reply("\n\n".join([*parts, texts.say("ban-how-long", id=str(user_id))]), rows)


def reason_question(user_id: int, days: int, texts: Texts) -> Reply:
    """Return the question why, with the length that was given."""
    kept = texts.say("ban-length-kept", length=_length(days, texts))
    return Reply(f"{kept}\n\n{texts.say('ask-ban-reason', id=str(user_id))}")


def _length(days: int, texts: Texts) -> str:
    return texts.plain("ban-days", days=days) if days else texts.plain("button-ban-good")


def ban_end(days: int, now: datetime) -> datetime | None:
    """Return when a ban of so many days ends; None for good."""
    return now + timedelta(days=days) if days else None
