"""The doctor's tests know none of this machine's settings, and have a database and an emulator of their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from emulator.server import RunningEmulator
from tests.conversations.service import emulator_in_thread


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    """A file; test_doctor_postgresql.py has the other database."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def emulator() -> Iterator[RunningEmulator]:
    with emulator_in_thread() as running:
        yield running
