"""What is kept of one person: shown whole, withdrawn, erased."""

import re
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render.export import Export, export
from bot.storage import tables
from bot.storage.audit import Entry
from bot.storage.bans import Bans
from bot.storage.cases import Cases, KeptAssessment
from bot.storage.drafts import Drafts
from bot.storage.feedback import Feedback
from bot.storage.patients import Patients
from bot.storage.records import Records
from tests.bot.conftest import NOON, close

PATIENT, OTHER, MODERATOR = 512_345_678, 512_345_679, 1001
BROADCASTS = {MODERATOR: 1, PATIENT: 2, OTHER: 3}  # the patients were moderators once
NUMBERED = {"cases": "case_id", "feedback": "feedback_id"}
MOLE = KeptAssessment("nv", "routine", {"nv": 0.9, "mel": 0.1}, "a" * 64)


@pytest.fixture
async def records(engine: AsyncEngine) -> Records:
    """Two people, of whom everything is known that can be."""
    number = await Feedback(engine).add(MODERATOR, "hello", NOON)
    assert number is not None
    await _broadcast(engine, MODERATOR, "sending")
    for person in (PATIENT, OTHER):
        await _live(engine, person)
        await Feedback(engine).note_copy(number, person, 77)
        await _broadcast(engine, person, "done")
    return Records(engine)


async def _broadcast(engine: AsyncEngine, sender: int, state: str) -> None:
    words = {"text": "x", "entities": [], "report_language": "en"}
    values = {"broadcast_id": BROADCASTS[sender], "chat_id": sender, "state": state, "started_at": NOON} | words
    async with engine.begin() as connection:
        await connection.execute(tables.broadcasts.insert().values(values))


async def _live(engine: AsyncEngine, person: int) -> None:
    patients, cases, feedback = Patients(engine), Cases(engine), Feedback(engine)
    await patients.speak(person, "es", NOON)
    await patients.consent(person, "2026-11-24", NOON)
    await patients.set_skin_type(person, 3)
    await patients.register(person, NOON)
    for message_id in (1, 2):
        case = await cases.open(person, person, message_id, f"file {message_id}", NOON)
        assert case is not None
        await cases.promise(case.case_id, message_id + 10)
        if message_id == 1:
            await close(engine, case.case_id, "assessed", NOON, MOLE)
    number = await feedback.add(person, "hello", NOON)
    assert number is not None
    await feedback.note_copy(number, MODERATOR, person)
    await Drafts(engine).put(person, {"clinic": "x"})
    await Bans(engine).ban(person, "shouting", None, Entry(MODERATOR, "ban", NOON, person))
    async with engine.begin() as connection:
        key = f"[{person}, {person}]"
        await connection.execute(tables.conversations.insert().values(name="dialogue", key=key, state=12))
        await connection.execute(tables.deliveries.insert().values(broadcast_id=1, user_id=person, outcome="delivered"))


async def _all(engine: AsyncEngine) -> dict[str, list[Any]]:
    async with engine.connect() as connection:
        return {t.name: list(await connection.execute(sa.select(t))) for t in tables.metadata.sorted_tables}


async def test_export_has_every_row_and_keeps_its_schema(records: Records) -> None:
    everything = await records.everything(PATIENT, NOON)
    document = export(everything, NOON).model_dump(mode="json")
    jsonschema.validate(document, Export.model_json_schema(), cls=jsonschema.Draft202012Validator)
    counts = {name: len(document[name]) for name in ("photos", "feedback", "announcements", "deeds")}
    assert counts == {"photos": 2, "feedback": 1, "announcements": 1, "deeds": 1}
    assert document["photos"][0]["probabilities"] == {"nv": 0.9, "mel": 0.1}
    assert document["ban"]["reason"] == "shouting"
    assert document["open_questions"] == [{"question": "feedback"}]
    assert document["draft"] == {"clinic": "x"}
    assert document["moderation"] is None


@pytest.mark.parametrize(
    ("who", "is_by_them", "seen"), [(PATIENT, [False], [77]), (MODERATOR, [True, True], [PATIENT, OTHER])]
)
async def test_export_tells_what_somebody_did_and_saw_as_a_moderator(
    records: Records, who: int, is_by_them: list[bool], seen: list[int]
) -> None:
    document = export(await records.everything(who, NOON), NOON)
    assert [deed.is_yours for deed in document.deeds] == is_by_them
    assert document.broadcasts_of_yours == [BROADCASTS[who]]
    assert sorted(document.feedback_seen) == seen


async def test_export_of_a_stranger_is_empty(records: Records) -> None:
    document = export(await records.everything(4711, NOON), NOON).model_dump(mode="json")
    assert {name for name, value in document.items() if value} == {"format", "exported_at"}


async def test_every_column_of_a_persons_rows_is_in_the_schema() -> None:
    """A new column of these tables has to be shown to people, too."""
    definitions = Export.model_json_schema()["$defs"]
    shown = {"patients": "Registration", "cases": "Photo", "feedback": "Feedback", "deliveries": "Announcement"}
    for table, name in shown.items():
        assert set(definitions[name]["properties"]) == set(tables.metadata.tables[table].c.keys())


async def test_erasure_takes_every_row_of_one_person_and_of_nobody_else(records: Records, engine: AsyncEngine) -> None:
    erasure = await records.erase(PATIENT, "77", NOON)
    ones = dict.fromkeys(("patients", "feedback", "deliveries", "drafts", "conversations"), 1)
    assert erasure.counts == ones | {"cases": 2}
    assert not any(rows for name, rows in (await records.everything(PATIENT, NOON)).items() if name != "bans")
    left = await _all(engine)
    assert str(PATIENT) not in str(left)
    assert [len(left[name]) for name in ("patients", "cases", "feedback", "feedback_copies")] == [1, 2, 2, 2]
    assert [row.broadcast_id for row in left["broadcasts"] if row.chat_id == 0] == [BROADCASTS[PATIENT]]


async def test_ban_that_has_ended_is_not_shown_and_does_not_outlive_an_erasure(
    records: Records, engine: AsyncEngine
) -> None:
    end = NOON + timedelta(days=7)
    await Bans(engine).ban(PATIENT, "shouting", end, Entry(MODERATOR, "ban", NOON, PATIENT))
    assert [len((await records.everything(PATIENT, now))["bans"]) for now in (NOON, end)] == [1, 0]
    await records.erase(PATIENT, "77", end)
    assert [row.until for row in (await _all(engine))["bans"]] == [None]  # the other one's


async def test_same_request_gets_the_same_receipt_and_erases_nothing_more(records: Records) -> None:
    first = await records.erase(PATIENT, "77", NOON)
    assert await records.erase(PATIENT, "77", NOON) == first
    assert await records.erase(PATIENT, "78", NOON) != first
    assert (await records.everything(OTHER, NOON))["patients"]


async def test_same_request_of_another_life_erases_and_gets_a_receipt_of_its_own(records: Records) -> None:
    """Messages are numbered anew with another bot, or another person has the number."""
    first = await records.erase(PATIENT, "77", NOON)
    second = await records.erase(OTHER, "77", NOON)
    assert second.receipt != first.receipt
    assert second.counts == first.counts
    assert not (await records.everything(OTHER, NOON))["patients"]


async def test_erasure_forgets_what_a_moderator_has_begun_about_the_person(
    records: Records, engine: AsyncEngine
) -> None:
    await Drafts(engine).put(MODERATOR, {"ban": PATIENT, "days": 7})
    await Drafts(engine).put(MODERATOR + 1, {"ban": OTHER, "days": 7})
    await records.erase(PATIENT, "77", NOON)
    assert await Drafts(engine).get(MODERATOR) is None
    assert await Drafts(engine).get(MODERATOR + 1) is not None


async def test_number_of_an_erased_photo_or_message_is_never_given_again(records: Records, engine: AsyncEngine) -> None:
    """Work on it may still be under way, and must not end up with somebody else."""
    everything = [await records.everything(person, NOON) for person in (PATIENT, OTHER)]
    given = {table: max(row[key] for rows in everything for row in rows[table]) for table, key in NUMBERED.items()}
    for person in (OTHER, PATIENT):
        await records.erase(person, str(person), NOON)
    case = await Cases(engine).open(1, 1, 1, "file", NOON)
    number = await Feedback(engine).add(1, "hello", NOON)
    assert case is not None
    assert number is not None
    assert case.case_id > given["cases"]
    assert number > given["feedback"]


async def test_receipt_is_known_to_the_operator_and_a_guessed_one_is_not(records: Records) -> None:
    erasure = await records.erase(PATIENT, "77", NOON)
    assert re.fullmatch(r"[0-9A-F]{4}(-[0-9A-F]{4}){4}", erasure.receipt)
    assert await records.erasure(f" {erasure.receipt.lower()} ") == erasure
    assert await records.erasure("0000-0000-0000-0000-0000") is None


@pytest.mark.parametrize("deed", ["ban", "withdraw"])
async def test_broadcast_under_way_passes_over_who_is_banned_or_withdraws(
    records: Records, engine: AsyncEngine, deed: str
) -> None:
    async with engine.begin() as connection:
        await connection.execute(tables.deliveries.update().values(outcome="waiting"))
    if deed == "ban":
        await Bans(engine).ban(PATIENT, "shouting", None, Entry(MODERATOR, "ban", NOON, PATIENT))
    else:
        await records.withdraw(PATIENT, NOON)
    assert [len((await records.everything(who, NOON))["deliveries"]) for who in (PATIENT, OTHER)] == [0, 1]


async def test_withdrawal_erases_health_data_and_lets_photos_in_hand_go(records: Records, engine: AsyncEngine) -> None:
    await records.withdraw(PATIENT, NOON)
    patient = await Patients(engine).get(PATIENT)
    assert patient is not None
    assert (patient.consent_version, patient.skin_type) == (None, None)
    assert patient.registered_at == NOON
    assert await Cases(engine).history_count(PATIENT) == 0
    assert await Cases(engine).open_of(PATIENT) == []
    rows = (await records.everything(PATIENT, NOON))["cases"]
    columns = ("outcome", "probabilities", "file_id", "progress_message_id")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("assessed", None, None, 11),  # the answer stands there
        ("withdrawn", None, None, None),
    ]
    assert await Cases(engine).history_count(OTHER) == 1
