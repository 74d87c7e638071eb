"""Backups of an SQLite file, by its own online backup."""

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.address import file_of, is_read_only, lock_of, log_of
from bot.errors import BackupError
from bot.storage.database import migrate
from bot.storage.restored import Replaced, Restoration, leave_off, replaced

_BUSY_S: Final = 10
_DRIVER: Final = "sqlite+aiosqlite:///"
_IS_BACKUP: Final = re.compile(rb"SQLite format 3\0..\x01\x01", re.DOTALL)  # no write-ahead log: a bot's has one


class Sqlite:
    """How SQLite is saved and brought back."""

    def save(self, url: str, unfinished: Path) -> None:
        """Copy the database as it is at one moment; what reads and writes it goes on."""
        path = _path(url).resolve()  # it is there that SQLite puts what lies beside it
        try:
            if is_read_only(path) and not _shared(path).exists():
                _copy_at_rest(path, unfinished)
            else:
                with _opened(path) as source, _opened(unfinished) as target:
                    source.backup(target)
            with _opened(unfinished) as target:
                target.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
            _check_whole(unfinished, path)
        except sqlite3.Error as error:
            raise BackupError(f"The database can't be saved ({error}).") from error
        if not self.is_backup(unfinished):
            raise BackupError("The database can't be saved: it has no tables of this bot.")

    def is_backup(self, file: Path) -> bool:
        """Whether a file is what save made, and no database that a bot has or had."""
        with file.open("rb") as opened:
            if not _IS_BACKUP.match(opened.read(20)) or lock_of(file).exists():
                return False
        try:
            with _opened(file, "ro") as saved:
                saved.execute("SELECT 1 FROM alembic_version, patients LIMIT 1").fetchall()
        except sqlite3.Error:  # no such tables, or damaged
            return False
        return True

    def saved_revision(self, file: Path) -> str:
        """Return which migration a backup has."""
        _check_whole(file)
        try:
            with _opened(file) as saved:
                return str(saved.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        except (sqlite3.Error, TypeError) as error:
            raise BackupError(f"{file} is no backup of this bot.") from error

    def people(self, url: str) -> int:
        """Return how many people are in the database; 0 where there is none."""
        path = _path(url)
        if not path.exists():
            return 0
        try:
            with _opened(path) as there:
                return int(there.execute("SELECT count(*) FROM patients").fetchone()[0])
        except sqlite3.OperationalError:  # no such table
            return 0
        except sqlite3.DatabaseError:  # it is damaged: that is what a backup is for
            raise BackupError(f"{path} is damaged: --replace puts the backup in its place.") from None

    def bring_back(self, url: str, file: Path, file_sum: str, keys: Sequence[str], now: datetime) -> Restoration:
        """Bring a copy of the backup up to date and let it take the database's place; that one stays beside it."""
        path = _path(url)
        beside = _put_aside(path)
        if _with_log(path) and (kept := _with_log(beside)):
            missed = "an earlier restore put it aside. Look whether something in it is missed, and move or erase it."
            raise BackupError(f"{kept[0]} is there: {missed}")
        fresh = _unfinished(path)
        with _writing(fresh):
            path.parent.mkdir(parents=True, exist_ok=True)
            before = None
            if path.exists() and _try_to_fold_log(path):  # where the bot runs, this is where it is noticed
                before = _replaced(path, keys)
            try:
                _copy_and_bring_up_to_date(file, fresh)
                done = leave_off(f"{_DRIVER}{fresh}", keys, before, file_sum, now)
                _fold_log(fresh)
                if path.exists():
                    _fold_log(path)
                    _keep(path, beside)
                else:
                    _keep_log(path, beside)  # of a file that is gone: SQLite would do it to the backup
            except BaseException:
                erase_with_log(fresh)
                raise
            fresh.replace(path)
        return done


def _copy_at_rest(path: Path, unfinished: Path) -> None:
    """Copy a database and its log, where SQLite can't make the file beside it that it would read the log with.

    Whoever else has the database open, as over another mount, has that file there: its writing would tear the copy.
    """
    there = [one for one in _with_log(path) if one != _shared(path)]
    before = [_seen(one) for one in there]
    try:
        for one in there:
            _copy(one, unfinished.with_name(unfinished.name + one.name.removeprefix(path.name)))
    except OSError as error:
        raise BackupError(f"{path} can't be copied ({error.strerror}).") from error
    if _with_log(path) != there or [_seen(one) for one in there] != before:
        raise BackupError(f"{path} only lets read here, and is written elsewhere: make the backup there.")


def _shared(path: Path) -> Path:
    return path.with_name(f"{path.name}-shm")


def _seen(path: Path) -> tuple[int, int, int]:
    told = path.stat()
    return told.st_ino, told.st_size, told.st_mtime_ns


def _copy(one: Path, other: Path) -> None:
    """Copy into a file that only this user may read."""
    os.close(os.open(other, os.O_CREAT | os.O_WRONLY, 0o600))
    shutil.copyfile(one, other)


@contextmanager
def _writing(fresh: Path) -> Iterator[None]:
    """Say in one sentence where a disk is full, or lets nothing be written."""
    try:
        yield
    except (OSError, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error.strerror
        raise BackupError(f"{fresh} can't be written ({reason}). What was there is still there.") from error


def is_own(url: str, file: Path) -> bool:
    """Whether a file, by whichever of its names, is the database's own, or one that the bot keeps beside it."""
    path = file_of(url)
    return path is not None and any(_is_same(file, own) for one in {path, path.resolve()} for own in _own(one))


def _own(path: Path) -> list[Path]:
    """Return a database and all that may come to lie beside it; what is not there yet would be taken for it, too."""
    databases = (path, _unfinished(path), _put_aside(path))
    return [lock_of(path), *(one for database in databases for one in (database, *log_of(database)))]


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def clear_away_cut_off(url: str) -> None:
    """Erase what a restore has left that was killed: it is as personal as the database. None may run meanwhile."""
    if (path := file_of(url)) is not None:
        erase_with_log(_unfinished(path))


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.restored")


def _put_aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.before-restore")


def _keep(path: Path, beside: Path) -> None:
    """Have a database under a second name, too: the first has one at every moment, also where this is cut off."""
    try:
        beside.hardlink_to(path)
    except OSError:  # not every file system can
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            shutil.copyfile(path, beside)
        except BaseException:
            beside.unlink(missing_ok=True)  # half of it is of no use, and as personal as all of it
            raise


def _keep_log(path: Path, beside: Path) -> None:
    for log, kept in zip(log_of(path), log_of(beside), strict=True):
        with suppress(FileNotFoundError):
            log.replace(kept)


def _replaced(path: Path, keys: Sequence[str]) -> Replaced | None:
    try:
        _check_whole(path)  # else people might be missing whom nobody erased
    except BackupError:
        return None
    return replaced(f"{_DRIVER}{path}", keys)


def _copy_and_bring_up_to_date(file: Path, fresh: Path) -> None:
    erase_with_log(fresh)
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(file, fresh)
    migrate(f"{_DRIVER}{fresh}")
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "new.db"
        migrate(f"{_DRIVER}{new}")
        if _triggers(fresh) != _triggers(new):
            raise BackupError(
                f"{file} does more than a backup of this bot: somebody has put triggers or views into it."
            )


def _triggers(path: Path) -> set[tuple[str, ...]]:
    """Return what of a database acts by itself, or stands for a table, as it is written."""
    with _opened(path) as connection:
        query = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
        return set(connection.execute(query))


def _with_log(path: Path) -> list[Path]:
    """Return what is there of a file and its log."""
    return [one for one in (path, *log_of(path)) if one.exists()]


def erase_with_log(path: Path) -> None:
    """Erase a database that nobody has open, and what SQLite may have put beside it."""
    path.unlink(missing_ok=True)
    _erase_log(path)


def _erase_log(path: Path) -> None:
    for log in log_of(path):
        log.unlink(missing_ok=True)


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


@contextmanager
def _opened(path: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """Open a file that exists."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=_BUSY_S)
    try:
        yield connection
    finally:
        connection.close()


def _check_whole(file: Path, copied_from: Path | None = None) -> None:
    """Refuse a damaged file; of a copy it is the one that was copied."""
    named = copied_from or file
    try:
        with _opened(file) as saved:
            found = saved.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupError(f"{named} is damaged ({error}).") from error
    if found != "ok":
        raise BackupError(f"{named} is damaged ({str(found).splitlines()[0]}).")


def _fold_log(path: Path) -> None:
    """Bring the write-ahead log into the file, which nobody else may have open; that of a damaged one is erased.

    Raises:
        BackupError: somebody has: the bot runs.
    """
    if not _try_to_fold_log(path):
        _erase_log(path)  # it is worth nothing


def _try_to_fold_log(path: Path) -> bool:
    """Bring the write-ahead log into the file; returns False where that is damaged.

    Raises:
        BackupError: somebody else has the file open: the bot runs.
    """
    try:
        with _opened(path) as connection:
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        raise BackupError(f"{path} is in use: stop the bot first.") from None
    except sqlite3.DatabaseError:  # it is damaged
        return False
    return True
