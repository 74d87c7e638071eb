"""What an operator types: python -m bot …"""

import json
import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.__main__ import _erased, _with_engine
from bot.errors import DatabaseAway, SealedValueError
from bot.render.questions import Step
from bot.storage.audit import Audit, Entry
from bot.storage.bans import Bans
from bot.storage.conversations import Move, write_move
from bot.storage.database import migrate, open_database
from bot.storage.moderators import Moderators
from bot.storage.patients import Patients
from bot.storage.rotation import check_keys
from bot.storage.tables import erasures
from tests.bot.conftest import NOON

ROOT = Path(__file__).parents[2]
PATIENT, OWNER = 512_345_678, 600_000_001


def lentigo(url: str, *words: str, keys: str = "", owner_ids: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *words]
    environment = {"DATABASE_URL": url, "ENCRYPTION_KEYS": keys, "OWNER_IDS": owner_ids}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        umask=0o022,  # as a shell has it
    )


async def test_operator_erases_somebody_and_the_receipt_tells_when(engine: AsyncEngine, database_url: str) -> None:
    patients = Patients(engine)
    await patients.speak(PATIENT, "en", NOON)
    erased = lentigo(database_url, "erase", str(PATIENT))
    assert (erased.returncode, await patients.get(PATIENT)) == (0, None)
    receipt = re.search(r"Receipt (\S+): 1 of patients", erased.stdout)
    assert receipt
    checked = lentigo(database_url, "receipt", receipt[1])
    assert checked.returncode == 0
    assert re.match(r"On \d{4}-\d\d-\d\d every row of one person was erased: 1 of patients", checked.stdout)
    assert str(PATIENT) not in checked.stdout


async def test_id_that_nobody_has_erases_nothing_and_gets_no_receipt(engine: AsyncEngine, database_url: str) -> None:
    await Patients(engine).speak(PATIENT, "en", NOON)
    mistyped = lentigo(database_url, "erase", "424242")
    assert (mistyped.returncode, mistyped.stdout) == (1, "")
    assert mistyped.stderr == "Nobody here has the id 424242; nothing was erased.\n"
    async with engine.connect() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(erasures)) == 0
    assert await Patients(engine).get(PATIENT) is not None
    assert lentigo(database_url, "erase", str(PATIENT)).returncode == 0
    assert lentigo(database_url, "erase", str(PATIENT)).returncode == 1


async def test_erasing_that_was_committed_before_the_line_broke_gives_its_receipt(engine: AsyncEngine) -> None:
    await Patients(engine).speak(PATIENT, "en", NOON)
    first = await _erased(engine, PATIENT, "request", NOON)
    assert first is not None
    assert await _erased(engine, PATIENT, "request", NOON) == first


async def test_whoever_was_banned_without_having_written_can_be_erased(engine: AsyncEngine) -> None:
    await Bans(engine).ban(PATIENT, "Sold creams", None, Entry(OWNER, "ban", NOON))
    assert await _erased(engine, PATIENT, "request", NOON) is not None
    held = await Bans(engine).of(PATIENT, NOON)
    assert held is not None
    assert held.reason == ""


async def test_whoever_only_has_a_question_open_can_be_erased(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await write_move(connection, Move("dialogue", (PATIENT, PATIENT), Step.LANGUAGE), NOON)
    erasure = await _erased(engine, PATIENT, "request", NOON)
    assert erasure is not None
    assert erasure.counts["conversations"] == 1


async def test_whoever_only_has_an_alias_in_the_audit_can_be_erased(engine: AsyncEngine) -> None:
    await Audit(engine).record(Entry(OWNER, "user", NOON, PATIENT))
    assert await _erased(engine, PATIENT, "request", NOON) is not None
    assert [(one.actor_id, one.subject_id) for one in await Audit(engine).page(9)] == [(OWNER, None)]


@pytest.mark.parametrize("word", ["0", "-5", "@ana", "12a", str(2**52), "9" * 20])
def test_what_is_no_id_is_not_erased(database_url: str, word: str) -> None:
    refused = lentigo(database_url, "erase", "--", word)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "must be a number above 0" in refused.stderr


async def test_moderator_is_erased_only_once_the_role_is_taken_away(engine: AsyncEngine, database_url: str) -> None:
    patients, moderators = Patients(engine), Moderators(engine, frozenset())
    await patients.speak(PATIENT, "en", NOON)
    await moderators.grant(PATIENT, Entry(OWNER, "grant", NOON))
    for user_id in (PATIENT, OWNER):
        refused = lentigo(database_url, "erase", str(user_id), owner_ids=str(OWNER))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"/revoke {user_id}" in refused.stderr
    assert await patients.get(PATIENT) is not None
    await moderators.revoke(PATIENT, Entry(OWNER, "revoke", NOON))
    assert lentigo(database_url, "erase", str(PATIENT), owner_ids=str(OWNER)).returncode == 0


def test_database_and_its_folder_are_for_their_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "lentigo.db"
    assert lentigo(f"sqlite+aiosqlite:///{path}", "migrate").returncode == 0
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (path.parent, *path.parent.iterdir())}
    assert modes == {"data": 0o700, "lentigo.db": 0o600}


async def test_operator_is_told_of_a_database_that_takes_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(_engine: AsyncEngine) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise OperationalError("UPDATE", None, error)

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("bot.__main__._PATIENCE_S", 0.3)
    with pytest.raises(DatabaseAway, match=r"DATABASE_URL: .* \(database or disk is full\)"):
        await _with_engine(write)


def test_receipt_that_was_never_given_is_refused(database_url: str) -> None:
    checked = lentigo(database_url, "receipt", "0000-0000-0000-0000-0000")
    assert (checked.returncode, checked.stdout) == (1, "")
    assert "never gave" in checked.stderr


def test_receipt_is_not_looked_up_in_a_database_that_would_have_to_be_changed_first(tmp_path: Path) -> None:
    missing, old = tmp_path / "missing.db", tmp_path / "old.db"
    migrate(f"sqlite+aiosqlite:///{old}", "0001")
    before = old.read_bytes()
    for path in (missing, old):
        refused = lentigo(f"sqlite+aiosqlite:///{path}", "receipt", "0000-0000-0000-0000-0000")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "python -m bot migrate" in refused.stderr
    assert (missing.exists(), old.read_bytes()) == (False, before)


@pytest.mark.parametrize(
    "words", [("erase", "424242"), ("rotate-keys",), ("receipt", "0"), ("copy", "--to", "NEW_DATABASE")]
)
def test_where_there_is_no_database_none_is_made_and_nobody_is_said_to_be_missing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    settings = {"DATA_DIR": str(tmp_path / "data"), "NEW_DATABASE": f"sqlite+aiosqlite:///{tmp_path}/new.db"}
    command = [sys.executable, "-m", "bot", *words]
    refused = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"DATA_DIR or DATABASE_URL: there is no database at {tmp_path}/data/lentigo.db. ")
    assert list(tmp_path.iterdir()) == []


def test_database_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checked = lentigo(f"sqlite+aiosqlite:///{tmp_path}/file/lentigo.db", "receipt", "0")
    assert checked.returncode == 2
    assert "DATA_DIR or DATABASE_URL" in checked.stderr


def test_published_schema_is_that_of_the_code() -> None:
    published = json.loads((ROOT / "docs" / "export.schema.json").read_text(encoding="utf-8"))
    assert json.loads(lentigo("", "schema").stdout) == published


async def test_new_key_seals_what_was_plain(engine: AsyncEngine, database_url: str) -> None:
    patients = Patients(engine)
    await patients.speak(PATIENT, "en", NOON)
    await patients.call(PATIENT, "Zacarina")
    key = lentigo("", "new-key").stdout.strip()
    too_early = lentigo(database_url, "rotate-keys", keys=key)
    assert (too_early.returncode, "restart the bot" in too_early.stderr) == (2, True)
    with_key = open_database(database_url, [key])
    await check_keys(with_key)  # as the bot does when it starts
    await with_key.dispose()
    done = lentigo(database_url, "rotate-keys", keys=key)
    assert (done.returncode, done.stdout.split(" ")[0]) == (0, "1")
    with pytest.raises(SealedValueError):
        await patients.get(PATIENT)


def test_rotation_without_keys_says_how_to_make_one(database_url: str) -> None:
    refused = lentigo(database_url, "rotate-keys")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "ENCRYPTION_KEYS: is missing; `python -m bot new-key`" in refused.stderr
