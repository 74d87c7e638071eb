"""/cancel stops the question that is open, and nothing else."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import formatted
from bot.render.questions import Open, Step
from bot.storage.audit import Entry
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, open_desk

OWNER, ELSE = 600_000_001, 600_000_002
TEXTS = LIBRARY.content.texts("en")


@pytest.mark.parametrize(
    ("question", "said", "left"), [(Open.BAN_REASON, "cancelled", 1), (Step.NAME, "registration-cancelled", 0)]
)
async def test_unfinished_registration_is_forgotten_only_where_its_question_is_open(
    engine: AsyncEngine, question: Open | Step, said: str, left: int
) -> None:
    async with open_desk(engine, OWNER) as desk:
        desk.newcomer(OWNER)
        await desk.services.patients.speak(OWNER, "en", NOON)
        await desk.services.audit.record(Entry(ELSE, "user", NOON, OWNER))
        await desk.services.drafts.put(OWNER, {"ban": 1, "days": 7})
        desk.stands(OWNER, question)
        (answer,) = await desk.hears(OWNER, text="/cancel")
        assert answer.text == formatted(TEXTS.say(said))[0]
        await desk.finishes(OWNER)
        rows = await desk.rows()
        aliases = [one for one in rows["aliases"] if one.user_id == OWNER]
        assert (len(rows["patients"]), rows["drafts"], len(aliases)) == (left, [], left)


async def test_command_that_asks_nothing_leaves_the_question_of_a_registration_open(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER) as desk:
        desk.newcomer(OWNER)
        await desk.services.patients.speak(OWNER, "en", NOON)
        desk.stands(OWNER, Step.NAME)
        await desk.hears(OWNER, text="/ban")
        await desk.hears(OWNER, text=f"/ban {ELSE} 7d shouting")
        assert await desk.services.bans.of(ELSE, desk.services.now()) is not None
        await desk.hears(OWNER, text="Ana")
        patient = await desk.services.patients.get(OWNER)
        assert patient is not None
        assert patient.first_name == "Ana"
