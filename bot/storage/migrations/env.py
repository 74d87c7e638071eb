"""Alembic's way into the database."""

import asyncio

from alembic import context
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.database import open_database
from bot.storage.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


def _make_ddl_transactional(engine: Engine) -> None:
    """Let SQLite begin its transaction before the first CREATE TABLE: a migration happens whole or not at all."""

    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _migrate() -> None:
    engine = open_database(context.config.get_main_option("sqlalchemy.url") or "")
    if engine.dialect.name == "sqlite":
        _make_ddl_transactional(engine.sync_engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_run)
    finally:
        await engine.dispose()


asyncio.run(_migrate())
