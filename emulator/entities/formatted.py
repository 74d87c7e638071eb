"""From what a bot or a person wrote to the text and the entities that everybody gets."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from emulator.entities.found import found_spans
from emulator.entities.html_mode import parse_html
from emulator.entities.markdown_mode import parse_markdown, parse_markdown_v2
from emulator.entities.spans import Draft, EntityError, Span, link
from emulator.errors import bad_request
from emulator.objects import Json, JsonObject

_MODES: Mapping[str, Callable[[str], Draft]] = MappingProxyType(
    {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}
)
_FREE_KINDS = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})  # they may overlap others
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_FOUND_KINDS = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})
_ARGUMENTS = {"text_link": "url", "pre": "language", "custom_emoji": "custom_emoji_id"}
_KNOWN_KINDS = _FREE_KINDS | _QUOTES | {"code", "pre", "text_link", "text_mention", "custom_emoji", "date_time"}
_MAX_ENTITIES = 100  # what comes after them is sent without its format; those that Telegram finds are not counted
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x0c\x0e-\x1f]")
# Of entities with the same place, the outer one comes first; kinds not named here stand before "bold".
_OUTER_FIRST = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention")
_INNER_LAST = ("bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji")


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A text and its entities, with offsets and lengths in UTF-16 code units."""

    text: str
    entities: list[JsonObject]

    def fields(self, text_field: str, entities_field: str) -> JsonObject:
        """The two as fields of a message; absent where empty."""
        fields: JsonObject = {text_field: self.text} if self.text else {}
        return fields | ({entities_field: self.entities} if self.entities else {})


def formatted(text: str, parse_mode: str, entities: Sequence[Json] | None) -> FormattedText:
    """What is sent: text in a parse mode, as only bots do it, or plain text with entities, if any.

    Raises:
        BotApiError: 400 "can't parse entities: …", "unsupported parse_mode", or what is wrong with the entities.
    """
    if not parse_mode or parse_mode.lower() == "none":
        return _finished(text, _given_spans(text, entities or []))
    if parse_mode.lower() not in _MODES:
        raise bad_request("unsupported parse_mode")
    try:
        draft = _MODES[parse_mode.lower()](text)
    except EntityError as error:
        raise bad_request(f"can't parse entities: {error}") from error
    return _finished("".join(draft.parts), draft.spans)


def _offsets(text: str) -> list[int]:
    """Where each character begins, and the text ends, in UTF-16 code units."""
    return list(itertools.accumulate((1 + (character > "\uffff") for character in text), initial=0))


def _given_spans(text: str, entities: Sequence[Json]) -> list[Span]:
    if not isinstance(entities, list):
        raise bad_request("expected an Array of MessageEntity")
    offsets = _offsets(text)
    characters = {offset: index for index, offset in enumerate(offsets)}
    spans = [_given_span(entity, characters, offsets[-1]) for entity in entities]
    return [span for span in spans if span is not None and span.end > span.start]


def _given_span(entity: Json, characters: Mapping[int, int], total: int) -> Span | None:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    for name, kind in (("offset", int), ("length", int), ("type", str)):
        if name not in entity:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
        if not isinstance(entity[name], kind):
            word = "Number" if kind is int else "String"
            raise bad_request(f'can\'t parse MessageEntity: Field "{name}" must be of type {word}')
    if entity["type"] in _FOUND_KINDS:
        return None  # Telegram finds these by itself
    if entity["type"] not in _KNOWN_KINDS:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    start, end = entity["offset"], entity["offset"] + entity["length"]
    if start < 0 or entity["length"] < 0:
        raise bad_request(f"receive an entity with incorrect {'offset' if start < 0 else 'length'}")
    if start > total or end > total:
        raise bad_request(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
        )
    if start not in characters or end not in characters:
        raise bad_request(f"entity beginning at UTF-16 offset {start} begins or ends in a middle of a UTF-16 symbol")
    return Span(characters[start], characters[end], *_given_format(entity))


def _given_format(entity: JsonObject) -> tuple[str, str]:
    """The kind and argument of a span; a link to a person is a mention."""
    if entity["type"] != "text_link":
        return entity["type"], _given_argument(entity)
    if "url" not in entity:
        raise bad_request("can't parse MessageEntity: Can't find field \"url\"")
    kind, argument = link(str(entity["url"]))
    if not kind:
        raise bad_request(f"entity URL '{entity['url']}' is invalid: Wrong HTTP URL")
    return kind, argument


def _given_argument(entity: JsonObject) -> str:
    if entity["type"] == "text_mention":
        user = entity.get("user")
        if not isinstance(user, dict) or not isinstance(user.get("id"), int):
            raise bad_request("can't parse MessageEntity: Can't find field \"user\"")
        return str(user["id"])
    if entity["type"] == "date_time":
        if not isinstance(entity.get("unix_time"), int):
            raise bad_request("can't parse MessageEntity: Can't find field \"unix_time\"")
        return f"{entity['unix_time']} {entity.get('date_time_format') or ''}"
    return str(entity.get(_ARGUMENTS.get(entity["type"], ""), ""))


def _finished(text: str, spans: Sequence[Span]) -> FormattedText:
    clean, kept = _without(_CONTROL.sub(" ", text), spans, "\r")
    kept = [span for span in (_without_leading_space(clean, span) for span in kept) if span]
    trimmed = clean.strip(" \n")
    skipped = len(clean) - len(clean.lstrip(" \n"))
    kept = [span.moved(span.start - skipped, min(span.end - skipped, len(trimmed))) for span in kept]
    consistent = sorted(_consistent(kept), key=_place)[:_MAX_ENTITIES]
    blocked = [span for span in consistent if span.kind not in _FREE_KINDS | _QUOTES]
    found = [span for span in found_spans(trimmed) if not any(_overlap(span, other) for other in blocked)]
    return FormattedText(trimmed, _as_entities(trimmed, [*consistent, *found]))


def _without(text: str, spans: Sequence[Span], unwanted: str) -> tuple[str, list[Span]]:
    if unwanted not in text:
        return text, list(spans)
    moved = [
        span.moved(*(position - text.count(unwanted, 0, position) for position in (span.start, span.end)))
        for span in spans
    ]
    return text.replace(unwanted, ""), [span for span in moved if span.end > span.start]


def _without_leading_space(text: str, span: Span) -> Span | None:
    inside = text[span.start : span.end]
    start = span.end - len(inside.lstrip(" \n"))
    return span.moved(start, span.end) if start < span.end else None


def _consistent(spans: Sequence[Span]) -> list[Span]:
    """Spans that nest or are apart: fixed ones first come first served, free ones cut where they cross a fixed one."""
    fixed: list[Span] = []
    for span in sorted((span for span in spans if span.kind not in _FREE_KINDS), key=_place):
        if all(_may_meet(other, span) for other in fixed):
            fixed.append(span)
    free: list[Span] = []
    for kind in sorted(_FREE_KINDS):
        for merged in _merged(span for span in spans if span.kind == kind):
            free.extend(_cut(merged, fixed))
    return fixed + free


def _may_meet(outer: Span, inner: Span) -> bool:
    """Whether two fixed spans, in order of their places, can both stay: apart, or one in a quotation."""
    is_quoted = outer.kind in _QUOTES and inner.kind not in _QUOTES and inner.end <= outer.end
    return is_quoted or not _overlap(outer, inner)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = span.moved(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _cut(span: Span, fixed: Sequence[Span]) -> list[Span]:
    """The parts of a free span outside of code, split where it crosses the edge of another fixed span."""
    edges = {span.start, span.end}
    for other in fixed:
        is_crossing = _overlap(span, other) and not _contains(span, other) and not _contains(other, span)
        if is_crossing or other.kind in {"code", "pre"}:
            edges |= {edge for edge in (other.start, other.end) if span.start < edge < span.end}
    pieces = [span.moved(start, end) for start, end in itertools.pairwise(sorted(edges))]
    code = [other for other in fixed if other.kind in {"code", "pre"}]
    return [piece for piece in pieces if not any(_overlap(piece, other) for other in code)]


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _contains(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _as_entities(text: str, spans: Sequence[Span]) -> list[JsonObject]:
    offsets = _offsets(text)
    return [_as_entity(span, offsets) for span in sorted(spans, key=_place)]


def _place(span: Span) -> tuple[int, int, int]:
    """Where a span stands among others: by its start, then the longer, then the outer kind."""
    if span.kind in _OUTER_FIRST:
        rank = _OUTER_FIRST.index(span.kind) - len(_OUTER_FIRST)
    else:
        rank = _INNER_LAST.index(span.kind) + 1 if span.kind in _INNER_LAST else 0
    return span.start, -span.end, rank


def _as_entity(span: Span, offsets: Sequence[int]) -> JsonObject:
    offset = offsets[span.start]
    entity: JsonObject = {"offset": offset, "length": offsets[span.end] - offset, "type": span.kind}
    if span.kind == "text_mention":
        user_id = int(span.argument or 0)
        return entity | {"user": {"id": user_id, "is_bot": False, "first_name": f"User {user_id}"}}
    if span.kind == "date_time":
        unix_time, _, shown_as = span.argument.partition(" ")
        return entity | {"unix_time": int(unix_time)} | ({"date_time_format": shown_as} if shown_as else {})
    return entity | ({_ARGUMENTS[span.kind]: span.argument} if span.argument and span.kind in _ARGUMENTS else {})
