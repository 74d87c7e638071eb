"""A press on Stop that Telegram's fault cuts short stops the broadcast all the same."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import NetworkError

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
