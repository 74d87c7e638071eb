"""A bot with content of its own for each file of stories; each story has an owner and a place of its own."""

import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

from bot.content import Texts
from emulator.person import Person, Town, open_town
from tests.conversations.directory.moderating import House
from tests.conversations.service import ROOT, BotProcess, emulator_in_thread, gazetteer

OWNER_IDS = range(700_000_000, 700_100_000, 1000)  # newcomers are numbered between them
_owners, _far_north = iter(OWNER_IDS), count(60)  # each story has an owner and a place of its own


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data_dir = tmp_path_factory.mktemp("house")
    content_dir = Path(shutil.copytree(ROOT / "content", data_dir / "content"))
    with emulator_in_thread() as emulator, gazetteer() as places_url:
        owners = ",".join(map(str, OWNER_IDS))
        settings = {"NOMINATIM_URL": places_url, "OWNER_IDS": owners, "CONTENT_DIR": str(content_dir)}
        with BotProcess(emulator, data_dir, **settings) as bot:
            bot.start()
            yield House(emulator, bot, data_dir, content_dir)
            assert bot.stop() == 0, bot.log


@pytest.fixture
async def town(house: House) -> AsyncIterator[Town]:
    async with open_town(house.emulator.url) as opened:
        yield opened


@pytest.fixture
async def moderator(texts: Texts, town: Town) -> Person:
    """An owner who speaks the language of the story."""
    return await town.newcomer("Olga", language_code=texts.language, id=next(_owners))


@pytest.fixture
def here() -> tuple[float, float]:
    """A place where no list has anybody."""
    return (float(next(_far_north)), -140.0)
