"""With keys, nobody who has the database alone can read what somebody wrote or what was said of their skin."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import SealedValueError, SettingsError
from bot.render.export import export
from bot.storage import rotation, tables
from bot.storage.audit import Entry
from bot.storage.bans import Bans
from bot.storage.cases import Cases, KeptAssessment
from bot.storage.database import migrate, open_database
from bot.storage.drafts import Drafts
from bot.storage.facts import server_key
from bot.storage.feedback import Feedback
from bot.storage.inbox import Inbox, StoredUpdate
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.rotation import check_keys, rotate
from bot.storage.sealed import KeyRing, new_key
from tests.bot.conftest import NOON, close

PATIENT = 512_345_678
OLD, NEW = new_key(), new_key()
OLD_NAME, NEW_NAME = KeyRing([OLD]).names[0], KeyRing([NEW]).names[0]
MOLE = KeptAssessment("vasc", "urgent", {"vasc": 0.71234}, "a" * 64)
SECRETS = (
    *("Zacarina", "my secret mole", "an answer about it", "shouted about it", "0.71234", "vasc", "urgent"),
    *("a payload of hers", "the-file-of-hers", "begun by her"),
)


@asynccontextmanager
async def opened(url: str, *keys: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(url, keys)
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
async def old_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A bot that has one key."""
    async with opened(database_url, OLD) as engine:
        await check_keys(engine)
        yield engine


async def live(engine: AsyncEngine, person: int = PATIENT) -> None:
    """Let somebody use everything that keeps something secret."""
    patients, cases, feedback = Patients(engine), Cases(engine), Feedback(engine)
    await patients.speak(person, "en", NOON)
    await patients.call(person, "Zacarina")
    await patients.set_skin_type(person, 3)
    for message_id in (1, 2):
        case = await cases.open(person, person, message_id, "the-file-of-hers", NOON)
        assert case is not None
        if message_id == 1:
            await close(engine, case.case_id, "assessed", NOON, MOLE)
    number = await feedback.add(person, "my secret mole", NOON)
    assert number is not None
    await feedback.close(number, "an answer about it", Entry(1, "inbox-answer", NOON, person))
    await Drafts(engine).put(person, {"clinic": "begun by her"})
    await Bans(engine).ban(person, "shouted about it", None, Entry(1, "ban", NOON, person))
    await Inbox(engine).store([StoredUpdate(person, person, '{"text": "a payload of hers"}')], NOON)


async def is_whole(engine: AsyncEngine, person: int = PATIENT) -> bool:
    """Whether the person is given everything as it was."""
    given = export(await Records(engine).everything(person, NOON), NOON)
    assert given.registration is not None
    assert given.ban is not None
    assert (given.registration.first_name, given.registration.skin_type) == ("Zacarina", 3)
    first, second = given.photos
    assert (first.top_class, first.risk_level, first.probabilities) == ("vasc", "urgent", {"vasc": 0.71234})
    assert (second.file_id, second.probabilities) == ("the-file-of-hers", None)
    assert [(one.text, one.answer) for one in given.feedback] == [("my secret mole", "an answer about it")]
    assert (given.draft, given.ban.reason) == ({"clinic": "begun by her"}, "shouted about it")
    (past,) = await Cases(engine).history(person, 9)
    assert (past.risk_level, past.probabilities) == ("urgent", {"vasc": 0.71234})
    payloads = {update.lane: update.payload for update in await Inbox(engine).unhandled()}
    return payloads[person] == '{"text": "a payload of hers"}'


async def written(engine: AsyncEngine) -> str:
    """All that is in the tables, as it is written there."""
    rows: list[Any] = []
    async with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            rows += await connection.execute(sa.text(f"SELECT * FROM {table.name}"))  # noqa: S608 - names of tables
    return "\n".join(str(tuple(row)) for row in rows)


def found(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


async def test_nothing_secret_is_written_and_everything_is_given(old_engine: AsyncEngine) -> None:
    await live(old_engine)
    assert found(await written(old_engine)) == []
    assert await is_whole(old_engine)


async def test_nothing_secret_stands_in_the_files(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'lentigo.db'}"
    await asyncio.to_thread(migrate, url)
    async with opened(url, OLD) as engine:
        await live(engine)
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert {"lentigo.db", "lentigo.db-wal"} <= set(files)
    assert [(name, secret) for secret in SECRETS for name in files if secret.encode() in files[name]] == []


async def test_key_of_the_fingerprints_is_sealed_with_the_first_key(database_url: str, engine: AsyncEngine) -> None:
    """Who has the database and this key finds out by trying who is banned: ids are few."""
    async with engine.begin() as connection:
        key = await server_key(connection)
    assert key.hex() in await written(engine)
    async with opened(database_url, OLD) as with_old:
        await check_keys(with_old)
        async with with_old.begin() as connection:
            assert await server_key(connection) == key  # also while it is plain
        assert await rotate(with_old) == 1
        assert key.hex() not in await written(with_old)
    async with opened(database_url, NEW, OLD) as both:
        await check_keys(both)
        assert await rotate(both) == 1
        assert await rotate(both) == 0
        assert f"sealed:{OLD_NAME}" not in await written(both)
    async with opened(database_url, NEW) as with_new, with_new.begin() as connection:
        assert await server_key(connection) == key


async def test_new_key_of_the_fingerprints_is_never_written_plain(old_engine: AsyncEngine) -> None:
    async with old_engine.begin() as connection:
        key = await server_key(connection)
    assert key.hex() not in await written(old_engine)
    async with old_engine.begin() as connection:
        assert await server_key(connection) == key


async def test_skin_type_is_not_told_by_what_is_written(old_engine: AsyncEngine) -> None:
    for person in (1, 2):
        await Patients(old_engine).speak(person, "en", NOON)
        await Patients(old_engine).set_skin_type(person, 3)
    async with old_engine.connect() as connection:
        first, second = await connection.scalars(sa.text("SELECT skin_type FROM patients"))
    assert first != second


async def test_without_keys_everything_is_written_as_it_is(engine: AsyncEngine) -> None:
    await live(engine)
    assert found(await written(engine)) == [*SECRETS]


async def test_rows_from_before_there_was_a_key_are_still_read(database_url: str, engine: AsyncEngine) -> None:
    await live(engine)
    async with opened(database_url, OLD) as with_key:
        await live(with_key, PATIENT + 1)
        assert await is_whole(with_key)
        assert await is_whole(with_key, PATIENT + 1)


@pytest.mark.parametrize("words", ["sealed:12345678:gAAAA", "plain:", "plain:sealed:", "sealed:"])
async def test_words_that_look_sealed_are_read_as_they_were_written(
    database_url: str, engine: AsyncEngine, words: str
) -> None:
    """Nobody may put into the database what breaks the reading of it."""
    number = await Feedback(engine).add(7, words, NOON)
    assert number is not None
    async with opened(database_url, OLD) as with_key:
        for one in (engine, with_key):
            message = await Feedback(one).get(number)
            assert message is not None
            assert message.text == words


async def test_same_feedback_twice_is_kept_once(old_engine: AsyncEngine) -> None:
    feedback = Feedback(old_engine)
    assert await feedback.add(7, "hello", NOON) is not None
    assert await feedback.add(7, "hello", NOON) is None
    assert await feedback.add(8, "hello", NOON) is not None


async def test_rotation_leaves_nothing_to_the_old_key(database_url: str, old_engine: AsyncEngine) -> None:
    await live(old_engine)
    async with opened(database_url, NEW, OLD) as both:
        await check_keys(both)
        assert await rotate(both) == 8  # one row in six tables, two cases
        assert f"sealed:{OLD_NAME}" not in await written(both)
        assert await rotate(both) == 0
    async with opened(database_url, NEW) as with_new:
        await check_keys(with_new)
        assert await is_whole(with_new)


async def test_rotation_seals_what_was_plain(database_url: str, engine: AsyncEngine, tmp_path: Path) -> None:
    await live(engine)
    await engine.dispose()
    async with opened(database_url, OLD) as with_key:
        await check_keys(with_key)
        assert await rotate(with_key) == 8
        assert found(await written(with_key)) == []
        files = [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
        assert [secret for secret in SECRETS for file in files if secret.encode() in file] == []
        assert await is_whole(with_key)


async def test_rotation_that_was_killed_goes_on(
    database_url: str, old_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of two: it dies in the third, and everything is read before and after it has gone on."""
    people = range(PATIENT, PATIENT + 6)
    for person in people:
        await live(old_engine, person)
    monkeypatch.setattr(rotation, "_ROWS_AT_ONCE", 2)
    seal_rows, batches = rotation._seal_rows, 0

    async def dying(*arguments: Any) -> None:  # noqa: ANN401 - whatever it is
        nonlocal batches
        batches += 1
        if batches == 3:
            raise KeyboardInterrupt
        await seal_rows(*arguments)

    async with opened(database_url, NEW, OLD) as both:
        await check_keys(both)
        monkeypatch.setattr(rotation, "_seal_rows", dying)
        with pytest.raises(KeyboardInterrupt):
            await rotate(both)
        text = await written(both)
        assert f"sealed:{OLD_NAME}" in text
        assert f"sealed:{NEW_NAME}" in text
        assert all([await is_whole(both, person) for person in people])
        with pytest.raises(SettingsError, match=OLD_NAME):
            async with opened(database_url, NEW) as too_early:
                await check_keys(too_early)
        assert await rotate(both) == 6 * 7 - 4
    async with opened(database_url, NEW) as with_new:
        await check_keys(with_new)
        assert all([await is_whole(with_new, person) for person in people])


async def test_row_that_changes_during_rotation_keeps_the_change(
    database_url: str, old_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(old_engine)
    seal_rows = rotation._seal_rows

    async def renaming(engine: AsyncEngine, table: sa.Table, rows: Any) -> None:  # noqa: ANN401 - likewise
        if table is tables.patients and not renamed:
            renamed.append(PATIENT)
            await Patients(old_engine).call(PATIENT, "Ana")
        await seal_rows(engine, table, rows)

    renamed: list[int] = []
    monkeypatch.setattr(rotation, "_seal_rows", renaming)
    async with opened(database_url, NEW, OLD) as both:
        await check_keys(both)
        await rotate(both)
        patient = await Patients(both).get(PATIENT)
        assert patient is not None
        assert patient.first_name == "Ana"
        assert f"sealed:{OLD_NAME}" not in await written(both)


async def test_missing_key_stops_the_start_and_is_named(database_url: str, old_engine: AsyncEngine) -> None:
    await live(old_engine)
    for keys in ((), (NEW,)):
        async with opened(database_url, *keys) as other:
            with pytest.raises(SettingsError, match=f"ENCRYPTION_KEYS: key {OLD_NAME} is missing"):
                await check_keys(other)
            with pytest.raises(SealedValueError, match=f"key {OLD_NAME}"):
                await Patients(other).get(PATIENT)
    async with opened(database_url, NEW, OLD) as both:
        await check_keys(both)
        assert await is_whole(both)


async def test_rotation_waits_until_the_bot_knows_the_key(database_url: str, old_engine: AsyncEngine) -> None:
    await live(old_engine)
    async with opened(database_url, NEW, OLD) as both:
        with pytest.raises(SettingsError, match="restart the bot"):
            await rotate(both)
    async with opened(database_url) as without:
        with pytest.raises(SettingsError, match="new-key"):
            await rotate(without)


async def test_damaged_value_is_told_from_a_missing_key(old_engine: AsyncEngine) -> None:
    await live(old_engine)
    async with old_engine.begin() as connection:
        damage = "UPDATE patients SET first_name = substr(first_name, 1, 60)"
        await connection.execute(sa.text(damage))
    with pytest.raises(SealedValueError, match="damaged"):
        await Patients(old_engine).get(PATIENT)


async def test_two_databases_in_one_process_do_not_share_their_keys(database_url: str) -> None:
    async with opened(database_url, OLD) as first, opened(database_url, NEW) as second:
        await Patients(first).speak(1, "en", NOON)
        await Patients(first).call(1, "Ana")
        await Patients(second).speak(2, "en", NOON)
        await Patients(second).call(2, "Sam")
        text = await written(first)
    assert (text.count(f"sealed:{OLD_NAME}"), text.count(f"sealed:{NEW_NAME}")) == (1, 1)


def test_json_is_sealed_as_a_whole() -> None:
    ring = KeyRing([OLD])
    assert json.loads(ring.opened(ring.sealed(json.dumps({"a": 1})))) == {"a": 1}
