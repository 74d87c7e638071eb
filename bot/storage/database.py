"""Opening and migrating the database."""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import SettingsError
from bot.storage.sealed import KeyRing, give_keys

_BUSY_TIMEOUT_MS = 10_000


def open_database(url: str, keys: Sequence[str] = ()) -> AsyncEngine:
    """Return an engine; SQLite gets write-ahead logging, foreign keys, durable commits and erased free space.

    Args:
        url: of the database.
        keys: ENCRYPTION_KEYS; the first one seals what is written, each opens what is read.
    """
    engine = create_async_engine(url, hide_parameters=True)  # errors are logged, what people wrote is not
    give_keys(engine, KeyRing(keys))
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


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


async def truncate_write_ahead_log(engine: AsyncEngine) -> None:
    """Empty SQLite's write-ahead log, which still holds what was erased; nothing to do elsewhere."""
    if engine.dialect.name == "sqlite":
        async with engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database to a revision; creates an SQLite file and its folder where there is none.

    Raises:
        SettingsError: the file can't be made or opened.
    """
    database = make_url(url).database or ""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
        command.upgrade(config, revision)
    except (OSError, OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error.strerror
        raise SettingsError(f"DATA_DIR or DATABASE_URL: {database} can't be used ({reason}).") from error
