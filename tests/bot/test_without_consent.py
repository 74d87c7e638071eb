"""Whose consent is withdrawn, or is to another text than that of today, is asked for no photo: it would be refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render import account
from bot.render.reply import Reply
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, Desk, open_desk
from tests.conversations.stories import heading, shown

pytestmark = on_one_database
SAM = 500_000_001
FILE = {"file_id": "f", "file_unique_id": "u"}
VOICE = {"voice": FILE | {"duration": 1}}
VIDEO = {"video": FILE | {"width": 1, "height": 1, "duration": 1}}
STICKER = {
    "sticker": FILE | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"},
}
CONTACT = {"contact": {"phone_number": "1", "first_name": "Dr. X"}}
DICE = {"dice": {"emoji": "🎲", "value": 6}}
WORDS = {"text": "is this cancer?"}
EVERYTHING_ELSE = [VOICE, VIDEO, STICKER, CONTACT, DICE, WORDS]
each_language = pytest.mark.parametrize("language", ["en", "es"])


@pytest.fixture(params=["withdrawn", "to an older text"])
async def desk(engine: AsyncEngine, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A desk that Sam comes to, who is registered and whose consent does not hold."""
    async with open_desk(engine) as desk:
        desk.newcomer(SAM)
        await desk.services.patients.speak(SAM, "en", NOON)
        await desk.services.patients.consent(SAM, "older", NOON)
        await desk.services.patients.register(SAM, NOON)
        if request.param == "withdrawn":
            await desk.services.records.withdraw(SAM, NOON)
        yield desk


@each_language
@pytest.mark.parametrize("message", EVERYTHING_ELSE, ids=lambda message: next(iter(message)))
async def test_whatever_is_sent_without_consent_is_answered_with_how_to_agree(
    desk: Desk, language: str, message: dict[str, Any]
) -> None:
    await desk.services.patients.speak(SAM, language, NOON)
    said = await desk.hears(SAM, **message)
    assert [one.text for one in said] == [shown(LIBRARY.content.texts(language), "sent-without-consent")]
    assert "/start" in said[0].text


@each_language
async def test_cancel_of_nothing_without_consent_asks_for_no_photo(desk: Desk, language: str) -> None:
    await desk.services.patients.speak(SAM, language, NOON)
    (said,) = await desk.hears(SAM, text="/cancel")
    assert said.text == shown(LIBRARY.content.texts(language), "nothing-to-cancel-without-consent")
    assert "/start" in said.text


@each_language
async def test_help_without_consent_says_that_no_photo_is_looked_at(desk: Desk, language: str) -> None:
    texts = LIBRARY.content.texts(language)
    await desk.services.patients.speak(SAM, language, NOON)
    page, last = await desk.hears(SAM, text="/help")
    assert page.text.startswith(heading(texts, "help"))
    assert last.text == shown(texts, "help-without-consent")


@each_language
async def test_settings_without_consent_have_no_skin_type_to_change(desk: Desk, language: str) -> None:
    texts = LIBRARY.content.texts(language)
    await desk.services.patients.speak(SAM, language, NOON)
    patient = await desk.services.patients.get(SAM)
    assert patient is not None
    labels = {has: buttons_of(account.settings(patient, texts, has_consent=has)) for has in (True, False)}
    assert set(labels[True]) - set(labels[False]) == {"settings:skin"}
    for old in ("settings:skin", "settings:skin:3"):
        said = await desk.presses(SAM, old)
        assert [one.text for one in said if one.text] == [shown(texts, "skin-type-without-consent")]
    assert [row.skin_type for row in (await desk.rows())["patients"]] == [None]


def buttons_of(reply: Reply) -> list[str]:
    return [button.data for row in reply.buttons for button in row]


async def test_who_agreed_is_asked_for_a_photo_as_before(desk: Desk) -> None:
    texts = LIBRARY.content.texts("en")
    await desk.services.patients.consent(SAM, desk.services.content.consent_version, NOON)
    said = [*await desk.hears(SAM, **WORDS), *await desk.hears(SAM, text="/cancel")]
    assert [one.text for one in said] == [shown(texts, "sent-text"), shown(texts, "nothing-to-cancel")]
    assert len(await desk.hears(SAM, text="/help")) == 1
