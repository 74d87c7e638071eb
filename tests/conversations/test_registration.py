"""Everything that can happen between /start and the first photo."""

from typing import Any

import pytest

from bot.content import Content
from bot.render.questions import Step
from emulator.person import Person, Town
from emulator.reading import buttons
from tests.conversations.service import PHOTOS, Service
from tests.conversations.stories import (
    asks,
    button,
    first_line,
    has_button,
    heading,
    reach,
    register,
    rows,
    shown,
    tables,
)


def rows_of(service: Service, person: Person) -> list[dict[str, Any]]:
    """What the database knows of somebody."""
    return [row for row in tables(service.data_dir)["patients"] if row["user_id"] == person.id]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_patient_registers_in_their_language(
    town: Town, content: Content, service: Service, language: str
) -> None:
    person = await town.newcomer("Ana", language_code=language)
    await register(person, language, skin_type="3")
    texts = content.texts(language)
    messages = [message.get("text", "") for message in await person.messages()]
    assert messages[-1].startswith(shown(texts, "registered", name="Ana").splitlines()[0])
    row = rows_of(service, person)[0]
    assert (row["language"], row["first_name"], row["skin_type"]) == (language, "Ana", "3")
    assert row["consent_version"] == content.consent_version
    assert row["registered_at"] is not None
    menu = [command["description"] for command in (await person.chat())["commands"]]
    assert texts.plain("command-help") in menu


async def test_consent_comes_after_what_the_bot_is(newcomer: Person) -> None:
    await reach(newcomer, Step.CONSENT)
    texts = [message.get("text", "") for message in await newcomer.messages()]
    about = next(i for i, text in enumerate(texts) if "not a doctor" in text)
    consent = next(i for i, text in enumerate(texts) if "GDPR" in text)
    assert about < consent


async def test_answer_under_a_question_that_is_gone_counts(newcomer: Person) -> None:
    await newcomer.says("/start")
    question = await newcomer.waits_for(asks(Step.LANGUAGE))
    await newcomer.presses(button(Step.LANGUAGE, "en"), is_gone=True)
    await newcomer.waits_for(asks(Step.CONSENT))
    assert question["message_id"] not in {message["message_id"] for message in await newcomer.messages()}


async def test_refused_consent_is_accepted_and_nothing_is_kept(
    newcomer: Person, content: Content, service: Service
) -> None:
    await reach(newcomer, Step.CONSENT)
    await newcomer.presses(button(Step.CONSENT, "refuse"))
    await newcomer.waits_for(first_line(content.texts("en"), "consent-refused"))
    assert rows_of(service, newcomer) == []


@pytest.mark.parametrize("typed", [None, "17"])
async def test_younger_person_is_refused_kindly_and_forgotten(
    newcomer: Person, content: Content, service: Service, typed: str | None
) -> None:
    await reach(newcomer, Step.AGE)
    if typed is None:
        await newcomer.presses(button(Step.AGE, "younger"))
    else:
        await newcomer.says(typed)
    refused = await newcomer.waits_for(first_line(content.texts("en"), "too-young"))
    assert has_button(refused, "find")
    assert rows_of(service, newcomer) == []
    await newcomer.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
    await newcomer.waits_for("/start")


async def test_typed_answers_do_where_they_are_clear(newcomer: Person, service: Service, content: Content) -> None:
    await newcomer.says("/start")
    await newcomer.waits_for(asks(Step.LANGUAGE))
    await newcomer.says("English")
    await newcomer.waits_for(asks(Step.CONSENT))
    await newcomer.presses(button(Step.CONSENT, "agree"))
    await newcomer.waits_for(asks(Step.AGE))
    await newcomer.says("44")
    await newcomer.waits_for(asks(Step.NAME))
    await newcomer.says("  María   José ")
    await newcomer.waits_for(shown(content.texts("en"), "name-taken", name="María José"))
    await newcomer.presses("Call me María José")
    await newcomer.waits_for(asks(Step.SKIN_TYPE))
    await newcomer.says("iv")
    await newcomer.waits_for("María José")
    assert [(row["first_name"], row["skin_type"]) for row in rows_of(service, newcomer)] == [("María José", "4")]


@pytest.mark.parametrize("words", ["I want to die", "Help"])
async def test_nobody_is_called_by_a_cry_for_help(
    newcomer: Person, service: Service, content: Content, words: str
) -> None:
    texts = content.texts("en")
    await reach(newcomer, Step.NAME)
    for typed in (words, "no"):  # who types instead of pressing a button is asked again
        await newcomer.says(typed)
        await newcomer.waits_for(shown(texts, "name-taken", name=typed))
    await newcomer.presses(texts.plain("button-back"))
    await newcomer.waits_for(shown(texts, "ask-name"))
    assert rows_of(service, newcomer)[0]["first_name"] is None
    assert not [row for row in tables(service.data_dir)["drafts"] if "name" in row["content"]]
    await newcomer.says("Robin")
    await newcomer.waits_for(asks(Step.SKIN_TYPE))
    assert rows_of(service, newcomer)[0]["first_name"] == "Robin"


async def test_consent_is_never_given_by_a_typed_word(newcomer: Person, content: Content, service: Service) -> None:
    await reach(newcomer, Step.CONSENT)
    await newcomer.says("yes I agree")
    said = await newcomer.waits_for(shown(content.texts("en"), "press-a-button"))
    assert said["text"].endswith(heading(content.texts("en"), "consent"))  # not the whole of it again
    assert asks(Step.CONSENT)(said)
    assert said == (await newcomer.messages())[-1]
    assert rows_of(service, newcomer)[0]["consent_version"] is None


async def test_photo_sent_too_early_is_not_opened(newcomer: Person, content: Content, town: Town) -> None:
    await reach(newcomer, Step.AGE)
    before = [call["method"] for call in await town.calls()].count("getFile")
    await newcomer.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
    assert asks(Step.AGE)(await newcomer.waits_for(shown(content.texts("en"), "photo-too-early")))
    assert [call["method"] for call in await town.calls()].count("getFile") == before


async def test_photo_of_a_stranger_leads_to_start(newcomer: Person, content: Content) -> None:
    await newcomer.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
    await newcomer.waits_for(shown(content.texts("en"), "register-first"))


@pytest.mark.parametrize("step", [Step.CONSENT, Step.AGE, Step.NAME, Step.SKIN_TYPE])
async def test_back_returns_to_the_question_before(newcomer: Person, step: Step) -> None:
    await reach(newcomer, step)
    await newcomer.presses(button(step, "back"))
    await newcomer.waits_for(asks(Step(step - 1)))


async def test_cancel_forgets_an_unfinished_registration(newcomer: Person, content: Content, service: Service) -> None:
    await reach(newcomer, Step.NAME)
    assert len(rows_of(service, newcomer)) == 1
    await newcomer.says("/cancel")
    await newcomer.waits_for(shown(content.texts("en"), "registration-cancelled"))
    assert rows_of(service, newcomer) == []


async def test_start_in_the_middle_repeats_the_open_question(newcomer: Person) -> None:
    await reach(newcomer, Step.AGE)
    await newcomer.says("/start")
    await newcomer.waits_for(asks(Step.AGE))


async def test_help_in_the_middle_does_not_lose_the_place(newcomer: Person) -> None:
    await reach(newcomer, Step.AGE)
    await newcomer.says("/help")
    await newcomer.waits_for("/dermatologist")
    await newcomer.presses(button(Step.AGE, "adult"))
    await newcomer.waits_for(asks(Step.NAME))


async def test_answered_question_shows_what_was_chosen(newcomer: Person, content: Content) -> None:
    await reach(newcomer, Step.AGE)
    await newcomer.presses(button(Step.AGE, "adult"))
    label = content.texts("en").plain("button-adult")
    await newcomer.waits_for(lambda message: has_button(message, "chosen"))
    await newcomer.presses(f"✓ {label}")
    answer = await newcomer.waits_for_event("callback_answer")
    assert not answer.get("text")


async def test_question_that_was_left_by_the_way_back_keeps_no_button(newcomer: Person) -> None:
    await reach(newcomer, Step.AGE)
    left = (await newcomer.messages())[-1]
    assert asks(Step.AGE)(left)
    await newcomer.presses(button(Step.AGE, "back"))
    await newcomer.waits_for(asks(Step.CONSENT))
    (now,) = [message for message in await newcomer.messages() if message["message_id"] == left["message_id"]]
    assert buttons(now) == []


async def test_button_of_an_earlier_question_is_explained(newcomer: Person, content: Content) -> None:
    await reach(newcomer, Step.AGE)
    await newcomer.says("/start")
    old = await newcomer.waits_for(asks(Step.AGE))
    await newcomer.says("30")
    await newcomer.waits_for(asks(Step.NAME))
    await newcomer.presses(button(Step.AGE, "younger"), old)
    answer = await newcomer.waits_for_event("callback_answer")
    assert answer["text"] == content.texts("en").plain("old-button")


async def test_start_again_greets_by_name(sam: Person) -> None:
    await sam.says("/start")
    await sam.waits_for("Hello Sam")


async def test_changed_consent_text_is_asked_again(sam: Person, content: Content, service: Service) -> None:
    rows(service.data_dir, "UPDATE patients SET consent_version = 'older' WHERE user_id = ?", sam.id)
    await sam.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
    texts = content.texts("en")
    await sam.waits_for(shown(texts, "consent-changed"))
    await sam.presses(texts.plain("button-read-consent"))
    await sam.waits_for(asks(Step.CONSENT))
    await sam.presses(button(Step.CONSENT, "agree"))
    await sam.waits_for(shown(texts, "consent-renewed"))
    assert rows_of(service, sam)[0]["consent_version"] == content.consent_version


async def test_restart_in_the_middle_goes_on_where_it_was(newcomer: Person, service: Service) -> None:
    await reach(newcomer, Step.NAME)
    service.bot.kill()
    service.bot.start()
    await newcomer.says("Robin")
    await newcomer.waits_for(asks(Step.SKIN_TYPE))
    await newcomer.presses(button(Step.SKIN_TYPE, "skip"))
    await newcomer.waits_for("Robin")


async def test_name_in_doubt_outlives_a_restart(newcomer: Person, service: Service, content: Content) -> None:
    await reach(newcomer, Step.NAME)
    await newcomer.says("Mary Ann")
    await newcomer.waits_for(shown(content.texts("en"), "name-taken", name="Mary Ann"))
    service.bot.kill()
    service.bot.start()
    await newcomer.presses("Call me Mary Ann")
    await newcomer.waits_for(asks(Step.SKIN_TYPE))
    assert rows_of(service, newcomer)[0]["first_name"] == "Mary Ann"
