"""The last backup: whether there is one, how old it is, and whether one can be made."""

import shutil
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.address import file_of
from bot.doctor.check import Check, ok, warning
from bot.storage.backup import BACKED_UP_AT, OLD_BACKUP, backup_age
from bot.storage.database import is_missing, open_database
from bot.storage.notes import Notes

_NAME: Final = "backup"
_MAKE_ONE: Final = "python -m bot backup FOLDER, and see that it is made every night (lentigo-backup.timer)."


async def backup(url: str, now: datetime) -> list[Check]:
    """Return how it stands with backups; nothing where there is no database to be asked, which others tell."""
    if file_of(url) is None and shutil.which("pg_dump") is None:
        return [warning(_NAME, "pg_dump is missing here", "Install PostgreSQL's client, of the server's version.")]
    if is_missing(url):
        return []
    engine = open_database(url)
    try:
        noted = await Notes(engine).get(BACKED_UP_AT)
    except SQLAlchemyError:
        return []
    finally:
        await engine.dispose()
    return [last_backup(noted, now)]


def last_backup(noted: str | None, now: datetime) -> Check:
    """Return whether there is a backup that is young enough, by what is noted of the last one."""
    age = backup_age(noted, now)
    if age is None:
        words = "none was ever made" if noted is None else "the last one was noted by a clock that was ahead"
        return warning(_NAME, words, _MAKE_ONE)
    words = f"the last one is {int(age.total_seconds() // 3600)} hours old"
    return warning(_NAME, words, _MAKE_ONE) if age > OLD_BACKUP else ok(_NAME, words)
