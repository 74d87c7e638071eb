"""Everything that is kept of somebody who used everything: given to them whole, erased without a trace."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import jsonschema
import pytest

from bot.content import Content
from bot.render.questions import Open
from emulator.objects import Message
from emulator.person import open_town
from tests.conversations.everything import (
    OWNER_ID,
    PATIENT_ID,
    SECRET_NAME,
    SECRET_REASON,
    SECRET_USERNAME,
    SECRET_WORDS,
    SECRETS,
    Story,
    open_service,
    use_everything,
)
from tests.conversations.service import ROOT, Service, database_of
from tests.conversations.stories import first_line, register, shown, tables

# What is never kept, and must not be logged either.
PASSING = (
    *("47.812", "13.045", "43.061", "141.354", "sapporo", "crashing about 7391"),
    *("truncated.jpg", "closed on Monday"),
)
# What the export calls the rows of each table, and which tables it tells otherwise.
EXPORTED = {
    "patients": "registration",
    "cases": "photos",
    "feedback": "feedback",
    "deliveries": "announcements",  # there only while an announcement goes out
    "moderators": "moderation",
}
TOLD_IN_PARTS = {"aliases", "audit", "bans", "broadcasts", "conversations", "drafts", "feedback_copies"}
IN_HAND = {"inbox"}  # the update that asks for the export itself; erased once it is handled


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    with open_service(tmp_path) as opened:
        yield opened


@pytest.fixture
async def story(own_service: Service, content: Content) -> AsyncIterator[Story]:
    async with open_town(own_service.emulator.url) as town:
        patient = await town.newcomer(SECRET_NAME, id=PATIENT_ID, username=SECRET_USERNAME, language_code="es")
        owner = await town.newcomer("Olga", id=OWNER_ID)
        story = Story(own_service, town, patient, owner, content.texts("es"))
        await use_everything(story)
        yield story


async def _export(story: Story) -> dict[str, Any]:
    await story.patient.says("/export")
    message = await story.patient.waits_for(lambda message: "document" in message)
    document: dict[str, Any] = json.loads(await story.patient.downloads(message["document"]["file_id"]))
    return document


def _of_patient(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table in which the patient's id or alias stands, in whichever column."""
    alias = next(row["alias"] for row in tables["aliases"] if row["user_id"] == PATIENT_ID)
    found = {
        name: [row for row in rows if any(str(PATIENT_ID) in str(v) or alias == v for v in row.values())]
        for name, rows in tables.items()
    }
    return {name: rows for name, rows in found.items() if rows}


def _comparable(row: dict[str, Any]) -> dict[str, Any]:
    """A row as text, whichever way SQLite or JSON writes moments, truth and documents."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, bool):
        return str(int(value))
    text = str(value)
    if text.startswith("{"):
        return json.dumps(json.loads(text), sort_keys=True)
    moment = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?", text)
    return f"{moment[1]} {moment[2]}.{(moment[3] or '').ljust(6, '0')}" if moment else text


async def test_everything_is_given_whole_and_erased_without_a_trace(story: Story) -> None:
    """One story, as its beginning is long: export, erasure, traces, and the life after."""
    await _export_is_what_the_database_holds(story)
    files = _files_of([*await story.patient.messages(), *await story.owner.messages()])
    await _erase_all(story)
    assert await asyncio.to_thread(story.service.bot.stop) == 0
    assert _told(story.service, files) == []
    assert _traces(story.service.data_dir) == []
    await asyncio.to_thread(story.service.bot.start)
    await _begins_as_a_stranger(story)


async def _export_is_what_the_database_holds(story: Story) -> None:
    exported = await _export(story)
    schema = json.loads((ROOT / "docs" / "export.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(exported, schema, cls=jsonschema.Draft202012Validator)
    theirs = _of_patient(tables(story.service.data_dir))
    assert set(theirs) - IN_HAND <= set(EXPORTED) | TOLD_IN_PARTS
    for table, name in EXPORTED.items():
        told = exported[name] if isinstance(exported[name], list) else [exported[name]]
        assert [_comparable(row) for row in told] == [_comparable(row) for row in theirs.get(table, [])], table
    assert {photo["outcome"] for photo in exported["photos"]} == {"assessed", "truncated"}
    (alias,) = theirs["aliases"]
    assert exported["alias"] == alias["alias"]
    assert [deed["entry_id"] for deed in exported["deeds"]] == [row["entry_id"] for row in theirs["audit"]]
    assert {deed["action"] for deed in exported["deeds"]} >= {"ban", "unban", "grant", "inbox-answer", "user"}
    assert exported["open_questions"] == [{"question": Open(theirs["conversations"][0]["state"]).name.lower()}]
    assert exported["draft"] == _read(theirs["drafts"][0]["content"])


async def _erase_all(story: Story) -> None:
    """/delete of somebody who is banned and has been asked something; checks what is said and the receipt."""
    patient, owner, texts = story.patient, story.owner, story.texts
    await owner.says(f"/revoke {patient.id}")
    await patient.waits_for(shown(texts, "you-are-no-moderator"))
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await owner.says(f"/ban {patient.id} 7d {SECRET_REASON}")
    await patient.waits_for(SECRET_REASON)
    await patient.says("/delete")
    await patient.waits_for(first_line(texts, "delete-question"))
    await patient.presses(texts.plain("button-delete-yes"))
    answer = await patient.waits_for(first_line(texts, "deleted"))
    assert texts.plain("deleted-cases", count=4) in answer["text"]
    assert shown(texts, "deleted-keeps-ban") in answer["text"]
    assert not [m for m in await owner.messages() if m["from"]["is_bot"] and SECRET_WORDS in m.get("text", "")]
    assert _checked(story, receipt_in(answer))[0] == 0
    assert _checked(story, "0000-0000-0000-0000-0000")[0] == 1


def _traces(data_dir: Path) -> list[str]:
    """Where the patient's id, as text or as SQLite writes it, or a secret is found in the bot's files or its tables."""
    needles = [secret.encode() for secret in SECRETS]
    needles += [str(PATIENT_ID).encode(), PATIENT_ID.to_bytes(4, "big")]
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    is_sqlite = database_of(data_dir).startswith("sqlite")
    assert {path.name for path in files} >= ({"lentigo.db", "bot.log"} if is_sqlite else {"bot.log"})
    contents = {path.name: path.read_bytes() for path in files} | {"tables": str(tables(data_dir)).encode()}
    return [f"{name}: {needle!r}" for name, content in contents.items() for needle in needles if needle in content]


def _files_of(messages: object) -> set[str]:
    """Every id by which a file of these messages is opened or known at Telegram."""
    if isinstance(messages, list):
        return set().union(*(_files_of(part) for part in messages))
    if not isinstance(messages, dict):
        return set()
    ids = {value for name, value in messages.items() if name in {"file_id", "file_unique_id"}}
    return ids.union(*(_files_of(part) for part in messages.values()))


def _told(service: Service, files: set[str]) -> list[str]:
    """What the log tells of anybody, or of the token: whole, as addresses write it, or the half that is secret."""
    log, token = service.bot.log, service.emulator.token
    for logged in ("Incident ", "IntegrityError", "again in"):  # else the story would prove nothing
        assert logged in log
    assert len(files) > 5
    people = (str(PATIENT_ID), str(OWNER_ID), "600000009", "Olga")
    tokens = (token, quote(token), quote_plus(token), token.partition(":")[2])
    return [needle for needle in (*SECRETS, *PASSING, *people, *tokens, *files) if needle.lower() in log.lower()]


def _read(value: object) -> object:
    """JSON, which SQLite keeps as text and PostgreSQL's driver has read already."""
    return json.loads(value) if isinstance(value, str) else value


def receipt_in(message: Message) -> str:
    found = re.search(r"\b[0-9A-F]{4}(-[0-9A-F]{4}){4}\b", message["text"])
    assert found
    return found[0]


def _checked(story: Story, receipt: str) -> tuple[int, str]:
    """What the operator's command says of a receipt."""
    url = database_of(story.service.data_dir)
    command = [sys.executable, "-m", "bot", "receipt", receipt]
    done = subprocess.run(command, cwd=ROOT, env={"DATABASE_URL": url}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


async def _begins_as_a_stranger(story: Story) -> None:
    """Still banned; then unknown, and the question that was open is not."""
    patient, texts = story.patient, story.texts
    await patient.says("Salzburg")
    await patient.waits_for(texts.plain("ban-no-reason"))
    await story.owner.says(f"/unban {patient.id}")
    await story.owner.waits_for("Done")
    await patient.says("Salzburg")
    await patient.waits_for(shown(texts, "register-first"))
    empty = await _export(story)
    assert (empty["registration"], empty["photos"], empty["feedback"]) == (None, [], [])
    await register(patient, texts.language)
    await patient.says("Salzburg")
    await patient.waits_for(shown(texts, "sent-text"))
