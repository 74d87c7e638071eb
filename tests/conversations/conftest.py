"""One bot for all stories; each story has people of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.content import Content, load_content
from emulator.person import Person, Town, open_town
from tests.conversations.service import ROOT, BotProcess, Service, emulator_in_thread, gazetteer
from tests.conversations.stories import register

OWNER_IDS = (600_000_001, 600_000_002)  # the first speaks English, the second Spanish


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data_dir = tmp_path_factory.mktemp("data")
    with emulator_in_thread() as emulator, gazetteer() as places_url:
        bot = BotProcess(emulator, data_dir, NOMINATIM_URL=places_url, OWNER_IDS=",".join(map(str, OWNER_IDS)))
        bot.start()
        yield Service(emulator, bot, data_dir)
        assert bot.stop() == 0, bot.log


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(ROOT / "content")


@pytest.fixture
async def town(service: Service) -> AsyncIterator[Town]:
    async with open_town(service.emulator.url) as opened:
        yield opened


@pytest.fixture
async def newcomer(town: Town) -> Person:
    return await town.newcomer("Sam")


@pytest.fixture
async def sam(newcomer: Person) -> Person:
    """A registered patient who speaks English."""
    await register(newcomer, "en")
    return newcomer


@pytest.fixture
async def owner(town: Town) -> Person:
    """An owner who speaks English, as OWNER_IDS has it."""
    return await town.newcomer("Olga", id=OWNER_IDS[0])


@pytest.fixture
async def propietaria(town: Town) -> Person:
    """An owner who speaks Spanish."""
    return await town.newcomer("Pilar", language_code="es", id=OWNER_IDS[1])
