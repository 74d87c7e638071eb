"""At most one process takes updates from Telegram: a file is locked on one machine, a lock in PostgreSQL on many."""

import asyncio
import fcntl
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any, Final, LiteralString, NoReturn, TypeAlias

import psycopg
from sqlalchemy.engine import make_url

from bot.address import file_of, lock_of
from bot.errors import SettingsError
from bot.libpq import NOTICES_ABSENCE

_KEY: Final = 0x6C656E7469676F  # of the advisory lock: "lentigo"
_TRY_EVERY_S: Final = 0.5
_CHECK_EVERY_S: Final = 1.0
_LOST_AFTER_S: Final = 4.0  # without a word from the database; before the server gives the lock away
_TRY_LOCK: Final[LiteralString] = "SELECT pg_try_advisory_lock(%s)"
_SERVER: Final = {  # when it takes the lock from a process that hangs, or whose machine is gone
    "idle_session_timeout": "6s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5s",
}
_CONNECT_TIMEOUT_S: Final = 3

_Connection: TypeAlias = psycopg.AsyncConnection[tuple[bool]]

_log = logging.getLogger(__name__)


@contextmanager
def alone_on(url: str) -> Iterator[None]:
    """Hold an SQLite file's lock while the block runs; it goes with the process, however that ends.

    Raises:
        SettingsError: another bot has it, or the file can't be made.
    """
    if (database := file_of(url)) is None:
        yield
        return
    with _lock_file(database) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(f"Another bot runs on {database}, and two would answer everything twice.") from None
        yield


def _lock_file(database: Path) -> IO[str]:
    lock = lock_of(database)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("w", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"DATA_DIR or DATABASE_URL: {lock} can't be used ({error.strerror}).") from error


@asynccontextmanager
async def leading(url: str) -> AsyncIterator[None]:
    """Stand by until no other process leads, then lead while the block runs.

    Where the lock is lost, this process begins anew at once, as one that stands by: another may lead already, so that
    nothing more may be finished here.
    """
    async with await _until_first(url) as connection:
        guarding = asyncio.create_task(_guard(connection))
        try:
            yield
        finally:
            guarding.cancel()
            await asyncio.gather(guarding, return_exceptions=True)


async def _until_first(url: str) -> _Connection:
    is_told = False
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(**_address(url), autocommit=True)
            try:
                while not await _has_lock(connection):
                    if not is_told:
                        _log.info("Another gateway takes updates; this one stands by")
                        is_told = True
                    await asyncio.sleep(_TRY_EVERY_S)
            except BaseException:
                await connection.close()
                raise
        except (psycopg.OperationalError, TimeoutError) as error:
            _log.warning("The database can't be asked who leads (%s); again in a second", type(error).__name__)
            await asyncio.sleep(1)
        else:
            return connection


def _address(url: str) -> dict[str, Any]:
    address = make_url(url).set(drivername="postgresql")
    settings = " ".join(f"-c {name}={value}" for name, value in _SERVER.items())
    options = f"{address.query.get('options', '')} {settings}".strip()
    conninfo = address.difference_update_query(["options"]).render_as_string(hide_password=False)
    how = {"conninfo": conninfo, "application_name": "lentigo-lead", "options": options}
    return {**NOTICES_ABSENCE, "connect_timeout": _CONNECT_TIMEOUT_S, **how}


async def _has_lock(connection: _Connection) -> bool:
    row = await (await connection.execute(_TRY_LOCK, [_KEY])).fetchone()
    return row is not None and row[0]


async def _guard(connection: _Connection) -> None:
    """Ask every second whether the connection, and with it the lock, is still there."""
    asked_at = time.monotonic()
    while True:
        await asyncio.sleep(_CHECK_EVERY_S)
        if (left_s := asked_at + _LOST_AFTER_S - time.monotonic()) < 0:  # this process hung
            _begin_anew()
        asked_at = time.monotonic()
        asking = asyncio.create_task(connection.execute("SELECT 1"))
        done, _ = await asyncio.wait({asking}, timeout=left_s)
        if not done or asking.exception() is not None:
            _begin_anew()


def _begin_anew() -> NoReturn:
    """Let nothing of this process go on; be the process that was started, which waits for the database."""
    _log.error("The lock in the database is lost: this process ends what it does, and stands by")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - the very command that started it
    finally:
        os._exit(1)  # where there is no program any more, as after an update: whoever started it does so again
