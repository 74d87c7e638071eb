"""A disk that Linux only lets read any more, because it fails, is saved from as it is, with the log."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.errors import BackupError
from bot.storage.backup import back_up
from bot.storage.database import refusal
from tests.bot.conftest import NOON, url_of


def notes_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM facts WHERE name LIKE 'since%'").fetchone()[0])


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Have a note in the log of a database that is open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO facts VALUES ('since', '')")
        connection.commit()
        yield


@pytest.fixture
def left(migrated: Path, tmp_path: Path) -> Path:
    """What a machine that has lost its power leaves: a note stands in the log alone."""
    used, path = Path(shutil.copy(migrated, tmp_path)), tmp_path / "disk" / "lentigo.db"
    path.parent.mkdir()
    with written(used):
        for suffix in ("", "-wal"):
            shutil.copy(f"{used}{suffix}", f"{path}{suffix}")
    return path


@pytest.fixture(autouse=True)
def _only_lets_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))


def test_database_with_its_log_is_saved_and_nothing_is_written_beside_it(left: Path, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(left)
    (tmp_path / "backups").mkdir()
    before = {one: one.read_bytes() for one in left.parent.iterdir()}
    for name, place in (("disk/lentigo.db", "saved"), ("link.db", "again")):
        saved = back_up(url_of(tmp_path / name), tmp_path / "backups" / place, NOON)
        assert notes_in(saved) == 1
    assert {one: one.read_bytes() for one in left.parent.iterdir()} == before
    assert {one.name for one in (tmp_path / "backups").iterdir()} == {"saved", "again"}


def test_transaction_that_was_cut_off_is_not_in_the_backup(migrated: Path, left: Path, tmp_path: Path) -> None:
    used, path = Path(shutil.copy(migrated, tmp_path / "used.db")), left.with_name("other.db")
    with closing(sqlite3.connect(used, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA cache_size=1")  # so that a transaction writes into the file before its end
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO facts VALUES (?, zeroblob(3000))", [(f"since{n}",) for n in range(99)])
        for suffix in ("", "-journal"):
            shutil.copy(f"{used}{suffix}", f"{path}{suffix}")
    saved = back_up(url_of(path), tmp_path / "saved", NOON)
    assert notes_in(saved) == 0


def test_database_that_is_open_is_read_as_ever(migrated: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(migrated, tmp_path))
    with written(path):
        assert notes_in(back_up(url_of(path), tmp_path / "saved", NOON)) == 1


def test_backup_while_somebody_writes_over_another_mount_is_refused(
    left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copyfile

    def meanwhile(one: Path, other: Path) -> None:
        left.with_name("lentigo.db-shm").touch()
        copy(one, other)

    (tmp_path / "backups").mkdir()
    monkeypatch.setattr(shutil, "copyfile", meanwhile)
    with pytest.raises(BackupError, match="is written elsewhere: make the backup there"):
        back_up(url_of(left), tmp_path / "backups" / "saved", NOON)
    assert list((tmp_path / "backups").iterdir()) == []


def test_refusal_says_that_it_can_only_be_read(left: Path) -> None:
    error = OperationalError("SELECT", None, sqlite3.OperationalError("unable to open database file"))
    assert str(refusal(make_url(url_of(left)), error)).endswith("/lentigo.db can't be used (Read-only file system).")
