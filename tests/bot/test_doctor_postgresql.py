"""The doctor looks at PostgreSQL and its queue, too."""

from typing import TYPE_CHECKING, cast

import psycopg
import pytest
from sqlalchemy import QueuePool

from bot.doctor.check import State
from bot.doctor.database import _OF_A_PROCESS, _server, database
from bot.libpq import conninfo
from bot.machines import _CONNECTIONS
from bot.storage.database import open_database
from tests.postgres import Cluster

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def test_queue_without_workers_fails_and_the_server_is_well(postgres: Cluster) -> None:
    checks = await database(postgres.fresh())
    assert {check.name: check.state for check in checks} == {
        "database": State.OK,
        "database, writing": State.OK,
        "database, size": State.OK,
        "ENCRYPTION_KEYS": State.OK,
        "PostgreSQL": State.OK,
        "PostgreSQL, connections": State.OK,
        "workers": State.FAILED,
    }
    assert checks[-1].advice == "Start some: python -m bot worker"


async def test_server_that_is_away_is_named_without_the_password() -> None:
    (check,) = await database("postgresql+psycopg://bot:s3cret@127.0.0.1:1/lentigo")
    assert check.state is State.FAILED
    assert "DATABASE_URL" in check.advice
    assert "s3cret" not in check.line


async def test_server_that_only_lets_read_fails(postgres: Cluster) -> None:
    checks = await database(f"{postgres.fresh()}?options=-c%20default_transaction_read_only%3Don")
    assert {check.name: check.state for check in checks}["database, writing"] is State.FAILED


@pytest.mark.parametrize(("workers", "state"), [(18, State.OK), (19, State.WARNING)])
async def test_server_that_takes_too_few_connections_is_warned_of(
    postgres: Cluster, workers: int, state: State
) -> None:
    url = postgres.fresh()  # of a server with 300 connections, 3 of them for its superuser
    address = conninfo(url)
    with psycopg.connect(address, autocommit=True, application_name="lentigo-lead") as gateway:
        alive = "INSERT INTO procrastinate_workers (last_heartbeat) SELECT now() FROM generate_series(1, %s)"
        gateway.execute(alive, [workers])
        (check,) = [one for one in await database(url) if one.name == "PostgreSQL, connections"]
    assert (check.state, check.words.partition(" ")[0]) == (state, str(workers + 1))


async def test_process_has_as_many_connections_as_the_doctor_counts() -> None:
    engine = open_database("postgresql+psycopg://bot@127.0.0.1:1/lentigo")
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.size() + _CONNECTIONS + 1 == _OF_A_PROCESS
    await engine.dispose()


class OfVersion:
    """A connection to a server that says only its version."""

    def __init__(self, version: str) -> None:
        self.version = version

    async def exec_driver_sql(self, _: str) -> "OfVersion":
        return self

    def scalar_one(self) -> str:
        return self.version


@pytest.mark.parametrize(("version", "state"), [("13.23 (Debian 13.23-1)", State.FAILED), ("14.0", State.OK)])
async def test_server_that_can_not_end_idle_sessions_is_too_old(version: str, state: State) -> None:
    check = await _server(cast("AsyncConnection", OfVersion(version)))
    assert check.state is state
