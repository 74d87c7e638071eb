"""Where is the nearest dermatologist?"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.content import Content, Texts
from bot.directory.dermatologists import load_directory, nearest
from bot.render.questions import Step
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from tests.conversations.service import BotProcess, Service, emulator_in_thread
from tests.conversations.stories import asks, button, first_line, reach, register, shown, tables
from tests.shipped import ROOT

SALZBURG = (47.7981, 13.0465)
ASUNCION = (-25.2637, -57.5759)


async def venues_of(person: Person) -> list[Message]:
    """The five pins, once the list below them has come."""
    await person.waits_for(lambda m: "venue" in m and m["venue"]["title"].startswith("5."))
    await person.waits_for("© OpenStreetMap")
    return [message for message in await person.messages() if "venue" in message and message["from"]["is_bot"]]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_shared_location_gets_the_five_nearest(newcomer: Person, content: Content, language: str) -> None:
    await register(newcomer, language)
    await newcomer.shares_location(*SALZBURG)
    venues = await venues_of(newcomer)
    found = (await newcomer.messages())[-1]
    assert "2025-07-10" in found["text"]
    assert found["text"].startswith(shown(content.texts(language), "found-near"))
    assert [venue["venue"]["title"][:2] for venue in venues] == ["1.", "2.", "3.", "4.", "5."]
    assert all(abs(venue["venue"]["location"]["latitude"] - SALZBURG[0]) < 0.2 for venue in venues)


async def test_list_shows_hours_and_whether_it_is_open(sam: Person, content: Content) -> None:
    texts = content.texts("en")
    before = _open_or_closed(texts)
    await sam.shares_location(*SALZBURG)
    text = (await sam.waits_for("© OpenStreetMap"))["text"]
    told = [line for line in text.splitlines() if line in {shown(texts, "found-open"), shown(texts, "found-closed")}]
    assert told
    assert told in (before, _open_or_closed(texts))  # somebody may close just now
    assert "+43" in text


def _open_or_closed(texts: Texts) -> list[str]:
    """What is said now of those of the five nearest whose hours are known."""
    near = nearest(load_directory(ROOT / "content" / "dermatologists"), *SALZBURG, datetime.now(UTC))
    return [shown(texts, "found-open" if one.is_open else "found-closed") for one in near if one.is_open is not None]


async def test_far_away_says_so_without_a_list_or_pins(sam: Person, content: Content) -> None:
    before = len(await sam.messages())
    await sam.shares_location(*ASUNCION)
    await sam.waits_for(shown(content.texts("en"), "found-far"))
    await sam.says("/help")
    await sam.waits_for("/dermatologist")
    assert len(await sam.messages()) == before + 4


async def test_old_list_shows_its_date(sam: Person) -> None:
    await sam.shares_location(43.0619, 141.3543)
    await sam.waits_for("2015-10-01")


async def test_button_asks_for_the_place_and_a_town_answers(sam: Person, content: Content) -> None:
    await sam.says("/dermatologist")
    await sam.waits_for(shown(content.texts("en"), "ask-place").splitlines()[0])
    keyboard = (await sam.chat())["reply_keyboard"]
    assert keyboard["keyboard"][0][0]["request_location"] is True
    await sam.says("Salzburg, Austria")
    await venues_of(sam)
    assert (await sam.messages())[-1]["text"].startswith("Around Salzburg")
    assert (await sam.chat())["reply_keyboard"] is None


async def test_unknown_place_is_asked_again(sam: Person, content: Content) -> None:
    await sam.says("/dermatologist")
    await sam.says("Atlantis")
    await sam.waits_for(shown(content.texts("en"), "place-unknown"))
    await sam.says("Sapporo")
    await sam.waits_for("2015-10-01")


async def test_sentence_is_no_place_and_no_map_server_hears_it(sam: Person, content: Content) -> None:
    await sam.says("/dermatologist")
    await sam.says("Will they help me in Salzburg?")
    await sam.waits_for(shown(content.texts("en"), "place-unknown"))


async def test_venue_and_live_location_are_places_too(sam: Person) -> None:
    await sam.shares_venue(*SALZBURG, "Station")
    await venues_of(sam)
    live = await sam.shares_location(*SALZBURG, live_period_s=900)
    await venues_of(sam)
    count = len(await sam.messages())
    await sam.moves(live, 47.9, 13.1)
    await sam.says("/cancel")
    await sam.waits_for("/help")
    assert len(await sam.messages()) == count + 2


async def test_cancel_stops_asking(sam: Person, content: Content) -> None:
    await sam.says("/dermatologist")
    await sam.says("/cancel")
    await sam.waits_for(shown(content.texts("en"), "cancelled"))
    await sam.says("Salzburg")
    await sam.waits_for(shown(content.texts("en"), "sent-text"))


async def test_words_after_a_photo_are_no_place_name(sam: Person, content: Content) -> None:
    await sam.says("/dermatologist")
    await sam.sends_document(("notes.txt", b"my notes"))
    await sam.waits_for(shown(content.texts("en"), "declined-red-flags"))
    await sam.says("Salzburg")
    await sam.waits_for(shown(content.texts("en"), "sent-text"))


async def test_stranger_finds_dermatologists_too(newcomer: Person, content: Content, service: Service) -> None:
    texts = content.texts("en")
    await newcomer.shares_location(*SALZBURG)
    await venues_of(newcomer)
    await newcomer.says("/dermatologist")
    await newcomer.waits_for(first_line(texts, "ask-place"))
    await newcomer.says("Sapporo")
    await newcomer.waits_for("2015-10-01")
    await newcomer.says("hello")
    await newcomer.waits_for(shown(texts, "register-first"))
    kept = tables(service.data_dir)
    assert not [row for name in ("patients", "drafts", "cases") for row in kept[name] if row["user_id"] == newcomer.id]


async def test_whoever_does_not_agree_finds_dermatologists_by_a_button(newcomer: Person, content: Content) -> None:
    texts = content.texts("en")
    await reach(newcomer, Step.CONSENT)
    await newcomer.presses(button(Step.CONSENT, "refuse"))
    refused = await newcomer.waits_for(first_line(texts, "consent-refused"))
    await newcomer.presses(texts.plain("button-find"), refused)
    await newcomer.waits_for(first_line(texts, "ask-place"))
    await newcomer.shares_location(*SALZBURG)
    await venues_of(newcomer)


async def test_location_in_the_middle_of_the_registration_leaves_the_question_open(newcomer: Person) -> None:
    await reach(newcomer, Step.AGE)
    await newcomer.shares_location(*SALZBURG)
    await venues_of(newcomer)
    await newcomer.says("44")
    await newcomer.waits_for(asks(Step.NAME))


async def test_pin_that_fails_keeps_nobody_from_the_list(sam: Person, town: Town) -> None:
    await town.suffers({"kind": "refused", "method": "sendVenue", "times": 1})
    await sam.shares_location(*SALZBURG)
    venues = await venues_of(sam)
    assert [venue["venue"]["title"][:2] for venue in venues] == ["2.", "3.", "4.", "5."]


async def test_location_is_not_stored(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator:
        bot = BotProcess(emulator, tmp_path, LOG_LEVEL="DEBUG")
        bot.start()
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Evangelina")
            await register(eva, "en")
            await eva.shares_location(47.812345, 13.054321)
            await venues_of(eva)
            await eva.says("my secret worry")
            await eva.waits_for("/help")
        assert bot.stop() == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name != "bot.log")
    assert b"47.812345" not in kept
    assert b"secret worry" not in kept
    for personal in ("47.812345", "secret worry", "Evangelina", str(eva.id), emulator.token):
        assert personal not in bot.log
