"""The receipt of an erasure: one for a question, and nothing in it tells of the question."""

from sqlalchemy.ext.asyncio import AsyncEngine

from emulator.person import open_town
from emulator.reading import buttons
from tests.bot.desk import open_desk


async def test_receipt_can_not_be_reckoned_back_to_the_message_that_asked(engine: AsyncEngine) -> None:
    """Numbers of messages are few, and the key lies beside the receipts."""
    async with open_desk(engine) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await eva.says("/start")
        await desk.hears(eva.id, text="/delete")
        question = (await eva.messages())[-1]
        yes, no = (one["callback_data"] for one in buttons(question))
        for data in (yes, yes, no):  # twice, as after a crash
            await desk.presses(eva.id, data, message_id=question["message_id"])
        (receipt,) = (await desk.rows())["erasures"]
        assert receipt.receipt in (await eva.messages())[-2]["text"]  # the farewell is below it
        assert await desk.services.records.erasure_for(str(question["message_id"])) is None
        assert await desk.services.records.erasure_for(yes.split(":")[2]) is not None


async def test_two_questions_have_two_receipts(engine: AsyncEngine) -> None:
    async with open_desk(engine) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await eva.says("/start")
        said = []
        for _ in range(2):
            await desk.hears(eva.id, text="/delete")
            question = (await eva.messages())[-1]
            said.append(buttons(question)[0]["callback_data"])
            await desk.presses(eva.id, said[-1], message_id=question["message_id"])
        assert said[0] != said[1]
        assert len({row.receipt for row in (await desk.rows())["erasures"]}) == 2
