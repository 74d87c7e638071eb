"""What PostgreSQL's programs save is what they bring back."""

import asyncio
import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from bot.doctor.check import State
from bot.doctor.database import database
from bot.errors import BackupError, SettingsError
from bot.libpq import conninfo
from bot.storage.backup import back_up, restore
from bot.storage.backup_postgresql import _environment
from bot.storage.database import migrate, open_database
from bot.storage.patients import Patients
from bot.storage.restored import Restoration
from bot.storage.revisions import newest
from tests.bot.conftest import NOON
from tests.bot.test_backup import assert_nobody_gets_it_again, begins_to_send
from tests.bot.test_command_line import ROOT, lentigo
from tests.postgres import USER, Cluster

ANA, SAM = 512_345_678, 512_345_679


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with connected(url) as connection:
        return connection.execute(query.encode()).fetchall()


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(conninfo(url))


async def meets(url: str, *user_ids: int) -> None:
    engine = open_database(url)
    for user_id in user_ids:
        await Patients(engine).speak(user_id, "en", NOON)
    await engine.dispose()


@pytest.fixture
async def saved(postgres: Cluster, tmp_path: Path) -> Path:
    """A backup with Ana in it."""
    url = postgres.fresh()
    await meets(url, ANA)
    return await asyncio.to_thread(back_up, url, tmp_path / "saved", NOON)


async def test_backup_brings_everybody_back_with_the_triggers(saved: Path, postgres: Cluster) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    url = postgres.fresh(is_migrated=False)
    await asyncio.to_thread(restore, url, saved, NOON, is_replacing=False)
    assert rows(url, "SELECT user_id FROM patients") == [(ANA,)]
    assert rows(url, "SELECT version_num FROM alembic_version") == [(newest(),)]
    assert rows(url, "SELECT to_regnamespace('before_restore')") == [(None,)]
    with pytest.raises(psycopg.IntegrityError):
        rows(
            url,
            "INSERT INTO audit (at, actor, action, details) VALUES (now(), 'a', 'b', 'c'); "
            "DELETE FROM audit RETURNING 1",
        )


async def test_database_with_people_is_replaced_only_on_request_and_at_rest(saved: Path, postgres: Cluster) -> None:
    url = postgres.fresh()
    await meets(url, ANA, SAM)
    with pytest.raises(BackupError, match="There are 2 people"):
        await asyncio.to_thread(restore, url, saved, NOON, is_replacing=False)
    with connected(url), pytest.raises(BackupError, match="in use: stop the bot"):
        await asyncio.to_thread(restore, url, saved, NOON, is_replacing=True)
    await asyncio.to_thread(restore, url, saved, NOON, is_replacing=True)
    assert rows(url, "SELECT user_id FROM patients") == [(ANA,)]


def test_server_that_only_lets_read_can_be_saved(postgres: Cluster, tmp_path: Path) -> None:
    url = f"{postgres.fresh()}?options=-c%20default_transaction_read_only%3Don"
    done = lentigo(url, "backup", str(tmp_path / "saved"))
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "Saved and verified")
    assert done.stderr == "The backup could not be noted in the database\n"


async def test_broadcast_that_was_being_sent_is_not_sent_again(postgres: Cluster, tmp_path: Path) -> None:
    url, target = postgres.fresh(), postgres.fresh(is_migrated=False)
    engine, restored = open_database(url), open_database(target)
    await begins_to_send(engine)
    await engine.dispose()
    saved = await asyncio.to_thread(back_up, url, tmp_path / "saved", NOON)
    done = await asyncio.to_thread(restore, target, saved, NOON, is_replacing=False)
    assert done == Restoration(1, knows_since=False)
    await assert_nobody_gets_it_again(restored)
    await restored.dispose()


async def test_restore_that_fails_leaves_what_was_there(saved: Path, postgres: Cluster) -> None:
    url = postgres.fresh()
    await meets(url, SAM)
    raw = saved.read_bytes()
    saved.write_bytes(raw[: len(raw) * 9 // 10])
    with pytest.raises(BackupError, match=r"pg_restore failed|is no backup"):
        await asyncio.to_thread(restore, url, saved, NOON, is_replacing=True)
    assert rows(url, "SELECT user_id FROM patients") == [(SAM,)]


async def test_bot_does_not_start_on_what_a_restore_that_was_cut_off_left(saved: Path, postgres: Cluster) -> None:
    url = postgres.fresh()
    await meets(url, SAM)
    with connected(url) as connection:
        connection.execute("ALTER SCHEMA public RENAME TO before_restore; CREATE SCHEMA public")
    with pytest.raises(SettingsError, match="a restore was cut off") as caught:
        await asyncio.to_thread(migrate, url)
    assert rows(url, "SELECT to_regclass('public.patients')") == [(None,)]
    with pytest.raises(BackupError, match="a restore was cut off"):
        await asyncio.to_thread(restore, url, saved, NOON, is_replacing=True)
    assert (await database(url))[0].state is State.FAILED
    with connected(url) as connection:
        connection.execute(str(caught.value).partition("in psql: ")[2].encode())
    await asyncio.to_thread(migrate, url)
    assert rows(url, "SELECT user_id FROM patients") == [(SAM,)]


async def test_backup_of_a_newer_program_is_refused(postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.fresh()
    rows(url, "UPDATE alembic_version SET version_num = '9999' RETURNING 1")
    saved = await asyncio.to_thread(back_up, url, tmp_path / "saved", NOON)
    with pytest.raises(BackupError, match=r"newer program .* 9999"):
        await asyncio.to_thread(restore, postgres.fresh(), saved, NOON, is_replacing=True)


def test_missing_program_is_named(postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is missing"):
        back_up(postgres.fresh(), tmp_path / "saved", NOON)
    assert list(tmp_path.iterdir()) == []


async def test_only_an_earlier_backup_is_replaced(saved: Path, postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.fresh()
    await meets(url, ANA, SAM)
    before = saved.read_bytes()
    assert await asyncio.to_thread(back_up, url, saved, NOON) == saved
    assert saved.read_bytes() != before
    (tmp_path / "lentigo.db").write_bytes(b"SQLite format 3\0" + b"\0" * 99)  # the one from before the move
    (tmp_path / "half").write_bytes(before[:99])
    for name in ("lentigo.db", "half"):
        there = (tmp_path / name).read_bytes()
        with pytest.raises(BackupError, match="is no earlier backup"):
            await asyncio.to_thread(back_up, url, tmp_path / name, NOON)
        assert (tmp_path / name).read_bytes() == there


def test_password_goes_by_the_environment() -> None:
    told = _environment("postgresql+psycopg://bot:s%40cret@db:5433/lentigo?sslmode=require")
    assert (told["PGPASSWORD"], told["PGHOST"], told["PGPORT"]) == ("s@cret", "db", "5433")
    assert told["PGSSLMODE"] == "require"


async def test_role_that_compose_makes_restores_and_runs_no_command_of_a_forged_backup(
    saved: Path, postgres: Cluster, tmp_path: Path
) -> None:
    """An archive is SQL: what a superuser brings back may run programs on the server."""
    await asyncio.to_thread(_make_keeper, postgres)
    url = postgres.url("keeper").replace(f"//{USER}@", "//keeper@")
    try:
        assert rows(url, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'keeper'") == [(False,)]
        for is_replacing in (False, True):
            await asyncio.to_thread(restore, url, saved, NOON, is_replacing=is_replacing)
            assert rows(url, "SELECT user_id FROM patients") == [(ANA,)]
        forged = await asyncio.to_thread(_forged, postgres.fresh(), tmp_path)
        with pytest.raises(BackupError, match="pg_restore failed"):
            await asyncio.to_thread(restore, url, forged, NOON, is_replacing=True)
        assert rows(url, "SELECT user_id FROM patients") == [(ANA,)]
    finally:
        postgres.drop(url)


def _make_keeper(postgres: Cluster) -> None:
    """Run the script of the container, for a role of another name."""
    script = (ROOT / "ops" / "postgres" / "role.sh").read_text(encoding="utf-8")
    script = script.replace("lentigo", "keeper").replace("ALTER ROLE postgres", f"ALTER ROLE {USER}")
    theirs = {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": "of'its own"}
    environment = os.environ | _environment(postgres.url("postgres")) | theirs
    subprocess.run(["/bin/sh", "-c", script], env=environment, check=True)


def _forged(url: str, folder: Path) -> Path:
    """Make a backup whose view runs a program as it is filled, but for where it was made."""
    name = url.rpartition("/")[2]
    with connected(url) as connection:
        connection.execute(
            "CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN "
            f"IF current_database() <> '{name}' THEN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''true'' '; END IF; "
            "RETURN 1; END $$".encode()
        )
        connection.execute("CREATE MATERIALIZED VIEW public.v AS SELECT public.f()")
    return back_up(url, folder / "forged", NOON)
