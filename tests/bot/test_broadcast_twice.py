"""A press on Send or Stop that a fault cuts short does all the same what it says."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import NetworkError

from bot.render.questions import Open
from bot.storage.broadcasts import State
from emulator.person import open_town
from tests.bot.desk import Desk, open_desk
from tests.bot.test_broadcasts import add_patients, start

OLGA = 71


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OLGA) as opened:
        opened.newcomer(OLGA)
        yield opened


async def test_broadcast_that_was_stopped_is_reported_though_the_press_could_not_be_answered(desk: Desk) -> None:
    await add_patients(desk.engine, [1, 2])
    broadcast_id, begun = await start(desk.engine, moderator_id=OLGA), list[int]()
    desk.application.bot_data["services"] = replace(desk.services, broadcast_soon=begun.append)
    async with open_town(desk.emulator.url) as town:
        await town.suffers({"kind": "reset", "method": "answerCallbackQuery"})
        with pytest.raises(NetworkError):
            await desk.presses(OLGA, f"broadcast:stop:{broadcast_id}")
    broadcast = await desk.services.broadcasts.get_open()
    assert broadcast is not None
    assert broadcast.state is State.CANCELLED
    assert begun == [broadcast_id]


async def test_broadcast_that_is_stored_begins_though_the_answer_to_its_commit_was_lost(desk: Desk) -> None:
    """The press is handled again then, and finds no draft: nobody knows of the broadcast but the database."""
    await add_patients(desk.engine, [1, 2])
    broadcast_id, begun = await start(desk.engine, moderator_id=OLGA), list[int]()
    desk.application.bot_data["services"] = replace(desk.services, broadcast_soon=begun.append)
    desk.stands(OLGA, Open.BROADCAST)
    await desk.presses(OLGA, "broadcast:send:1:*")
    assert begun == [broadcast_id]
