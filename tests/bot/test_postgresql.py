"""What is PostgreSQL's alone: its faults, its queue, its migrations."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import DatabaseAway, SettingsError
from bot.faults import is_transient, until_it_works
from bot.incidents import log_incident
from bot.machines import queue_app
from bot.storage import queue_schema
from bot.storage.database import migrate, open_database
from bot.storage.inbox import Inbox, StoredUpdate
from bot.storage.patients import Patients
from bot.storage.tables import patients
from tests.bot.conftest import NOON
from tests.postgres import Cluster

if TYPE_CHECKING:
    from procrastinate import PsycopgConnector

PERSON = 7_123_456_789
HELLO = StoredUpdate(10, PERSON, "{}")


@pytest.fixture
def database_url(postgres: Cluster) -> Iterator[str]:
    url = postgres.fresh()
    yield url
    postgres.drop(url)


async def test_what_was_stored_is_there_after_a_kill_of_the_server(engine: AsyncEngine, postgres: Cluster) -> None:
    inbox = Inbox(engine)
    await inbox.store([HELLO], NOON)
    postgres.kill()
    with pytest.raises(sa.exc.OperationalError) as caught:
        await inbox.unhandled()
    assert is_transient(caught.value)
    waiting = asyncio.create_task(until_it_works(inbox.unhandled))
    await asyncio.to_thread(postgres.start)
    assert [update.update_id for update in await asyncio.wait_for(waiting, 60)] == [10]


def _notices_absence_within_s(told: Mapping[str, str]) -> tuple[int, int]:
    """Return after how many seconds libpq, asked to wait or to send, gives up a server's machine."""
    idle_s, count, each_s = (int(told[f"keepalives_{name}"]) for name in ("idle", "count", "interval"))
    return idle_s + count * each_s, int(told["tcp_user_timeout"]) // 1000


async def test_machine_of_the_server_that_vanishes_is_noticed_within_seconds(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
    told = driver.info.get_parameters()
    assert (_notices_absence_within_s(told), told["connect_timeout"]) == ((5, 5), "10")


async def test_queue_notices_it_too(engine: AsyncEngine) -> None:
    app = queue_app(engine.url.render_as_string(hide_password=False))
    async with app.open_async(), cast("PsycopgConnector", app.connector).pool.connection() as connection:
        assert _notices_absence_within_s(connection.info.get_parameters()) == (5, 5)


async def test_restart_of_the_server_costs_nobody_an_error(engine: AsyncEngine, postgres: Cluster) -> None:
    await Inbox(engine).store([HELLO], NOON)
    await asyncio.to_thread(postgres.stop)
    await asyncio.to_thread(postgres.start)
    assert len(await Inbox(engine).unhandled()) == 1


@pytest.mark.parametrize("way", ["server", "backend", "deadlock", "lock", "time"])
async def test_fault_in_the_middle_of_a_transaction_passes(engine: AsyncEngine, postgres: Cluster, way: str) -> None:
    for person in (1, 2):
        await Patients(engine).speak(person, "en", NOON)
    with pytest.raises(sa.exc.DBAPIError) as caught:
        await _suffer(engine, postgres, way)
    assert is_transient(caught.value)
    assert await Patients(engine).count() == 2


async def _suffer(engine: AsyncEngine, postgres: Cluster, way: str) -> None:
    async with engine.begin() as connection, engine.begin() as other:
        await connection.execute(_touch(1))
        match way:
            case "server":
                await asyncio.to_thread(postgres.stop)
                await asyncio.to_thread(postgres.start)
            case "backend":
                pid = await connection.scalar(sa.text("SELECT pg_backend_pid()"))
                await other.execute(sa.select(sa.func.pg_terminate_backend(pid)))
            case "deadlock":
                await other.execute(_touch(2))
                await asyncio.gather(connection.execute(_touch(2)), other.execute(_touch(1)))
            case "lock":
                await other.exec_driver_sql("SET LOCAL lock_timeout = 50")
                await other.execute(_touch(1))
            case _:
                await connection.exec_driver_sql("SET LOCAL statement_timeout = 50")
                await connection.execute(sa.select(sa.func.pg_sleep(5)))
        await connection.execute(_touch(2))


def _touch(user_id: int) -> sa.Update:
    return patients.update().where(patients.c.user_id == user_id).values(language="es")


async def test_refusal_that_will_not_pass_is_not_repeated_and_names_no_row(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    row = patients.insert().values(user_id=PERSON, language="en", created_at=NOON)
    async with engine.connect() as connection:
        await connection.execute(row)
        with pytest.raises(sa.exc.IntegrityError) as caught:
            await connection.execute(row)
    assert not is_transient(caught.value)
    log_incident(logging.getLogger("test"), caught.value)
    assert "pk_patients" in caplog.text
    assert str(PERSON) not in caplog.text


async def test_queue_has_its_tables_and_is_brought_up_to_date(
    engine: AsyncEngine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "99.00.00_01_newer.sql"
    newer.write_text("CREATE TABLE procrastinate_newer (percent text DEFAULT '%'); SELECT 1;", encoding="utf-8")
    monkeypatch.setattr(queue_schema, "_migrations", lambda: [tmp_path / "00.00.00_01_initial.sql", newer])
    async with engine.begin() as connection:
        for _ in range(2):  # the second time there is nothing to do
            await connection.run_sync(queue_schema.update_queue)
        names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
    assert {"procrastinate_jobs", "procrastinate_newer"} <= set(names)
    monkeypatch.undo()
    await asyncio.to_thread(migrate, database_url)  # an older package leaves it alone


async def test_rows_of_the_first_release_are_carried_over(postgres: Cluster) -> None:
    url = postgres.fresh(is_migrated=False)
    await asyncio.to_thread(migrate, url, "0001")
    engine = open_database(url)
    insert = "INSERT INTO patients (user_id, language, first_name, created_at) VALUES (7, 'en', 'Sam', now())"
    async with engine.begin() as connection:
        await connection.exec_driver_sql(insert)
    await asyncio.to_thread(migrate, url)
    (patient,) = await Patients(engine).page(2)
    assert (patient.first_name, patient.username) == ("Sam", None)
    await engine.dispose()


async def test_migration_that_is_interrupted_leaves_nothing_half_done(postgres: Cluster) -> None:
    url = postgres.fresh(is_migrated=False)
    engine = open_database(url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE directory_changes (name text)")  # in the way of the last table
    with pytest.raises(SettingsError, match="directory_changes"):
        await asyncio.to_thread(migrate, url)
    async with engine.begin() as connection:
        assert await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()) == ["directory_changes"]
        await connection.exec_driver_sql("DROP TABLE directory_changes")
    await asyncio.to_thread(migrate, url)
    await engine.dispose()


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("postgresql+psycopg://lentigo:s3cret@127.0.0.1:1/lentigo", DatabaseAway, "can't be used"),
        ("postgresql+psycopg://lentigo:s3cret@127.0.0.1:port/lentigo", SettingsError, "%40"),
    ],
)
def test_server_that_cannot_be_reached_is_said_without_the_password(url: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=r"^DATABASE_URL: ") as caught:
        migrate(url)
    assert said in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
