"""What is saved is what comes back, and nothing is lost on the way."""

import asyncio
import re
import shutil
import sqlite3
import stat
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import BackupError, SettingsError
from bot.storage.audit import Entry
from bot.storage.backup import back_up, restore
from bot.storage.broadcasts import Announcement, Broadcasts, State
from bot.storage.database import migrate, open_database
from bot.storage.drafts import Drafts
from bot.storage.notes import LOOKED_AT, Notes
from bot.storage.patients import Patients
from bot.storage.revisions import newest
from bot.storage.tables import patients
from tests.bot.conftest import NOON, url_of
from tests.bot.test_command_line import lentigo

ANA, SAM = 512_345_678, 512_345_679


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


async def begins_to_send(engine: AsyncEngine) -> None:
    """Let a broadcast be sent to Ana, who does not have it yet."""
    await Patients(engine).speak(ANA, "en", NOON)
    consented = patients.update().values(registered_at=NOON, consent_version="1")
    async with engine.begin() as connection:
        await connection.execute(consented)
    await Drafts(engine).put(SAM, {})
    by, broadcasts = Entry(SAM, "broadcast", NOON), Broadcasts(engine)
    broadcast_id = await broadcasts.start(Announcement("News", []), None, "en", frozenset(), by)
    assert broadcast_id is not None
    assert await broadcasts.waiting(broadcast_id, 9) == [ANA]
    await Notes(engine).write(LOOKED_AT, NOON.isoformat())


async def assert_nobody_gets_it_again(engine: AsyncEngine) -> None:
    broadcast = await Broadcasts(engine).get_open()  # the moderator hears of its end
    assert broadcast is not None
    assert broadcast.state is State.CANCELLED
    assert await Broadcasts(engine).waiting(broadcast.broadcast_id, 9) == []
    assert await Notes(engine).get(LOOKED_AT) is None  # nobody is told that the service was away since


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    """A file; test_backup_postgresql.py has the other database."""
    return url_of(Path(shutil.copy(migrated, tmp_path)))


@pytest.fixture
async def saved(engine: AsyncEngine, database_url: str, tmp_path: Path) -> Path:
    """A backup with Ana in it."""
    await Patients(engine).speak(ANA, "en", NOON)
    return back_up(database_url, tmp_path / "saved", NOON)


async def test_backup_brings_everybody_back(saved: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    target = tmp_path / "elsewhere" / "lentigo.db"
    await asyncio.to_thread(restore, url_of(target), saved, NOON, is_replacing=False)
    engine = open_database(url_of(target))
    assert await Patients(engine).get(ANA) is not None
    await engine.dispose()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name or "restored" in path.name] == []


async def test_backup_while_the_bot_writes_is_of_one_moment(database_url: str, tmp_path: Path) -> None:
    path, is_over = Path(database_url.removeprefix("sqlite+aiosqlite:///")), threading.Event()
    written = threading.Event()

    def write_pairs() -> None:
        connection = sqlite3.connect(path, timeout=30)
        for number in range(100_000):
            with connection:
                connection.execute("INSERT INTO facts VALUES (?, zeroblob(3000))", [f"a{number}"])
                connection.execute("INSERT INTO facts VALUES (?, '')", [f"b{number}"])
            written.set()
            if is_over.is_set():
                break
        connection.close()

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        assert written.wait(30)
        for number in range(5):
            saved = back_up(database_url, tmp_path / f"saved{number}", NOON)
            counts = "SELECT count(*) FILTER (WHERE name LIKE 'a%'), count(*) FILTER (WHERE name LIKE 'b%') FROM facts"
            ((firsts, seconds),) = rows(saved, counts)
            assert firsts == seconds
            assert isinstance(firsts, int)
            assert firsts > 0
    finally:
        is_over.set()
        writer.join()


async def test_database_with_people_is_replaced_only_on_request(
    saved: Path, engine: AsyncEngine, database_url: str
) -> None:
    patients = Patients(engine)
    await patients.speak(SAM, "es", NOON)
    with pytest.raises(BackupError, match="There are 2 people"):
        await asyncio.to_thread(restore, database_url, saved, NOON, is_replacing=False)
    with pytest.raises(BackupError, match="in use: stop the bot"):
        await asyncio.to_thread(restore, database_url, saved, NOON, is_replacing=True)
    assert await patients.get(SAM) is not None
    await engine.dispose()
    await asyncio.to_thread(restore, database_url, saved, NOON, is_replacing=True)
    assert (await patients.get(ANA) is not None, await patients.get(SAM)) == (True, None)
    path = Path(database_url.removeprefix("sqlite+aiosqlite:///"))
    assert rows(path.with_name(f"{path.name}.before-restore"), "SELECT count(*) FROM patients") == [(2,)]


async def test_restore_refuses_while_the_database_of_before_an_earlier_one_lies_there(
    saved: Path, engine: AsyncEngine, database_url: str
) -> None:
    await Patients(engine).speak(SAM, "es", NOON)
    await engine.dispose()
    await asyncio.to_thread(restore, database_url, saved, NOON, is_replacing=True)
    path = Path(database_url.removeprefix("sqlite+aiosqlite:///"))
    before, there = path.with_name(f"{path.name}.before-restore"), path.read_bytes()
    with pytest.raises(BackupError, match=r"before-restore .* move or erase it"):
        await asyncio.to_thread(restore, database_url, saved, NOON, is_replacing=True)
    assert path.read_bytes() == there
    assert rows(before, "SELECT count(*) FROM patients") == [(2,)]
    before.unlink()
    await asyncio.to_thread(restore, database_url, saved, NOON, is_replacing=True)
    assert rows(before, "SELECT count(*) FROM patients") == [(1,)]


async def test_broadcast_that_was_being_sent_is_not_sent_again(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    await begins_to_send(engine)
    saved = back_up(database_url, tmp_path / "saved", NOON)
    done = await asyncio.to_thread(lentigo, url_of(tmp_path / "new.db"), "restore", str(saved))
    assert (done.returncode, done.stderr) == (0, "")
    assert "A broadcast was being sent" in done.stdout
    restored = open_database(url_of(tmp_path / "new.db"))
    await assert_nobody_gets_it_again(restored)
    await restored.dispose()


async def test_damaged_database_is_what_a_backup_is_for(saved: Path, tmp_path: Path) -> None:
    target = tmp_path / "damaged.db"
    target.write_bytes(b"no database" * 1000)
    with pytest.raises(BackupError, match="is damaged: --replace"):
        await asyncio.to_thread(restore, url_of(target), saved, NOON, is_replacing=False)
    await asyncio.to_thread(restore, url_of(target), saved, NOON, is_replacing=True)
    assert rows(target, "SELECT user_id FROM patients") == [(ANA,)]


@pytest.mark.parametrize(("mode", "log"), [("WAL", "-wal"), ("DELETE", "-journal")])
async def test_log_of_a_file_that_is_gone_is_not_taken_for_the_backups(
    saved: Path, engine: AsyncEngine, database_url: str, tmp_path: Path, mode: str, log: str
) -> None:
    await engine.dispose()
    path, target = Path(database_url.removeprefix("sqlite+aiosqlite:///")), tmp_path / "gone.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("PRAGMA cache_size=1")  # so that a transaction writes into the file before its end
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO facts VALUES (?, zeroblob(3000))", [(f"a{number}",) for number in range(99)])
    connection.execute("COMMIT")
    connection.execute("BEGIN")
    connection.execute("UPDATE facts SET value = ''")
    shutil.copy(f"{path}{log}", f"{target}{log}")  # as a kill leaves it
    connection.close()
    assert Path(f"{target}{log}").stat().st_size > 3000
    await asyncio.to_thread(restore, url_of(target), saved, NOON, is_replacing=False)
    assert rows(target, "PRAGMA integrity_check") == [("ok",)]
    assert rows(target, "SELECT user_id FROM patients") == [(ANA,)]
    assert rows(target, "SELECT count(*) FROM facts WHERE name LIKE 'a%'") == [(0,)]
    assert Path(f"{target}.before-restore{log}").stat().st_size > 3000  # for who finds the file that it belongs to
    with pytest.raises(BackupError, match="before-restore"):  # no other database is put beside it
        await asyncio.to_thread(restore, url_of(target), saved, NOON, is_replacing=True)


async def test_backup_of_a_newer_program_is_refused(saved: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(saved)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(BackupError, match=r"newer program .* 9999"):
        await asyncio.to_thread(restore, url_of(tmp_path / "new.db"), saved, NOON, is_replacing=True)
    assert not (tmp_path / "new.db").exists()


def test_backup_of_an_older_program_is_brought_up_to_date(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    migrate(url_of(old), "0001")
    connection = sqlite3.connect(old)
    with connection:
        connection.execute("INSERT INTO patients (user_id, language, created_at) VALUES (7, 'es', '2026-11-23')")
    connection.close()
    restore(url_of(tmp_path / "new.db"), back_up(url_of(old), tmp_path / "saved", NOON), NOON, is_replacing=False)
    assert rows(tmp_path / "new.db", "SELECT user_id, username FROM patients") == [(7, None)]
    assert rows(tmp_path / "new.db", "SELECT version_num FROM alembic_version") == [(newest(),)]
    assert rows(old, "SELECT version_num FROM alembic_version") == [("0001",)]


@pytest.mark.parametrize("content", [b"", b"holiday", b"PGDMP" + b"\0" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_backup_changes_nothing(database_url: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(BackupError, match=r"is no backup|is a backup of postgresql|is damaged"):
        restore(database_url, file, NOON, is_replacing=True)
    with pytest.raises(BackupError, match="can't be read"):
        restore(database_url, tmp_path / "nothing", NOON, is_replacing=True)


async def test_failed_backup_leaves_the_last_one_alone(saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(SettingsError, match="there is no database at"):
        back_up(url_of(tmp_path / "nothing.db"), saved, NOON)
    damaged = Path(shutil.copy(saved, tmp_path / "damaged.db"))
    raw = bytearray(damaged.read_bytes())
    raw[8192:12288] = b"\xff" * 4096
    damaged.write_bytes(raw)
    with pytest.raises(BackupError, match=rf"{re.escape(str(damaged))} is damaged|can't be saved"):
        back_up(url_of(damaged), saved, NOON)
    assert saved.read_bytes() == before
    with pytest.raises(BackupError, match="can't be written"):
        back_up(url_of(damaged), tmp_path / "nowhere" / "saved", NOON)


def test_folder_keeps_the_latest(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "other.txt").touch()
    for days in range(4):
        back_up(database_url, folder, NOON + timedelta(days=days), keep=2)
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["lentigo-20261125T120000Z.backup", "lentigo-20261126T120000Z.backup", "other.txt"]


def test_folder_keeps_the_new_one_though_the_clock_had_been_ahead(database_url: str, tmp_path: Path) -> None:
    for days in (0, 300, 301):
        back_up(database_url, tmp_path, NOON + timedelta(days=days), keep=2)
    for days in (1, 2):
        file = back_up(database_url, tmp_path, NOON + timedelta(days=days), keep=2)
        assert file.exists()
    kept = sorted(path.name for path in tmp_path.glob("*.backup"))
    assert kept == ["lentigo-20261124T120000Z.backup", "lentigo-20261125T120000Z.backup"]


def test_folder_that_is_not_there_is_no_file_where_older_ones_were_to_go(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is no folder, and --keep needs one"):
        back_up(database_url, tmp_path / "backups", NOON, keep=2)
    assert not (tmp_path / "backups").exists()


def test_database_from_before_the_notes_can_be_saved(tmp_path: Path) -> None:
    migrate(url_of(tmp_path / "old.db"), "0001")
    done = lentigo(url_of(tmp_path / "old.db"), "backup", str(tmp_path / "saved"))
    assert done.returncode == 0
    assert rows(tmp_path / "saved", "SELECT version_num FROM alembic_version") == [("0001",)]


def test_operator_saves_and_restores_by_command(database_url: str, tmp_path: Path) -> None:
    done = lentigo(database_url, "backup", str(tmp_path / "saved"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Saved and verified" in done.stdout
    path = Path(database_url.removeprefix("sqlite+aiosqlite:///"))
    ((noted,),) = rows(path, "SELECT value FROM facts WHERE name = 'backed_up_at'")
    assert datetime.fromisoformat(str(noted)).tzinfo is not None
    done = lentigo(url_of(tmp_path / "new.db"), "restore", str(tmp_path / "saved"))
    assert (done.returncode, done.stderr) == (0, "")
    done = lentigo(database_url, "restore", str(tmp_path / "nothing"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "can't be read" in done.stderr
    for wrong in ("0", "two"):
        done = lentigo(database_url, "backup", str(tmp_path), "--keep", wrong)
        assert done.returncode == 2
        assert done.stderr.endswith("argument --keep: must be a whole number above 0\n")
