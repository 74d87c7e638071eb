"""Everything that is kept of somebody who used everything: given to them whole, erased without a trace."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import quote, quote_plus

import jsonschema
import pytest

from bot.content import Content, Texts
from bot.questions import Open
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from tests.conversations.service import PHOTOS, ROOT, BotProcess, Service, database_of, emulator_in_thread, gazetteer
from tests.conversations.stories import first_line, has_button, refusing, register, shown, tables
from tests.conversations.test_photos import is_answer

OWNER_ID = 600_000_001
PATIENT_ID = 512_345_678
SECRETS = (
    "Zacarina",
    "zacarina_unica",
    "my secret mole 7391",
    "an answer about 7391",
    "shouted about 7391",
    "sanjorge",
)
# What is never kept, and must not be logged either.
PASSING = (
    *("47.812", "13.045", "43.061", "141.354", "sapporo", "crashing about 7391"),
    *("truncated.jpg", "closed on Monday"),
)
SECRET_NAME, SECRET_USERNAME, SECRET_WORDS, SECRET_ANSWER, SECRET_REASON, SECRET_CLINIC = SECRETS
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


@dataclass(frozen=True, slots=True)
class Story:
    """Somebody who used every feature, and where it all lies."""

    service: Service
    town: Town
    patient: Person
    owner: Person
    texts: Texts


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    """A bot that knows a clinic, logs all it can, and may be stopped."""
    content_dir, data_dir = copytree(ROOT / "content", tmp_path / "content"), tmp_path / "data"
    (content_dir / "clinics.toml").write_text(f'[clinics]\n{SECRET_CLINIC} = "Clínica San Jorge"\n', encoding="utf-8")
    data_dir.mkdir()
    settings = {"CONTENT_DIR": str(content_dir), "OWNER_IDS": str(OWNER_ID), "LOG_LEVEL": "DEBUG"}
    with (
        gazetteer() as url,
        emulator_in_thread() as emulator,
        BotProcess(emulator, data_dir, NOMINATIM_URL=url, **settings) as bot,
    ):
        bot.start()
        yield Service(emulator, bot, data_dir)


@pytest.fixture
async def story(own_service: Service, content: Content) -> AsyncIterator[Story]:
    async with open_town(own_service.emulator.url) as town:
        patient = await town.newcomer(SECRET_NAME, id=PATIENT_ID, username=SECRET_USERNAME, language_code="es")
        owner = await town.newcomer("Olga", id=OWNER_ID)
        story = Story(own_service, town, patient, owner, content.texts("es"))
        await _use_everything(story)
        yield story


async def _use_everything(story: Story) -> None:
    patient, owner, texts = story.patient, story.owner, story.texts
    await patient.says(f"/start clinic-{SECRET_CLINIC}")
    await patient.waits_for("Clínica San Jorge")
    await register(patient, texts.language, skin_type="3")
    for name in ("ham10000_nv_ISIC_0028441.jpg", "ham10000_mel_ISIC_0028412.jpg"):
        await patient.sends_photo(PHOTOS / name)
        await patient.waits_for(is_answer, timeout_s=30)
    await patient.sends_document(PHOTOS / "truncated.jpg")
    await patient.waits_for(first_line(texts, "declined-truncated"), timeout_s=30)
    await _ask_for_dermatologists(story)
    await _meet_faults(story)
    await owner.says("/start")
    await _write_and_be_answered(story)
    await _hear_an_announcement(story)
    await owner.says(f"/ban @{SECRET_USERNAME} 7d {SECRET_REASON}")
    await patient.waits_for(SECRET_REASON)
    await owner.says(f"/unban {patient.id}")
    await patient.waits_for(shown(texts, "you-are-unbanned"))
    await owner.says(f"/grant {patient.id}")
    await patient.waits_for(shown(texts, "you-are-moderator"))
    await patient.says("/user 600000009")
    await patient.waits_for("600000009")
    await patient.presses("user:ban:600000009")
    await patient.waits_for(lambda message: "600000009" in str(message.get("reply_markup")))
    await patient.presses("ban:600000009:7")
    await patient.waits_for("600000009")


async def _write_and_be_answered(story: Story) -> None:
    patient, owner, texts = story.patient, story.owner, story.texts
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    await patient.says(SECRET_WORDS)
    await patient.waits_for(shown(texts, "feedback-sent"))
    await owner.waits_for("/inbox")
    await owner.says("/inbox")
    item = await owner.waits_for(SECRET_WORDS)
    await owner.says(SECRET_ANSWER, reply_to=item)
    await patient.waits_for(SECRET_ANSWER)


async def _ask_for_dermatologists(story: Story) -> None:
    patient, texts = story.patient, story.texts
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await patient.shares_location(47.81234, 13.04567)
    await patient.waits_for(shown(texts, "found-near"))
    await patient.says("/dermatologist")
    await patient.waits_for(first_line(texts, "ask-place"))
    await patient.says("sapporo 7391")
    await patient.waits_for("Sapporo (")


async def _meet_faults(story: Story) -> None:
    """Telegram refuses, breaks off and is away; then the database refuses what the patient writes."""
    patient, texts, data_dir = story.patient, story.texts, story.service.data_dir
    await story.town.suffers(
        {"kind": "5xx", "method": "editMessageMedia", "status": 502, "times": 1},
        {"kind": "429", "method": "sendMessage", "retry_after": 1, "times": 1},
        {"kind": "reset", "method": "getFile", "times": 1},
        {"kind": "half_body", "method": "file", "times": 1},
        {"kind": "reset", "method": "getUpdates", "times": 1},
    )
    await patient.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
    await patient.waits_for(is_answer, timeout_s=45)
    await story.town.suffers()
    with refusing(data_dir, "feedback"):
        await patient.says("/feedback")
        await patient.waits_for(shown(texts, "ask-feedback"))
        await patient.says("crashing about 7391")
        incident = await patient.waits_for(shown(texts, "our-fault", incident="").split("\n")[0][:20])
    assert re.search(r"\b[0-9A-F]{6}\b", incident["text"])
    await patient.says("/cancel")


async def _hear_an_announcement(story: Story) -> None:
    await story.owner.says("/broadcast")
    await story.owner.waits_for(lambda message: bool(message.get("text")))
    await story.owner.says("We are closed on Monday.")
    await story.owner.waits_for(lambda message: bool(message.get("reply_markup")))
    await _press_first(story.owner)
    await story.owner.waits_for(lambda message: bool(message.get("reply_markup")))
    await _press_first(story.owner)
    await story.patient.waits_for("We are closed on Monday.")


async def _press_first(person: Person) -> None:
    last = next(m for m in reversed(await person.messages()) if m.get("reply_markup"))
    await person.presses(last["reply_markup"]["inline_keyboard"][0][0]["callback_data"], last)


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
    assert _checked(story, _receipt(answer))[0] == 0
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


def _receipt(message: Message) -> str:
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


async def test_photo_in_hand_goes_with_its_sender(own_service: Service, content: Content) -> None:
    """It waits for the end of maintenance, its sender is erased, and nothing more is said of it."""
    texts = content.texts("en")
    async with open_town(own_service.emulator.url) as town:
        owner, patient = await town.newcomer("Olga", id=OWNER_ID), await town.newcomer("Sam")
        await register(patient, "en")
        await owner.says("/maintenance on")
        await owner.waits_for(lambda message: has_button(message, "maintenance:wait"))
        await owner.presses("maintenance:wait")
        await owner.waits_for(lambda message: has_button(message, "maintenance:off"))
        photo = await patient.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
        promise = await patient.waits_for(first_line(texts, "maintenance-photo-waits"))
        await patient.says("/delete")
        await patient.waits_for(first_line(texts, "delete-question"))
        await patient.presses("delete:yes")
        await patient.waits_for(first_line(texts, "deleted"))
        await owner.says("/maintenance off")
        await owner.waits_for(lambda message: not message.get("reply_markup"))
        other = await town.newcomer("Robin")
        await register(other, "en")
        await other.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
        await other.waits_for(is_answer, timeout_s=30)
        assert promise["message_id"] not in {message["message_id"] for message in await patient.messages()}
        after = [m for m in await patient.messages() if m["message_id"] > photo["message_id"] and is_answer(m)]
        assert after == []


async def test_pressing_twice_gives_one_receipt(sam: Person, town: Town, content: Content) -> None:
    texts = content.texts("en")
    await sam.says("/delete")
    question = await sam.waits_for(first_line(texts, "delete-question"))
    await sam.presses("delete:yes", question)
    first = await sam.waits_for(first_line(texts, "deleted"))
    await sam.forges(question, "delete:yes")
    await sam.waits_for_event("callback_answer")
    await sam.says("/help")
    await sam.waits_for("/dermatologist")
    (receipt,) = {_receipt(m) for m in await sam.messages() if first_line(texts, "deleted") in m.get("text", "")}
    assert receipt == _receipt(first)
