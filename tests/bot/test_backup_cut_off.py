"""A backup or a restore that does not come to its end leaves no file behind that is as personal as the database."""

import errno
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.errors import BackupError
from bot.lead import alone_on
from bot.storage.backup import back_up, restore
from bot.storage.backup_sqlite import Sqlite
from bot.storage.server import ended_by_signal
from tests.bot.conftest import NOON, url_of
from tests.bot.test_command_line import ROOT, lentigo


@pytest.fixture
def path(migrated: Path, tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return Path(shutil.copy(migrated, tmp_path / "data" / "lentigo.db"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


def notes_in(path: Path, change: str = "") -> int:
    """How many notes a database has that is there, after this change."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as connection, connection:
        connection.execute(change)
        return int(connection.execute("SELECT count(*) FROM facts WHERE name = 'since'").fetchone()[0])


def test_what_a_killed_backup_left_goes_with_the_next_but_not_what_another_writes(path: Path, folder: Path) -> None:
    ages = {"20261101T120000": timedelta(hours=25), "20261122T130000": timedelta(hours=23)}
    for name, age in ages.items():
        left = folder / f".lentigo-{name}Z.backup.unfinished"
        left.touch()
        moment = (NOON - age).timestamp()
        os.utime(left, (moment, moment))
    saved = back_up(url_of(path), folder, NOON)
    assert {one.name for one in folder.iterdir()} == {saved.name, ".lentigo-20261122T130000Z.backup.unfinished"}


def test_what_a_killed_backup_into_a_file_left_goes_with_the_next(path: Path, folder: Path) -> None:
    for name in (".saved.unfinished", ".saved.unfinished-journal"):
        (folder / name).write_bytes(b"half of a person")
    back_up(url_of(path), folder / "saved", NOON)
    assert [one.name for one in folder.iterdir()] == ["saved"]


def test_what_nohup_has_started_outlives_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    try:
        with ended_by_signal(143):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_backup_that_is_told_to_end_leaves_nothing_and_says_that_it_failed(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def ended(*_: object) -> None:
        assert [one.suffix for one in folder.iterdir()] == [".unfinished"]
        os.kill(os.getpid(), number)

    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_DFL)  # also where nohup has started the tests
    monkeypatch.setenv("DATABASE_URL", url_of(path))
    monkeypatch.setattr(sys, "argv", ["bot", "backup", str(folder)])
    monkeypatch.setattr(Sqlite, "save", ended)
    monkeypatch.setattr(os, "umask", lambda _: 0o022)  # this process is that of the other tests, too
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 143
    assert list(folder.iterdir()) == []


def test_restore_into_a_database_in_use_leaves_nothing_beside_it(path: Path, folder: Path) -> None:
    saved = back_up(url_of(path), folder, datetime.now(UTC))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("SELECT count(*) FROM patients").fetchone()
    with pytest.raises(BackupError, match="in use: stop the bot"):
        restore(url_of(path), saved, NOON, is_replacing=True)
    assert [one.name for one in path.parent.iterdir() if "restored" in one.name] == []
    connection.close()


@pytest.mark.parametrize("can_link", [True, False])
def test_restore_that_is_killed_as_it_gives_the_names_leaves_a_database_in_its_place(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, *, can_link: bool
) -> None:
    def killed(file: Path, name: Path) -> None:
        os.rename(file, name)  # noqa: PTH104 - what Path.replace did before
        raise KeyboardInterrupt

    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    saved, before = back_up(url_of(path), folder, NOON), path.with_name(f"{path.name}.before-restore")
    assert notes_in(path, "INSERT INTO facts VALUES ('since', '')") == 1
    monkeypatch.setattr(Path, "replace", killed)
    if not can_link:
        monkeypatch.setattr(os, "link", refused)
    with pytest.raises(KeyboardInterrupt):
        restore(url_of(path), saved, NOON, is_replacing=True)
    assert (notes_in(path), notes_in(before)) == (0, 1)
    assert can_link or stat.S_IMODE(before.stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["shutil.copyfile", "bot.storage.backup_sqlite.leave_off", "pathlib.Path.mkdir"])
def test_restore_on_a_full_disk_says_so_and_leaves_what_was_there_alone(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    saved = back_up(url_of(path), folder, datetime.now(UTC))
    assert notes_in(path, "INSERT INTO facts VALUES ('since', '')") == 1

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(step, full)
    refusal = r"\.lentigo\.db\.restored can't be written \(No space left on device\)\. What was there is still there\.$"
    with pytest.raises(BackupError, match=refusal):
        restore(url_of(path), saved, NOON, is_replacing=True)
    assert [one.name for one in path.parent.iterdir() if "restore" in one.name] == []
    assert notes_in(path) == 1


KILLED_RESTORE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.storage import backup, backup_sqlite

backup_sqlite.leave_off = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
backup.restore(sys.argv[1], Path(sys.argv[2]), datetime.now(UTC), is_replacing=True)
"""


def test_what_a_killed_restore_left_goes_with_the_next_start_of_the_bot(path: Path, folder: Path) -> None:
    saved = back_up(url_of(path), folder / "saved", NOON)
    command = [sys.executable, "-c", KILLED_RESTORE, url_of(path), str(saved)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    left = {one.name for one in path.parent.iterdir() if "restored" in one.name}
    assert ".lentigo.db.restored" in left
    (folder / "content" / "en").mkdir(parents=True)
    settings = {"DATABASE_URL": url_of(path), "BOT_TOKEN": "1:a", "CONTENT_DIR": str(folder / "content")}
    told = subprocess.run([sys.executable, "-m", "bot", "run"], cwd=ROOT, env=settings, check=False, timeout=60)
    assert told.returncode == 2  # without texts it does not come far
    assert [one.name for one in path.parent.iterdir() if "restored" in one.name] == []


def test_bot_and_restore_keep_each_other_out(path: Path, folder: Path) -> None:
    saved = back_up(url_of(path), folder / "saved", NOON)
    with alone_on(url_of(path)):  # as the bot has it
        told = lentigo(url_of(path), "restore", str(saved), "--replace")
    assert (told.returncode, told.stdout) == (2, "")
    assert "Another bot runs on" in told.stderr
