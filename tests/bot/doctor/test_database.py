"""The doctor looks at the database: its file, its version, its log and its keys."""

import hashlib
import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.engine import make_url

from bot.doctor.check import State
from bot.doctor.database import database
from bot.doctor.machine import folder
from bot.storage.database import open_database
from bot.storage.owner import check_bot
from bot.storage.rotation import check_keys
from bot.storage.sealed import new_key
from tests.bot.doctor.examining import states


async def test_missing_database_is_not_made(tmp_path: Path) -> None:
    (check,) = await database(f"sqlite+aiosqlite:///{tmp_path}/lentigo.db")
    assert (check.state, check.words, list(tmp_path.iterdir())) == (State.WARNING, "there is none yet", [])


async def test_damaged_database_fails(tmp_path: Path) -> None:
    (tmp_path / "lentigo.db").write_bytes(b"no database" * 1000)
    (check,) = await database(f"sqlite+aiosqlite:///{tmp_path}/lentigo.db")
    assert check.state is State.FAILED
    assert "restore" in check.advice


async def test_database_that_is_damaged_inside_fails(database_url: str) -> None:
    path = Path(make_url(database_url).database or "")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    raw = bytearray(path.read_bytes())
    raw[8192:12288] = b"\xff" * 4096
    path.write_bytes(raw)
    assert State.FAILED in states(await database(database_url)).values()


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", ".lock"])
async def test_file_that_this_user_may_not_use_is_named(
    database_url: str, monkeypatch: pytest.MonkeyPatch, beside: str
) -> None:
    path = Path(make_url(database_url).database or "")
    forbidden = path.with_name(f"{path.name}{beside}")
    forbidden.touch()
    monkeypatch.setattr(os, "access", lambda asked, _: Path(asked) != forbidden)  # root may use all
    (check,) = await database(database_url)
    assert (check.state, check.words) == (State.FAILED, f"this user may not read and write {forbidden}")
    assert "restore" not in check.advice


@pytest.mark.parametrize(("revision", "state"), [("0001", State.WARNING), ("9999", State.FAILED)])
async def test_database_of_another_version_is_named(database_url: str, revision: str, state: State) -> None:
    with sqlite3.connect(make_url(database_url).database or "") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
    connection.close()
    check = (await database(database_url))[0]
    assert check.state is state
    assert revision in check.words


async def test_large_write_ahead_log_is_warned_of(database_url: str) -> None:
    assert states(await database(database_url))["database, size"] is State.OK
    path = Path(make_url(database_url).database or "")
    reader = sqlite3.connect(path)  # as long as it reads, nobody empties the log
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM facts").fetchall()
    writer = sqlite3.connect(path)
    with writer:
        writer.execute("INSERT INTO facts VALUES ('large', zeroblob(70000000))")
    try:
        assert states(await database(database_url))["database, size"] is State.WARNING
    finally:
        writer.close()
        reader.close()


async def test_file_system_that_only_lets_read_is_told_from_another_users_file(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    (check,) = [one for one in await database(database_url) if one.name == "database, writing"]
    assert (check.state, check.words) == (State.FAILED, "its file system only lets read")
    (tmp_path / "shut.db").write_bytes(b"no database" * 1000)  # as SQLite can't open one without its log there
    (shut,) = await database(f"sqlite+aiosqlite:///{tmp_path}/shut.db")
    for one in (check, shut, folder(tmp_path)):
        assert one.state is State.FAILED
        assert "remount,rw" in one.advice
        assert "only lets read" in one.line


async def test_key_that_is_missing_fails_and_is_named(database_url: str) -> None:
    engine = open_database(database_url, (key := new_key(),))
    await check_keys(engine)
    await engine.dispose()
    assert states(await database(database_url, (key,)))["ENCRYPTION_KEYS"] is State.OK
    check = next(check for check in await database(database_url, (new_key(),)) if check.name == "ENCRYPTION_KEYS")
    assert check.state is State.FAILED
    assert hashlib.sha256(key.encode()).hexdigest()[:8] in check.line


async def test_database_of_another_bot_is_named(database_url: str) -> None:
    engine = open_database(database_url)
    assert "database, bot" not in states(await database(database_url, token="7:a"))
    await check_bot(engine, 7)
    await engine.dispose()
    assert "database, bot" not in states(await database(database_url))
    assert states(await database(database_url, token="7:b"))["database, bot"] is State.OK
    (check,) = [one for one in await database(database_url, token="8:a") if one.name == "database, bot"]
    assert check.state is State.FAILED
    assert "DATABASE_URL" in check.advice
