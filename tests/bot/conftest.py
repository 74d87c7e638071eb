"""A fresh database for each test."""

import shutil
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.database import migrate, open_database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def let_nothing_go(case_ids: Iterable[int]) -> None:
    """Stand in for the work on photos where there is none."""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "lentigo.db"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    copy = shutil.copy(migrated, tmp_path)
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    opened = open_database(database_url)
    yield opened
    await opened.dispose()
