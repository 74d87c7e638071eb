"""The nearest dermatologists, as a patient reads them."""

from collections.abc import Sequence
from typing import Final

from bot.content import Texts
from bot.directory.dermatologists import Found, Source
from bot.render.formatting import MAX_TEXT
from bot.render.reply import Button, Reply, length

FIND: Final = "find"  # callback data


def find_button(texts: Texts) -> Button:
    """Return the button that asks where the patient is."""
    return Button(texts.plain("button-find"), FIND)


def nearest_reply(found: Sequence[Found], texts: Texts, place_name: str = "") -> tuple[Reply, Sequence[Found]]:
    """Return the list of dermatologists: around what, how far, where, when open, whose data and from when.

    Where the first is far away, no list: only that. As many as fit into a message are in it; they are returned as well.
    """
    around = [texts.say("found-around", place=place_name)] if place_name else []
    if not found[0].is_near:
        return Reply("\n\n".join([*around, texts.say("found-far")]), is_end_of_keys=True), ()
    sources = dict.fromkeys(place.dermatologist.source for place in found)
    notes = [source_words(source, texts) for source in sources]
    places = [_dermatologist_words(number, place, texts) for number, place in enumerate(found, 1)]
    last = "\n".join([*notes, texts.say("found-check-first")])
    words = "\n\n".join([*around, texts.say("found-near"), *places, last])
    if len(found) > 1 and length(words) > MAX_TEXT:
        return nearest_reply(found[:-1], texts, place_name)
    return Reply(words, is_end_of_keys=True), found


def source_words(source: Source, texts: Texts) -> str:
    """Return whom to thank for an entry, from when it is, and whether moderators changed it."""
    attribution = source.attribution or texts.plain("directory-moderators")
    said = "directory-source-changed" if source.is_changed else "found-source"
    return texts.say(said, attribution=attribution, date=source.date.isoformat())


def _dermatologist_words(number: int, place: Found, texts: Texts) -> str:
    doctor = place.dermatologist
    lines = [texts.say("found-name", number=number, name=doctor.name, km=round(place.distance_km, 1))]
    if doctor.address:
        lines.append(texts.say("found-plain", text=doctor.address))
    if place.is_open is not None:
        lines.append(texts.say("found-open" if place.is_open else "found-closed"))
    details = {"hours": doctor.opening_hours, "phone": doctor.phone, "website": doctor.website, "plain": doctor.note}
    lines += [texts.say(f"found-{name}", text=text) for name, text in details.items() if text]
    if not (doctor.phone or doctor.website):
        lines.append(texts.say("found-no-phone"))
    return "\n".join(lines)
