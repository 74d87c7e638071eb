"""Moderators look after the directory of dermatologists, and after the texts."""

import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator
from tests.conversations.service import ROOT, BotProcess, emulator_in_thread, gazetteer
from tests.conversations.stories import first_line, has_button, register, rows, shown

HEADER = "name,latitude,longitude,phone,opening_hours"
OWNER_IDS = range(700_000_000, 700_100_000, 1000)  # newcomers are numbered between them
_owners, _far_north = iter(OWNER_IDS), count(60)  # each story has an owner and a place of its own


@dataclass(frozen=True, slots=True)
class House:
    """A bot with content of its own, that stories may change."""

    emulator: RunningEmulator
    bot: BotProcess
    data_dir: Path
    content_dir: Path

    def audited(self) -> list[tuple[str, str]]:
        """Every deed in the audit with its details, latest first."""
        return rows(self.data_dir, "SELECT action, details FROM audit ORDER BY entry_id DESC")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data_dir = tmp_path_factory.mktemp("house")
    content_dir = Path(shutil.copytree(ROOT / "content", data_dir / "content"))
    with emulator_in_thread() as emulator, gazetteer() as places_url:
        owners = ",".join(map(str, OWNER_IDS))
        settings = {"NOMINATIM_URL": places_url, "OWNER_IDS": owners, "CONTENT_DIR": str(content_dir)}
        with BotProcess(emulator, data_dir, **settings) as bot:
            bot.start()
            yield House(emulator, bot, data_dir, content_dir)
            assert bot.stop() == 0, bot.log


@pytest.fixture
async def town(house: House) -> AsyncIterator[Town]:
    async with open_town(house.emulator.url) as opened:
        yield opened


@pytest.fixture(params=["en", "es"])
def texts(request: pytest.FixtureRequest, content: Content) -> Texts:
    return content.by_language[request.param]


@pytest.fixture
async def moderator(texts: Texts, town: Town) -> Person:
    """An owner who speaks the language of the story."""
    return await town.newcomer("Olga", language_code=texts.language, id=next(_owners))


@pytest.fixture
def here() -> tuple[float, float]:
    """A place where no list has anybody."""
    return (float(next(_far_north)), -140.0)


def card_of(name: str) -> Callable[[Message], bool]:
    """The card of an entry."""

    def is_card(message: Message) -> bool:
        return has_button(message, "dir:edit:name:") and name in message["text"]

    return is_card


def key_on(card: Message) -> str:
    return str(card["reply_markup"]["inline_keyboard"][-1][-1]["callback_data"]).rpartition(":")[2]


async def begins(moderator: Person, deed: str) -> None:
    """Press a button of /directory, and wait for the question."""
    await moderator.says("/directory")
    home = await moderator.waits_for(lambda message: has_button(message, f"dir:{deed}"))
    await moderator.presses(f"dir:{deed}", home)
    await moderator.waits_for("/cancel")


async def add(moderator: Person, name: str, here: tuple[float, float]) -> Message:
    """Add an entry; returns its card."""
    await begins(moderator, "add")
    await moderator.says(name)
    await moderator.waits_for(name)
    await moderator.shares_location(*here)
    return await moderator.waits_for(card_of(name))


async def correct(moderator: Person, card: Message, field: str, *answers: str) -> Message:
    """Press the button of a field, and answer until it is taken; returns the new card."""
    await moderator.presses(f"dir:edit:{field}:{key_on(card)}", card)
    for answer in answers:
        await moderator.says(answer)
    return await moderator.waits_for(lambda message: has_button(message, "dir:edit:name:"))


async def seen_by_patient(town: Town, here: tuple[float, float]) -> str:
    """What a patient is told who is here."""
    patient = await town.newcomer("Sam")
    await register(patient, "en")
    await patient.shares_location(*here)
    return str((await patient.waits_for("km"))["text"])


async def test_entry_that_is_added_is_there_for_patients_at_once(
    house: House, town: Town, moderator: Person, texts: Texts, content: Content, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. New {here[0]:.0f}", here)
    assert texts.plain("directory-moderators") in card["text"]
    assert (await moderator.chat())["reply_keyboard"] is None
    told = await seen_by_patient(town, (here[0] + 0.1, here[1]))
    assert f"1. Dr. New {here[0]:.0f}" in told
    assert content.texts("en").plain("directory-moderators") in told
    assert house.audited()[0] == ("directory-add", f"entry={key_on(card)}")


async def test_place_of_a_new_entry_can_be_a_venue_coordinates_or_a_name(
    moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    for number, answer in enumerate(["venue", f"{here[0] + 0.5}, -140.5", "Sapporo"]):
        name = f"Dr. Place {here[0]:.0f} {number}"
        await begins(moderator, "add")
        await moderator.says(name)
        await moderator.waits_for(name)
        if answer == "venue":
            await moderator.shares_venue(*here, "Practice", "Venue Street 5")
        else:
            await moderator.says(answer)
        card = await moderator.waits_for(card_of(name))
        expected = {"venue": "Venue Street 5", "Sapporo": "43.061936, 141.354292"}.get(answer, "-140.500000")
        assert expected in card["text"]
        await remove(moderator, card, texts)


async def remove(moderator: Person, card: Message, texts: Texts) -> Message:
    """Remove the entry of a card; returns what the message says then."""
    await moderator.presses(f"dir:remove:{key_on(card)}", card)
    await moderator.waits_for(lambda message: has_button(message, "dir:gone:"))
    await moderator.presses(f"dir:gone:{key_on(card)}")
    return await moderator.waits_for(shown(texts, "directory-removed", name="").split("  ")[-1].strip())


async def test_name_that_is_there_already_is_shown_instead_of_doubled(
    moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    first = await add(moderator, f"Dr. Twice {here[0]:.0f}", here)
    second = await add(moderator, f"Dr. Twice {here[0]:.0f}", (here[0] + 0.0005, here[1]))
    assert key_on(second) == key_on(first)
    said = [message.get("text") for message in await moderator.messages()]
    assert shown(texts, "directory-known") in said


async def test_unknown_place_and_unusable_name_are_asked_again(
    moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    await begins(moderator, "add")
    await moderator.says("-")
    await moderator.waits_for(shown(texts, "directory-how-name"))
    await moderator.says(f"Dr. Late {here[0]:.0f}")
    await moderator.waits_for("Dr. Late")
    await moderator.says("Atlantis")
    await moderator.waits_for(shown(texts, "directory-place-unknown"))
    await moderator.says("/cancel")
    await moderator.waits_for(shown(texts, "cancelled"))
    await moderator.says("47.8, 13.05")
    await moderator.waits_for(shown(texts, "register-first"))  # no answer to anything; this owner is no patient


async def test_fields_are_corrected_one_by_one_and_wrong_answers_are_explained(
    house: House, town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. Field {here[0]:.0f}", here)
    for field, wrong, right in (
        ("phone", "0662 1234", "+43 662 1234"),
        ("website", "a.example", "https://a.example"),
        ("opening_hours", "by appointment", "Mo-Fr 08:00-12:00"),
        ("address", "x" * 201, "Street 7, Town"),
        ("note", "x" * 201, "ring twice"),
    ):
        await moderator.presses(f"dir:edit:{field}:{key_on(card)}", card)
        await moderator.says(wrong)
        await moderator.waits_for(shown(texts, f"directory-how-{field.replace('_', '-')}"))
        await moderator.says(right)
        card = await moderator.waits_for(shown(texts, "directory-corrected"))
        assert right in card["text"]
        assert house.audited()[0] == ("directory-correct", f"entry={key_on(card)}, field={field}")
    card = await correct(moderator, card, "note", "-")
    assert "ring twice" not in card["text"]
    card = await correct(moderator, card, "name", f"Dr. Renamed {here[0]:.0f}")
    card = await correct(moderator, card, "place", f"{here[0] + 0.2}, {here[1]}")
    told = await seen_by_patient(town, here)
    assert f"Dr. Renamed {here[0]:.0f} · 22.3 km" in told
    assert "+43 662 1234" in told


async def test_answer_that_is_there_already_changes_nothing(
    house: House, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. Same {here[0]:.0f}", here)
    audited = house.audited()
    again = await correct(moderator, card, "name", f"Dr. Same {here[0]:.0f}")
    assert shown(texts, "directory-same") in again["text"]
    assert house.audited() == audited


async def test_entry_of_a_list_keeps_its_source_and_says_that_it_was_changed(
    town: Town, moderator: Person, texts: Texts, content: Content
) -> None:
    await begins(moderator, "find")
    await moderator.says("KRIECHBAUM kuhbergstrasse")
    card = await moderator.waits_for(card_of("Doktor Irmgard Kriechbaum"))
    await correct(moderator, card, "note", f"ring {texts.language}")
    told = await seen_by_patient(town, (47.806103, 13.0785846))
    assert f"ring {texts.language}" in told
    source = "© OpenStreetMap contributors, ODbL, openstreetmap.org/copyright"
    english = content.texts("en")
    assert shown(english, "directory-source-changed", attribution=source, date="2025-07-10") in told


async def test_removal_is_asked_once_and_can_be_taken_back(
    house: House, moderator: Person, texts: Texts, town: Town
) -> None:
    await begins(moderator, "find")
    await moderator.says("Fettweis")
    card = await moderator.waits_for(card_of("Dr. Raimund Fettweis"))
    await moderator.presses(f"dir:remove:{key_on(card)}", card)
    await moderator.waits_for(shown(texts, "directory-ask-remove", name="Dr. Raimund Fettweis"))
    await moderator.presses(f"dir:keep:{key_on(card)}")
    card = await moderator.waits_for(card_of("Dr. Raimund Fettweis"))
    here = (47.8020184, 13.045394)
    assert "Fettweis" in await seen_by_patient(town, here)
    await remove(moderator, card, texts)
    assert "Fettweis" not in await seen_by_patient(town, here)
    await moderator.presses(f"dir:back:{key_on(card)}")
    await moderator.waits_for(card_of("Dr. Raimund Fettweis"))
    assert "Fettweis" in await seen_by_patient(town, here)
    deeds = [action for action, details in house.audited() if details == f"entry={key_on(card)}"]
    assert deeds[:2] == ["directory-restore", "directory-remove"]


async def test_many_matches_come_in_pages_and_a_town_finds_those_around(moderator: Person, texts: Texts) -> None:
    await begins(moderator, "find")
    await moderator.says("病院 北海道")
    first = await moderator.waits_for(lambda message: has_button(message, "dir:page:1:"))
    await moderator.presses("dir:page:1:病院 北海道")
    second = await moderator.waits_for(lambda message: has_button(message, "dir:page:2:"))
    assert first["message_id"] == second["message_id"]
    assert first["reply_markup"]["inline_keyboard"][0] != second["reply_markup"]["inline_keyboard"][0]
    await moderator.presses(str(second["reply_markup"]["inline_keyboard"][0][0]["callback_data"]), second)
    await moderator.waits_for(lambda message: has_button(message, "dir:edit:name:"))
    await begins(moderator, "find")
    await moderator.says("Sapporo")
    await moderator.waits_for(re.compile(r"[1-4]\d"))
    await moderator.presses("dir:page:1:Sapporo")
    await moderator.waits_for(lambda message: has_button(message, "dir:page:0:Sapporo"))
    await begins(moderator, "find")
    await moderator.says("Atlantis")
    await moderator.waits_for(shown(texts, "directory-nobody"))
    await moderator.shares_location(43.0619, 141.3543)
    await moderator.waits_for(lambda message: has_button(message, "dir:page:1:43.0619"))


async def test_csv_with_its_source_in_the_caption_is_imported_and_what_was_refused_is_told(
    house: House, town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    north, east = here
    rows = [f"Dr. Csv {north:.0f},{north},{east},0662 1,whenever", ",1,2,,", *["Dr. Nowhere,95,13,,"] * 11]
    await begins(moderator, "import")
    await moderator.sends_document(("list.csv", "\n".join([HEADER, *rows]).encode()), "Chamber, CC0")
    told = (await moderator.waits_for("Chamber, CC0"))["text"]
    counts = {"added": 1, "updated": 0, "unchanged": 0}
    assert shown(texts, "directory-imported", attribution="Chamber, CC0", **counts) in told
    assert shown(texts, "directory-refused-rows", count=12) in told
    name, place = texts.plain("directory-reason-name"), texts.plain("directory-reason-place", value="95 / 13")
    assert texts.plain("directory-remark-line", position="3", reason=name) in told
    assert texts.plain("directory-remark-line", position="12", reason=place) in told
    assert texts.plain("directory-remark-line", position="13", reason=place) not in told
    assert texts.plain("directory-reason-opening-hours", value="whenever") in told
    report = await moderator.waits_for(lambda message: "document" in message)
    assert report["document"]["file_name"] == texts.plain("directory-report-name")
    everything = (await moderator.downloads(report["document"]["file_id"])).decode()
    assert texts.plain("directory-remark-line", position="14", reason=place) in everything
    assert house.audited()[0] == ("directory-import", "added=1, updated=0, unchanged=0, refused=12")
    assert "Chamber, CC0" in await seen_by_patient(town, here)


async def test_geojson_without_a_caption_is_imported_once_its_source_is_named(
    town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    north, east = here
    tags = {"name": f"Dr. Geo {north:.0f}", "healthcare:speciality": "dermatovenerology", "addr:city": "Town"}
    other = {"name": "Dr. Heart", "healthcare:speciality": "cardiology"}
    point = {"type": "Point", "coordinates": [east, north]}
    features = [{"type": "Feature", "properties": said, "geometry": point} for said in (tags, other)]
    document = ("map.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())
    await begins(moderator, "import")
    await moderator.sends_document(document)
    await moderator.waits_for(lambda message: has_button(message, "dir:osm"))
    await moderator.says("x" * 201)
    await moderator.waits_for(shown(texts, "directory-source-too-long"))
    await moderator.presses("dir:osm")
    told = (await moderator.waits_for("© OpenStreetMap contributors, ODbL"))["text"]
    reason = texts.plain("directory-reason-trade", value="cardiology")
    assert texts.plain("directory-remark-feature", position="2", reason=reason) in told
    assert f"Dr. Geo {north:.0f}" in await seen_by_patient(town, here)
    await begins(moderator, "import")
    await moderator.sends_document(document)
    await moderator.waits_for(lambda message: has_button(message, "dir:osm"))
    await moderator.says("© OpenStreetMap contributors, ODbL, openstreetmap.org/copyright")
    counts = {"added": 0, "updated": 0, "unchanged": 1}
    again = shown(texts, "directory-imported", attribution=texts.plain("directory-osm"), **counts)
    await moderator.waits_for(again)


async def test_file_that_can_not_be_read_is_refused_with_its_line_and_may_be_sent_again(
    moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    await begins(moderator, "import")
    await moderator.says("What kind of file?")
    await moderator.waits_for(first_line(texts, "directory-ask-file")[:30])
    for name, raw, complaint in (
        ("a.csv", b"name,latitude,longitude\nDr. M\xfcller,47,13\n", shown(texts, "directory-file-encoding", line=2)),
        ("b.csv", b"name,lat\n", "latitude, longitude"),
        ("c.geojson", b'{"type":\n}', shown(texts, "directory-file-json", line=2, value="Expecting value")),
        ("d.csv", b"x" * 5_000_001, shown(texts, "directory-file-too-large")),
    ):
        await moderator.sends_document((name, raw), "Chamber")
        told = await moderator.waits_for(shown(texts, "directory-nothing-imported"))
        assert complaint in told["text"]
    await moderator.sends_document(("e.csv", f"{HEADER}\nDr. E,{here[0]},{here[1]},,\n".encode()), "Chamber")
    await moderator.waits_for("Chamber")


async def test_buttons_of_entries_that_are_gone_are_explained(
    moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. Gone {here[0]:.0f}", here)
    removed = await remove(moderator, card, texts)
    assert not has_button(removed, "dir:back:")
    for data in ("card:a0123456789abcdef", f"edit:phone:{key_on(card)}", f"remove:{key_on(card)}"):
        await moderator.forges(removed, f"dir:{data}")
        await moderator.waits_for(shown(texts, "directory-gone"))


async def test_changes_outlast_a_restart(
    house: House, town: Town, moderator: Person, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. Last {here[0]:.0f}", here)
    house.bot.kill()
    house.bot.start()
    assert f"Dr. Last {here[0]:.0f}" in await seen_by_patient(town, here)
    await correct(moderator, card, "note", "still here")
    assert "still here" in await seen_by_patient(town, here)


async def test_broken_content_is_refused_with_file_and_line_and_the_old_is_kept(
    house: House, moderator: Person, texts: Texts, town: Town
) -> None:
    path = house.content_dir / "dermatologists" / "AT-salzburg.csv"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}Dr. Broken,,,,,95,13,\n", encoding="utf-8")
    try:
        await moderator.says("/reload")
        told = (await moderator.waits_for(first_line(texts, "reload-refused")))["text"]
    finally:
        path.write_text(before, encoding="utf-8")
    assert shown(texts, "reload-where-line", file="dermatologists/AT-salzburg.csv", line="25") in told
    assert "95, 13" in told
    assert str(house.content_dir) not in told
    assert "Salzburg" in await seen_by_patient(town, (47.8, 13.05))
    assert house.audited()[0] == ("reload-refused", "file=dermatologists/AT-salzburg.csv, line=25")


async def test_new_content_is_used_at_once_and_the_change_is_told(
    house: House, moderator: Person, texts: Texts, content: Content
) -> None:
    page, version = house.content_dir / "{}" / "consent.md", f"2030-01-0{len(texts.language)}"
    before = {language: Path(str(page).format(language)).read_text(encoding="utf-8") for language in ("en", "es")}
    words = house.content_dir / texts.language / "ui.ftl"
    said = words.read_text(encoding="utf-8")
    try:
        for language, text in before.items():
            changed = text.replace(f"Version: {content.consent_version}", f"Version: {version}")
            Path(str(page).format(language)).write_text(changed, encoding="utf-8")
        words.write_text(re.sub("(?m)^cancelled = .*$", "cancelled = Stop it is.", said), encoding="utf-8")
        await moderator.says("/reload")
        told = (await moderator.waits_for(first_line(texts, "reload-done")[:12]))["text"]
        assert shown(texts, "reload-consent", version=version, before=content.consent_version) in told
        assert shown(texts, "reload-languages", languages="en, es") in told
        await begins(moderator, "find")
        await moderator.says("/cancel")
        await moderator.waits_for("Stop it is.")
    finally:
        words.write_text(said, encoding="utf-8")
        for language, text in before.items():
            Path(str(page).format(language)).write_text(text, encoding="utf-8")
        await moderator.says("/reload")
    await moderator.waits_for(first_line(texts, "reload-done")[:12])
    assert house.audited()[0][0] == "reload"


async def test_to_anybody_else_the_commands_are_unknown_and_the_buttons_old(
    house: House, town: Town, moderator: Person, texts: Texts
) -> None:
    patient = await town.newcomer("Sam")
    await register(patient, texts.language)
    audited = house.audited()
    for command in ("/directory", "/reload"):
        await patient.says(command)
        await patient.waits_for(shown(texts, "unknown-command"))
    message = (await patient.messages())[-1]
    await moderator.says("/directory")
    home = await moderator.waits_for(lambda found: has_button(found, "dir:add"))
    buttons = [button["callback_data"] for row in home["reply_markup"]["inline_keyboard"] for button in row]
    key = "a0123456789abcdef"
    forged = [f"dir:{deed}:{key}" for deed in ("card", "keep", "remove", "gone", "back", "edit:phone")]
    for data in [*buttons, *forged, "dir:osm", "dir:page:0:x"]:
        await patient.forges(message, data)
        answer = await patient.waits_for_event("callback_answer")
        assert answer["text"] == texts.plain("old-button")
    assert house.audited() == audited
