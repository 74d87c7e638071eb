"""/stats, /errors and /maintenance, as moderators and patients live through them."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from tests.conversations.audiences import until
from tests.conversations.conftest import OWNER_IDS
from tests.conversations.service import PHOTOS, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import first_line, has_button, register, rows, shown
from tests.conversations.test_photos import ANSWER_WITHIN_S, LESION, is_answer

COMMANDS = ("/stats", "/stats week", "/errors", "/errors 3FA29C", "/maintenance", "/maintenance on", "/maintenance off")
FORGED = ("stats:week", "errors:0", "errors:3FA29C:0", "maintenance:wait", "maintenance:refuse", "maintenance:off")


@pytest.fixture
async def open_again(boss: Person) -> AsyncIterator[None]:
    """Maintenance ends with the test, whatever happens in it."""
    yield
    await boss.says("/maintenance off")
    await boss.waits_for(lambda message: "text" in message)


def deeds(service: Service, command: str) -> list[tuple[str, str]]:
    query = "SELECT action, details FROM audit WHERE action LIKE ? ORDER BY entry_id"
    return rows(service.data_dir, query, f"{command}%")


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
    before = deeds(service, "stats")
    await boss.says("/stats")
    message = await boss.waits_for(texts.plain("stats-title-day"))
    pictures = {await picture_of(boss, message)}
    for period in ("week", "all", "day"):
        await boss.presses(f"stats:{period}", message)
        switched = await boss.waits_for(texts.plain(f"stats-title-{period}"))
        assert switched["message_id"] == message["message_id"]
        pictures.add(await picture_of(boss, switched))
    assert len(pictures) >= 3
    assert deeds(service, "stats")[len(before) :] == [
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
    assert deeds(service, "errors")[-3:] == [
        ("errors", told) for told in (f"incident={number}", "page=1", f"incident={number}")
    ]


async def test_unknown_number_is_explained(boss: Person, texts: Texts) -> None:
    await boss.says("/errors 000000")
    await boss.waits_for(shown(texts, "errors-unknown", number="000000"))


async def switch_on(boss: Person, mode: str) -> None:
    await boss.says("/maintenance on")
    question = await boss.waits_for(lambda message: has_button(message, f"maintenance:{mode}"))
    await boss.presses(f"maintenance:{mode}", question)
    await boss.waits_for(lambda message: has_button(message, "maintenance:off"))


@pytest.mark.usefixtures("open_again")
async def test_photo_waits_until_maintenance_is_over(
    boss: Person, patient: Person, texts: Texts, town: Town, service: Service
) -> None:
    before = deeds(service, "maintenance")
    await switch_on(boss, "wait")
    downloads = await count_of(town, "getFile")
    photo = await patient.sends_photo(LESION)
    progress = await patient.waits_for(shown(texts, "maintenance-photo-waits").splitlines()[0])
    await patient.says("/help")  # everything else goes on
    await patient.waits_for("/dermatologist")
    await boss.says("/maintenance")
    assert " 1 " in (await boss.waits_for(first_words(texts, "maintenance-wait")))["text"]
    await boss.says("/stats")
    held = shown(texts, "stats-queue", photos=0, waiting=1, updates=0).split("; ")[1]
    assert held in (await boss.waits_for(texts.plain("stats-title-day")))["caption"]
    assert await count_of(town, "getFile") == downloads
    await boss.says("/maintenance off")
    await boss.waits_for(shown(texts, "maintenance-ended", count=1))
    answer = await waits_for_answer(patient)
    assert answer["message_id"] == progress["message_id"]
    assert answer["reply_to_message"]["message_id"] == photo["message_id"]
    assert await answers_of(patient) == [photo["message_id"]]
    assert deeds(service, "maintenance")[len(before) :] == [
        ("maintenance", ""),
        ("maintenance-begin", "mode=wait"),
        ("maintenance", ""),
        ("maintenance-end", ""),
    ]


def first_words(texts: Texts, message_id: str) -> str:
    """The bold beginning of a message about the state."""
    return shown(texts, message_id, when="WHEN", count=0).split(" WHEN")[0]


async def count_of(town: Town, method: str) -> int:
    return [call["method"] for call in await town.calls()].count(method)


async def waits_for_answer(patient: Person) -> Message:
    """The answer, which may have come before the patient looked."""
    for _ in range(ANSWER_WITHIN_S * 10):
        if found := [message for message in await patient.messages() if is_answer(message)]:
            return found[-1]
        await asyncio.sleep(0.1)
    raise AssertionError("no answer")


async def answers_of(patient: Person) -> list[int]:
    """The photos that were answered, as often as they were."""
    return [m["reply_to_message"]["message_id"] for m in await patient.messages() if is_answer(m)]


@pytest.mark.usefixtures("open_again")
async def test_photo_is_refused_kindly_and_leaves_nothing(
    boss: Person, patient: Person, texts: Texts, service: Service
) -> None:
    await switch_on(boss, "refuse")
    await patient.sends_photo(LESION)
    await patient.waits_for(shown(texts, "maintenance-photo-refused").splitlines()[0])
    await patient.sends_album([LESION] * 3)
    await patient.sends_document(LESION)
    await patient.says("/help")
    await patient.waits_for("/dermatologist")
    told = [m for m in await patient.messages() if m.get("text") == shown(texts, "maintenance-photo-refused")]
    assert len(told) == 3  # one of them for the album
    assert rows(service.data_dir, "SELECT * FROM cases WHERE user_id = ?", patient.id) == []
    await boss.says("/maintenance off")
    await boss.waits_for(shown(texts, "maintenance-ended", count=0))
    await patient.sends_photo(LESION)
    await patient.waits_for(is_answer, ANSWER_WITHIN_S)


@pytest.mark.usefixtures("open_again")
async def test_photo_in_hand_is_finished(owner: Person, sam: Person, content: Content, town: Town) -> None:
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 3, "times": 1})
    await sam.sends_photo(LESION)
    await sam.waits_for(shown(content.texts("en"), "looking"))
    await switch_on(owner, "wait")
    await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    await owner.says("/maintenance")
    assert (await owner.waits_for(first_words(content.texts("en"), "maintenance-wait")))["text"]


async def test_button_pressed_twice_switches_once(owner: Person, content: Content, service: Service) -> None:
    texts = content.texts("en")
    before = deeds(service, "maintenance")
    await owner.says("/maintenance")
    message = await owner.waits_for(first_line(texts, "maintenance-off"))
    for _ in range(2):
        await owner.forges(message, "maintenance:refuse")
        await owner.waits_for_event("callback_answer")
    for _ in range(2):
        await owner.forges(message, "maintenance:off")
        await owner.waits_for_event("callback_answer")
    assert deeds(service, "maintenance")[len(before) :] == [
        ("maintenance", ""),
        ("maintenance-begin", "mode=refuse"),
        ("maintenance-end", ""),
    ]


async def test_photo_goes_on_waiting_after_a_kill_and_is_answered_once(tmp_path: Path, content: Content) -> None:
    texts = content.texts("en")
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, OWNER_IDS=str(OWNER_IDS[0])) as bot:
        bot.start()
        async with open_town(emulator.url) as town:
            owner, eva = await town.newcomer("Olga", id=OWNER_IDS[0]), await town.newcomer("Eva")
            await register(eva, "en")
            await switch_on(owner, "wait")
            photos = [await eva.sends_photo(LESION), await eva.sends_photo(PHOTOS / "ham10000_mel_ISIC_0028412.jpg")]
            for _ in photos:
                await eva.waits_for(shown(texts, "maintenance-photo-waits").splitlines()[0])
            for _ in range(2):
                bot.kill()
                bot.start()
            await eva.says("/help")
            await eva.waits_for("/dermatologist")
            assert await count_of(town, "getFile") == 0
            await owner.says("/maintenance off")
            await owner.waits_for(shown(texts, "maintenance-ended", count=2))
            bot.kill()
            bot.start()
            await eva.says("/help")
            await eva.waits_for("/dermatologist")
            await _until_answered(eva, len(photos))
            assert sorted(await answers_of(eva)) == [photo["message_id"] for photo in photos]
            assessed = "SELECT count(*) FROM cases WHERE outcome = 'assessed'"  # written after the answer is seen
            await until(lambda: rows(tmp_path, assessed) == [(len(photos),)])
        assert bot.stop() == 0


async def _until_answered(patient: Person, count: int) -> None:
    for _ in range(ANSWER_WITHIN_S * 10):
        if len(await answers_of(patient)) >= count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no answer")
