"""A backup takes the place of an earlier one, and of nothing else."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import BackupError, SettingsError
from bot.lead import alone_on
from bot.storage.backup import back_up, restore
from tests.bot.conftest import NOON, url_of
from tests.bot.test_command_line import lentigo

ITS_OWN = "is the database itself, or what the bot keeps beside it"
NO_BACKUP = "is no earlier backup"


def state(path: Path) -> tuple[int, bytes]:
    return path.stat().st_ino, path.read_bytes()


@pytest.fixture
def path(migrated: Path, tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return Path(shutil.copy(migrated, tmp_path / "data" / "lentigo.db"))


def test_backup_over_the_database_of_a_bot_that_runs_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO facts VALUES ('since', '')")
        connection.commit()
        there = {one.name: one.stat().st_ino for one in path.parent.iterdir()}
        assert len(there) == 3
        refused = lentigo(url_of(path), "backup", str(path))
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr == f"{path} {ITS_OWN}, and stays as it is: name another file, or a folder.\n"
        assert {one.name: one.stat().st_ino for one in path.parent.iterdir()} == there


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal", ".lock", ".before-restore", ".before-restore-wal"])
@pytest.mark.parametrize("is_there", [True, False])
def test_backup_in_the_place_of_what_lies_beside_the_database_is_refused(
    path: Path, suffix: str, *, is_there: bool
) -> None:
    beside = path.with_name(f"{path.name}{suffix}")
    if is_there:
        shutil.copy(path, beside)
    with pytest.raises(BackupError, match=ITS_OWN):
        back_up(url_of(path), beside, NOON)
    assert beside.exists() == is_there


def test_database_is_known_by_each_of_its_names(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, link, hard, folder = state(path), tmp_path / "link", tmp_path / "hard", tmp_path / "folder"
    link.symlink_to(path)
    hard.hardlink_to(path)
    folder.symlink_to(path.parent)
    monkeypatch.chdir(path.parent)
    for name in (
        link,
        hard,
        folder / path.name,
        folder / f"{path.name}-wal",
        Path(path.name),
        Path("../data/lentigo.db"),
    ):
        with pytest.raises(BackupError, match=ITS_OWN):
            back_up(url_of(path), name, NOON)
    for url in (url_of(link), url_of(Path("lentigo.db"))):
        for name in (path, Path(f"{path}-wal")):
            with pytest.raises(BackupError, match=ITS_OWN):
                back_up(url, name, NOON)
    assert state(path) == before


@pytest.mark.parametrize("content", [b"", b"My holidays\n", b"PGDMP" + b"\0" * 99, b"SQLite format 3\0" + b"\1" * 99])
def test_what_is_no_backup_stays(path: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    before = state(file)
    with pytest.raises(BackupError, match=NO_BACKUP):
        back_up(url_of(path), file, NOON)
    assert state(file) == before
    assert {one.name for one in tmp_path.iterdir()} == {"data", "file"}


def test_database_of_another_program_stays(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE patients (name)")
    before = state(tmp_path / "other.db")
    with pytest.raises(BackupError, match=NO_BACKUP):
        back_up(url_of(path), tmp_path / "other.db", NOON)
    with pytest.raises(BackupError, match="has no tables of this bot"):
        back_up(url_of(tmp_path / "other.db"), tmp_path / "saved", NOON)
    assert state(tmp_path / "other.db") == before
    assert not (tmp_path / "saved").exists()


def test_database_of_another_bot_stays(path: Path, tmp_path: Path) -> None:
    running, restored = Path(shutil.copy(path, tmp_path / "running.db")), tmp_path / "restored.db"
    with closing(sqlite3.connect(running)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    with alone_on(url_of(restored)):  # as `python -m bot restore` has it
        restore(url_of(restored), back_up(url_of(path), tmp_path / "saved", NOON), NOON, is_replacing=False)
    for other in (running, restored):
        before = state(other)
        with pytest.raises(BackupError, match=NO_BACKUP):
            back_up(url_of(path), other, NOON)
        assert state(other) == before


def test_what_is_no_file_stays(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # as a device is none, and nothing of this machine's where the test fails
    with pytest.raises(BackupError, match=NO_BACKUP):
        back_up(url_of(path), tmp_path / "pipe", NOON)
    assert (tmp_path / "pipe").is_fifo()


def test_earlier_backup_is_replaced(path: Path, tmp_path: Path) -> None:
    saved = back_up(url_of(path), tmp_path / "saved", NOON)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO facts VALUES ('since', '')")
    assert back_up(url_of(path), saved, NOON) == saved
    with closing(sqlite3.connect(saved)) as connection:
        assert connection.execute("SELECT count(*) FROM facts WHERE name = 'since'").fetchone() == (1,)


def test_database_that_is_named_like_an_old_backup_is_not_erased_with_them(path: Path, tmp_path: Path) -> None:
    database = path.rename(tmp_path / "lentigo-20200101T000000Z.backup")
    saved = back_up(url_of(database), tmp_path, NOON, keep=1)
    assert saved.exists()
    assert database.exists()


def test_missing_database_is_named(path: Path, tmp_path: Path) -> None:
    refused = lentigo("sqlite+aiosqlite:///nowhere/lentigo.db", "backup", str(tmp_path / "saved"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("DATA_DIR or DATABASE_URL: there is no database at /")
    assert "/nowhere/lentigo.db. " in refused.stderr
    with pytest.raises(SettingsError, match="there is no database at"):
        back_up(url_of(path.parent / "other.db"), path, NOON)
    assert {one.name for one in path.parent.iterdir()} == {"lentigo.db"}
    assert not (tmp_path / "saved").exists()
