"""Erasure meets what is under way: a photo in hand, a button that is pressed twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.content import Content
from emulator.person import Person, Town, open_town
from emulator.reading import buttons
from tests.conversations.everything import OWNER_ID, open_service
from tests.conversations.service import PHOTOS, Service
from tests.conversations.stories import first_line, has_button, register, shown, tables
from tests.conversations.test_own_data import receipt_in
from tests.conversations.test_photos import is_answer


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    with open_service(tmp_path) as opened:
        yield opened


async def test_photo_in_hand_goes_with_its_sender(own_service: Service, content: Content) -> None:
    """It waits for the end of maintenance, its sender is erased, and nothing more is said of it."""
    texts = content.texts("en")
    async with open_town(own_service.emulator.url) as town:
        owner, patient = await town.newcomer("Olga", id=OWNER_ID), await town.newcomer("Sam")
        await register(patient, "en")
        await owner.says("/maintenance on")
        await owner.waits_for(lambda message: has_button(message, "maintenance:wait"))
        await owner.presses("maintenance:wait")
        await owner.waits_for(lambda message: has_button(message, "maintenance:off"))
        photo = await patient.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
        promise = await patient.waits_for(first_line(texts, "maintenance-photo-waits"))
        await patient.says("/delete")
        await patient.waits_for(first_line(texts, "delete-question"))
        await patient.presses(texts.plain("button-delete-yes"))
        await patient.waits_for(first_line(texts, "deleted"))
        await owner.says("/maintenance off")
        await owner.waits_for(lambda message: not message.get("reply_markup"))
        other = await town.newcomer("Robin")
        await register(other, "en")
        await other.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
        await other.waits_for(is_answer, timeout_s=30)
        assert promise["message_id"] not in {message["message_id"] for message in await patient.messages()}
        after = [m for m in await patient.messages() if m["message_id"] > photo["message_id"] and is_answer(m)]
        assert after == []


async def test_who_leaves_is_taken_leave_of_also_where_it_is_not_heard_that_the_receipt_was_taken(
    newcomer: Person, town: Town, content: Content
) -> None:
    texts = content.texts("en")
    await register(newcomer, "en")
    await newcomer.says("/dermatologist")
    await newcomer.waits_for(first_line(texts, "ask-place"))
    await newcomer.says("/delete")
    question = await newcomer.waits_for(first_line(texts, "delete-question"))
    await town.suffers({"kind": "reset", "method": "editMessageText", "times": 1, "after": True})
    await newcomer.presses(texts.plain("button-delete-yes"), question)
    await newcomer.waits_for(shown(texts, "deleted-farewell"))
    assert (await newcomer.chat())["reply_keyboard"] is None


@pytest.mark.parametrize("second", ["yes", "no"])
@pytest.mark.parametrize("is_of_before", [False, True])
async def test_pressing_again_leaves_the_receipt_in_its_language(
    newcomer: Person, content: Content, second: str, *, is_of_before: bool
) -> None:
    """Both buttons are there until all is erased, and then nothing but the button tells the language.

    Those of a question that an earlier version asked have nothing of their own.
    """
    texts = content.texts("es")
    await register(newcomer, "es")
    await newcomer.says("/delete")
    question = await newcomer.waits_for(first_line(texts, "delete-question"))
    said = {one["callback_data"].split(":")[1]: one["callback_data"] for one in buttons(question)}
    if is_of_before:
        said = {what: f"delete:{what}:es" for what in said}
    await newcomer.forges(question, said["yes"])
    first = await newcomer.waits_for(first_line(texts, "deleted"))
    await newcomer.waits_for(shown(texts, "deleted-farewell"))
    await newcomer.forges(question, said[second])
    await newcomer.waits_for_event("callback_answer")
    await newcomer.says("/help")
    await newcomer.waits_for("/dermatologist")
    (told,) = [m for m in await newcomer.messages() if m["message_id"] == question["message_id"]]
    assert [m.get("text") for m in await newcomer.messages()].count(shown(texts, "deleted-farewell")) == 1
    assert (first_line(texts, "deleted") in told["text"], receipt_in(told)) == (True, receipt_in(first))


async def test_question_that_is_gone_is_answered_by_the_receipt_in_a_new_message(
    sam: Person, content: Content, service: Service
) -> None:
    texts = content.texts("en")
    await sam.says("/delete")
    question = await sam.waits_for(first_line(texts, "delete-question"))
    await sam.presses(texts.plain("button-delete-yes"), question, is_gone=True)
    receipt = await sam.waits_for(first_line(texts, "deleted"))
    assert receipt["message_id"] > question["message_id"]
    await sam.waits_for(shown(texts, "deleted-farewell"))
    assert [row for row in tables(service.data_dir)["patients"] if row["user_id"] == sam.id] == []


async def test_location_key_goes_with_everything_else(sam: Person, content: Content) -> None:
    texts = content.texts("en")
    await sam.says("/dermatologist")
    await sam.waits_for(first_line(texts, "ask-place"))
    await sam.says("/delete")
    await sam.waits_for(first_line(texts, "delete-question"))
    await sam.presses(texts.plain("button-delete-yes"))
    await sam.waits_for(shown(texts, "deleted-farewell"))
    assert (await sam.chat())["reply_keyboard"] is None
