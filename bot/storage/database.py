"""Opening and migrating the database."""

import errno
import os
import re
import sqlite3
from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.address import file_of, is_read_only
from bot.errors import BotError, DatabaseAway, SettingsError
from bot.faults import is_transient
from bot.libpq import NOTICES_ABSENCE
from bot.storage.revisions import is_known, newest, revision_of
from bot.storage.sealed import KeyRing, give_keys

_BUSY_TIMEOUT_MS: Final = 10_000
_OLDEST_SQLITE: Final = (3, 35)  # which knows RETURNING; it comes with the system's Python
_ENGINE: Final = {
    "hide_parameters": True,  # errors are logged, what people wrote is not
    "pool_size": 10,  # of each process; PostgreSQL's own limit is 100 unless it is told otherwise
    "max_overflow": 0,  # what overflows is opened and closed for each statement
}
_CONNECT_TIMEOUT_S: Final = 10
_POSTGRESQL: Final = {  # of each connection, on the server's side
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",  # a process that hangs holds up nobody else
    "tcp_user_timeout": "10s",  # a process whose machine is gone likewise
}
_PASSING_SQLITE: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
# Of a connection that PostgreSQL refuses only its words are known. In English these are of an address that has to be
# mended; in another language that, too, is taken for what may pass.
_WRONG_ADDRESS: Final = re.compile(
    "authentication failed|does not exist|pg_hba|no password supplied"
    "|not permitted to log in|permission denied for database"
)

ASIDE: Final = "before_restore"  # the schema that a restore puts aside what was there in
CUT_OFF: Final = (
    f"a restore was cut off, and what was there before is in the schema {ASIDE}. To bring it back, in psql: "
    f"DROP SCHEMA public CASCADE; ALTER SCHEMA {ASIDE} RENAME TO public;"
)
_NEWER: Final = (
    "DATA_DIR or DATABASE_URL: a newer program made this database. Run that program, or a newer one; "
    "to go back, restore the backup from before the update."
)
_OLDER: Final = (
    "DATA_DIR or DATABASE_URL: an older program made this database, or none yet. Save it; then the start of the bot, "
    "or python -m bot migrate, brings it up to date."
)
_HOW_POSTGRESQL: Final = (
    "It looks like postgresql+psycopg://name:password@host:5432/database; signs like @ and / in the password are "
    "written %40 and %2F."
)


def open_database(url: str, keys: Sequence[str] = ()) -> AsyncEngine:
    """Return an engine over SQLite or PostgreSQL; nothing is connected yet.

    SQLite gets write-ahead logging, foreign keys, durable commits and erased free space. PostgreSQL's connections are
    tried before they are used, so that its restart costs nobody an error, and get limits to every wait.

    Args:
        url: of the database.
        keys: ENCRYPTION_KEYS; the first one seals what is written, each opens what is read.

    Raises:
        SettingsError: SQLite is too old.
    """
    parsed = make_url(url)
    _check_sqlite(parsed)
    options = _postgresql_options(parsed) if file_of(parsed) is None else {}
    engine = create_async_engine(parsed, **_ENGINE, **options)
    give_keys(engine, KeyRing(keys))
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "invalidate", _roll_back)
    else:
        event.listen(engine.sync_engine, "handle_error", _hide_details)
    return engine


def _check_sqlite(url: URL) -> None:
    if file_of(url) is not None and sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        wanted = ".".join(map(str, _OLDEST_SQLITE))
        raise SettingsError(f"SQLite {sqlite3.sqlite_version}: Python brings it, and {wanted} or newer is needed.")


def _hide_details(context: ExceptionContext) -> None:
    """Leave of PostgreSQL's complaint its first line: the next ones may name the row, and so a person."""
    error = context.original_exception
    error.args = (str(error).partition("\n")[0],)
    if (wrapped := context.sqlalchemy_exception) is not None:
        wrapped.args = (f"({type(error).__name__}) {error}",)


def _postgresql_options(url: URL) -> dict[str, Any]:
    ours = " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL.items())
    theirs = url.query.get("options", "")  # come last, and so win
    return {
        "connect_args": {
            "application_name": "lentigo",
            "connect_timeout": _CONNECT_TIMEOUT_S,
            **NOTICES_ABSENCE,
            "options": f"{ours} {theirs}".strip(),
        },
        "pool_pre_ping": True,
    }


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged update must survive a power cut
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _roll_back(connection: DBAPIConnection, *_: object) -> None:
    """End the transaction of a query that was cancelled, before its connection is closed.

    SQLite closes it only once the query's cursor goes, which a traceback holds in a cycle: until a collection, which
    nobody awaits, what was written before would lock the database.
    """
    with suppress(Exception, CancelledError):  # it is closed in any case
        connection.rollback()


def is_missing(url: str | URL) -> bool:
    """Whether there is no file where SQLite's is to be; to ask it would make it."""
    return (file := file_of(url)) is not None and not file.exists()


def check_is_there(url: str | URL) -> None:
    """Refuse a place where there is no database: whoever mistypes it is not to believe an empty one.

    Raises:
        SettingsError: there is none, or nobody can look.
    """
    try:
        if not is_missing(url):
            return
    except OSError as error:  # a folder on the way is another user's
        raise refusal(make_url(url), error) from error
    place = Path(file_of(url) or "").absolute()  # a relative one may be right, and the folder it is read from wrong
    raise SettingsError(
        f"DATA_DIR or DATABASE_URL: there is no database at {place}. Name the folder or file that the bot has; "
        "where there was none yet, the start of the bot makes it, and so does python -m bot migrate."
    )


async def truncate_write_ahead_log(engine: AsyncEngine) -> None:
    """Empty SQLite's write-ahead log, which still holds what was erased; nothing to do elsewhere."""
    if engine.dialect.name == "sqlite":
        async with engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def was_cut_off(connection: Connection) -> bool:
    """Whether a restore has left aside what was there before; on SQLite one file takes another's place at once."""
    return connection.dialect.name == "postgresql" and sa.inspect(connection).has_schema(ASIDE)


def migrate(url: str, revision: str = "head", *, is_restoring: bool = False) -> None:
    """Bring the database to a revision, while nobody else does; creates an SQLite file and its folder.

    Args:
        url: as DATABASE_URL has it.
        revision: the newest one, or an earlier one for tests.
        is_restoring: whether what was there is put aside meanwhile, and brought back where this fails.

    Raises:
        SettingsError: SQLite is too old, the file can't be made or opened, the server does not let in, a newer program
            made it, or a restore was cut off.
        DatabaseAway: the server can't be reached or takes nobody now, the disk is full, or others have had the database
            to themselves for too long.
    """
    config = Config(attributes={"is_restoring": is_restoring})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # says what it read, and that may be a part of the password
        raise SettingsError(f"DATABASE_URL: can't be read. {_HOW_POSTGRESQL}") from None
    try:
        if (file := file_of(url)) is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        command.upgrade(config, revision)
    except (OSError, DBAPIError) as error:
        raise refusal(parsed, error) from error
    except CommandError as error:  # alembic does not know the revision that it finds
        raise SettingsError(_NEWER) from error


async def check_revision(engine: AsyncEngine) -> None:
    """Refuse a database that is not as this program wants it, and leave it as it is.

    Raises:
        SettingsError: it is older, or newer, there is none, or it does not let in.
        DatabaseAway: it can't be used now.
    """
    url = engine.url
    check_is_there(url)
    try:
        async with engine.connect() as connection:
            revision = await connection.run_sync(revision_of)
    except (OSError, DBAPIError) as error:
        raise refusal(url, error) from error
    if revision != newest():
        raise SettingsError(_OLDER if revision is None or is_known(revision) else _NEWER)


@contextmanager
def naming_database(url: str) -> Iterator[None]:
    """Name the database where it ends the block: damaged, full or away. What names rows passes as it is.

    Raises:
        SettingsError: it can't be used.
        DatabaseAway: it can't be used now.
    """
    try:
        yield
    except DatabaseError as error:
        if type(error) not in {DatabaseError, OperationalError}:  # a fault of the program
            raise
        raise refusal(make_url(url), error) from error


def refusal(url: URL, error: OSError | DBAPIError) -> BotError:
    """Return what to raise where a database can't be used: whether a setting has to be mended, or it may pass."""
    reason = str(error.orig) if isinstance(error, DBAPIError) else error.strerror
    kind = DatabaseAway if _may_pass(url, error) else SettingsError
    if (file := file_of(url)) is not None:
        if is_read_only(file):  # of which SQLite says that it is unable to open the file
            reason = os.strerror(errno.EROFS)
        return kind(f"DATA_DIR or DATABASE_URL: {file} can't be used ({reason}).")
    return kind(f"DATABASE_URL: the database can't be used ({' '.join(str(reason).split())}).")


def _may_pass(url: URL, error: OSError | DBAPIError) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    if file_of(url) is not None:
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    return is_transient(error) and _WRONG_ADDRESS.search(str(error.orig)) is None
