"""A backup that takes a database's place does not undo what that one knows to have happened since."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import BackupError
from bot.storage import tables
from bot.storage.audit import Audit, Entry
from bot.storage.backup import back_up, restore
from bot.storage.bans import Bans
from bot.storage.cases import Cases, KeptAssessment
from bot.storage.database import open_database
from bot.storage.drafts import Drafts
from bot.storage.facts import write_fact
from bot.storage.feedback import Feedback
from bot.storage.moderators import Moderators
from bot.storage.notes import LOOKED_AT, Notes
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.restored import Restoration
from bot.storage.rotation import check_keys
from tests.bot.conftest import NOON, close
from tests.bot.test_command_line import lentigo

ANA, SAM, LEA, KIM, MO, PO, OWNER = range(512_345_678, 512_345_685)
DAY = timedelta(days=1)
_KEY = Fernet.generate_key().decode()


async def meets(engine: AsyncEngine, *user_ids: int) -> None:
    """Let people register; whoever writes is looked up among the banned, which makes the key of this database."""
    patients = Patients(engine)
    for user_id in user_ids:
        await Bans(engine).of(user_id, NOON)
        await patients.speak(user_id, "en", NOON)
        await patients.consent(user_id, "1", NOON)
        await patients.set_skin_type(user_id, 3)
        await patients.register(user_id, NOON)


async def save(engine: AsyncEngine, file: Path) -> Path:
    return await asyncio.to_thread(back_up, str(engine.url.render_as_string(hide_password=False)), file, NOON)


async def bring_back(engine: AsyncEngine, file: Path, keys: Iterable[str] = ()) -> Restoration:
    """Restore, as somebody does who misses nothing in what an earlier restore has put aside on SQLite."""
    url = engine.url.render_as_string(hide_password=False)
    await engine.dispose()
    if engine.dialect.name == "sqlite":
        Path(f"{engine.url.database}.before-restore").unlink(missing_ok=True)
    return await asyncio.to_thread(restore, url, file, NOON + DAY, is_replacing=True, keys=tuple(keys))


async def begin_anew(engine: AsyncEngine) -> None:
    """Leave the database as if nobody had ever written."""
    async with engine.begin() as connection:
        for table in (tables.patients, tables.facts):
            await connection.execute(table.delete())


async def people(engine: AsyncEngine) -> set[int]:
    async with engine.connect() as connection:
        return set(await connection.scalars(sa.select(tables.patients.c.user_id)))


async def test_what_happened_since_the_backup_still_holds(engine: AsyncEngine, tmp_path: Path) -> None:
    await meets(engine, ANA, SAM, LEA, KIM)
    moderators, bans, records = Moderators(engine, frozenset({OWNER})), Bans(engine), Records(engine)
    await moderators.grant(MO, Entry(OWNER, "grant", NOON))
    await bans.ban(LEA, "shouting", None, Entry(MO, "ban", NOON))
    await Drafts(engine).put(MO, {"ban": SAM})
    saved = await save(engine, tmp_path / "saved")
    receipt = (await records.erase(ANA, "1", NOON)).receipt
    await records.erase(KIM, "2", NOON)
    await Patients(engine).speak(KIM, "en", NOON + DAY)  # and begins anew
    await records.withdraw(LEA, NOON)
    await moderators.revoke(MO, Entry(OWNER, "revoke", NOON))
    await moderators.grant(PO, Entry(OWNER, "grant", NOON))
    await bans.lift(LEA, Entry(PO, "unban", NOON))
    await bans.ban(SAM, "spam", NOON + 7 * DAY, Entry(PO, "ban", NOON))

    assert await bring_back(engine, saved) == Restoration(0, knows_since=True, erased=2, withdrawn=1)
    assert await people(engine) == {SAM, LEA}
    lea = await Patients(engine).get(LEA)
    assert lea is not None
    assert (lea.consent_version, lea.skin_type) == (None, None)
    assert await moderators.ids() == [OWNER, PO]
    assert await Drafts(engine).get(MO) is None
    assert await Bans(engine).among([SAM, LEA], NOON) == {SAM}
    assert await records.erasure(receipt) is not None


async def test_health_data_of_who_withdrew_and_agreed_again_stays_erased(engine: AsyncEngine, tmp_path: Path) -> None:
    await meets(engine, ANA, SAM)
    for number, user_id in enumerate((ANA, SAM)):
        case = await Cases(engine).open(user_id, user_id, number, "file", NOON)
        assert case is not None
        await close(engine, case.case_id, "assessed", NOON, KeptAssessment("nv", "routine", {"nv": 0.9}, "a" * 64))
    saved = await save(engine, tmp_path / "saved")
    await Records(engine).withdraw(ANA, NOON)
    await Patients(engine).consent(ANA, "1", NOON)
    await bring_back(engine, saved)
    patients, cases = [await Patients(engine).get(one) for one in (ANA, SAM)], Cases(engine)
    assert [one and (one.consent_version, one.skin_type) for one in patients] == [("1", None), ("1", 3)]
    assert [await cases.history_count(one) for one in (ANA, SAM)] == [0, 1]
    async with engine.connect() as connection:
        columns = tables.cases.c.user_id, tables.cases.c.risk_level, tables.cases.c.probabilities
        kept = (await connection.execute(sa.select(*columns).order_by(tables.cases.c.user_id))).all()
    assert kept == [(ANA, None, None), (SAM, "routine", {"nv": 0.9})]


async def test_nothing_tells_any_more_of_a_former_moderator_who_was_erased_since(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    await meets(engine, ANA, SAM)
    await Audit(engine).record(Entry(OWNER, "user", NOON, ANA))
    number = await Feedback(engine).add(SAM, "hello", NOON)
    assert number is not None
    await Feedback(engine).note_copy(number, ANA, 77)
    async with engine.begin() as connection:
        words = {"text": "x", "entities": [], "report_language": "en"}
        values = {"broadcast_id": 1, "chat_id": ANA, "state": "done", "started_at": NOON} | words
        await connection.execute(tables.broadcasts.insert().values(values))
    saved = await save(engine, tmp_path / "saved")
    await Records(engine).erase(ANA, "1", NOON)
    await bring_back(engine, saved)
    async with engine.connect() as connection:
        left = {t.name: (await connection.execute(sa.select(t))).all() for t in tables.metadata.sorted_tables}
    assert str(ANA) not in str(left)
    assert [len(left[name]) for name in ("patients", "feedback", "broadcasts")] == [1, 1, 1]


async def test_audit_still_knows_an_owner_who_was_erased_since(engine: AsyncEngine, tmp_path: Path) -> None:
    await meets(engine, OWNER)
    await Moderators(engine, frozenset({OWNER})).grant(MO, Entry(OWNER, "grant", NOON, MO))
    saved = await save(engine, tmp_path / "saved")
    await Records(engine).erase(OWNER, "1", NOON, is_moderator=True)
    assert (await bring_back(engine, saved)).erased == 1
    async with engine.connect() as connection:
        named = set(await connection.scalars(sa.select(tables.aliases.c.user_id)))
    assert named == {OWNER, MO}


async def test_nobody_is_missing_from_a_database_that_began_anew(engine: AsyncEngine, tmp_path: Path) -> None:
    await meets(engine, ANA, SAM)
    saved = await save(engine, tmp_path / "saved")
    await begin_anew(engine)
    await meets(engine, LEA)
    assert await bring_back(engine, saved) == Restoration(0, knows_since=False)
    assert await people(engine) == {ANA, SAM}


async def test_nobody_is_missing_from_what_an_older_backup_brought_back(engine: AsyncEngine, tmp_path: Path) -> None:
    await meets(engine, ANA)
    older = await save(engine, tmp_path / "older")
    await meets(engine, SAM)
    newer = await save(engine, tmp_path / "newer")
    await bring_back(engine, older)
    assert await bring_back(engine, newer) == Restoration(0, knows_since=False)
    assert await people(engine) == {ANA, SAM}


async def test_nobody_is_missing_from_a_state_of_before_the_backup(engine: AsyncEngine, tmp_path: Path) -> None:
    """As when a whole machine was set back."""
    await meets(engine, ANA, SAM)
    await Notes(engine).write(LOOKED_AT, NOON.isoformat())
    saved = await save(engine, tmp_path / "saved")
    async with engine.begin() as connection:
        await connection.execute(tables.patients.delete().where(tables.patients.c.user_id == SAM))
        await write_fact(connection, LOOKED_AT, (NOON - DAY).isoformat())
    assert await bring_back(engine, saved) == Restoration(0, knows_since=False)
    assert await people(engine) == {ANA, SAM}


async def test_backup_that_is_brought_back_twice_brings_nobody_back_who_was_erased(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    await meets(engine, ANA, SAM)
    await Notes(engine).write(LOOKED_AT, NOON.isoformat())
    saved = await save(engine, tmp_path / "saved")
    await Records(engine).erase(ANA, "1", NOON)
    for erased in (1, 1):
        assert (await bring_back(engine, saved)).erased == erased
    assert await people(engine) == {SAM}


@pytest.fixture
async def sealing(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The database, with a key that seals what is written."""
    opened = open_database(database_url, [_KEY])
    yield opened
    await opened.dispose()


async def test_backup_whose_key_is_missing_changes_nothing(sealing: AsyncEngine, tmp_path: Path) -> None:
    await check_keys(sealing)
    await meets(sealing, ANA)
    saved = await save(sealing, tmp_path / "saved")
    await meets(sealing, SAM)
    for keys in ((), (Fernet.generate_key().decode(),)):
        with pytest.raises(BackupError, match="which ENCRYPTION_KEYS lacks"):
            await bring_back(sealing, saved, keys)
        assert await people(sealing) == {ANA, SAM}
    assert await bring_back(sealing, saved, [_KEY]) == Restoration(0, knows_since=True)
    assert await people(sealing) == {ANA}


async def test_nobody_is_missing_from_a_database_whose_key_is(
    engine: AsyncEngine, sealing: AsyncEngine, tmp_path: Path
) -> None:
    await meets(engine, ANA)
    saved = await save(engine, tmp_path / "saved")
    await begin_anew(engine)
    await check_keys(sealing)
    await meets(sealing, SAM)
    await sealing.dispose()
    assert await bring_back(engine, saved) == Restoration(0, knows_since=False)
    assert await people(engine) == {ANA}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_operator_reads_what_still_holds_and_what_nobody_can_know(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    await meets(engine, ANA)
    moderators = Moderators(engine, frozenset())
    await moderators.grant(MO, Entry(OWNER, "grant", NOON))
    saved = await save(engine, tmp_path / "saved")
    await Records(engine).erase(ANA, "1", NOON)
    await moderators.grant(PO, Entry(OWNER, "grant", NOON))
    await engine.dispose()
    done = await asyncio.to_thread(lentigo, database_url, "restore", str(saved))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 people were erased again" in done.stdout
    assert f"Moderators are: {MO}, {PO}." in done.stdout
    path = tmp_path / "damaged.db"
    path.write_bytes(b"no database" * 1000)
    done = await asyncio.to_thread(lentigo, f"sqlite+aiosqlite:///{path}", "restore", str(saved), "--replace")
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("is back as they were", "/revoke", "/ban", "bot erase", f"Moderators are: {MO}."):
        assert words in done.stdout
