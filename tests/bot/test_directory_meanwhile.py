"""What changes while a moderator waits: an entry that a colleague corrects or removes, a file that goes."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import File
from telegram.error import InvalidToken
from telegram.ext import ExtBot

from bot.delivery import formatted
from bot.library import Library
from bot.places import Place
from bot.questions import Open
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


async def test_file_that_vanishes_before_it_is_loaded_is_said_to_be_gone(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-telegram-bot says of a 404 that the token is wrong; the bot would wait for a new one."""

    async def known(*_: object) -> File:
        return File("list", "list", file_path="list.csv")

    async def vanished(*_: object) -> bytearray:
        raise InvalidToken("Not Found")

    monkeypatch.setattr(ExtBot, "get_file", known)
    monkeypatch.setattr(File, "download_as_bytearray", vanished)
    async with open_desk(engine, OLGA) as desk:
        desk.newcomer(OLGA)
        desk.stands(OLGA, Open.DIRECTORY_FILE)
        done = await desk.hears(OLGA, document={"file_id": "list", "file_unique_id": "list"}, caption="Chamber, CC0")
        texts = desk.services.content.texts("en")
        assert formatted(texts.say("directory-nothing-imported"))[0] in done[0].text
