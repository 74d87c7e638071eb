"""What a moderator forwards is no answer to a patient, and no reason of a ban."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import formatted
from bot.render.questions import Open
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, Desk, open_desk

OWNER, SAM, EVA = 600_000_001, 500_000_001, 500_000_002
TEXTS = LIBRARY.content.texts("en")
ORIGIN = {"type": "user", "date": 1_795_000_000, "sender_user": {"id": EVA, "is_bot": False, "first_name": "Eva"}}


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        for person in (OWNER, SAM, EVA):
            desk.newcomer(person)
            await desk.services.patients.speak(person, "en", NOON)
            await desk.services.patients.register(person, NOON)
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
