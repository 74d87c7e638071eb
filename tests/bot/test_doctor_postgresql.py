"""The doctor looks at PostgreSQL and its queue, too."""

from bot.doctor.check import State
from bot.doctor.database import database
from tests.postgres import Cluster


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
