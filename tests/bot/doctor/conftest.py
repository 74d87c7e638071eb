"""The doctor's tests know none of this machine's settings, and have a database and an emulator of their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.server import RunningEmulator
from tests.conversations.service import emulator_in_thread


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    """A file; test_doctor_postgresql.py has the other database."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture(autouse=True)
def without_settings(bare_environment: None) -> None:
    """Look at nothing that the machine of the tests has set."""


@pytest.fixture
def emulator() -> Iterator[RunningEmulator]:
    with emulator_in_thread() as running:
        yield running
