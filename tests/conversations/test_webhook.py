"""The bot as Telegram brings updates to it, behind a sub-path, and what its other pages tell."""

import asyncio
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from bot.content import Content
from emulator.person import Person, open_town
from emulator.settings import Settings
from tests.conversations.service import PHOTOS, BotProcess, Service, emulator_in_thread
from tests.conversations.stories import enrol, register
from tests.conversations.test_photos import is_answer
from tests.emulator.asking import bot_of
from tests.serving import free_port

LESION = PHOTOS / "ham10000_nv_ISIC_0028441.jpg"


def webhook_settings() -> dict[str, str]:
    port = str(free_port())
    return {"WEBHOOK_URL": f"http://127.0.0.1:{port}/bots/lentigo", "WEBHOOK_PORT": port, "LOG_LEVEL": "DEBUG"}


def is_help(content: Content) -> str:
    return content.texts("en").page("help").splitlines()[0].removeprefix("# ")


async def count_of(person: Person, words: str) -> int:
    return sum(words in message.get("text", "") for message in await person.messages())


async def answer_times(person: Person, words: str, count: int) -> int:
    """Wait until somebody was told something so often; returns how often it is a moment later."""
    for _ in range(300):
        if await count_of(person, words) >= count:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)  # one too many would have time to come
    return await count_of(person, words)


async def test_photo_is_answered_once_though_each_update_is_brought_twice(tmp_path: Path) -> None:
    settings = webhook_settings()
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, **settings) as bot:
        bot.start()
        async with open_town(emulator.url) as town:
            await town.suffers({"kind": "duplicate_update", "method": "webhook", "times": 50})
            eva = await town.newcomer("Eva")
            await register(eva, "en")
            photo = await eva.sends_photo(LESION)
            await eva.waits_for(is_answer, 45)
            answers = [message for message in await eva.messages() if is_answer(message)]
            assert [answer["reply_to_message"]["message_id"] for answer in answers] == [photo["message_id"]]
        async with aiohttp.request("POST", settings["WEBHOOK_URL"], json={"update_id": 1}) as refused:
            assert refused.status == 403
        assert bot.stop() == 0
    assert "Traceback" not in bot.log
    assert "Eva" not in bot.log
    assert emulator.token not in bot.log


async def test_switching_between_polling_and_webhook_loses_nothing_and_doubles_nothing(
    tmp_path: Path, content: Content
) -> None:
    words = is_help(content)
    with emulator_in_thread() as emulator:
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Eva")
            asked = 0
            for settings in ({}, webhook_settings(), {}, webhook_settings()):
                await eva.says("/help")  # while nobody is there
                with BotProcess(emulator, tmp_path, **settings) as bot:
                    bot.start()
                    await eva.says("/help")
                    asked += 2
                    assert await answer_times(eva, words, asked) == asked
                    assert bot.stop() == 0


@pytest.mark.parametrize("is_brought", [False, True], ids=["polling", "webhook"])
async def test_updates_whose_numbers_jump_down_after_a_quiet_week_are_answered_as_before(
    tmp_path: Path, content: Content, *, is_brought: bool
) -> None:
    settings = webhook_settings() if is_brought else {}
    words = is_help(content)
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, **settings) as bot:
        bot.start()
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Eva")
            enrol(tmp_path, [eva.id], "en", content)
            await eva.says("/help")
            assert await answer_times(eva, words, 1) == 1
            await town.says_nothing_for_a_week(2000)  # while the bot runs
            await eva.says("/help")
            photo = await eva.sends_photo(LESION)
            assert await answer_times(eva, words, 2) == 2
            assert await answered_photos(eva, 1) == [photo["message_id"]]
            assert bot.stop() == 0
            await town.says_nothing_for_a_week(1000)  # while nobody is there
            await eva.says("/help")
            bot.start()
            await eva.says("/help")
            assert await answer_times(eva, words, 4) == 4
            assert await answered_photos(eva, 1) == [photo["message_id"]]
        assert bot.stop() == 0
    assert "Traceback" not in bot.log
    assert "Incident" not in bot.log


async def test_photos_that_are_brought_while_the_bot_is_killed_are_answered_once(
    tmp_path: Path, content: Content
) -> None:
    settings = webhook_settings()
    with (
        emulator_in_thread(Settings(webhook_retry_s=0.1)) as emulator,
        BotProcess(emulator, tmp_path, **settings) as bot,
    ):
        bot.start()
        async with open_town(emulator.url) as town:
            people = [await town.newcomer(f"Eva {number}") for number in range(4)]
            enrol(tmp_path, [person.id for person in people], "en", content)
            photos = [await person.sends_photo(LESION) for person in people]
            bot.kill()
            photos += [await person.sends_photo(LESION) for person in people]  # while nobody is there
            bot.start()
            for person in people:
                answered = await answered_photos(person, 2)
                assert sorted(answered) == [p["message_id"] for p in photos if p["chat"]["id"] == person.id]


async def answered_photos(person: Person, count: int) -> list[int]:
    """Wait for so many answers; returns which photos have one, as often as they have one."""
    for _ in range(450):
        if sum(map(is_answer, await person.messages())) >= count:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)  # likewise
    return [m["reply_to_message"]["message_id"] for m in await person.messages() if is_answer(m)]


@pytest.mark.usefixtures("_on_sqlite")
async def test_update_that_comes_while_the_database_is_locked_is_brought_again(
    tmp_path: Path, content: Content
) -> None:
    settings, words = webhook_settings(), is_help(content)
    with (
        emulator_in_thread(Settings(webhook_retry_s=0.1)) as emulator,
        BotProcess(emulator, tmp_path, **settings) as bot,
    ):
        bot.start()
        async with open_town(emulator.url) as town, bot_of(emulator) as asking:
            eva = await town.newcomer("Eva")
            with sqlite3.connect(tmp_path / "lentigo.db", isolation_level=None) as holding:
                holding.execute("BEGIN EXCLUSIVE")
                await eva.says("/help")
                for _ in range(150):
                    if (info := await asking.get_webhook_info()).last_error_message:
                        break
                    await asyncio.sleep(0.2)
                assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
                holding.execute("ROLLBACK")
            holding.close()
            assert await answer_times(eva, words, 1) == 1


@pytest.mark.usefixtures("_on_sqlite")  # with PostgreSQL a worker has pages of its own
async def test_pages_tell_how_the_bot_is(tmp_path: Path, service: Service) -> None:
    port = str(free_port())
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, WEB_PORT=port) as bot:
        bot.start()
        async with open_town(emulator.url) as town, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            eva = await town.newcomer("Eva")
            await register(eva, "en")
            await eva.sends_photo(LESION)
            await counted(session, 'lentigo_photos_total{outcome="assessed"} 1.0')
            assert await page(session, "/healthz") == (200, '{"process": "ok"}')
            everything = '{"database": "ok", "telegram": "ok", "workers": "ok", "model": "ok"}'
            assert await page(session, "/readyz") == (200, everything)
            await counted(session, 'lentigo_dependency_up{dependency="database"} 1.0')
            _, text = await page(session, "/metrics")
            assert "Eva" not in text
            assert 'lentigo_updates_total{kind="photo"} 1.0' in text
            for stage in ("wait", "download", "assess", "deliver"):
                assert f'lentigo_photo_stage_seconds_count{{stage="{stage}"}} 1.0' in text
        (other := tmp_path / "other").mkdir()
        second = BotProcess(service.emulator, other, WEB_PORT=port)
        with pytest.raises(AssertionError, match="WEB_PORT"):
            second.start()


async def counted(session: aiohttp.ClientSession, line: str) -> None:
    for _ in range(450):
        if line in (await page(session, "/metrics"))[1]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError((await page(session, "/metrics"))[1])


async def page(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path) as answer:
        return answer.status, await answer.text()


async def test_webhook_address_that_is_taken_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator:
        taken = emulator.url.rpartition(":")[2]
        bot = BotProcess(emulator, tmp_path, **webhook_settings() | {"WEBHOOK_PORT": taken})
        bot.launch()
        assert bot.wait() == 2
    assert f"WEBHOOK_PORT: 127.0.0.1:{taken} can't be had" in bot.log
    assert "Traceback" not in bot.log


async def test_webhook_that_telegram_refuses_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator:
        bot = BotProcess(emulator, tmp_path, WEBHOOK_URL="http://example.org/hook", WEBHOOK_PORT=str(free_port()))
        bot.launch()
        assert bot.wait() == 2
    assert "WEBHOOK_URL: Telegram refuses it" in bot.log
    assert "Traceback" not in bot.log
