"""Two moderators correct one entry: what one did while a place was looked up for the other stays done."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import formatted
from bot.directory.places import Place
from bot.library import Library
from tests.bot.desk import ROOT, Desk, open_desk

OLGA, PILAR = 71, 72


async def removes(desk: Desk, key: str) -> None:
    await desk.presses(PILAR, f"dir:gone:{key}")


async def corrects(desk: Desk, key: str) -> None:
    await desk.presses(PILAR, f"dir:edit:note:{key}")
    await desk.hears(PILAR, text="ring twice")


@pytest.mark.parametrize(("does", "said"), [(removes, "directory-gone"), (corrects, "directory-corrected")])
async def test_what_a_colleague_did_while_a_place_was_looked_up_stays_done(
    engine: AsyncEngine, does: Callable[[Desk, str], Awaitable[None]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk(engine, OLGA, PILAR, library=Library(ROOT / "content", ROOT / "models")) as desk:
        key = next(iter(desk.services.library.listed))
        for person in (OLGA, PILAR):
            desk.newcomer(person)

        async def found(*_: str) -> Place:
            await does(desk, key)
            return Place("Reykjavik", 64.1, -21.9)

        monkeypatch.setattr(desk.services.places, "find", found)
        await desk.presses(OLGA, f"dir:edit:place:{key}")
        done = await desk.hears(OLGA, text="Reykjavik")
        texts = desk.services.content.texts("en")
        assert any(formatted(texts.say(said))[0] in one.text for one in done if one.chat_id == OLGA)
        doctor = desk.services.library.directory.get(key)
        kept = doctor and (doctor.note, doctor.latitude)
        assert kept == (None if does is removes else ("ring twice", 64.1))
