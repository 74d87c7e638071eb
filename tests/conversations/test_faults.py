"""Telegram slow, refusing, broken off: the patient gets the answer all the same, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from bot.content import Content
from bot.render.questions import Step
from emulator.objects import JsonObject
from emulator.person import Person, Town, open_town
from emulator.settings import Settings
from tests.conversations.service import PHOTOS, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import asks, button, first_line, heading, register, shown, until_slowed_down
from tests.conversations.test_photos import is_answer, rows_of, until_closed
from tests.serving import free_port

LESION = PHOTOS / "ham10000_nv_ISIC_0028441.jpg"
_ANSWERING = frozenset({"editMessageMedia", "sendPhoto"})


@pytest.fixture
async def calm_after(town: Town) -> AsyncIterator[None]:
    yield
    await town.suffers()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "429", "method": "sendMessage", "retry_after": 1, "times": 2},
        {"kind": "5xx", "method": "editMessageMedia", "status": 502, "times": 2},
        {"kind": "reset", "method": "editMessageMedia", "times": 2},
        {"kind": "reset", "method": "editMessageMedia", "times": 1, "after": True},
        {"kind": "5xx", "method": "getFile", "status": 500, "times": 2},
        {"kind": "reset", "method": "file", "times": 2},
        {"kind": "half_body", "method": "file", "times": 1},
        {"kind": "delay", "method": "sendChatAction", "delay_s": 1, "times": 1},
        {"kind": "duplicate_update", "times": 1},
        {"kind": "reset", "method": "getUpdates", "times": 1},
    ],
    ids=lambda fault: f"{'late-' * fault.get('after', False)}{fault['kind']}-{fault.get('method', 'update')}",
)
@pytest.mark.usefixtures("calm_after")
async def test_photo_is_answered_once_in_spite_of(sam: Person, town: Town, fault: JsonObject) -> None:
    await town.suffers(fault)
    photo = await sam.sends_photo(LESION)
    await sam.waits_for(is_answer, 45)
    answers = [message for message in await sam.messages() if is_answer(message)]
    assert [answer["reply_to_message"]["message_id"] for answer in answers] == [photo["message_id"]]


async def test_deleted_progress_message_is_replaced_by_the_answer(sam: Person, town: Town, content: Content) -> None:
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    photo = await sam.sends_photo(LESION)
    progress = await sam.waits_for(shown(content.texts("en"), "looking"))
    await sam.deletes(progress)
    await town.suffers()
    answer = await sam.waits_for(is_answer, 45)
    assert answer["message_id"] != progress["message_id"]
    assert answer["reply_to_message"]["message_id"] == photo["message_id"]


@pytest.mark.usefixtures("calm_after")
async def test_answer_in_a_chat_that_was_cleared_meanwhile_is_seen_in_the_history_alone(
    sam: Person, town: Town, content: Content, service: Service
) -> None:
    """Telegram's apps clear the chat on the patient's side only: the promise is there for the bot, which edits it."""
    texts = content.texts("en")
    await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1})
    await sam.sends_photo(LESION)
    await sam.waits_for(shown(texts, "looking"))
    await sam.clears_the_chat()
    await town.suffers()
    await until_closed(service, sam)
    answers = [call for call in await town.calls() if call["chat_id"] == sam.id and call["method"] in _ANSWERING]
    assert [(call["method"], call["status"]) for call in answers] == [("editMessageMedia", 200)]
    assert await sam.messages() == []
    await sam.says("/history")
    history = await sam.waits_for(shown(texts, "history-heading", page=1, pages=1, count=1))
    assert re.search(rf"^• {shown(texts, 'class-nv')}: \d+ ", history["text"], flags=re.MULTILINE)


async def test_press_that_telegram_forgot_still_counts(tmp_path: Path) -> None:
    with emulator_in_thread(Settings(callback_timeout_s=0.1)) as emulator:
        bot = BotProcess(emulator, tmp_path)
        bot.start()
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Eva")
            await eva.says("/start")
            await eva.waits_for(asks(Step.LANGUAGE))
            await town.suffers({"kind": "delay", "method": "answerCallbackQuery", "delay_s": 0.5, "times": 1})
            await eva.presses(button(Step.LANGUAGE, "en"))
            await eva.waits_for(asks(Step.CONSENT), 30)
        bot.stop()
    assert "Incident" not in bot.log


async def test_update_in_hand_at_the_end_is_finished_or_kept(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator:
        bot = BotProcess(emulator, tmp_path)
        bot.start()
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Eva")
            await register(eva, "en")
            photo = await eva.sends_photo(LESION)
            assert bot.stop() == 0
            bot.start()
            await eva.waits_for(is_answer, 45)
            answers = [message for message in await eva.messages() if is_answer(message)]
            assert [answer["reply_to_message"]["message_id"] for answer in answers] == [photo["message_id"]]
        bot.stop()
    assert "Traceback" not in bot.log


async def test_flooded_menu_holds_up_no_photo(tmp_path: Path, content: Content) -> None:
    flooded = [{"kind": "429", "method": f"{deed}MyCommands", "retry_after": 900} for deed in ("set", "delete")]
    with emulator_in_thread() as emulator:
        bot = BotProcess(emulator, tmp_path)
        async with open_town(emulator.url) as town:
            await town.suffers(*flooded)
            bot.start()
            eva = await town.newcomer("Eva")
            await register(eva, "en")
            await eva.sends_photo(LESION)
            await eva.waits_for(is_answer, 45)
            await eva.says("/delete")
            await eva.waits_for(first_line(content.texts("en"), "delete-question"))
            await eva.presses(content.texts("en").plain("button-delete-yes"))
            await eva.waits_for(first_line(content.texts("en"), "deleted"))
            await eva.says("/help")
            await eva.waits_for(heading(content.texts("en"), "help"))
        assert bot.stop() == 0
    assert "Incident" not in bot.log


@pytest.mark.parametrize("token", ["123456:no-token", f"123456:{'x' * 35}"], ids=["none", "of another"])
async def test_refused_token_ends_the_start_with_one_sentence(tmp_path: Path, service: Service, token: str) -> None:
    bot = BotProcess(service.emulator, tmp_path, BOT_TOKEN=token)
    with pytest.raises(AssertionError, match="BOT_TOKEN"):
        bot.start()


async def test_second_bot_on_the_same_sqlite_file_is_refused_with_one_sentence(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/lentigo.db"
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, DATABASE_URL=url) as first:
        first.start()
        second = BotProcess(emulator, tmp_path, "run", "second", DATABASE_URL=url)
        with pytest.raises(AssertionError, match=r"Another bot runs on .*, and two would answer everything twice"):
            second.start()
        assert "Traceback" not in second.log
        assert first.stop() == 0


async def test_worker_on_sqlite_is_refused_with_one_sentence(tmp_path: Path, service: Service) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/lentigo.db"
    worker = BotProcess(service.emulator, tmp_path, "worker", DATABASE_URL=url)
    with pytest.raises(AssertionError, match="DATABASE_URL: workers need PostgreSQL"):
        worker.start()
    assert not (tmp_path / "lentigo.db").exists()


async def test_lost_answers_of_telegram_double_at_most_one_message(sam: Person, town: Town) -> None:
    await town.suffers({"kind": "reset", "method": "sendVenue", "times": 2, "after": True})
    await sam.shares_location(47.7981, 13.0465)
    await sam.waits_for(lambda message: message.get("venue", {}).get("title", "").startswith("5."), 30)
    await sam.waits_for("© OpenStreetMap")
    lists = [message for message in await sam.messages() if "© OpenStreetMap" in message.get("text", "")]
    assert len(lists) == 1


async def test_one_chat_that_telegram_slows_down_holds_up_nobody(sam: Person, town: Town) -> None:
    other = await town.newcomer("Other")
    await register(other, "en")
    slowed = {"kind": "429", "method": "editMessageMedia", "retry_after": 5, "chat_id": sam.id}
    await town.suffers(slowed)
    await sam.sends_album([LESION] * 3)
    await until_slowed_down(town, sam)
    await other.sends_photo(LESION)
    await other.waits_for(is_answer, 30)
    assert not any(map(is_answer, await sam.messages()))
    await town.suffers()
    await sam.waits_for(is_answer, 60)


async def test_patient_who_blocks_before_the_progress_message_leaves_no_open_case(
    sam: Person, town: Town, service: Service
) -> None:
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 15, "times": 1})
    await sam.sends_photo(LESION)
    await sam.blocks()
    await town.suffers()
    for _ in range(100):
        rows = rows_of(service, "SELECT file_id, outcome FROM cases WHERE user_id = ?", sam)
        if rows and rows[0][1] is not None:
            break
        await asyncio.sleep(0.1)
    assert rows == [(None, "undeliverable")]


async def test_bot_waits_for_telegram_and_outlives_its_absence(tmp_path: Path, content: Content) -> None:
    state = tmp_path / "telegram.db"
    with emulator_in_thread(state=state) as emulator:
        web_port, port = str(free_port()), int(emulator.url.rpartition(":")[2])
        bot = BotProcess(emulator, tmp_path, WEB_PORT=web_port)
    bot.launch()
    await _until_shown(web_port, 'lentigo_dependency_up{dependency="telegram"} 0.0')
    for _ in range(2):  # absent when the bot starts, then away in the middle
        with emulator_in_thread(state=state, port=port) as emulator:
            async with open_town(emulator.url) as town:
                eva = await town.newcomer("Eva")
                await eva.says("/help")
                await eva.waits_for(content.texts("en").page("help").splitlines()[0].removeprefix("# "), 60)
    assert bot.stop() == 0
    assert "Traceback" not in bot.log


async def _until_shown(web_port: str, line: str) -> None:
    """Wait until /metrics has this line."""
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            with suppress(aiohttp.ClientConnectionError):  # it is not there yet
                async with session.get(f"http://127.0.0.1:{web_port}/metrics") as counts:
                    if line in await counts.text():
                        return
            await asyncio.sleep(0.1)
    raise AssertionError("it was never shown")


async def test_bot_can_be_stopped_while_it_waits_for_telegram(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator:
        bot = BotProcess(emulator, tmp_path)
    bot.launch()
    for _ in range(600):
        if "NetworkError" in bot.log:
            break
        await asyncio.sleep(0.1)
    assert bot.stop() == 0
    assert "Traceback" not in bot.log
