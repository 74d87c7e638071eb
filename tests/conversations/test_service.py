"""/stats and /errors, and who may ask for them."""

import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from PIL import Image

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person
from tests.conversations.service import Service
from tests.conversations.stories import deeds, has_button, rows, shown
from tests.conversations.test_photos import ANSWER_WITHIN_S, LESION, is_answer

COMMANDS = ("/stats", "/stats week", "/errors", "/errors 3FA29C", "/maintenance", "/maintenance on", "/maintenance off")
FORGED = ("stats:week", "errors:0", "errors:3FA29C:0", "maintenance:wait", "maintenance:refuse", "maintenance:off")


def assessed(service: Service, user_ids: Iterable[int]) -> None:
    """Let a photo of each of these people be assessed."""
    columns = "(chat_id, user_id, message_id, outcome, received_at, closed_at, top_class, risk_level)"
    values = "(?, ?, 1, 'assessed', ?, ?, 'bkl', 'routine')"
    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    for user_id in user_ids:
        query = f"INSERT INTO cases {columns} VALUES {values}"  # noqa: S608 - constants
        rows(service.data_dir, query, user_id, user_id, moment, moment)


async def test_statistics_come_as_a_chart_with_words_and_switch_in_place(
    boss: Person, patient: Person, texts: Texts, service: Service
) -> None:
    await patient.sends_photo(LESION)
    await patient.waits_for(is_answer, ANSWER_WITHIN_S)
    before = deeds(service.data_dir, "stats")
    await boss.says("/stats")
    message = await boss.waits_for(texts.plain("stats-title-day"))
    pictures = {await picture_of(boss, message)}
    for period in ("week", "all", "day"):
        await boss.presses(f"stats:{period}", message)
        switched = await boss.waits_for(texts.plain(f"stats-title-{period}"))
        assert switched["message_id"] == message["message_id"]
        pictures.add(await picture_of(boss, switched))
    assert len(pictures) >= 3
    assert deeds(service.data_dir, "stats")[len(before) :] == [
        ("stats", f"period={period}") for period in ("day", "week", "all", "day")
    ]


async def picture_of(person: Person, message: Message) -> bytes:
    content = await person.downloads(message["photo"][-1]["file_id"])
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.width >= 1000
    return content


async def test_statistics_tell_nothing_of_anybody(boss: Person, patient: Person, texts: Texts) -> None:
    await boss.says("/stats all")
    message = await boss.waits_for(texts.plain("stats-title-all"))
    assert str(patient.id) not in str(message)
    assert "Sam" not in message["caption"]


async def test_assessments_of_few_people_are_not_told(owner: Person, content: Content, service: Service) -> None:
    texts, few = content.texts("en"), shown(content.texts("en"), "stats-few", people=5)
    rows(service.data_dir, "UPDATE cases SET top_class = NULL WHERE outcome = 'assessed'")
    senders = range(990_000_001, 990_000_006)
    assessed(service, senders[:4])
    await owner.says("/stats")
    message = await owner.waits_for(texts.plain("stats-title-day"))
    assert few in message["caption"]
    assert texts.plain("class-bkl") not in message["caption"]
    assessed(service, senders[4:])
    await owner.presses("stats:day", message)
    enough = await owner.waits_for(f"5 {texts.plain('class-bkl')}")
    assert few not in enough["caption"]
    rows(service.data_dir, "DELETE FROM cases WHERE user_id >= ? AND user_id <= ?", senders[0], senders[-1])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/stats yesterday", "stats-wrong"),
        ("/stats day week", "stats-wrong"),
        ("/errors please", "errors-wrong"),
        ("/errors 3FA29", "errors-wrong"),
        ("/maintenance perhaps", "maintenance-wrong"),
        ("/maintenance on now", "maintenance-wrong"),
    ],
)
async def test_wrong_use_is_explained(boss: Person, texts: Texts, command: str, words: str) -> None:
    await boss.says(command)
    await boss.waits_for(shown(texts, words))


async def test_patient_finds_none_of_these_commands(patient: Person, texts: Texts, service: Service) -> None:
    before = rows(service.data_dir, "SELECT count(*) FROM audit")
    for command in COMMANDS:
        await patient.says(command)
        await patient.waits_for(shown(texts, "unknown-command"))
    await patient.says("/help")
    message = await patient.waits_for("/dermatologist")
    for data in FORGED:
        await patient.forges(message, data)
        assert (await patient.waits_for_event("callback_answer"))["text"] == texts.plain("old-button")
    assert rows(service.data_dir, "SELECT count(*) FROM audit") == before
    assert rows(service.data_dir, "SELECT count(*) FROM facts WHERE name = 'maintenance'") == [(0,)]


async def test_forged_button_of_an_owner_is_an_old_one(owner: Person, content: Content) -> None:
    await owner.says("/stats")
    message = await owner.waits_for(content.texts("en").plain("stats-title-day"))
    for data in (
        "stats:month",
        "stats:",
        "errors:3FA29C",
        "errors:x:0",
        "errors:999",
        "maintenance:on",
        "maintenance:",
    ):
        await owner.forges(message, data)
        assert (await owner.waits_for_event("callback_answer"))["text"] == content.texts("en").plain("old-button")


@pytest.mark.usefixtures("_on_sqlite")
async def test_number_that_a_patient_tells_leads_to_the_place(
    boss: Person, patient: Person, texts: Texts, service: Service
) -> None:
    break_photos_of = f"""CREATE TRIGGER broken BEFORE INSERT ON cases WHEN NEW.user_id = {patient.id}
        BEGIN SELECT RAISE(ABORT, 'broken'); END"""
    rows(service.data_dir, break_photos_of)
    try:
        await patient.sends_photo(LESION)
        apology = await patient.waits_for(re.compile("[0-9A-F]{6}"))
    finally:
        rows(service.data_dir, "DROP TRIGGER broken")
    number = re.findall("[0-9A-F]{6}", apology["text"])[-1]
    await boss.says(f"/errors {number.lower()}")
    one = await boss.waits_for(shown(texts, "errors-way"))
    assert "IntegrityError" in one["text"]
    assert re.search(r"bot/storage/cases\.py:\d+ open", one["text"])
    assert str(patient.id) not in one["text"]
    await boss.presses("errors:0", one)
    listed = await boss.waits_for(lambda message: has_button(message, f"errors:{number}"))
    assert listed["message_id"] == one["message_id"]
    await boss.presses(number, listed)
    await boss.waits_for(shown(texts, "errors-way"))
    assert deeds(service.data_dir, "errors")[-3:] == [
        ("errors", told) for told in (f"incident={number}", "page=1", f"incident={number}")
    ]


async def test_unknown_number_is_explained(boss: Person, texts: Texts) -> None:
    await boss.says("/errors 000000")
    await boss.waits_for(shown(texts, "errors-unknown", number="000000"))
