"""The directory as moderators see it: cards, matches, and what became of an import."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from bot.content import Texts, verbatim
from bot.directory.changes import ADDED, Merge, mark_of
from bot.directory.dermatologists import Dermatologist
from bot.directory.fields import Field
from bot.directory.imports import Imported, Remark
from bot.directory.overview import Overview
from bot.render.dermatologists import source_words
from bot.render.reply import Button, Reply, hyphenated, page_buttons, page_count, page_within
from bot.storage.directory import IMPORT_DAYS, Undoing

DIRECTORY: Final = "dir"  # callback data, followed by a colon and what is meant
PAGE: Final = 8
SHOWN_REMARKS: Final = 10
_MAX_QUERY_BYTES: Final = 45  # of the 64 in callback data
_MAX_LABEL: Final = 40
_MAX_VALUE: Final = 60


def home(count: int, texts: Texts) -> Reply:
    """Return what can be done."""
    deeds = ("add", "find", "removed", "import")
    buttons = tuple((Button(texts.plain(f"button-directory-{deed}"), f"{DIRECTORY}:{deed}"),) for deed in deeds)
    return Reply(texts.say("directory-home", count=count), buttons)


def query(words: str) -> str:
    """Return as much of what is searched for as fits behind the buttons that turn pages."""
    return words.encode()[:_MAX_QUERY_BYTES].decode(errors="ignore").strip()


def matches(found: Sequence[Dermatologist], page: int, words: str, texts: Texts) -> Reply:
    """Return a page of those found, a button each; words is what was searched for, as query() has it."""
    return _page(found, page, texts, heading="directory-matches", turned_by="page", suffix=f":{words}")


def nobody_named(words: str, texts: Texts) -> Reply:
    """Return that nobody has these words, as query() has them; whether they are a place's, a map server is asked."""
    button = Button(texts.plain("button-directory-place"), f"{DIRECTORY}:place:{words}")
    return Reply(texts.say("directory-nobody-named", words=words), ((button,),) if words else ())


def removed_ones(found: Sequence[Dermatologist], page: int, texts: Texts) -> Reply:
    """Return a page of the entries that were removed, a button each."""
    if not found:
        return Reply(texts.say("directory-none-removed"))
    return _page(found, page, texts, heading="directory-removed-ones", turned_by="removed")


def _page(
    found: Sequence[Dermatologist], page: int, texts: Texts, *, heading: str, turned_by: str, suffix: str = ""
) -> Reply:
    pages = max(1, page_count(len(found), PAGE))
    number = page_within(page, len(found), PAGE)
    shown = found[number * PAGE : (number + 1) * PAGE]
    buttons = tuple((Button(_label(doctor), f"{DIRECTORY}:card:{doctor.key}"),) for doctor in shown)
    labels = "button-directory-previous", "button-directory-next"
    turning = page_buttons(f"{DIRECTORY}:{turned_by}", number, pages, texts, labels, suffix=suffix)
    words = texts.say(heading, count=len(found), page=number + 1, pages=pages)
    return Reply(words, (*buttons, *turning))


def card(doctor: Dermatologist, texts: Texts, note: str | None = None) -> Reply:
    """Return everything about an entry, a button for each field and one to remove it.

    Args:
        doctor: the entry.
        texts: in the language of the moderator.
        note: the id of a message to begin with.
    """
    words = "\n".join([texts.say(note), "", _described(doctor, texts)]) if note else _described(doctor, texts)
    fields = [Button(_field_name(field, texts), f"{DIRECTORY}:edit:{field}:{doctor.key}") for field in Field]
    pairs = tuple(tuple(fields[start : start + 2]) for start in range(0, len(fields), 2))
    remove = Button(texts.plain("button-directory-remove"), f"{DIRECTORY}:remove:{doctor.key}")
    return Reply(words, (*pairs, (remove,)))


def _described(doctor: Dermatologist, texts: Texts) -> str:
    lines = [texts.say("directory-card-heading", name=doctor.name), ""]
    for field in Field:
        if field is not Field.NAME:
            value = shown_value(doctor, field) or texts.plain("directory-empty")
            lines.append(f"- {texts.say('directory-card-line', field=_field_name(field, texts), text=value)}")
    return "\n".join([*lines, "", source_words(doctor.source, texts)])


def removed_card(doctor: Dermatologist, texts: Texts) -> Reply:
    """Return everything about an entry that was removed: to put it back, or to erase it where it is in no list."""
    words = "\n\n".join([texts.say("directory-is-removed"), _described(doctor, texts)])
    return Reply(words, _removed_buttons(doctor, texts))


def _removed_buttons(doctor: Dermatologist, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    deeds = {"put-back": "back"} | ({"erase": f"erase:{mark_of(doctor)}"} if doctor.key.startswith(ADDED) else {})
    return tuple(
        (Button(texts.plain(f"button-directory-{label}"), f"{DIRECTORY}:{deed}:{doctor.key}"),)
        for label, deed in deeds.items()
    )


def shown_value(doctor: Dermatologist, field: Field) -> str:
    """Return what a field says."""
    if field is Field.PLACE:
        return f"{doctor.latitude:.6f}, {doctor.longitude:.6f}"
    return str(getattr(doctor, field))


def question(doctor: Dermatologist, field: Field, texts: Texts, note: str | None = None) -> Reply:
    """Return the question what a field is to say, with what it says now; note is the id of a message before it."""
    now = shown_value(doctor, field) or texts.plain("directory-empty")
    can_be_empty = field not in {Field.NAME, Field.PLACE}
    parts = [
        *([texts.say(note)] if note else []),
        texts.say("directory-ask-field", field=_field_name(field, texts), name=doctor.name, now=now),
        texts.say(f"directory-how-{hyphenated(field)}"),
        texts.say("directory-how-to-empty" if can_be_empty else "directory-how-to-stop"),
    ]
    return Reply("\n\n".join(parts), location_button=texts.plain("button-location") if field is Field.PLACE else None)


def refusal(field: Field, texts: Texts) -> Reply:
    """Return why an answer can't be taken."""
    return Reply("\n\n".join([texts.say("directory-refused"), texts.say(f"directory-how-{hyphenated(field)}")]))


def removal_question(doctor: Dermatologist, texts: Texts, note: str | None = None) -> Reply:
    """Return the question before an entry is removed, with all that it says; note is the id of a message before it."""
    yes = Button(texts.plain("button-directory-remove-yes"), f"{DIRECTORY}:gone:{mark_of(doctor)}:{doctor.key}")
    no = Button(texts.plain("button-directory-keep"), f"{DIRECTORY}:keep:{doctor.key}")
    parts = [texts.say(note)] if note else []
    parts += [texts.say("directory-ask-remove", name=doctor.name), _described(doctor, texts)]
    return Reply("\n\n".join(parts), ((yes,), (no,)))


def removed(doctor: Dermatologist, texts: Texts) -> Reply:
    """Return the news that an entry is removed, and how it comes back."""
    return Reply(texts.say("directory-removed", name=doctor.name), _removed_buttons(doctor, texts))


def source_question(count: int, texts: Texts) -> Reply:
    """Return the question who is to be named wherever entries of a file are shown."""
    known = Button(texts.plain("button-directory-osm"), f"{DIRECTORY}:osm")
    return Reply(texts.say("directory-ask-source", count=count), ((known,),))


def nothing_imported(found: Imported | Remark, texts: Texts) -> str:
    """Return why a file can't be read at all, or why nothing of it can be taken."""
    if isinstance(found, Remark):
        value = found.value[:_MAX_VALUE]
        why = [texts.say(f"directory-file-{hyphenated(found.code)}", line=found.position, value=value)]
    else:
        why = _what_was_not_taken(found, texts)
    return "\n\n".join([texts.say("directory-nothing-imported"), *why, texts.say("directory-try-again")])


def report(imported: Imported, merge: Merge, attribution: str, where: Overview, texts: Texts) -> str:
    """Return what became of an import: how much, where it lies, and the first of what was refused."""
    counts = {"added": merge.added, "updated": merge.updated, "unchanged": merge.unchanged}
    parts = [texts.say("directory-imported", attribution=attribution, **counts)]
    if merge.left_removed:
        parts.append(texts.say("directory-left-removed", count=merge.left_removed))
    return "\n\n".join([*parts, *_where_it_lies(where, texts), *_what_was_not_taken(imported, texts)])


def _where_it_lies(where: Overview, texts: Texts) -> list[str]:
    lines = []
    for doctor, km in where.first:
        place = f"{doctor.latitude:.2f}, {doctor.longitude:.2f}"
        line = texts.say("directory-imported-line", name=_label(doctor), place=place)
        far = [] if km is None else [texts.say("directory-imported-far", km=round(km))]
        lines.append(" ".join([f"- {line}", *far]))
    edges = {name: f"{getattr(where, name):.2f}" for name in ("south", "north", "west", "east")}
    return [
        "\n".join([texts.say("directory-imported-first"), "", *lines]),
        texts.say("directory-imported-span", **edges),
    ]


def with_way_back(told: Reply, import_id: str, count: int, texts: Texts) -> Reply:
    """Return what is told of an import, with a button that takes back so many entries of it, if there are any."""
    button = Button(texts.plain("button-directory-undo"), f"{DIRECTORY}:undo:{import_id}")
    return replace(told, buttons=((button,),)) if count else told


def import_found(import_id: str, undoing: Undoing, texts: Texts) -> Reply:
    """Return what is left of an import, to be taken back."""
    told = texts.say("directory-import-found", count=undoing.count) if undoing.count else _nothing_left(texts)
    return with_way_back(Reply(told), import_id, undoing.count, texts)


def taken_back(undoing: Undoing, texts: Texts) -> Reply:
    """Return what became of taking an import back."""
    if not undoing.count:
        return Reply(_nothing_left(texts))
    counts = {"removed": len(undoing.forgotten), "restored": len(undoing.restored)}
    left = [texts.say("directory-import-left", count=undoing.left)] if undoing.left else []
    return Reply("\n\n".join([texts.say("directory-import-undone", **counts), *left]))


def _nothing_left(texts: Texts) -> str:
    return texts.say("directory-import-nothing-left", days=IMPORT_DAYS)


def _what_was_not_taken(imported: Imported, texts: Texts) -> list[str]:
    parts = []
    for remarks, heading in ((imported.refused, "directory-refused-rows"), (imported.left_out, "directory-left-out")):
        if remarks:
            words = remark_lines(remarks[:SHOWN_REMARKS], texts, is_csv=imported.is_csv)
            lines = [f"- {verbatim(line)}" for line in words]
            parts.append("\n".join([texts.say(heading, count=len(remarks)), "", *lines]))
    if imported.unknown_columns:
        names = ", ".join(imported.unknown_columns)[: _MAX_VALUE * 2]
        parts.append(texts.say("directory-unknown-columns", names=names))
    return parts


def full_report(imported: Imported, texts: Texts) -> str | None:
    """Return everything that was refused, as plain text, or None where the message says it all."""
    if max(len(imported.refused), len(imported.left_out)) <= SHOWN_REMARKS:
        return None
    refused = remark_lines(imported.refused, texts, is_csv=imported.is_csv)
    left_out = remark_lines(imported.left_out, texts, is_csv=imported.is_csv)
    headings = [
        texts.plain("directory-report-refused", count=len(refused)),
        texts.plain("directory-report-left-out", count=len(left_out)),
    ]
    return "\n".join([headings[0], "", *refused, "", headings[1], "", *left_out, ""])


def remark_lines(remarks: Iterable[Remark], texts: Texts, *, is_csv: bool) -> list[str]:
    """Return where and why, a line each, without formatting."""
    unit = "line" if is_csv else "feature"
    return [
        texts.plain(
            f"directory-remark-{unit}",
            position=str(remark.position),
            reason=texts.plain(f"directory-reason-{hyphenated(remark.code)}", value=remark.value[:_MAX_VALUE]),
        )
        for remark in remarks
    ]


def _label(doctor: Dermatologist) -> str:
    town = doctor.address.rpartition(",")[2].strip()
    label = f"{doctor.name} · {town}" if town else doctor.name
    return label if len(label) <= _MAX_LABEL else f"{label[: _MAX_LABEL - 1]}…"


def _field_name(field: Field, texts: Texts) -> str:
    return texts.plain(f"directory-field-{hyphenated(field)}")
