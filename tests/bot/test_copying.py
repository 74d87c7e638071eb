"""Everything comes over to PostgreSQL, and nothing is given twice there."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Audit, Entry
from bot.storage.bans import Bans
from bot.storage.cases import Cases
from bot.storage.copying import copy_everything
from bot.storage.database import open_database
from bot.storage.facts import fact, write_fact
from bot.storage.patients import Patients
from bot.storage.tables import metadata, patients
from tests.bot.conftest import NOON, url_of
from tests.bot.test_upgrade import ANA, DUMP, EVA, MO, ROOT
from tests.postgres import Cluster


@pytest.fixture
def old(tmp_path: Path) -> str:
    connection = sqlite3.connect(tmp_path / "lentigo.db")
    connection.executescript(DUMP.read_text(encoding="utf-8"))
    connection.execute("DELETE FROM cases WHERE case_id = 4")  # the last number that was given
    connection.commit()
    connection.close()
    return url_of(tmp_path / "lentigo.db")


def copied(source: str, target: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "copy", "--to", "NEW_DATABASE"]
    environment = os.environ | {"DATABASE_URL": source, "NEW_DATABASE": target}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


async def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = open_database(url)
    async with engine.connect() as connection:
        found = {
            table.name: [
                tuple(row) for row in await connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }
    await engine.dispose()
    return found


async def test_every_row_comes_over_and_the_bot_goes_on_with_it(old: str, postgres: Cluster) -> None:
    new = postgres.fresh(is_migrated=False)
    done = copied(old, new)
    assert done.returncode == 0, done.stderr
    assert "4 of patients" in done.stdout
    before, after = await rows(old), await rows(new)
    assert set(before.pop("facts")) <= set(after.pop("facts"))
    assert after == before
    engine = open_database(new)
    assert await Patients(engine).by_username("ana_m") is not None
    assert await Bans(engine).of(EVA, NOON) is not None
    case = await Cases(engine).open(ANA, ANA, 99, "file", NOON)
    assert case is not None
    assert case.case_id == 5
    await Audit(engine).record(Entry(MO, "stats", NOON))
    assert (await Audit(engine).page(1))[0].entry_id == 7
    await engine.dispose()


async def test_copy_is_of_one_moment(engine: AsyncEngine, database_url: str, postgres: Cluster) -> None:
    await Patients(engine).speak(ANA, "en", NOON)
    address = make_url(database_url)
    other = sa.create_engine(address.set(drivername=address.drivername.replace("+aiosqlite", "")))
    newcomers = [EVA]

    def meet(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("SELECT") and newcomers:
            with other.begin() as connection:
                connection.execute(patients.insert().values(user_id=newcomers.pop(), language="es", created_at=NOON))

    target = open_database(postgres.fresh())
    sa.event.listen(engine.sync_engine, "after_cursor_execute", meet)  # between the first table and the next
    counts = await copy_everything(engine, target)
    assert (counts["patients"], await Patients(target).count(), await Patients(engine).count()) == (1, 1, 2)
    await target.dispose()
    other.dispose()


async def queue_in(engine: AsyncEngine) -> str | None:
    """Which tables of the queue a database has."""
    async with engine.connect() as connection:
        return await fact(connection, "queue_schema")


async def test_copy_goes_to_sqlite_and_back_though_the_queue_is_newer_by_then(
    migrated: Path, tmp_path: Path, postgres: Cluster
) -> None:
    aside = url_of(Path(shutil.copy(migrated, tmp_path)))
    before, meanwhile, after = (open_database(url) for url in (postgres.fresh(), aside, postgres.fresh()))
    async with before.begin() as connection:
        await write_fact(connection, "queue_schema", "00.00.00_01_initial.sql")
    newer = await queue_in(after)
    await copy_everything(before, meanwhile)
    await copy_everything(meanwhile, after)
    assert (await queue_in(meanwhile), await queue_in(after)) == (None, newer)
    for engine in (before, meanwhile, after):
        await engine.dispose()


async def test_database_with_rows_is_refused_and_left_alone(old: str, postgres: Cluster) -> None:
    new = postgres.fresh()
    engine = open_database(new)
    await Patients(engine).speak(ANA, "en", NOON)
    await engine.dispose()
    before = await rows(new)
    done = copied(old, new)
    assert (done.returncode, done.stdout) == (2, "")
    assert "must be empty" in done.stderr
    assert await rows(new) == before


def test_wrong_address_is_named_and_not_shown(old: str) -> None:
    done = copied(old, "mysql://s3cret")
    assert done.returncode == 2
    assert done.stderr.startswith("NEW_DATABASE: ")
    assert "s3cret" not in done.stderr
    assert "is the database to copy from" in copied(old, old).stderr
