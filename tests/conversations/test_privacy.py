"""/privacy, /export and /delete where little is at stake, and what follows when a consent or a chat ends."""

import json
from typing import Any

import jsonschema
import pytest

from bot.content import Content, Texts
from bot.render.questions import Step
from emulator.objects import Message
from emulator.person import Person, Town
from emulator.reading import buttons
from tests.conversations.audiences import until
from tests.conversations.service import ROOT, Service
from tests.conversations.stories import asks, button, first_line, has_button, heading, reach, rows, shown
from tests.conversations.test_history import assess
from tests.conversations.test_photos import ANSWER_WITHIN_S, LESION, is_answer
from tests.conversations.test_settings import are_settings, kept, settings_of


@pytest.fixture
async def stranger(town: Town, texts: Texts) -> Person:
    """Somebody whose Telegram speaks the language of the story."""
    return await town.newcomer("Eva", language_code=texts.language)


async def privacy_of(person: Person, texts: Texts) -> Message:
    await person.says("/privacy")
    return await person.waits_for(heading(texts, "privacy"))


async def withdraw(person: Person, texts: Texts) -> None:
    await privacy_of(person, texts)
    await person.presses(texts.plain("button-withdraw"))
    await person.waits_for(first_line(texts, "withdraw-question"))
    await person.presses(texts.plain("button-withdraw-yes"))
    assert has_button(await person.waits_for(first_line(texts, "consent-withdrawn")), "find")


def labels(message: Message) -> list[str]:
    return [str(one["text"]) for one in buttons(message)]


async def test_stranger_reads_what_would_be_kept(stranger: Person, texts: Texts) -> None:
    page = await privacy_of(stranger, texts)
    assert labels(page) == [texts.plain("button-export"), texts.plain("button-delete")]


async def test_consent_is_no_button_before_there_is_a_registration(newcomer: Person, content: Content) -> None:
    await reach(newcomer, Step.NAME)
    page = await privacy_of(newcomer, content.texts("en"))
    assert content.texts("en").plain("button-withdraw") not in labels(page)
    await newcomer.presses(button(Step.NAME, "keep"))
    await newcomer.waits_for(asks(Step.SKIN_TYPE))


async def test_withdrawing_is_asked_once_and_can_be_left(patient: Person, texts: Texts, service: Service) -> None:
    page = await privacy_of(patient, texts)
    await patient.presses(texts.plain("button-withdraw"))
    await patient.waits_for(shown(texts, "withdraw-question"))
    await patient.presses(texts.plain("button-back"))
    again = await patient.waits_for(heading(texts, "privacy"))
    assert (again["message_id"], labels(again)) == (page["message_id"], labels(page))
    assert kept(service, patient, "consent_version") is not None


async def test_withdrawn_consent_erases_assessments_and_skin_type(
    patient: Person, texts: Texts, service: Service
) -> None:
    assess(service, patient, 11, 12)
    rows(service.data_dir, "UPDATE patients SET skin_type = 3 WHERE user_id = ?", patient.id)
    await withdraw(patient, texts)
    columns = "top_class, risk_level, probabilities, model_sha256"
    left = rows(service.data_dir, f"SELECT {columns}, outcome FROM cases WHERE user_id = ?", patient.id)  # noqa: S608
    assert left == [(None, None, None, None, "assessed")] * 2
    columns = "consent_version, consented_at, skin_type"
    assert rows(service.data_dir, f"SELECT {columns} FROM patients WHERE user_id = ?", patient.id) == [(None,) * 3]  # noqa: S608
    assert texts.plain("button-withdraw") not in labels(await privacy_of(patient, texts))


async def test_photo_in_hand_is_let_go(patient: Person, texts: Texts, service: Service, town: Town) -> None:
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    downloads = await calls(town, "file")
    await patient.sends_photo(LESION)
    promise = await patient.waits_for(shown(texts, "looking"))
    await withdraw(patient, texts)
    await town.suffers()
    assert promise["message_id"] not in [message["message_id"] for message in await patient.messages()]
    closed = rows(service.data_dir, "SELECT outcome, file_id FROM cases WHERE user_id = ?", patient.id)
    assert closed == [("withdrawn", None)]
    await agree_again(patient, texts)
    photo = await patient.sends_photo(LESION)
    await patient.waits_for(is_answer, ANSWER_WITHIN_S)
    answered = [m["reply_to_message"]["message_id"] for m in await patient.messages() if is_answer(m)]
    assert answered == [photo["message_id"]]
    assert await calls(town, "file") == downloads + 1


async def calls(town: Town, method: str) -> int:
    return [call["method"] for call in await town.calls()].count(method)


async def agree_again(patient: Person, texts: Texts) -> None:
    await patient.says("/start")
    await patient.waits_for(asks(Step.CONSENT))
    await patient.presses(texts.plain("button-agree"))
    await patient.waits_for(shown(texts, "consent-renewed"))


async def test_photos_after_a_withdrawal_ask_for_consent_again(
    patient: Person, texts: Texts, service: Service, town: Town, content: Content
) -> None:
    await withdraw(patient, texts)
    opened = await calls(town, "getFile")
    await patient.sends_album([LESION] * 3)
    asked = await patient.waits_for(shown(texts, "consent-missing"))
    await patient.presses(texts.plain("button-read-consent"), asked)
    await patient.waits_for(asks(Step.CONSENT))
    assert await calls(town, "getFile") == opened
    await patient.presses(texts.plain("button-agree"))
    await patient.waits_for(shown(texts, "consent-renewed"))
    assert kept(service, patient, "consent_version") == content.consent_version
    await patient.sends_photo(LESION)
    await patient.waits_for(is_answer, ANSWER_WITHIN_S)
    told = [m for m in await patient.messages() if m.get("text") == shown(texts, "consent-missing")]
    assert len(told) == 1


async def test_nothing_else_follows_from_a_withdrawal(patient: Person, texts: Texts, service: Service) -> None:
    await withdraw(patient, texts)
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    await settings_of(patient)
    await patient.presses(texts.plain("button-name"))
    await patient.waits_for(shown(texts, "ask-new-name"))
    await patient.says("Robin")
    changed = await patient.waits_for(are_settings)
    assert kept(service, patient, "first_name") == "Robin"
    assert texts.plain("button-skin-type") not in labels(changed)
    await patient.forges(changed, "settings:skin")
    await patient.waits_for(shown(texts, "skin-type-without-consent"))
    await patient.says("/start")
    await patient.waits_for(shown(texts, "consent-missing"))
    await patient.waits_for(asks(Step.CONSENT))
    await patient.presses(texts.plain("button-refuse"))
    await patient.waits_for(first_line(texts, "consent-withdrawn"))


async def test_consent_to_an_older_text_is_withdrawn_without_reading_the_new_one(
    patient: Person, texts: Texts, service: Service
) -> None:
    rows(service.data_dir, "UPDATE patients SET consent_version = 'older' WHERE user_id = ?", patient.id)
    await withdraw(patient, texts)
    assert kept(service, patient, "consent_version") is None


async def test_new_text_refused_lets_the_photo_in_hand_go(
    patient: Person, texts: Texts, service: Service, town: Town
) -> None:
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    await patient.sends_photo(LESION)
    promise = await patient.waits_for(shown(texts, "looking"))
    rows(service.data_dir, "UPDATE patients SET consent_version = 'older' WHERE user_id = ?", patient.id)
    await patient.says("/start")
    await patient.waits_for(shown(texts, "consent-changed"))
    await patient.waits_for(asks(Step.CONSENT))
    await patient.presses(texts.plain("button-refuse"))
    assert has_button(await patient.waits_for(first_line(texts, "consent-withdrawn")), "find")
    await town.suffers()
    assert promise["message_id"] not in [message["message_id"] for message in await patient.messages()]


async def test_export_of_a_stranger_is_a_file_with_nothing_in_it(stranger: Person, texts: Texts) -> None:
    await privacy_of(stranger, texts)
    await stranger.presses(texts.plain("button-export"))
    message = await stranger.waits_for(lambda message: "document" in message)
    assert message["caption"] == shown(texts, "exported")
    everything: dict[str, Any] = json.loads(await stranger.downloads(message["document"]["file_id"]))
    schema = json.loads((ROOT / "docs" / "export.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(everything, schema, cls=jsonschema.Draft202012Validator)
    assert {name for name, value in everything.items() if value} == {"format", "exported_at"}


async def test_nothing_is_erased_after_a_no(patient: Person, texts: Texts, service: Service) -> None:
    assess(service, patient, 11)
    await patient.says("/delete")
    await patient.waits_for(shown(texts, "delete-question"))
    await patient.presses(texts.plain("button-delete-no"))
    await patient.waits_for(shown(texts, "delete-cancelled"))
    assert kept(service, patient, "first_name") == "Sam"
    assert rows(service.data_dir, "SELECT count(*) FROM cases WHERE user_id = ?", patient.id) == [(1,)]


async def test_stranger_who_erases_everything_learns_that_nothing_was_kept(stranger: Person, texts: Texts) -> None:
    await privacy_of(stranger, texts)
    await stranger.presses(texts.plain("button-delete"))
    await stranger.waits_for(shown(texts, "delete-question"))
    await stranger.presses(texts.plain("button-delete-yes"))
    assert shown(texts, "deleted-nothing") in (await stranger.waits_for(first_line(texts, "deleted")))["text"]


async def test_patient_who_blocks_the_bot_is_left_alone_until_they_come_back(
    patient: Person, moderator: Person, texts: Texts, service: Service, town: Town
) -> None:
    await patient.says("/help")
    await patient.waits_for(heading(texts, "help"))
    await patient.blocks()
    await until(lambda: kept(service, patient, "blocked_at") is not None)
    before = await calls_to(patient, town)
    for command in ("ban", "unban", "user"):
        await moderator.says(f"/{command} {patient.id} 1d spam")
        await moderator.waits_for(lambda message: "text" in message)
    assert await calls_to(patient, town) == before
    await patient.unblocks()
    await until(lambda: kept(service, patient, "blocked_at") is None)


async def calls_to(person: Person, town: Town) -> int:
    return [call["chat_id"] for call in await town.calls()].count(person.id)


async def test_whoever_writes_does_not_block_the_bot(patient: Person, texts: Texts, service: Service) -> None:
    rows(service.data_dir, "UPDATE patients SET blocked_at = '2026-11-23 12:00:00' WHERE user_id = ?", patient.id)
    await patient.says("/help")
    await patient.waits_for(heading(texts, "help"))
    assert kept(service, patient, "blocked_at") is None
