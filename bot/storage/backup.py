"""Saving the whole database into one file, and bringing it back. The file is as personal as the database."""

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.address import file_of
from bot.errors import BackupError
from bot.storage import backup_postgresql, backup_sqlite
from bot.storage.database import check_is_there, open_database
from bot.storage.facts import write_fact
from bot.storage.restored import Restoration
from bot.storage.revisions import is_known

_NAME: Final = "lentigo-%Y%m%dT%H%M%SZ.backup"
_NAMES: Final = "lentigo-????????T??????Z.backup"
_LEFT_BY_KILLED: Final = f".{_NAMES}.unfinished*"  # what a killed process leaves, and beside it SQLite's journal
_NOBODY_WRITES_SO_LONG: Final = timedelta(days=1)
BACKED_UP_AT: Final = "backed_up_at"  # a fact: when the last backup was made, ISO 8601
OLD_BACKUP: Final = timedelta(hours=48)  # a daily one was missed twice
_CLOCKS_DIFFER: Final = timedelta(minutes=5)  # of two machines, at most; what is noted for later, a wrong clock noted
_BEGINNINGS: Final = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}

_log = logging.getLogger(__name__)


def back_up(url: str, place: Path, now: datetime, keep: int | None = None) -> Path:
    """Save the database, also while the bot runs; returns the file, which only this user may read.

    Args:
        url: as DATABASE_URL has it.
        place: a file, or a folder, in which the file is named by the moment.
        now: aware UTC.
        keep: in a folder, how many of the latest stay, this one always; None leaves all. A name that is later than now
            a clock gave that was ahead: it goes first.

    Raises:
        BackupError: one sentence that says why there is no backup.
        SettingsError: there is no database.
    """
    check_is_there(url)
    if keep is not None and not place.is_dir():
        raise BackupError(f"{place} is no folder, and --keep needs one that is there.")
    file = place / now.strftime(_NAME) if place.is_dir() else place
    try:
        _check_place(url, file)
        _clear_away_cut_off(place, now)
        with _new_file(file) as unfinished:
            _kind(url).save(url, unfinished)
    except OSError as error:
        raise BackupError(f"{file} can't be written ({error.strerror}).") from error
    if keep is not None:
        saved = [path for path in place.glob(_NAMES) if not backup_sqlite.is_own(url, path)]
        for old in sorted(saved, key=lambda path: (path.name <= file.name, path.name))[:-keep]:
            old.unlink()
    return file


def _check_place(url: str, file: Path) -> None:
    """Refuse a file that would be lost: a backup takes no other's place than an earlier one's."""
    if backup_sqlite.is_own(url, file):
        raise BackupError(
            f"{file} is the database itself, or what the bot keeps beside it, and stays as it is: "
            "name another file, or a folder."
        )
    if file.exists() and not (file.is_file() and _kind(url).is_backup(file)):
        raise BackupError(
            f"{file} is there, and is no earlier backup of this kind of database, which alone would be replaced: "
            "name another file, or a folder."
        )


def _clear_away_cut_off(place: Path, now: datetime) -> None:
    """Erase what backups into this folder have left that were killed: it is as personal as any."""
    for unfinished in place.glob(_LEFT_BY_KILLED):
        with suppress(FileNotFoundError):  # another backup has just come to its end
            if datetime.fromtimestamp(unfinished.stat().st_mtime, UTC) < now - _NOBODY_WRITES_SO_LONG:
                unfinished.unlink()


async def note_backup(url: str, now: datetime) -> None:
    """Note in the database when it was saved: owners are told where that is long ago."""
    engine = open_database(url)
    try:
        async with engine.begin() as connection:
            await write_fact(connection, BACKED_UP_AT, now.isoformat())
    except DBAPIError:  # it only lets read, or is older than its notes: the backup is good all the same
        _log.warning("The backup could not be noted in the database")
    finally:
        await engine.dispose()


def backup_age(noted: str | None, now: datetime) -> timedelta | None:
    """Return how old the last backup is.

    Args:
        noted: what is noted under BACKED_UP_AT.
        now: aware UTC.

    Returns:
        None where there is none, or a clock noted it that was ahead: then nobody knows.
    """
    if noted is None:
        return None
    age = now - datetime.fromisoformat(noted)
    return max(age, timedelta()) if age >= -_CLOCKS_DIFFER else None


def restore(url: str, file: Path, now: datetime, *, is_replacing: bool, keys: Sequence[str] = ()) -> Restoration:
    """Bring a backup back, and up to date; all of it, or what was there before stays.

    A broadcast that was being sent is cancelled: those whom it had not reached by then may have it since. Whom the
    database that is replaced knows to be erased is erased, and so on: see bot/storage/restored.py.

    Args:
        url: as DATABASE_URL has it; nothing else may use that database meanwhile.
        file: what back_up made.
        now: aware UTC.
        is_replacing: whether a database with people in it may be replaced.
        keys: ENCRYPTION_KEYS.

    Raises:
        BackupError: one sentence that says why nothing was changed.
    """
    kind = _kind(url)
    _check_beginning(url, file)
    revision = kind.saved_revision(file)
    if not is_known(revision):
        raise BackupError(f"A newer program made {file} (version {revision}): restore it with that, or a newer one.")
    if not is_replacing and (count := kind.people(url)):
        raise BackupError(f"There are {count} people in the database: --replace puts the backup in their place.")
    return kind.bring_back(url, file, _sum_of(file), keys, now)


def _sum_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _kind(url: str) -> backup_sqlite.Sqlite | backup_postgresql.Postgresql:
    return backup_postgresql.Postgresql() if file_of(url) is None else backup_sqlite.Sqlite()


def _check_beginning(url: str, file: Path) -> None:
    try:
        with file.open("rb") as opened:
            beginning = opened.read(16)
    except OSError as error:
        raise BackupError(f"{file} can't be read ({error.strerror}).") from error
    kinds = [kind for kind, first in _BEGINNINGS.items() if beginning.startswith(first)]
    if not kinds:
        raise BackupError(f"{file} is no backup.")
    if kinds != [make_url(url).get_backend_name()]:
        raise BackupError(f"{file} is a backup of {kinds[0]}, and DATABASE_URL names another kind of database.")


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """Give an empty file that only this user may read; it takes the name once the block has filled it."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    backup_sqlite.erase_with_log(unfinished)  # left by a killed one
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield unfinished
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        backup_sqlite.erase_with_log(unfinished)
