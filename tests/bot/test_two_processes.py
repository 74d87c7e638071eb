"""Two processes over one database: what they write at the same moment, and when they migrate it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import tables
from bot.storage.audit import Audit, Entry
from bot.storage.cases import Cases
from bot.storage.conversations import Conversations, Move
from bot.storage.database import open_database
from bot.storage.drafts import Drafts
from bot.storage.facts import server_key
from bot.storage.feedback import Feedback
from bot.storage.inbox import Finished, Inbox, StoredUpdate
from bot.storage.maintenance import Maintenance, Mode
from bot.storage.patients import Patients
from bot.storage.retention import Deadlines, Retention
from tests.bot.conftest import NOON
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
PERSON = 7_123_456_789  # more than 32 bits, as newer ids at Telegram
TIMES = 6


@pytest.fixture
async def engines(engine: AsyncEngine, database_url: str) -> AsyncIterator[list[AsyncEngine]]:
    """Each writes several times, both at once."""
    other = open_database(database_url)
    yield [engine, other] * TIMES
    await other.dispose()


async def test_updates_are_kept_once(engines: list[AsyncEngine]) -> None:
    updates = [StoredUpdate(number, PERSON, "{}") for number in range(5)]
    turned = updates[::-1]
    await asyncio.gather(
        *(Inbox(one).store(updates if number % 3 else turned, NOON) for number, one in enumerate(engines))
    )
    assert [update.update_id for update in await Inbox(engines[0]).unhandled()] == [0, 1, 2, 3, 4]


async def test_message_opens_one_case(engines: list[AsyncEngine]) -> None:
    opened = await asyncio.gather(*(Cases(one).open(PERSON, PERSON, 3, "file", NOON) for one in engines))
    assert len({case.case_id for case in opened if case}) == 1
    assert None not in opened


async def test_name_at_telegram_is_one_persons(engines: list[AsyncEngine]) -> None:
    people = list(enumerate(engines, PERSON))
    for user_id, one in people:
        await Patients(one).speak(user_id, "en", NOON)
    for name in ("ana", "eva"):
        await asyncio.gather(*(Patients(one).note_name(user_id, name) for user_id, one in people))
        assert await Patients(engines[0]).by_username(name) is not None


async def test_key_of_the_database_is_one(engines: list[AsyncEngine]) -> None:
    async def key(engine: AsyncEngine) -> bytes:
        async with engine.begin() as connection:
            return await server_key(connection)

    assert len(set(await asyncio.gather(*map(key, engines)))) == 1


async def test_turn_of_erasing_is_one_processes(engines: list[AsyncEngine]) -> None:
    every = timedelta(minutes=10)
    turns = [Retention(one, Deadlines(every, every)) for one in engines]
    assert sum(await asyncio.gather(*(one.claim(NOON, every) for one in turns))) == 1


async def test_person_is_met_once(engines: list[AsyncEngine]) -> None:
    await asyncio.gather(*(Patients(one).speak(PERSON, "es", NOON) for one in engines))
    await asyncio.gather(*(Patients(one).note_name(PERSON, "Ana") for one in engines))
    assert await Patients(engines[0]).count() == 1
    found = await Patients(engines[0]).by_username("@ANA")
    assert found is not None
    assert (found.user_id, found.language) == (PERSON, "es")


async def test_person_without_a_name_leaves_others_alone(engine: AsyncEngine) -> None:
    patients = Patients(engine)
    await patients.speak(PERSON, "en", NOON)
    await patients.speak(8, "en", NOON)
    await patients.note_name(8, "Ana")
    await patients.note_name(PERSON, None)
    assert [(one.user_id, one.username) for one in await patients.page(9)] == [(8, "ana"), (PERSON, None)]


async def test_draft_and_place_in_a_conversation_are_the_last_ones(engines: list[AsyncEngine]) -> None:
    await asyncio.gather(*(Drafts(one).put(PERSON, {"ban": PERSON}) for one in engines))
    moves = [Move("dialogue", (PERSON, PERSON), 2)]
    await asyncio.gather(*(Inbox(one).finish([Finished(1, moves)], NOON) for one in engines))
    assert await Drafts(engines[0]).get(PERSON) == {"ban": PERSON}
    assert await Conversations(engines[0]).all("dialogue") == {(PERSON, PERSON): 2}


async def test_people_who_are_met_at_once_have_one_alias_each(engines: list[AsyncEngine]) -> None:
    await asyncio.gather(*(Audit(one).record(Entry(1, "user", NOON, PERSON)) for one in engines))
    entries = await Audit(engines[0]).page(99)
    assert {(entry.actor_id, entry.subject_id) for entry in entries} == {(1, PERSON)}
    assert len(entries) == len(engines)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite says that it is busy, which passes
async def test_feedback_and_maintenance_are_noted_once(engines: list[AsyncEngine]) -> None:
    added = await asyncio.gather(*(Feedback(one).add(PERSON, "Hello", NOON) for one in engines))
    assert sum(number is not None for number in added) == 1
    by = Entry(1, "maintenance", NOON)
    await asyncio.gather(*(Maintenance(one).begin(Mode.WAIT, by) for one in engines))
    assert [entry.action for entry in await Audit(engines[0]).page(9)] == ["maintenance"]


async def test_copy_of_feedback_is_noted_by_large_numbers(engine: AsyncEngine) -> None:
    feedback = Feedback(engine)
    number = await feedback.add(PERSON, "Hello", NOON)
    assert number is not None
    assert await feedback.note_copy(number, PERSON, 2**40)
    assert not await feedback.note_copy(number + 1, PERSON, 1)
    assert await feedback.copies_of(PERSON) == [(PERSON, 2**40)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_that_start_at_once_migrate_one_after_the_other(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'lentigo.db'}"
    if kind == "postgresql":
        cluster = request.getfixturevalue("postgres")
        assert isinstance(cluster, Cluster)
        url = cluster.fresh(is_migrated=False)
    command = [sys.executable, "-m", "bot", "migrate"]
    started = [subprocess.Popen(command, cwd=ROOT, env={"DATABASE_URL": url}, stderr=subprocess.PIPE) for _ in range(3)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in started]
    assert ended == [(b"", 0)] * 3
    engine = sa.create_engine(url.replace("+aiosqlite", ""))
    assert sa.inspect(engine).has_table(tables.directory_changes.name)
    engine.dispose()
