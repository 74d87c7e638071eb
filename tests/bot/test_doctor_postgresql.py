"""The doctor looks at PostgreSQL and its queue, too."""

from typing import TYPE_CHECKING, cast

import pytest

from bot.doctor.check import State
from bot.doctor.database import _server, database
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
