"""One bot for all stories; each story has people of its own."""

import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from types import ModuleType

import pytest

from bot.content import Content, Texts
from emulator.person import Person, Town, open_town
from tests.conversations.nursery import open_nursery
from tests.conversations.service import BotProcess, Service, bots_from, databases_in, emulator_in_thread, gazetteer
from tests.conversations.stories import enrol, heading, register, rows
from tests.shipped import CONTENT

_numbers = count(1)
ON_BOTH_DATABASES = {"test_durability", "test_erasure", "test_own_data", "test_privacy"}
IN_ONE_LANGUAGE = {"test_privacy"}  # of those, on PostgreSQL
CHOSEN = os.environ.get("LENTIGO_TEST_DATABASE", "sqlite")
OWNER_IDS = (600_000_001, 600_000_002)  # the first speaks English, the second Spanish


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tell some stories on both databases; all of them on PostgreSQL where LENTIGO_TEST_DATABASE says so."""
    is_for_both = _file_of(metafunc.module) in ON_BOTH_DATABASES
    kinds = ["sqlite", "postgresql"] if is_for_both and CHOSEN == "sqlite" else [CHOSEN]
    metafunc.parametrize("database", kinds, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell some stories on PostgreSQL in one language only."""
    if CHOSEN == "sqlite":
        items[:] = [item for item in items if not (isinstance(item, pytest.Function) and _is_told_enough(item))]


def _is_told_enough(story: pytest.Function) -> bool:
    if _file_of(story.module) not in IN_ONE_LANGUAGE:
        return False
    return (story.callspec.params["database"], story.callspec.params.get("texts")) == ("postgresql", "es")


def _file_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


@pytest.fixture(scope="session", autouse=True)
def one_process_looks_at_photos() -> Iterator[None]:
    """Let each bot have one process for photos, not one a core: one is enough, and each takes a second to start."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WORKERS", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def bots_are_born_ready() -> Iterator[None]:
    """Let what every bot imports be imported once."""
    if "COVERAGE_PROCESS_CONFIG" in os.environ or "COVERAGE_PROCESS_START" in os.environ:
        yield  # which notices no fork
        return
    with open_nursery() as nursery, bots_from(nursery):
        yield


@pytest.fixture(scope="session", autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the bots of the stories keep what they know."""
    cluster = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with databases_in(cluster):
        yield str(request.param)


@pytest.fixture
def _on_sqlite(database: str) -> None:
    """For stories that break or lock the database as only SQLite can be."""
    if database != "sqlite":
        pytest.skip("does to SQLite what can't be done to PostgreSQL")


@pytest.fixture(scope="session")
def service(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data_dir = tmp_path_factory.mktemp("data")
    with emulator_in_thread() as emulator, gazetteer() as places_url:
        settings = {"NOMINATIM_URL": places_url, "OWNER_IDS": ",".join(map(str, OWNER_IDS))}
        with BotProcess(emulator, data_dir, **settings) as bot:
            bot.start()
            yield Service(emulator, bot, data_dir)
            assert bot.stop() == 0, bot.log


@pytest.fixture(scope="session")
def content() -> Content:
    return CONTENT


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


@pytest.fixture(params=["en", "es"])
def texts(request: pytest.FixtureRequest, content: Content) -> Texts:
    """The words of a language: a story with them is told in each."""
    return content.by_language[request.param]


@pytest.fixture
def boss(texts: Texts, owner: Person, propietaria: Person) -> Person:
    """An owner who speaks the language of the story."""
    return owner if texts.language == "en" else propietaria


@pytest.fixture
async def patient(town: Town, service: Service, texts: Texts, content: Content) -> Person:
    """A registered patient who speaks the language of the story, with a name at Telegram."""
    somebody = await town.newcomer("Sam", language_code=texts.language, username=f"sam_{next(_numbers)}")
    enrol(service.data_dir, [somebody.id], texts.language, content)
    return somebody


@pytest.fixture
async def writer(patient: Person, texts: Texts) -> Person:
    """A patient who has written, so that the bot may write to them."""
    await patient.says("/help")
    await patient.waits_for(heading(texts, "help"))
    return patient


@pytest.fixture
async def moderator(town: Town, service: Service, texts: Texts, content: Content) -> AsyncIterator[Person]:
    """A moderator who speaks the language of the story, until it ends."""
    somebody = await town.newcomer("Mo", language_code=texts.language)
    enrol(service.data_dir, [somebody.id], texts.language, content)
    rows(service.data_dir, "INSERT INTO moderators VALUES (?, '2026-11-23 12:00:00.000000')", somebody.id)
    yield somebody
    rows(service.data_dir, "DELETE FROM moderators WHERE user_id = ?", somebody.id)
