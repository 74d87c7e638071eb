"""Who is nearest is told with all that one needs to go there, and honestly."""

from dataclasses import replace
from datetime import date

import pytest

from bot.directory.dermatologists import Dermatologist, Found, Source
from bot.render.dermatologists import nearest_reply
from tests.shipped import CONTENT


@pytest.mark.parametrize(("language", "distance"), [("en", "2.0 km"), ("es", "2,0 km")])
def test_distance_is_written_as_the_language_does(language: str, distance: str) -> None:
    reply, _ = nearest_reply([Found(_doctor(), 2.04, None)], CONTENT.texts(language))
    assert distance in reply.markdown.replace("\\", "")


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_who_finds_neither_phone_nor_website_is_told_to_look_the_name_up(language: str) -> None:
    texts = CONTENT.texts(language)
    for phone, website in (("", ""), ("+43 1", ""), ("", "https://a.example")):
        reply, _ = nearest_reply([Found(replace(_doctor(), phone=phone, website=website), 2.0, None)], texts)
        assert (texts.say("found-no-phone") in reply.markdown) is not bool(phone or website)


@pytest.mark.parametrize(("is_open", "expected"), [(True, ["found-open"]), (False, ["found-closed"]), (None, [])])
@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_place_is_called_open_or_closed_where_that_is_known(
    language: str, expected: list[str], *, is_open: bool | None
) -> None:
    texts = CONTENT.texts(language)
    reply, _ = nearest_reply([Found(_doctor(), 2.0, is_open)], texts)
    lines = reply.markdown.splitlines()
    assert [name for name in ("found-open", "found-closed") if texts.say(name) in lines] == expected


@pytest.mark.parametrize("place_name", ["", "Asunción"])
@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_who_is_far_from_everybody_gets_words_and_no_list(language: str, place_name: str) -> None:
    texts = CONTENT.texts(language)
    reply, listed = nearest_reply([Found(_doctor(), 101.0, None)], texts, place_name)
    around = f"{texts.say('found-around', place=place_name)}\n\n" if place_name else ""
    assert reply.markdown == around + texts.say("found-far")
    assert reply.is_end_of_keys
    assert not listed


def _doctor() -> Dermatologist:
    source = Source("somebody", date(2025, 7, 10))
    return Dermatologist("l0", "Dr. A", "Street 1", "", "", "", "", 47.8, 13.0, source)
