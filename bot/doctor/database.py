"""The database: whether it is there, whole, writable, of this version; and the queue, where there is one."""

import os
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.address import file_of, is_read_only, lock_of, log_of
from bot.doctor.check import Check, failed, ok, warning
from bot.doctor.machine import MEND_READ_ONLY, READ_ONLY
from bot.storage.database import CUT_OFF, is_missing, open_database, was_cut_off
from bot.storage.jobs import worker_count
from bot.storage.owner import OWN_DATABASE, bot_of
from bot.storage.revisions import is_known, newest, revision_of
from bot.storage.rotation import missing_key

_DATABASE: Final = "database"
_QUEUE: Final = "workers"
_MB: Final = 10**6
_LARGE_LOG: Final = 64 * _MB
_OLDEST_POSTGRESQL: Final = 14  # idle_session_timeout, which lead.py asks for
_OF_A_PROCESS: Final = 15  # connections at most: 10 of its pool, 4 of the queue, 1 that holds the lock or listens
_OF_OPERATORS: Final = 5  # for a backup, the doctor, psql
_LIMIT: Final = (
    "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    " - coalesce(current_setting('reserved_connections', true)::int, 0)"
)
_GATEWAYS: Final = (  # each asks for the lock, or has it
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lentigo-lead' AND datname = current_database()"
)


async def database(url: str, keys: tuple[str, ...] = (), token: str = "") -> list[Check]:
    """Return how the database is; one that does not exist is not made.

    Args:
        url: as DATABASE_URL has it.
        keys: ENCRYPTION_KEYS.
        token: BOT_TOKEN; empty where there is none.
    """
    file = file_of(url)
    if is_missing(url):
        return [warning(_DATABASE, "there is none yet", "The first start makes it; if there was one, see DATA_DIR.")]
    if file is not None and (forbidden := _forbidden(file)):
        advice = "Give it, and all that lies beside it, to the user who runs the bot: chown -R."
        return [failed(_DATABASE, f"this user may not read and write {forbidden}", advice)]
    engine = open_database(url, keys)
    try:
        async with engine.connect() as connection:
            checks = [
                await _version_check(connection),
                await _writable(connection, file),
                await _size(connection, file),
            ]
            if await connection.run_sync(revision_of) == newest():
                checks.append(_keys(await missing_key(engine, connection)))
                checks += _bot(await bot_of(connection), token.partition(":")[0])
            if file is None:
                alive = await _workers_alive(engine, connection)
                checks += [await _server(connection), await _connections(connection, alive or 0), _workers(alive)]
            return checks
    except SQLAlchemyError as error:
        return [failed(_DATABASE, f"can't be used ({_reason(error)})", _SERVER if file is None else _file_advice(file))]
    finally:
        await engine.dispose()


def _keys(missing: str | None) -> Check:
    if missing is None:
        return ok("ENCRYPTION_KEYS", "everything that is sealed can be opened")
    return failed("ENCRYPTION_KEYS", f"key {missing} is missing", "Put it back, behind the others.")


def _bot(noted: int | None, ours: str) -> list[Check]:
    name = f"{_DATABASE}, bot"
    if noted is None or not ours:
        return []
    if ours != str(noted):
        return [failed(name, f"it is that of bot {noted}, and BOT_TOKEN that of another", OWN_DATABASE)]
    return [ok(name, "it is that of BOT_TOKEN's")]


_SERVER: Final = "See that the server runs, and the name, password and database in DATABASE_URL."


def _forbidden(file: Path) -> Path | None:
    """Return what of SQLite's file, and of what the bot keeps beside it, this user may not use."""
    if is_read_only(file):
        return None
    kept = (file, *log_of(file), lock_of(file))
    return next((one for one in kept if one.exists() and not os.access(one, os.R_OK | os.W_OK)), None)


def _file_advice(file: Path) -> str:
    if is_read_only(file):
        return f"{READ_ONLY.capitalize()}. {MEND_READ_ONLY}"
    return "If it is damaged: stop the bot, and python -m bot restore your latest backup with --replace."


def _reason(error: SQLAlchemyError) -> str:
    """Return what the driver says in one line; it names no rows."""
    return str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]


async def _version_check(connection: AsyncConnection) -> Check:
    if await connection.run_sync(was_cut_off):
        return failed(_DATABASE, "not as it was", f"Stop the bot: {CUT_OFF}")
    revision = await connection.run_sync(revision_of)
    if revision is None:
        return warning(_DATABASE, "it has no tables yet", "The start makes them, and so does python -m bot migrate.")
    if not is_known(revision):
        return failed(_DATABASE, f"a newer program made it (version {revision})", "Run that program, or a newer one.")
    if revision != newest():
        words = f"version {revision}, and this program's is {newest()}"
        return warning(_DATABASE, words, "Save it, then start: the start brings it up to date.")
    return ok(_DATABASE, f"version {revision}, as this program wants it")


async def _writable(connection: AsyncConnection, file: Path | None) -> Check:
    name = f"{_DATABASE}, writing"
    if file is not None:
        whole = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
        if whole != "ok":
            return failed(name, "the file is damaged", "Stop the bot, and python -m bot restore your latest backup.")
        if is_read_only(file):  # SQLite only notices with the first row
            return failed(name, READ_ONLY, MEND_READ_ONLY)
        await connection.rollback()
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        await connection.rollback()
        return ok(name, "the file is whole and can be written")
    read_only = (await connection.exec_driver_sql("SHOW transaction_read_only")).scalar_one()
    if read_only == "on":
        return failed(name, "the server only lets read", "DATABASE_URL names a stand-by, or the disk was full.")
    return ok(name, "it can be written")


async def _size(connection: AsyncConnection, file: Path | None) -> Check:
    name = f"{_DATABASE}, size"
    if file is None:
        query = "SELECT pg_database_size(current_database())"
        return ok(name, f"{(await connection.exec_driver_sql(query)).scalar_one() // _MB:,} MB")
    size, logged = _bytes(file), _bytes(file.with_name(f"{file.name}-wal"))
    words = f"{size / _MB:,.1f} MB, and {logged / _MB:,.1f} MB of write-ahead log"
    if logged > _LARGE_LOG:
        return warning(
            name, words, "The bot empties the log once a minute: if it runs, another program reads the file."
        )
    return ok(name, words)


def _bytes(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


async def _server(connection: AsyncConnection) -> Check:
    name = "PostgreSQL"
    version = (await connection.exec_driver_sql("SHOW server_version")).scalar_one()
    if int(version.partition(".")[0]) < _OLDEST_POSTGRESQL:
        return failed(name, f"{version} is too old", f"Move to {_OLDEST_POSTGRESQL} or newer: backup, restore.")
    return ok(name, version)


async def _connections(connection: AsyncConnection, workers: int) -> Check:
    """Return whether the server lets all processes that are there open as many connections as they may come to need."""
    name = "PostgreSQL, connections"
    limit = (await connection.exec_driver_sql(_LIMIT)).scalar_one()
    processes = workers + (await connection.exec_driver_sql(_GATEWAYS)).scalar_one()
    needed = _OF_A_PROCESS * processes + _OF_OPERATORS
    words = f"{processes} of the bot's processes and you may need {needed}, and it takes {limit}"
    if needed > limit:
        return warning(name, words, f"Raise max_connections in postgresql.conf by {needed - limit} and restart it.")
    return ok(name, words)


async def _workers_alive(engine: AsyncEngine, connection: AsyncConnection) -> int | None:
    """Return how many workers there are; None where the queue has no tables."""
    there = await connection.exec_driver_sql("SELECT to_regclass('procrastinate_workers') IS NOT NULL")
    return await worker_count(engine) if there.scalar_one() else None


def _workers(alive: int | None) -> Check:
    if alive is None:
        return warning(
            _QUEUE, "the queue has no tables yet", "The start makes them, and so does python -m bot migrate."
        )
    if not alive:
        return failed(_QUEUE, "none is alive: photos wait", "Start some: python -m bot worker")
    return ok(_QUEUE, f"{alive} alive")
