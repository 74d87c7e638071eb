"""A database of revision 0002, with rows in every table, loses nothing on the way to the newest.

revisions/0002.sql was written by the storage methods of its day. There is no way back: downgrades are not promised.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Audit, Entry
from bot.storage.bans import Bans
from bot.storage.broadcasts import Broadcasts
from bot.storage.cases import Cases
from bot.storage.conversations import Conversations
from bot.storage.database import open_database
from bot.storage.directory import Directory
from bot.storage.drafts import Drafts
from bot.storage.feedback import Feedback
from bot.storage.inbox import Inbox
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance, Mode
from bot.storage.moderators import Moderators, Role
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.revisions import newest
from tests.bot.conftest import NOON, url_of
from tests.bot.test_command_line import lentigo

ROOT = Path(__file__).parents[2]
DUMP = Path(__file__).parent / "revisions" / "0002.sql"
ANA, SAM, MO, EVA, OWNER = 500000001, 500000002, 500000003, 500000004, 600000001
Row = dict[str, object]


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of that revision; only looked at."""
    path = tmp_path_factory.mktemp("revision") / "lentigo.db"
    connection = sqlite3.connect(path)
    connection.executescript(DUMP.read_text(encoding="utf-8"))
    connection.close()
    return path


@pytest.fixture(scope="session")
def upgraded_once(before: Path) -> Path:
    path = Path(shutil.copy(before, before.with_name("upgraded.db")))
    done = lentigo(url_of(path), "migrate")
    assert (done.returncode, done.stderr) == (0, "")
    return path


@pytest.fixture
def upgraded(upgraded_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(upgraded_once, tmp_path))


@pytest.fixture
async def upgraded_engine(upgraded: Path) -> AsyncIterator[AsyncEngine]:
    opened = open_database(url_of(upgraded))
    yield opened
    await opened.dispose()


def tables(path: Path) -> dict[str, list[Row]]:
    """Return every row of every table."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'")
    found = {
        name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")]  # noqa: S608
        for (name,) in names.fetchall()
    }
    connection.close()
    return found


def test_the_dump_has_rows_in_every_table(before: Path) -> None:
    assert [name for name, rows in tables(before).items() if not rows] == []


def test_no_row_and_no_value_is_lost(before: Path, upgraded: Path) -> None:
    old, new = tables(before), tables(upgraded)
    for name, rows in old.items():
        assert len(new[name]) == len(rows), name
        for was, now in zip(rows, new[name], strict=True):
            kept = {column: str(now[column]) for column in was}  # columns that can be sealed hold text now
            assert kept == {column: str(value) for column, value in was.items()}, name
    connection = sqlite3.connect(upgraded)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest(),)]
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_upgrading_twice_changes_nothing_more(upgraded: Path) -> None:
    once = tables(upgraded)
    assert lentigo(url_of(upgraded), "migrate").returncode == 0
    assert tables(upgraded) == once


async def test_patients_and_their_photos_are_read(upgraded_engine: AsyncEngine) -> None:
    patients, cases = Patients(upgraded_engine), Cases(upgraded_engine)
    ana = await patients.by_username("@ana_m")
    assert ana is not None
    assert (ana.user_id, ana.first_name, ana.skin_type, ana.invited_by) == (ANA, "Zoë O'Neill", 1, "salzburg")
    assert ana.registered_at == NOON
    assert [one.risk_level for one in await cases.history(ANA, 9)] == ["routine"]
    assert (await cases.history(ANA, 9))[0].probabilities["mel"] == 0.125
    assert len(await cases.promised()) == 1
    assert [case.file_id for case in await cases.open_of(MO)] == ["file-4"]
    assert (await cases.open(SAM, SAM, 99, "file", NOON)) is not None


async def test_what_was_in_hand_goes_on(upgraded_engine: AsyncEngine) -> None:
    (waiting,) = await Inbox(upgraded_engine).unhandled()
    assert (waiting.update_id, waiting.lane, waiting.retries) == (901, SAM, 1)
    assert await Conversations(upgraded_engine).all("dialogue") == {(SAM, SAM): 2}
    assert await Drafts(upgraded_engine).get(MO) == {"step": "text", "text": "half written"}
    broadcasts = Broadcasts(upgraded_engine)
    broadcast = await broadcasts.get_open()
    assert broadcast is not None
    assert (broadcast.announcement.text, broadcast.progress_message_id) == ("News", 60)
    assert await broadcasts.in_doubt(broadcast.broadcast_id) == [(ANA, 70)]
    assert await broadcasts.waiting(broadcast.broadcast_id, 9) == [MO]
    pause = await Maintenance(upgraded_engine).pause()
    assert pause is not None
    assert (pause.mode, pause.since) == (Mode.WAIT, NOON)


async def test_what_moderators_did_still_holds(upgraded_engine: AsyncEngine) -> None:
    assert await Moderators(upgraded_engine, {OWNER}).role(MO) is Role.MODERATOR
    ban = await Bans(upgraded_engine).of(EVA, NOON)
    assert ban is not None
    assert (ban.reason, ban.until) == ("rude; in two\nlines", NOON + timedelta(days=3650))
    feedback = Feedback(upgraded_engine)
    assert [message.text for message in await feedback.waiting(9)] == ["¿Cuándo?"]
    answered = await feedback.by_copy(MO, 51)
    assert answered is not None
    assert (answered.text, answered.answer) == ("Thank you: “well done” — 100 %", "You're welcome")
    changes = await Directory(upgraded_engine).changes()
    assert changes == {"key1": {"name": "Dr. Grün", "latitude": 47.8, "longitude": 13.0}, "key2": None}
    audit = Audit(upgraded_engine)
    assert [entry.action for entry in await audit.page(9)] == [
        *("maintenance", "directory", "broadcast", "ban", "inbox", "grant")
    ]
    await audit.record(Entry(MO, "stats", NOON))
    assert (await audit.page(1))[0].entry_id == 7
    (incident,) = await Incidents(upgraded_engine, lambda: NOON).latest(9)
    assert incident.kind == "ValueError"


async def test_receipts_and_erasing_still_work(upgraded: Path, upgraded_engine: AsyncEngine) -> None:
    (row,) = tables(upgraded)["erasures"]
    records = Records(upgraded_engine)
    assert await records.erasure(str(row["receipt"])) is not None
    await records.erase(ANA, "another request", datetime.now(UTC))
    left = [name for name, rows in tables(upgraded).items() if any(ANA in one.values() for one in rows)]
    assert left == []
