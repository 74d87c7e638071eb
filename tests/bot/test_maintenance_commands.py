"""/maintenance on and off say what they did, also where that is nothing."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content import Texts
from bot.render.reply import moment
from bot.storage.audit import Entry
from bot.storage.maintenance import Mode
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, Desk, open_desk
from tests.conversations.stories import shown

OWNER = 600_000_001
TEXTS = LIBRARY.content.texts("en")


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        desk.newcomer(OWNER)
        yield desk


async def answer(desk: Desk, text: str) -> str:
    (said,) = await desk.hears(OWNER, text=text)
    return said.text


def state(texts: Texts, mode: Mode) -> str:
    return shown(texts, f"maintenance-{mode}", when=moment(NOON, texts), count=0)


async def begin(desk: Desk, mode: Mode) -> None:
    await desk.services.maintenance.begin(mode, Entry(OWNER, "maintenance-begin", NOON))


async def test_switching_on_what_is_off_asks_how_and_says_that_it_is_not_on_yet(desk: Desk) -> None:
    asked = await answer(desk, "/maintenance on")
    assert asked == f"{shown(TEXTS, 'maintenance-not-yet')}\n\n{shown(TEXTS, 'maintenance-ask')}"
    assert await desk.services.maintenance.pause() is None


@pytest.mark.parametrize("mode", Mode)
async def test_switching_on_what_is_on_says_that_it_is_and_how(desk: Desk, mode: Mode) -> None:
    await begin(desk, mode)
    assert await answer(desk, "/maintenance ON") == f"{shown(TEXTS, 'maintenance-on-already')}\n\n{state(TEXTS, mode)}"


async def test_switching_off_what_is_off_says_so_and_asks_nothing(desk: Desk) -> None:
    assert await answer(desk, "/maintenance off") == shown(TEXTS, "maintenance-off-already")
    done = await desk.presses(OWNER, "maintenance:off")
    assert {one.text for one in done if one.text} == {shown(TEXTS, "maintenance-off-already")}


async def test_command_alone_shows_the_state(desk: Desk) -> None:
    off = f"{shown(TEXTS, 'maintenance-off')}\n\n{shown(TEXTS, 'maintenance-ask')}"
    assert await answer(desk, "/maintenance") == off
    await begin(desk, Mode.WAIT)
    assert await answer(desk, "/maintenance") == state(TEXTS, Mode.WAIT)
