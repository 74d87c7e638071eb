"""What the database promises."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.address import file_of
from bot.errors import SettingsError
from bot.render.questions import Open, Step
from bot.storage import tables
from bot.storage.cases import Cases, Promised
from bot.storage.conversations import Conversations, Move, write_move
from bot.storage.database import migrate, open_database
from bot.storage.drafts import Drafts
from bot.storage.feedback import Feedback
from bot.storage.inbox import Finished, Inbox, StoredUpdate
from bot.storage.patients import Patients
from tests.bot.conftest import NOON

HELLO = StoredUpdate(10, 7, '{"update_id": 10}')


def test_sqlite_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 26, 0))
    for use in (migrate, open_database):
        with pytest.raises(SettingsError, match=r"3\.35 or newer"):
            use(f"sqlite+aiosqlite:///{tmp_path}/lentigo.db")


async def test_update_is_unhandled_until_it_is_finished(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    assert await inbox.store([HELLO], NOON) == [HELLO]
    assert await inbox.unhandled() == [replace(HELLO, retries=0)]
    await inbox.finish([Finished(10)], NOON)
    assert await inbox.unhandled() == []


async def test_update_that_comes_twice_is_kept_once_and_not_again_when_it_is_handled(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    await inbox.store([HELLO], NOON)
    again = StoredUpdate(11, 7, "{}")
    assert await inbox.store([HELLO, again, again], NOON) == [HELLO, again]
    await inbox.finish([Finished(10)], NOON)
    assert await inbox.store([HELLO], NOON) == []


async def test_handled_update_leaves_neither_content_nor_person_behind(engine: AsyncEngine, tmp_path: Path) -> None:
    inbox = Inbox(engine)
    await inbox.store([StoredUpdate(1, 987654321, '{"text": "a secret about my skin"}')], NOON)
    await inbox.finish([Finished(1)], NOON)
    await inbox.tidy(NOON)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"a secret" not in kept
    async with engine.connect() as connection:
        assert (await connection.execute(sa.select(tables.inbox.c.lane))).scalars().all() == [0]


async def test_update_that_was_begun_anew_7_times_is_suspect(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    await inbox.store([HELLO], NOON)
    suspicions = []
    for _ in range(8):
        suspicions.append((await inbox.unhandled())[0].is_suspect)
        await inbox.retry([10])
    assert suspicions == [False] * 7 + [True]


async def test_update_that_waits_through_many_starts_is_not_suspect(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    await inbox.store([HELLO], NOON)
    assert not any([(await inbox.unhandled())[0].is_suspect for _ in range(100)])


async def test_numbers_of_old_updates_are_forgotten_and_unhandled_ones_are_not(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    await inbox.store([HELLO, StoredUpdate(11, 7, "{}")], NOON)
    await inbox.finish([Finished(10)], NOON)
    await inbox.tidy(NOON + timedelta(hours=49))
    assert await inbox.store([HELLO], NOON) == [HELLO]
    assert [update.update_id for update in await inbox.unhandled()] == [10, 11]


async def test_one_message_opens_one_case_however_often_it_comes(engine: AsyncEngine) -> None:
    cases = Cases(engine)
    first = await cases.open(7, 7, 3, "file", NOON)
    assert first is not None
    assert await cases.open(7, 7, 3, "file", NOON) == first
    await cases.close(first.case_id, "assessed", NOON)
    assert await cases.open(7, 7, 3, "file", NOON) is None


async def test_case_is_due_once_its_answer_is_promised(engine: AsyncEngine) -> None:
    cases = Cases(engine)
    case = await cases.open(7, 7, 3, "file", NOON)
    assert case is not None
    assert await cases.promised() == []
    await cases.promise(case.case_id, 4)
    assert await cases.promised() == [Promised(case.case_id, 0)]
    await cases.close(case.case_id, "blurred", NOON)
    assert await cases.promised() == []


async def test_closed_case_no_longer_leads_to_the_photo(engine: AsyncEngine) -> None:
    cases = Cases(engine)
    case = await cases.open(7, 7, 3, "file", NOON)
    assert case is not None
    await cases.close(case.case_id, "assessed", NOON)
    async with engine.connect() as connection:
        row = (await connection.execute(sa.select(tables.cases))).one()
    assert (row.file_id, row.outcome, row.closed_at) == (None, "assessed", NOON)


async def test_first_registration_date_stays(engine: AsyncEngine) -> None:
    patients = Patients(engine)
    await patients.speak(7, "es", NOON)
    await patients.register(7, NOON)
    await patients.register(7, NOON + timedelta(days=1))
    patient = await patients.get(7)
    assert patient is not None
    assert patient.registered_at == NOON


async def test_moment_without_time_zone_is_refused(engine: AsyncEngine) -> None:
    with pytest.raises(sa.exc.StatementError, match="without time zone"):
        await Patients(engine).speak(7, "en", datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


async def test_conversation_moves_with_the_update_that_moved_it(engine: AsyncEngine) -> None:
    inbox, conversations = Inbox(engine), Conversations(engine)
    await inbox.store([HELLO, StoredUpdate(11, 7, "{}"), StoredUpdate(12, 7, "{}")], NOON)
    await inbox.finish([Finished(10, [Move("registration", (7, 7), 2)])], NOON)
    await inbox.finish([Finished(11, [Move("registration", (7, 7), 3)])], NOON)
    assert await conversations.all("registration") == {(7, 7): 3}
    assert await conversations.all("dermatologists") == {}
    await inbox.finish([Finished(12, [Move("registration", (7, 7), None)])], NOON)
    assert await conversations.all("registration") == {}


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite+aiosqlite:////srv/elsewhere/lentigo.db", Path("/srv/elsewhere/lentigo.db")),
        ("sqlite+aiosqlite:///data/lentigo.db", Path("data/lentigo.db")),
        ("postgresql+psycopg://lentigo:secret@database:5432/lentigo", None),
    ],
)
def test_there_is_a_file_and_none_where_a_server_keeps_everything(url: str, file: Path | None) -> None:
    assert file_of(url) == file


async def test_many_writers_at_once_all_get_through(engine: AsyncEngine) -> None:
    inbox = Inbox(engine)
    updates = [StoredUpdate(number, number % 8, "{}") for number in range(80)]
    await asyncio.gather(*(inbox.store([update], NOON) for update in updates))
    await asyncio.gather(*(inbox.finish([Finished(update.update_id)], NOON) for update in updates))
    assert await inbox.unhandled() == []


async def test_migrations_build_exactly_the_tables_of_the_code(engine: AsyncEngine) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        options = {"include_name": lambda name, *_: not (name or "").startswith("procrastinate_")}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_keeps_the_rows(engine: AsyncEngine, database_url: str) -> None:
    async with engine.begin() as connection:
        await write_move(connection, Move("registration", (7, 7), 2), NOON)
    await asyncio.to_thread(migrate, database_url)
    assert await Conversations(engine).all("registration") == {(7, 7): 2}


def test_rows_of_the_first_release_are_carried_over(tmp_path: Path) -> None:
    path = tmp_path / "lentigo.db"
    migrate(f"sqlite+aiosqlite:///{path}", "0001")
    with sqlite3.connect(path) as connection:
        moment = "2026-11-23 12:00:00.000000"
        rows = {
            "inbox": (1, 7, "{}", 0, moment, None),
            "patients": (7, "en", "2026-11-23", moment, 1, "Sam", 3, moment, moment),
            "cases": (1, 7, 7, 3, None, 4, "assessed", moment, moment),
        }
        for table, row in rows.items():
            connection.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(row))})", row)  # noqa: S608 - constants
        for name, key, state in (("registration", 8, 3), ("dermatologists", 8, 0), ("dermatologists", 7, 0)):
            connection.execute("INSERT INTO conversations VALUES (?, ?, ?)", (name, f"[{key}, {key}]", state))
    connection.close()
    migrate(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT first_name, skin_type, username FROM patients").fetchall() == [
            ("Sam", "3", None)
        ]
        assert connection.execute("SELECT outcome, probabilities FROM cases").fetchall() == [("assessed", None)]
        assert connection.execute("SELECT count(*) FROM inbox").fetchall() == [(1,)]
        stands = connection.execute("SELECT name, key, state FROM conversations ORDER BY key").fetchall()
    connection.close()
    assert stands == [("dialogue", "[7, 7]", Open.PLACE), ("dialogue", "[8, 8]", Step.NAME)]


@pytest.fixture(params=["sqlite", "postgresql"])
def url_of_0002(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as a release without keys made it."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'lentigo.db'}"
    else:
        url = request.getfixturevalue("postgres").fresh(is_migrated=False)
    migrate(url, "0002")
    return url


async def test_rows_from_before_anything_was_sealed_are_carried_over(url_of_0002: str) -> None:
    url = url_of_0002
    engine = open_database(url)
    async with engine.begin() as connection:
        for table, row in _rows_of_0002().items():
            columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
            await connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), row)  # noqa: S608 - constants
    await engine.dispose()
    await asyncio.to_thread(migrate, url)
    patient = await Patients(engine).get(7)
    assert patient is not None
    assert (patient.first_name, patient.skin_type) == ("plain: Sam", 3)
    assert [past.probabilities for past in await Cases(engine).history(7, 9)] == [{"nv": 0.9}]
    assert await Drafts(engine).get(7) == {"clinic": "x"}
    assert [message.text for message in await Feedback(engine).waiting(9)] == ["sealed: what I wrote"]
    async with engine.begin() as connection:
        await connection.execute(tables.cases.delete())
    case = await Cases(engine).open(7, 7, 4, "file", NOON)
    await engine.dispose()
    assert case is not None
    assert case.case_id == 2  # no number is given twice, still


def _rows_of_0002() -> dict[str, dict[str, object]]:
    """Somebody's rows, as a release without keys left them."""
    photo = {"chat_id": 7, "user_id": 7, "message_id": 3, "received_at": str(NOON.replace(tzinfo=None))}
    said = {"outcome": "assessed", "top_class": "nv", "risk_level": "soon", "probabilities": '{"nv": 0.9}'}
    return {
        "patients": {"user_id": 7, "language": "en", "first_name": "plain: Sam", "skin_type": 3}
        | {"created_at": str(NOON.replace(tzinfo=None))},
        "cases": photo | said,
        "drafts": {"user_id": 7, "content": '{"clinic": "x"}'},
        "feedback": {"user_id": 7, "text": "sealed: what I wrote", "sent_at": str(NOON.replace(tzinfo=None))},
    }


def test_migration_that_is_interrupted_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "lentigo.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE conversations (name TEXT)")  # stands in the way of the last table
    connection.close()
    with pytest.raises(SettingsError, match=r"lentigo\.db"):
        migrate(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as connection:
        tables_there = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        connection.execute("DROP TABLE conversations")
    connection.close()
    assert tables_there == [("conversations",)]
    migrate(f"sqlite+aiosqlite:///{path}")


async def test_database_of_a_newer_program_is_refused_with_what_to_do(engine: AsyncEngine, database_url: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(SettingsError, match=r"a newer program made this database\. Run that program"):
        await asyncio.to_thread(migrate, database_url)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write to")
def test_database_that_cannot_be_made_is_named() -> None:
    with pytest.raises(SettingsError, match=r"DATA_DIR or DATABASE_URL: /proc/nope/lentigo\.db"):
        migrate("sqlite+aiosqlite:////proc/nope/lentigo.db")
