"""A desk of one moderator, with a library of their own: they change the directory."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content import Texts
from bot.library import Library
from tests.bot.desk import ROOT, Desk, open_desk

OLGA = 71


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OLGA, library=Library(ROOT / "content", ROOT / "models")) as opened:
        opened.newcomer(OLGA)
        yield opened


@pytest.fixture
def texts(desk: Desk) -> Texts:
    return desk.services.content.texts("en")
