"""A backup that somebody has made to do more than hold rows."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import BackupError
from bot.storage.backup import back_up, restore
from tests.bot.conftest import NOON


@pytest.mark.parametrize(
    "forged",
    [
        "CREATE TRIGGER t AFTER DELETE ON moderators BEGIN INSERT INTO moderators VALUES (666, '2026-01-01'); END",
        "CREATE VIEW v AS SELECT 1",
        "DROP TRIGGER audit_refuses_delete",
        "DROP TRIGGER audit_refuses_update; CREATE TRIGGER audit_refuses_update UPDATE ON audit BEGIN SELECT 1; END",
    ],
)
def test_backup_that_acts_by_itself_is_refused(migrated: Path, tmp_path: Path, forged: str) -> None:
    path = Path(shutil.copy(migrated, tmp_path))
    url = f"sqlite+aiosqlite:///{path}"
    saved = back_up(url, tmp_path / "saved", NOON)
    with closing(sqlite3.connect(saved)) as connection:
        connection.executescript(forged)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO moderators VALUES (5, '2026-01-01 00:00:00.000000')")
    with pytest.raises(BackupError, match="triggers or views"):
        restore(url, saved, NOON, is_replacing=True)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT user_id FROM moderators").fetchall() == [(5,)]
    assert [one.name for one in tmp_path.iterdir() if "restore" in one.name] == []
