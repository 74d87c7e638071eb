"""Moderators, and nobody else, add, find, correct and remove entries of the directory of dermatologists."""

import re

from bot.content import Content, Texts
from emulator.person import Person, Town
from tests.conversations.directory.moderating import (
    House,
    add,
    begins,
    card_of,
    correct,
    key_on,
    remove,
    seen_by_patient,
)
from tests.conversations.stories import has_button, register, shown


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
        told = (await moderator.waits_for(shown(texts, "directory-added")))["text"]
        found = shown(texts, "directory-place-found", place="|").split("|")[0]
        assert (f"{found}Sapporo" in told) == (answer == "Sapporo")
        assert (found in told) == (answer == "Sapporo")
        card = await moderator.waits_for(card_of(name))
        expected = {"venue": "Venue Street 5", "Sapporo": "43.061936, 141.354292"}.get(answer, "-140.500000")
        assert expected in card["text"]
        await remove(moderator, card, texts)


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
    await moderator.waits_for(shown(texts, "anything-with-role"))  # no answer to anything; this owner is no patient


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


async def test_what_was_removed_is_found_by_another_moderator_and_put_back(
    house: House, town: Town, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    name = f"Dr. Back {here[0]:.0f}"
    card = await add(moderator, name, here)
    await correct(moderator, card, "note", "ring twice")
    await remove(moderator, card, texts)
    assert name not in await seen_by_patient(town, here)
    house.bot.kill()
    house.bot.start()
    await moderator.says("/directory")
    home = await moderator.waits_for(lambda message: has_button(message, "dir:removed"))
    await moderator.presses("dir:removed", home)
    listed = await moderator.waits_for(lambda message: has_button(message, f"dir:card:{key_on(card)}"))
    await moderator.presses(f"dir:card:{key_on(card)}", listed)
    removed = await moderator.waits_for(shown(texts, "directory-is-removed"))
    assert "ring twice" in removed["text"]
    await moderator.presses(f"dir:back:{key_on(card)}", removed)
    assert "ring twice" in (await moderator.waits_for(card_of(name)))["text"]
    assert name in await seen_by_patient(town, here)
    deeds = [action for action, details in house.audited() if details == f"entry={key_on(card)}"]
    assert deeds[:2] == ["directory-restore", "directory-remove"]


async def test_number_in_the_audit_leads_to_the_entry_also_where_it_was_removed_until_it_is_erased(
    house: House, moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. Number {here[0]:.0f}", here)
    key = house.audited()[0][1].removeprefix("entry=")
    await begins(moderator, "find")
    await moderator.says(key)
    await moderator.waits_for(card_of("Dr. Number"))
    await remove(moderator, card, texts)
    await begins(moderator, "find")
    await moderator.says(key)
    removed = await moderator.waits_for(shown(texts, "directory-is-removed"))
    await moderator.presses(texts.plain("button-directory-erase"), removed)
    await moderator.waits_for(shown(texts, "directory-erased"))
    assert house.audited()[0] == ("directory-erase", f"entry={key}")
    for data in (f"card:{key}", f"back:{key}"):
        await moderator.forges(removed, f"dir:{data}")
        await moderator.waits_for(shown(texts, "directory-gone"))


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
    await moderator.waits_for(shown(texts, "directory-nobody-named", words="Sapporo"))
    await moderator.presses("dir:place:Sapporo")
    await moderator.waits_for(re.compile(r"[1-4]\d"))
    await moderator.presses("dir:page:1:Sapporo")
    await moderator.waits_for(lambda message: has_button(message, "dir:page:0:Sapporo"))
    await begins(moderator, "find")
    await moderator.says("Atlantis")
    await moderator.waits_for(shown(texts, "directory-nobody-named", words="Atlantis"))
    await moderator.presses("dir:place:Atlantis")
    await moderator.waits_for(shown(texts, "directory-nobody"))
    await moderator.shares_location(43.0619, 141.3543)
    await moderator.waits_for(lambda message: has_button(message, "dir:page:1:43.0619"))


async def test_buttons_of_entries_that_are_gone_are_explained(
    moderator: Person, texts: Texts, here: tuple[float, float]
) -> None:
    card = await add(moderator, f"Dr. Gone {here[0]:.0f}", here)
    removed = await remove(moderator, card, texts)
    for data in (
        "card:a0123456789abcdef",
        f"edit:phone:{key_on(card)}",
        f"remove:{key_on(card)}",
    ):
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
    forged = [f"dir:{deed}:{key}" for deed in ("card", "keep", "remove", "gone", "back", "erase", "edit:phone")]
    for data in [*buttons, *forged, "dir:osm", "dir:page:0:x"]:
        await patient.forges(message, data)
        answer = await patient.waits_for_event("callback_answer")
        assert answer["text"] == texts.plain("old-button")
    assert house.audited() == audited
