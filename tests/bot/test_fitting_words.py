"""What people read fits what they may do now, also after they have erased everything or withdrawn."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from inference.classes import LesionClass
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, Desk, open_desk
from tests.conversations.stories import shown

pytestmark = on_one_database

OWNER, SAM = 600_000_001, 500_000_001
LANGUAGES = LIBRARY.content.by_language
each_language = pytest.mark.parametrize("language", list(LANGUAGES))


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        desk.newcomer(OWNER)
        yield desk


@each_language
@pytest.mark.parametrize("lesion", LesionClass)
async def test_button_under_an_old_answer_explains_its_class_after_everything_was_erased(
    desk: Desk, language: str, lesion: LesionClass
) -> None:
    desk.newcomer(SAM, language)
    said = await desk.presses(SAM, f"explain:{lesion}")
    heading = LANGUAGES[language].page(f"classes/{lesion}").splitlines()[0].removeprefix("# ")
    assert heading in said[-1].text.splitlines()[0]


@each_language
async def test_history_asks_for_no_photo_where_none_would_be_looked_at(desk: Desk, language: str) -> None:
    await desk.registers(SAM, language)
    texts = LANGUAGES[language]
    assert [one.text for one in await desk.hears(SAM, text="/history")] == [shown(texts, "history-empty")]
    await desk.services.records.withdraw(SAM, NOON)
    assert [one.text for one in await desk.hears(SAM, text="/history")] == [shown(texts, "history-without-consent")]
    await desk.services.patients.consent(SAM, "older", NOON)
    assert [one.text for one in await desk.hears(SAM, text="/history")] == [shown(texts, "history-without-consent")]


async def test_who_has_erased_everything_hears_of_a_ban_and_its_end_in_every_language(desk: Desk) -> None:
    desk.newcomer(SAM, "es")
    await desk.hears(SAM, text="/help")
    for command, words in ((f"/ban {SAM} 7d spam", "banned"), (f"/unban {SAM}", "you-are-unbanned")):
        (told,) = [one.text for one in await desk.hears(OWNER, text=command) if one.chat_id == SAM]
        for texts in LANGUAGES.values():
            said = shown(texts, words, until="|", reason="spam") if words == "banned" else shown(texts, words)
            assert said.rpartition("|")[2] in told


@each_language
async def test_who_is_known_hears_of_a_ban_in_their_language_only(desk: Desk, language: str) -> None:
    await desk.registers(SAM, language)
    await desk.hears(OWNER, text=f"/ban {SAM} 7d spam")
    (told,) = [one.text for one in await desk.hears(OWNER, text=f"/unban {SAM}") if one.chat_id == SAM]
    assert told == shown(LANGUAGES[language], "you-are-unbanned")


@each_language
async def test_owner_who_is_no_patient_is_led_to_help(desk: Desk, language: str) -> None:
    desk.newcomer(OWNER, language)
    texts = LANGUAGES[language]
    (said,) = await desk.hears(OWNER, text="what do I do now")
    assert said.text == shown(texts, "anything-with-role")
    assert "/help" in said.text
    (said,) = await desk.hears(OWNER, text="/frobnicate")
    assert said.text == shown(texts, "unknown-command")
