"""Pieces of a text with a format, and the half-built text that parsers write to."""

import re
from dataclasses import dataclass, field


class EntityError(ValueError):
    """A text whose formatting can't be understood; the message is Telegram's."""


@dataclass(frozen=True, slots=True)
class Span:
    """A formatted piece of a text, in Python's characters (code points), the end not included.

    Args:
        kind: the Bot API's entity type.
        argument: a link's URL, a code's language, a mention's user id, a custom emoji's id, or a moment's Unix time
            and, after a space, how it is shown.
    """

    start: int
    end: int
    kind: str
    argument: str = ""

    def moved(self, start: int, end: int) -> "Span":
        """The same format elsewhere."""
        return Span(start, end, self.kind, self.argument)


@dataclass(slots=True)
class Draft:
    """The plain text and the spans read so far."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[Span] = field(default_factory=list)

    def write(self, text: str) -> None:
        """Add plain text."""
        self.parts.append(text)
        self.length += len(text)

    def text_from(self, start: int) -> str:
        """What was written since `start`."""
        return "".join(self.parts)[start:]

    def mark(self, start: int, kind: str, argument: str = "") -> None:
        """Format everything written since `start`, if anything was."""
        if self.length > start:
            self.spans.append(Span(start, self.length, kind, argument))


def link(url: str) -> tuple[str, str]:
    """The kind and argument of a span that links to `url`; the kind is empty where Telegram drops the link."""
    scheme, has_scheme, rest = url.partition("://")
    if scheme.lower() == "tg" and rest.startswith("user?id=") and rest[8:].isdecimal():
        return "text_mention", rest[8:]
    if has_scheme:
        known = scheme.lower() in {"tg", "ton", "tonsite"} and bool(rest)
        is_web = scheme.lower() in {"http", "https"} and _names_host(rest)
        return ("text_link" if known or is_web else ""), _with_slash(scheme.lower(), rest)
    return ("text_link", _with_slash("http", url)) if _names_host(url) else ("", "")


def _names_host(rest: str) -> bool:
    """Whether an address without its scheme begins with a host as Telegram wants it: with a dot, or an IPv6 address."""
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    return ("." in host.strip(".") or host.startswith("[")) and not any(character.isspace() for character in host)


def _with_slash(scheme: str, rest: str) -> str:
    is_bare_host = scheme in {"http", "https"} and not any(character in rest for character in "/?#")
    return f"{scheme}://{rest}/" if is_bare_host else f"{scheme}://{rest}"


def byte_offset(text: str, position: int) -> int:
    """Where a character lies in the text's UTF-8 form, as Telegram's errors count."""
    return len(text[:position].encode())
