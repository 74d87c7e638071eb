"""A fresh database for each test that wants one, and an environment without settings."""

import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.settings import Settings
from bot.storage.cases import Cases, KeptAssessment
from bot.storage.database import migrate, open_database
from tests.postgres import Cluster

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
# For what decides the same on either, or takes seconds on one.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def url_of(path: Path) -> str:
    """Return what DATABASE_URL says of an SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


async def let_nothing_go(case_ids: Iterable[int]) -> None:
    """Stand in for the work on photos where there is none."""


async def close(engine: AsyncEngine, case_id: int, outcome: str, at: datetime, kept: KeptAssessment | None) -> None:
    """Let a photo be answered, and this be kept of it."""
    async with Cases(engine).held(case_id) as held:
        assert held is not None
        await held.close(outcome, at, kept)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "lentigo.db"
    migrate(url_of(path))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[str]:
    """The same tests on both databases."""
    if request.param == "sqlite":
        yield url_of(Path(shutil.copy(migrated, tmp_path)))
    else:
        cluster = request.getfixturevalue("postgres")
        assert isinstance(cluster, Cluster)
        url = cluster.fresh()
        yield url
        cluster.drop(url)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    opened = open_database(database_url)
    yield opened
    await opened.dispose()


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start in an empty folder, without any setting."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
