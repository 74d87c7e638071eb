r"""The MarkdownV2 parse mode, and the older Markdown.

Which characters are reserved, how entities nest and the error sentences follow TDLib's parser, which the real Bot API
uses. A block quotation begins with ``>`` at the start of a line; one whose last line ends with ``||`` is
expandable.
"""

import re
from dataclasses import dataclass

from emulator.entities.spans import Draft, EntityError, byte_offset, link

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!\n")
_CODE_KINDS = frozenset({"Code", "Pre", "PreCode"})
# Opening marks, longest first, with TDLib's name of the entity (which its errors show).
_OPENINGS = (
    ("```", "Pre"),
    ("__", "Underline"),
    ("||", "Spoiler"),
    ("![", "CustomEmoji"),
    ("_", "Italic"),
    ("*", "Bold"),
    ("~", "Strikethrough"),
    ("[", "TextUrl"),
    ("`", "Code"),
)
_CLOSINGS = {
    "Pre": "```",
    "PreCode": "```",
    "Underline": "__",
    "Spoiler": "||",
    "CustomEmoji": "]",
    "Italic": "_",
    "Bold": "*",
    "Strikethrough": "~",
    "TextUrl": "]",
    "Code": "`",
}
_KINDS = {
    "Pre": "pre",
    "PreCode": "pre",
    "Underline": "underline",
    "Spoiler": "spoiler",
    "Italic": "italic",
    "Bold": "bold",
    "Strikethrough": "strikethrough",
    "Code": "code",
}
_LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")
_NEW_LINE = re.compile(r"\r\n|\n\r|\n|\r")
_URL = re.compile(r"((?:\\[\x01-\x7e]|[^)])*)\)")
_ESCAPED = re.compile(r"\\([\x01-\x7e])")


@dataclass(frozen=True, slots=True)
class _Open:
    kind: str
    argument: str
    start: int
    byte_offset: int


def parse_markdown_v2(source: str) -> Draft:
    """Plain text and spans of a text in MarkdownV2.

    Raises:
        EntityError: with Telegram's sentence and the byte offset of the trouble.
    """
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._draft = Draft()
        self._open: list[_Open] = []
        self._can_quote = True  # only marks stood on this line so far
        self._is_expandable = False

    def parse(self) -> Draft:
        while self._at < len(self._source):
            self._step()
        if self._open and self._open[-1].kind == "BlockQuote":
            self._end_quote()
        if self._open:
            raise self._unclosed()
        return self._draft

    def _unclosed(self) -> EntityError:
        top = self._open[-1]
        return EntityError(f"Can't find end of {top.kind} entity at byte offset {top.byte_offset}")

    @property
    def _top(self) -> str:
        return self._open[-1].kind if self._open else ""

    @property
    def _has_quote(self) -> bool:
        return any(entity.kind == "BlockQuote" for entity in self._open)

    def _step(self) -> None:
        character = self._source[self._at]
        following = self._source[self._at + 1 : self._at + 2]
        if character == "\\" and following and 0 < ord(following) <= 126:
            self._literal(following, 2)
        elif character not in (_RESERVED if self._top not in _CODE_KINDS else "`"):
            self._literal(character, 1)
        elif character == "\n":
            self._new_line()
        elif self._is_end(character):
            self._close()
        elif self._is_quote_mark():
            self._is_expandable = True
            self._at += 2
        else:
            self._begin(character)

    def _literal(self, text: str, taken: int) -> None:
        self._draft.write(text)
        self._at += taken
        self._can_quote = False

    def _looks_at(self, mark: str) -> bool:
        return self._source.startswith(mark, self._at)

    def _is_end(self, character: str) -> bool:
        if self._top == "Italic" and character == "_":
            return not self._looks_at("__")
        return self._top in _CLOSINGS and self._looks_at(_CLOSINGS[self._top])

    def _is_quote_mark(self) -> bool:
        """Whether the expandability mark of the quotation stands here, at the end of its last line."""
        rest = self._source[self._at + 2 : self._at + 4]
        return (
            self._top == "BlockQuote" and self._looks_at("||") and (not rest or (rest[0] == "\n" and rest[1:] != ">"))
        )

    def _new_line(self) -> None:
        is_last_of_quote = self._has_quote and not self._looks_at("\n>")
        if is_last_of_quote and self._top != "BlockQuote":
            raise self._unclosed()
        self._draft.write("\n")
        self._at += 2 if self._has_quote and not is_last_of_quote else 1
        self._can_quote = True
        if is_last_of_quote:
            self._end_quote()

    def _end_quote(self) -> None:
        quote = self._open.pop()
        self._draft.mark(quote.start, "expandable_blockquote" if self._is_expandable else "blockquote")
        self._is_expandable = False

    def _begin(self, character: str) -> None:
        begin = byte_offset(self._source, self._at)
        if character == ">" and self._can_quote and not self._has_quote:
            self._at += 1
            self._open.append(_Open("BlockQuote", "", self._draft.length, begin))
            return
        mark, kind = next((pair for pair in _OPENINGS if self._looks_at(pair[0])), ("", ""))
        if not mark:
            raise EntityError(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        self._at += len(mark)
        language = self._language() if kind == "Pre" else ""
        self._open.append(_Open("PreCode" if language else kind, language, self._draft.length, begin))

    def _language(self) -> str:
        found = _LANGUAGE.match(self._source, self._at)
        self._at = found.end() if found else self._at
        new_line = _NEW_LINE.match(self._source, self._at)
        self._at = new_line.end() if new_line else self._at
        return found[0] if found else ""

    def _close(self) -> None:
        entity = self._open.pop()
        self._at += len(_CLOSINGS[entity.kind])
        if entity.kind == "TextUrl":
            url = self._url("URL") if self._looks_at("(") else self._draft.text_from(entity.start)
            kind, argument = link(url)
        elif entity.kind == "CustomEmoji":
            kind, argument = "custom_emoji", self._emoji_id()
        else:
            kind, argument = _KINDS[entity.kind], entity.argument
        if kind:
            self._draft.mark(entity.start, kind, argument)

    def _url(self, what: str) -> str:
        self._at += 1
        begin = self._at
        found = _URL.match(self._source, begin)
        if not found:
            raise EntityError(f"Can't find end of a {what} at byte offset {byte_offset(self._source, begin)}")
        self._at = found.end()
        return _ESCAPED.sub(r"\1", found[1])

    def _emoji_id(self) -> str:
        if not self._looks_at("("):
            raise EntityError("Custom emoji entity must contain a tg://emoji URL")
        emoji_id = self._url("custom emoji URL").removeprefix("tg://emoji?id=")
        if not emoji_id.isdecimal():
            raise EntityError("Custom emoji URL must have an emoji identifier")
        return emoji_id


_V1_KINDS = {"_": "italic", "*": "bold", "`": "code", "```": "pre"}
_V1_URL = re.compile(r"\(([^)]*)\)?")
_V1_MARK = re.compile(r"\\([_*`\[])|(```|[_*`\[])")


def parse_markdown(source: str) -> Draft:
    """Plain text and spans of a text in the older Markdown, which does not nest.

    Raises:
        EntityError: with Telegram's sentence and the byte offset of the trouble.
    """
    draft = Draft()
    at = 0
    while at < len(source):
        found = _V1_MARK.search(source, at)
        draft.write(source[at : found.start()] if found else source[at:])
        if found is None:
            break
        if found[1]:
            draft.write(found[1])
            at = found.end()
        else:
            at = _v1_entity(source, found, draft)
    return draft


def _v1_entity(source: str, opening: re.Match[str], draft: Draft) -> int:
    mark, begin, inside = opening[0], opening.start(), opening.end()
    language = ""
    if mark == "```":
        found = _LANGUAGE.match(source, inside)
        language, inside = (found[0], found.end()) if found else ("", inside)
        new_line = _NEW_LINE.match(source, inside)
        inside = new_line.end() if new_line else inside
    end = source.find("]" if mark == "[" else mark, inside)
    if end < 0:
        raise EntityError(f"Can't find end of the entity starting at byte offset {byte_offset(source, begin)}")
    start = draft.length
    draft.write(source[inside:end])
    if mark != "[":
        draft.mark(start, _V1_KINDS[mark], language)
        return end + len(mark)
    after = _V1_URL.match(source, end + 1)
    kind, url = link(after[1] if after else source[inside:end])
    if kind:
        draft.mark(start, kind, url)
    return after.end() if after else end + 1
