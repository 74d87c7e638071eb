"""/maintenance, as moderators and patients live through it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from tests.conversations.audiences import until
from tests.conversations.conftest import OWNER_IDS
from tests.conversations.service import PHOTOS, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import deeds, first_line, has_button, register, rows, shown
from tests.conversations.test_photos import ANSWER_WITHIN_S, LESION, is_answer


@pytest.fixture
async def open_again(boss: Person) -> AsyncIterator[None]:
    """Maintenance ends with the test, whatever happens in it."""
    yield
    await boss.says("/maintenance off")
    await boss.waits_for(lambda message: "text" in message)


async def switch_on(boss: Person, mode: str) -> None:
    await boss.says("/maintenance on")
    question = await boss.waits_for(lambda message: has_button(message, f"maintenance:{mode}"))
    await boss.presses(f"maintenance:{mode}", question)
    await boss.waits_for(lambda message: has_button(message, "maintenance:off"))


@pytest.mark.usefixtures("open_again")
async def test_photo_waits_until_maintenance_is_over(
    boss: Person, patient: Person, texts: Texts, town: Town, service: Service
) -> None:
    before = deeds(service.data_dir, "maintenance")
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
    answer = (await waits_for_answers(patient))[-1]
    assert answer["message_id"] == progress["message_id"]
    assert answer["reply_to_message"]["message_id"] == photo["message_id"]
    assert await answers_of(patient) == [photo["message_id"]]
    assert deeds(service.data_dir, "maintenance")[len(before) :] == [
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


async def waits_for_answers(patient: Person, count: int = 1) -> list[Message]:
    """The answers, which may have come before the patient looked."""
    for _ in range(ANSWER_WITHIN_S * 10):
        found = [message for message in await patient.messages() if is_answer(message)]
        if len(found) >= count:
            return found
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
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    await sam.sends_photo(LESION)
    await sam.waits_for(shown(content.texts("en"), "looking"))
    await switch_on(owner, "wait")
    await town.suffers()
    await sam.waits_for(is_answer, ANSWER_WITHIN_S)
    await owner.says("/maintenance")
    assert (await owner.waits_for(first_words(content.texts("en"), "maintenance-wait")))["text"]


async def test_button_pressed_twice_switches_once(owner: Person, content: Content, service: Service) -> None:
    texts = content.texts("en")
    before = deeds(service.data_dir, "maintenance")
    await owner.says("/maintenance")
    message = await owner.waits_for(first_line(texts, "maintenance-off"))
    for _ in range(2):
        await owner.forges(message, "maintenance:refuse")
        await owner.waits_for_event("callback_answer")
    for _ in range(2):
        await owner.forges(message, "maintenance:off")
        await owner.waits_for_event("callback_answer")
    assert deeds(service.data_dir, "maintenance")[len(before) :] == [
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
            await waits_for_answers(eva, len(photos))
            assert sorted(await answers_of(eva)) == [photo["message_id"] for photo in photos]
            assessed = "SELECT count(*) FROM cases WHERE outcome = 'assessed'"  # written after the answer is seen
            await until(lambda: rows(tmp_path, assessed) == [(len(photos),)])
        assert bot.stop() == 0
