"""What an answer says to this person, and what is kept of one that reached nobody."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.tables import cases
from emulator.person import open_town
from inference.risk import RiskLevel
from tests.bot.conftest import NOON
from tests.bot.desk import open_desk
from tests.bot.promised import OWNER_ID, TEXTS, SeeingPool, answering_at, promised
from tests.conversations.stories import shown


@pytest.mark.parametrize(("skin_type", "is_warned"), [(1, False), (6, True)])
async def test_patient_with_dark_skin_reads_that_few_such_photos_were_seen(
    engine: AsyncEngine, skin_type: int, *, is_warned: bool
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await desk.services.patients.speak(eva.id, "en", NOON)
        await desk.services.patients.set_skin_type(eva.id, skin_type)
        await answering_at(desk, SeeingPool(RiskLevel.SOON)).answer_or_apologise(await promised(desk, eva))
        caption = (await eva.messages())[-1]["caption"]
        assert (shown(TEXTS, "few-photos-of-darker-skin") in caption) is is_warned


async def test_nothing_is_kept_of_what_was_seen_for_somebody_who_blocks_the_bot(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await desk.services.patients.speak(eva.id, "en", NOON)
        case_id = await promised(desk, eva)
        await desk.application.bot.delete_message(eva.id, (await eva.messages())[-1]["message_id"])
        await eva.blocks()
        await answering_at(desk, SeeingPool(RiskLevel.URGENT)).answer_or_apologise(case_id)
        patient = await desk.services.patients.get(eva.id)
        assert patient is not None
        assert patient.blocked_at is not None
        async with engine.connect() as connection:
            case = (await connection.execute(cases.select())).one()
        assert case.outcome == "undeliverable"
        assert [case.top_class, case.risk_level, case.probabilities, case.model_sha256] == [None] * 4
