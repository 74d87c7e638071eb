"""An answer of the bot's own that comes back is no photo of a spot: judged again, it could come out milder."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render.questions import Step
from tests.bot.conftest import on_one_database
from tests.bot.desk import LIBRARY, Desk, open_desk
from tests.conversations.stories import shown

pytestmark = on_one_database

SAM, EVA = 500_000_001, 500_000_002
CAPTION = "See a doctor within two weeks."
PHOTO: dict[str, Any] = {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 600, "height": 450}]}
FILE: dict[str, Any] = {
    "document": {"file_id": "f", "file_unique_id": "u", "file_name": "answer.jpg", "mime_type": "image/jpeg"}
}
each_kind = pytest.mark.parametrize("picture", [PHOTO, FILE], ids=["photo", "file"])


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine) as desk:
        for person, language in ((SAM, "en"), (EVA, "es")):
            await desk.registers(person, language)
        yield desk


def of_the_bot(desk: Desk) -> dict[str, Any]:
    """Where an answer comes from that somebody forwards."""
    return _from({"id": desk.application.bot.id, "is_bot": True, "first_name": "Lentigo"})


def _from(user: dict[str, Any]) -> dict[str, Any]:
    return {"forward_origin": {"type": "user", "date": 1_795_000_000, "sender_user": user}}


@each_kind
@pytest.mark.parametrize(("person", "language"), [(SAM, "en"), (EVA, "es")])
async def test_forwarded_answer_counts_as_it_is_and_opens_no_case(
    desk: Desk, picture: dict[str, Any], person: int, language: str
) -> None:
    said = await desk.hears(person, **picture, **of_the_bot(desk), caption=CAPTION)
    assert [one.text for one in said] == [shown(LIBRARY.content.texts(language), "sent-own-answer")]
    assert (await desk.rows())["cases"] == []


async def test_several_answers_forwarded_at_once_are_spoken_of_once(desk: Desk) -> None:
    said = [one for _ in range(4) for one in await desk.hears(SAM, **PHOTO, **of_the_bot(desk), media_group_id="album")]
    assert len(said) == 1
    assert (await desk.rows())["cases"] == []


@each_kind
async def test_photo_that_another_bot_or_person_sent_is_looked_at(desk: Desk, picture: dict[str, Any]) -> None:
    for user in ({"id": 1, "is_bot": True, "first_name": "Bot"}, {"id": EVA, "is_bot": False, "first_name": "Eva"}):
        await desk.hears(SAM, **picture, **_from(user))
    assert len((await desk.rows())["cases"]) == 2


async def test_answer_forwarded_in_the_middle_of_the_registration_leaves_the_question_open(desk: Desk) -> None:
    stranger = 500_000_003
    desk.newcomer(stranger)
    desk.stands(stranger, Step.LANGUAGE)
    (said,) = await desk.hears(stranger, **PHOTO, **of_the_bot(desk))
    assert said.text.startswith(shown(LIBRARY.content.texts("en"), "photo-too-early"))
