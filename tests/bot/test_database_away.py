"""A database that can't be used as the bot starts: what may pass is tried again, a wrong setting is not."""

import os
import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from bot.errors import DatabaseAway, SettingsError
from bot.storage.database import migrate, refusal
from tests.bot.test_command_line import lentigo
from tests.postgres import Cluster

AWAY, WRONG = 1, 2  # the status, which systemd goes by


def as_somebody_else(url: str, name: str, database: str = "") -> str:
    address = make_url(url)
    return address.set(username=name, database=database or address.database).render_as_string(hide_password=False)


def test_server_that_takes_no_more_connections_ends_the_start_with_the_status_that_is_tried_again(
    postgres: Cluster,
) -> None:
    url = postgres.fresh()
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string()) as connection:
        connection.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    told = lentigo(as_somebody_else(url, "crowded"), "migrate")
    assert (told.returncode, told.stdout) == (AWAY, "")
    assert told.stderr.startswith("DATABASE_URL: the database can't be used (")
    assert told.stderr.endswith('too many connections for role "crowded").\n')


@pytest.mark.parametrize(("name", "database"), [("nobody", ""), ("lentigo", "nowhere")])
def test_wrong_name_and_wrong_database_are_a_wrong_setting(postgres: Cluster, name: str, database: str) -> None:
    told = lentigo(as_somebody_else(postgres.fresh(), name, database), "migrate")
    assert (told.returncode, told.stdout) == (WRONG, "")
    assert told.stderr.endswith(f'"{database or name}" does not exist).\n')


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (psycopg.OperationalError('FATAL:  password authentication failed for user "bot"'), SettingsError),
        (psycopg.OperationalError("FATAL:  no pg_hba.conf entry for host"), SettingsError),
        (psycopg.OperationalError("fe_sendauth: no password supplied"), SettingsError),
        (psycopg.OperationalError("FATAL:  remaining connection slots are reserved"), DatabaseAway),
        (psycopg.OperationalError("FATAL:  the database system is starting up"), DatabaseAway),
        (psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"), DatabaseAway),
        (psycopg.errors.DiskFull("could not extend file"), DatabaseAway),
    ],
)
def test_what_postgresql_says_tells_what_may_pass(told: psycopg.Error, kind: type[Exception]) -> None:
    error = OperationalError("SELECT 1", None, told)
    assert type(refusal(make_url("postgresql+psycopg://bot@db/lentigo"), error)) is kind


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit of this process")
@pytest.mark.parametrize("is_there", [True, False])
def test_full_disk_may_have_room_again(migrated: Path, tmp_path: Path, *, is_there: bool) -> None:
    path = tmp_path / "lentigo.db"
    if is_there:
        path.write_bytes(migrated.read_bytes())
    with full_disk(), pytest.raises(DatabaseAway, match="DATA_DIR or DATABASE_URL: "):
        migrate(f"sqlite+aiosqlite:///{path}")
    migrate(f"sqlite+aiosqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let this process write to no file beyond its first bytes."""
    before = resource.prlimit(os.getpid(), resource.RLIMIT_FSIZE)
    resource.prlimit(os.getpid(), resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(os.getpid(), resource.RLIMIT_FSIZE, before)


def test_file_that_is_no_database_is_a_wrong_setting(tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(SettingsError, match="file is not a database"):
        migrate(f"sqlite+aiosqlite:///{path}")
