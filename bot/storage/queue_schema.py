"""The tables of procrastinate in our database, which its package brings with it.

A new database gets them whole, from the package's schema.sql. When a newer package is installed, the files of its
folder of migrations that have come since are run, in their order: which of them the database has is a fact in it.
Both happen with our own migrations, in the same transaction; nothing else is running then, so that what procrastinate
wants done before and after its new version is started is done at once.
"""

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bot.storage.tables import facts

QUEUE_FACT: Final = "queue_schema"  # the last file of procrastinate's migrations that the database has


def create_queue(connection: sa.Connection) -> None:
    """Make procrastinate's tables as the installed version wants them."""
    _run(connection, _folder().parent / "schema.sql")
    connection.execute(facts.insert().values(name=QUEUE_FACT, value=_migrations()[-1].name))


def update_queue(connection: sa.Connection) -> None:
    """Run the migrations of procrastinate that have come since; nothing to do where it has no tables."""
    if not sa.inspect(connection).has_table(facts.name):
        return
    last = connection.scalar(sa.select(facts.c.value).where(facts.c.name == QUEUE_FACT))
    for file in [file for file in _migrations() if file.name > last] if last else []:
        _run(connection, file)
        connection.execute(facts.update().where(facts.c.name == QUEUE_FACT).values(value=file.name))


def _migrations() -> list[Path]:
    return sorted(_folder().glob("*.sql"))  # named by version and number: 03.04.00_50_….sql


def _folder() -> Path:
    from procrastinate.schema import SchemaManager  # noqa: PLC0415 - nobody on SQLite waits for its import

    return Path(SchemaManager.get_migrations_path())


def _run(connection: sa.Connection, file: Path) -> None:
    connection.exec_driver_sql(file.read_text(encoding="utf-8"), execution_options={"no_parameters": True})
