"""What somebody has begun goes with the question that it belongs to, whichever way that ends."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render.questions import Open
from bot.storage.conversations import Move
from bot.storage.drafts import Drafts
from bot.storage.inbox import Finished, Inbox
from tests.bot.conftest import NOON, on_one_database
from tests.bot.kinds import MODERATOR, OWNER, PATIENT, open_desk_for_all

HERE: dict[str, Any] = {"location": {"latitude": 47.8, "longitude": 13.04}}


async def test_end_of_a_question_takes_what_its_person_began_and_nobody_elses(engine: AsyncEngine) -> None:
    drafts, inbox = Drafts(engine), Inbox(engine)
    for who in (PATIENT, MODERATOR):
        await drafts.put(who, {"name": "I want to die"})
    await inbox.finish([Finished(1, [Move("dialogue", (PATIENT, PATIENT), Open.FEEDBACK)])], NOON)
    assert await drafts.get(PATIENT) is not None  # another question took its place: that one may go on with it
    await inbox.finish([Finished(2, [Move("dialogue", (PATIENT, PATIENT), None)])], NOON)
    assert await drafts.get(PATIENT) is None
    assert await drafts.get(MODERATOR) is not None


@on_one_database
@pytest.mark.parametrize(
    "messages", [[{"text": "/settings"}], [{"text": "/feedback Thank you"}], [{"text": "/dermatologist"}, HERE], [HERE]]
)
async def test_words_that_might_have_been_a_name_are_forgotten_by_whatever_ends_the_question(
    engine: AsyncEngine, messages: list[dict[str, Any]]
) -> None:
    async with open_desk_for_all(engine) as desk:
        await desk.presses(PATIENT, "settings:name")
        await desk.hears(PATIENT, text="I want to die")
        await desk.finishes(PATIENT)
        assert await desk.services.drafts.get(PATIENT) is not None
        for message in messages:
            await desk.hears(PATIENT, **message)
        await desk.finishes(PATIENT)
        assert (await desk.rows())["drafts"] == []


@on_one_database
@pytest.mark.parametrize("who", [MODERATOR, OWNER])
async def test_ban_that_was_begun_is_forgotten_where_its_moderator_does_something_else(
    engine: AsyncEngine, who: int
) -> None:
    async with open_desk_for_all(engine) as desk:
        await desk.presses(who, f"ban:{PATIENT}:7")
        await desk.hears(who, text="/settings")
        await desk.finishes(who)
        assert (await desk.rows())["drafts"] == []


@on_one_database
async def test_contact_in_the_middle_of_a_question_takes_nothing_of_it_away(engine: AsyncEngine) -> None:
    async with open_desk_for_all(engine) as desk:
        await desk.presses(PATIENT, "settings:name")
        await desk.hears(PATIENT, text="Mary Ann")
        await desk.hears(PATIENT, contact={"phone_number": "1", "first_name": "Eva"})
        await desk.presses(PATIENT, "settings:meant")
        patient = await desk.services.patients.get(PATIENT)
        assert patient is not None
        assert patient.first_name == "Mary Ann"
