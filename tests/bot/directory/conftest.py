"""A desk of one moderator, with a library of their own: they change the directory."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content import Texts
from tests.bot.desk import Desk, open_desk, own_library

OLGA = 71


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OLGA, library=own_library()) as opened:
        opened.newcomer(OLGA)
        yield opened


@pytest.fixture
def texts(desk: Desk) -> Texts:
    return desk.services.content.texts("en")
