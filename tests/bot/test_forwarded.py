"""What somebody forwards is nobody's answer: no reason of a ban, no feedback, no name, no place."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import formatted
from bot.render.questions import PLACE_AT, Open, Step
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, Desk, open_desk
from tests.conversations.stories import shown

pytestmark = on_one_database

OWNER, SAM, EVA = 600_000_001, 500_000_001, 500_000_002
TEXTS = LIBRARY.content.texts("en")
ORIGIN = {"type": "user", "date": 1_795_000_000, "sender_user": {"id": EVA, "is_bot": False, "first_name": "Eva"}}


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        for person in (OWNER, SAM, EVA):
            await desk.registers(person, has_consent=False)
        yield desk


def drafts(number: int | None) -> dict[Open, dict[str, Any]]:
    return {Open.FEEDBACK_ANSWER: {"feedback": number}, Open.BAN_REASON: {"ban": SAM, "days": 7}}


@pytest.mark.parametrize("question", [Open.FEEDBACK_ANSWER, Open.BAN_REASON])
async def test_forwarded_message_brings_its_sender_and_the_question_stays_open(desk: Desk, question: Open) -> None:
    number = await desk.services.feedback.add(SAM, "I wait since Monday", NOON)
    await desk.services.drafts.put(OWNER, drafts(number)[question])
    desk.stands(OWNER, question)
    (answer,) = await desk.hears(OWNER, text="Is this cancer?", forward_origin=ORIGIN)
    assert (answer.chat_id, answer.text) == (OWNER, formatted(TEXTS.say("naming-reply"))[0])
    assert await desk.services.feedback.waiting_count() == 1
    assert (await desk.rows())["bans"] == []
    heard = [one.text for one in await desk.hears(OWNER, text="We know") if one.chat_id == SAM]
    assert len(heard) == 1
    assert "We know" in heard[0]


@pytest.mark.parametrize("question", [Open.FEEDBACK, Open.NAME, Open.PLACE])
async def test_forwarded_words_are_no_answer_and_the_question_stays_open(desk: Desk, question: Open) -> None:
    await desk.services.drafts.put(SAM, {"name": "Mary Ann"})
    await desk.hears(SAM, text="/help")
    desk.stands(SAM, question)
    before = await desk.rows()
    (answer,) = await desk.hears(SAM, text="Salzburg", forward_origin=ORIGIN)
    assert answer.text == shown(TEXTS, "forwarded-words")
    assert await desk.rows() == before
    outside = shown(TEXTS, "sent-text")
    assert outside not in [one.text for one in await desk.hears(SAM, text="Sam")]


@pytest.mark.parametrize("question", [*Step, *PLACE_AT.values()])
async def test_forwarded_words_answer_no_question_of_the_registration(desk: Desk, question: Step | Open) -> None:
    stranger = 500_000_003
    desk.newcomer(stranger)
    await desk.services.patients.speak(stranger, "en", NOON)
    await desk.hears(stranger, text="/help")
    desk.stands(stranger, question)
    before = await desk.rows()
    for words in ("English", "44", "Sam", "III"):
        (answer,) = await desk.hears(stranger, text=words, forward_origin=ORIGIN)
        assert answer.text.startswith(shown(TEXTS, "forwarded-words"))
    assert await desk.rows() == before
    (reminder,) = await desk.hears(stranger, voice={"file_id": "f", "file_unique_id": "u", "duration": 1})
    assert reminder.text.startswith(shown(TEXTS, "answer-first"))
