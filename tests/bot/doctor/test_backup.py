"""The doctor looks at the last backup."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor.backup import backup, last_backup
from bot.doctor.check import State
from tests.bot.conftest import NOON


@pytest.mark.parametrize(
    ("noted", "state", "words"),
    [
        (None, State.WARNING, "none was ever made"),
        (NOON - timedelta(hours=30), State.OK, "the last one is 30 hours old"),
        (NOON - timedelta(hours=49), State.WARNING, "the last one is 49 hours old"),
        (NOON + timedelta(minutes=1), State.OK, "the last one is 0 hours old"),
        (NOON + timedelta(hours=1), State.WARNING, "the last one was noted by a clock that was ahead"),
    ],
)
def test_backup_that_was_never_made_or_is_old_is_warned_of(noted: datetime | None, state: State, words: str) -> None:
    check = last_backup(noted.isoformat() if noted else None, NOON)
    assert (check.name, check.state, check.words) == ("backup", state, words)


async def test_missing_database_has_its_own_check(tmp_path: Path) -> None:
    assert await backup(f"sqlite+aiosqlite:///{tmp_path}/lentigo.db", NOON) == []
    assert list(tmp_path.iterdir()) == []


async def test_missing_pg_dump_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (check,) = await backup("postgresql+psycopg://bot:s3cret@127.0.0.1:1/lentigo", NOON)
    assert (check.state, check.words) == (State.WARNING, "pg_dump is missing here")
