"""/settings: what is changed holds at once."""

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person
from emulator.reading import has_label
from tests.conversations.service import Service
from tests.conversations.stories import first_line, has_button, menu_of, rows, shown


async def settings_of(person: Person) -> Message:
    await person.says("/settings")
    return await person.waits_for(are_settings)


def are_settings(message: Message) -> bool:
    return has_button(message, "settings:name")


def other(texts: Texts, content: Content) -> Texts:
    """The other language."""
    return content.texts("es" if texts.language == "en" else "en")


def kept(service: Service, person: Person, column: str) -> object:
    return rows(service.data_dir, f"SELECT {column} FROM patients WHERE user_id = ?", person.id)[0][0]  # noqa: S608


async def test_another_language_holds_at_once_in_the_command_menu_too(
    patient: Person, texts: Texts, content: Content, service: Service
) -> None:
    message = await settings_of(patient)
    said = {"language": texts.plain("language-name"), "name": "Sam", "skin_type": texts.plain("settings-not-said")}
    assert message["text"] == shown(texts, "settings", **said)
    assert (await menu_of(patient))["settings"] == texts.plain("command-settings")
    new = other(texts, content)
    await patient.presses(texts.plain("button-language"))
    choice = await patient.waits_for(shown(texts, "ask-language"))
    await patient.presses(new.plain("language-name"), choice)
    changed = await patient.waits_for(are_settings)
    assert changed["message_id"] == message["message_id"]
    assert new.plain("language-name") in changed["text"]
    assert has_label(changed, new.plain("button-skin-type"))
    assert kept(service, patient, "language") == new.language
    assert await menu_of(patient) == {name: new.plain(f"command-{name}") for name in await menu_of(patient)}
    await patient.says("hello")
    await patient.waits_for(shown(new, "sent-text"))


async def test_moderators_menu_changes_its_language_and_stays_whole(
    moderator: Person, texts: Texts, content: Content
) -> None:
    await settings_of(moderator)
    before = await menu_of(moderator)
    new = other(texts, content)
    await moderator.presses("settings:language")
    await moderator.waits_for(lambda message: has_button(message, "settings:language:"))
    await moderator.presses(f"settings:language:{new.language}")
    await moderator.waits_for(are_settings)
    assert "audit" in before
    assert await menu_of(moderator) == {name: new.plain(f"command-{name}") for name in before}


async def test_another_name_holds_at_once(patient: Person, texts: Texts) -> None:
    await settings_of(patient)
    await patient.presses(texts.plain("button-name"))
    await patient.waits_for(shown(texts, "ask-new-name"))
    await patient.says("  María \n José *_`\u200b ")
    await patient.waits_for(shown(texts, "name-taken", name="María José *_`"))
    await patient.presses(texts.plain("button-call-me", name="María José *_`"))
    assert "María José *_`\n" in (await patient.waits_for(are_settings))["text"]
    await patient.says("/start")
    await patient.waits_for(shown(texts, "welcome-back", name="María José *_`"))


async def test_name_that_may_be_words_is_kept_only_when_it_is_meant(
    patient: Person, texts: Texts, service: Service
) -> None:
    await settings_of(patient)
    await patient.presses("settings:name")
    await patient.waits_for(shown(texts, "ask-new-name"))
    for typed in ("I want to die", "no"):
        await patient.says(typed)
        await patient.waits_for(shown(texts, "name-taken", name=typed))
        assert kept(service, patient, "first_name") == "Sam"
    await patient.presses(texts.plain("button-back"))
    await patient.waits_for(shown(texts, "ask-new-name"))
    await patient.says("Robin")
    await patient.waits_for(are_settings)
    assert kept(service, patient, "first_name") == "Robin"


async def test_name_that_is_too_long_is_asked_again(patient: Person, texts: Texts, service: Service) -> None:
    await settings_of(patient)
    await patient.presses("settings:name")
    await patient.waits_for(shown(texts, "ask-new-name"))
    await patient.says("x" * 65)
    await patient.waits_for(shown(texts, "no-name"))
    await patient.says("x" * 64)
    await patient.waits_for(are_settings)
    assert kept(service, patient, "first_name") == "x" * 64


async def test_cancel_leaves_the_name_as_it_was(patient: Person, texts: Texts, service: Service) -> None:
    await settings_of(patient)
    await patient.presses("settings:name")
    await patient.waits_for(shown(texts, "ask-new-name"))
    await patient.says("/cancel")
    await patient.waits_for(shown(texts, "cancelled"))
    await patient.says("Robin")
    await patient.waits_for(shown(texts, "sent-text"))
    assert kept(service, patient, "first_name") == "Sam"


async def test_skin_type_can_be_given_and_taken_back(patient: Person, texts: Texts, service: Service) -> None:
    message = await settings_of(patient)
    await patient.presses(texts.plain("button-skin-type"))
    await patient.waits_for(first_line(texts, "ask-skin-type"))
    await patient.presses("V")
    assert "V\n" in (await patient.waits_for(are_settings))["text"]
    assert kept(service, patient, "skin_type") == "5"
    await patient.presses("settings:skin", message)
    await patient.waits_for(first_line(texts, "ask-skin-type"))
    await patient.presses(texts.plain("button-no-skin-type"))
    assert texts.plain("settings-not-said") in (await patient.waits_for(are_settings))["text"]
    assert kept(service, patient, "skin_type") is None


@pytest.mark.parametrize("what", ["language", "skin"])
async def test_back_changes_nothing(patient: Person, texts: Texts, what: str) -> None:
    message = await settings_of(patient)
    await patient.presses(f"settings:{what}", message)
    await patient.waits_for(lambda message: has_button(message, "settings:show"))
    await patient.presses(texts.plain("button-back"))
    again = await patient.waits_for(are_settings)
    assert (again["message_id"], again["text"]) == (message["message_id"], message["text"])


async def test_older_buttons_go_on_and_speak_the_language_of_now(
    patient: Person, texts: Texts, content: Content
) -> None:
    old, new = await settings_of(patient), other(texts, content)
    await patient.forges(await settings_of(patient), f"settings:language:{new.language}")
    await patient.waits_for(are_settings)
    await patient.presses(texts.plain("button-skin-type"), old)
    await patient.waits_for(first_line(new, "ask-skin-type"))
    for data in ("settings:skin:7", "settings:language:xxx", "settings:"):
        await patient.forges(old, data)
        assert (await patient.waits_for_event("callback_answer"))["text"] == new.plain("old-button")
    await patient.forges(old, "settings:language:xx")
    assert new.plain("language-name") in (await patient.waits_for(are_settings))["text"]


async def test_settings_end_the_question_where_a_dermatologist_is_wanted(
    patient: Person, texts: Texts, service: Service
) -> None:
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await settings_of(patient)
    await patient.says("Salzburg")
    await patient.waits_for(shown(texts, "sent-text"))
    await patient.presses("settings:name")
    await patient.waits_for(shown(texts, "ask-new-name"))
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await patient.says("Sapporo")
    await patient.waits_for("2015-10-01")
    assert kept(service, patient, "first_name") == "Sam"


async def test_stranger_is_asked_to_register_first(newcomer: Person, content: Content) -> None:
    await newcomer.says("/settings")
    await newcomer.waits_for(shown(content.texts("en"), "register-first"))
