"""The HTML parse mode.

Tags, attributes, character references and error sentences follow TDLib's parser, which the real Bot API uses.
"""

import re
from dataclasses import dataclass

from emulator.entities.spans import Draft, EntityError, byte_offset, link

_TAG_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_PLAIN = re.compile(r"[^&<]+")
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]*)|#(?P<decimal>[0-9]*)|(?P<name>[A-Za-z]*));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TAG_NAME = re.compile(r"[^\s>]*")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE_NAME = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class _OpenTag:
    name: str
    argument: str
    start: int


def parse_html(source: str) -> Draft:
    """Plain text and spans of a text in HTML.

    Raises:
        EntityError: with Telegram's sentence and the byte offset of the trouble.
    """
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._draft = Draft()
        self._open: list[_OpenTag] = []

    def parse(self) -> Draft:
        while self._at < len(self._source):
            self._step()
        if self._open:
            raise EntityError(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        return self._draft

    def _step(self) -> None:
        character = self._source[self._at]
        if character == "&":
            self._draft.write(self._character())
        elif character != "<":
            self._draft.write(self._take(_PLAIN))
        elif self._source.startswith("</", self._at):
            self._end_tag()
        else:
            self._start_tag()

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._source, self._at)
        taken = found[0] if found else ""
        self._at += len(taken)
        return taken

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _character(self) -> str:
        found = _REFERENCE.match(self._source, self._at)
        decoded = _decoded(found) if found else ""
        self._at += len(found[0]) if found and decoded else 1
        return decoded or "&"

    def _start_tag(self) -> None:
        begin = byte_offset(self._source, self._at)
        self._at += 1
        name = self._take(_TAG_NAME).lower()
        if not self._peek():
            raise EntityError(f"Unclosed start tag at byte offset {begin}")
        if name not in _TAG_KINDS:
            raise EntityError(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument = ""
        self._take(_SPACE)
        while self._peek() != ">":
            argument = _argument(name, *self._attribute(name, begin)) or argument
            self._take(_SPACE)
        self._at += 1
        if name == "span" and argument != "spoiler":
            raise EntityError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self._open.append(_OpenTag(name, argument, self._draft.length))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        unclosed = EntityError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        name = self._take(_ATTRIBUTE_NAME)
        if not name:
            empty = EntityError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            raise empty if self._peek() else unclosed
        self._take(_SPACE)
        if self._peek() != "=":
            return name, ""
        self._at += 1
        self._take(_SPACE)
        if not self._peek():
            raise unclosed
        value = self._literal(begin) if self._peek() in {'"', "'"} else self._token()
        return name, value

    def _token(self) -> str:
        begin = self._at
        value = self._take(_TOKEN).lower()
        if not (self._peek().isspace() or self._peek() == ">"):
            raise EntityError(f"Unexpected end of name token at byte offset {byte_offset(self._source, begin)}")
        return value

    def _literal(self, begin: int) -> str:
        quote = self._peek()
        self._at += 1
        value = ""
        while (character := self._peek()) and character != quote:
            if character == "&":
                value += self._character()
            else:
                value += character
                self._at += 1
        self._at += 1
        if not self._peek():
            raise EntityError(f"Unclosed start tag at byte offset {begin}")
        return value

    def _end_tag(self) -> None:
        begin = byte_offset(self._source, self._at)
        if not self._open:
            raise EntityError(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        name = self._take(_TAG_NAME).lower()
        self._take(_SPACE)
        if self._peek() != ">":
            raise EntityError(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        tag = self._open.pop()
        if name not in {"", tag.name}:
            raise EntityError(f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", found "</{name}>"')
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        kind, argument = _TAG_KINDS[tag.name], tag.argument
        if kind == "text_link":
            kind, argument = link(argument or self._draft.text_from(tag.start))
        elif kind == "blockquote":
            kind, argument = ("expandable_blockquote" if argument else kind), ""
        elif kind == "spoiler":
            argument = ""
        elif kind == "custom_emoji" and not (argument.isdecimal() and int(argument)):
            raise EntityError("Invalid custom emoji identifier specified")
        if kind in {"pre", "code"} and self._joins_code(tag, kind):
            return
        if kind:
            self._draft.mark(tag.start, kind, argument)

    def _joins_code(self, tag: _OpenTag, kind: str) -> bool:
        """Whether this end tag makes one block of <pre><code class="language-…">."""
        last = self._draft.spans[-1] if self._draft.spans else None
        if (
            last is None
            or (last.start, last.end) != (tag.start, self._draft.length)
            or {last.kind, kind} != {"pre", "code"}
        ):
            return False
        language = tag.argument or last.argument
        if not language:
            return False
        self._draft.spans[-1] = last.__class__(last.start, last.end, "pre", language)
        return True


def _argument(tag: str, attribute: str, value: str) -> str:
    if (tag, attribute) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    if (tag, attribute) == ("blockquote", "expandable"):
        return "expandable"
    if attribute == "class" and tag == "code" and value.startswith("language-"):
        return value.removeprefix("language-")
    if attribute == "class" and tag == "span" and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return ""


def _decoded(reference: re.Match[str]) -> str:
    if reference["name"] is not None:
        return _NAMED.get(reference["name"], "")
    digits, base = (reference["hex"], 16) if reference["hex"] is not None else (reference["decimal"], 10)
    code = int(digits, base) if digits else 0
    if not 0 < code < 0x10FFFF or len(reference[0].rstrip(";")) >= 10:
        return ""
    if 0xD800 <= code <= 0xDFFF:
        raise EntityError(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code)
