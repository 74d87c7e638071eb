"""Entities that Telegram finds in plain text by itself: commands, links, mentions, hashtags, e-mail addresses."""

import re

from emulator.entities.spans import Span

# The ends of names that are links without https:// before them; Telegram knows all. “worse.It hurts” has none of them.
_ENDS = "app ar at ch cl co com de dev edu es eu fr gov info io it jp me mx net org pe uk us"
_END = "|".join(_ENDS.split() + _ENDS.upper().split())
_PATTERNS = (
    ("url", re.compile(r"\b(?:https?://|www\.)[^\s<>\"]*[^\s<>\"'.,;:!?()\[\]{}]", re.IGNORECASE)),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    (
        "url",
        re.compile(
            rf"(?<![\w@.:/-])(?:[^\W_][\w-]*\.)+(?:{_END})(?![\w@-]|\.\w)"
            r"(?::\d+)?(?:[/?#][^\s<>\"]*[^\s<>\"'.,;:!?()\[\]{}]|/)?"
        ),
    ),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@/.])@[A-Za-z][A-Za-z0-9_]{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}")),
)


def found_spans(text: str) -> list[Span]:
    """Spans of a plain text; where two patterns match, the earlier kind wins."""
    found: list[Span] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if all(match.end() <= span.start or span.end <= match.start() for span in found):
                found.append(Span(*match.span(), kind))
    return found
