"""Alembic's way into the database."""

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import SettingsError
from bot.storage.database import CUT_OFF, open_database, was_cut_off
from bot.storage.queue_schema import update_queue
from bot.storage.tables import metadata

_WAIT_MS = 600_000  # for somebody else who migrates
_LOCK = 0x1E4719  # of PostgreSQL's advisory locks; any number that nobody else takes


def _run(connection: Connection) -> None:
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        _wait_for_postgresql(connection)
    if was_cut_off(connection) and not context.config.attributes["is_restoring"]:
        raise SettingsError(f"DATABASE_URL: {CUT_OFF}")
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
    if is_postgresql:
        update_queue(connection)


def _wait_for_postgresql(connection: Connection) -> None:
    """Have the database alone until the end of the transaction, as far as migrations go."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_WAIT_MS}")
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _prepare_sqlite(engine: Engine) -> None:
    """Let SQLite begin its transaction before the first CREATE TABLE: a migration happens alone, and whole or not."""

    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_WAIT_MS}").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _migrate() -> None:
    engine = open_database(context.config.get_main_option("sqlalchemy.url") or "")
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine.sync_engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_migrate())
