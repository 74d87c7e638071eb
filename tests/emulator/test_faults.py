"""Things that go wrong on purpose."""

import asyncio
import time

import pytest
from telegram import Bot
from telegram.error import ChatMigrated, Forbidden, NetworkError

from emulator.person import Person, RefusedError, Town
from tests.emulator.asking import until_called
from tests.emulator.pictures import picture


async def test_delay_holds_up_only_the_method_it_names(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 15})
    sending = asyncio.create_task(bot.send_message(ana.id, "late"))
    await until_called(town, "sendMessage")
    await bot.get_me()
    assert await _texts(ana) == ["/start"]
    await town.suffers()
    await sending
    assert await _texts(ana) == ["/start", "late"]


async def test_delay_ends_when_its_time_is_over(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 0.3})
    before = time.monotonic()
    await bot.send_message(ana.id, "late")
    assert time.monotonic() - before >= 0.3


async def test_delay_ends_when_the_schedule_is_replaced(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 600})
    sending = asyncio.create_task(bot.send_message(ana.id, "late", read_timeout=60))
    await until_called(town, "sendMessage")
    await town.suffers({"kind": "5xx", "method": "getMe"})
    assert (await sending).text == "late"


async def test_server_error_comes_every_second_time(bot: Bot, town: Town) -> None:
    await town.suffers({"kind": "5xx", "method": "getChat", "every": 2, "status": 503})
    statuses = []
    for _ in range(4):
        try:
            await bot.get_chat("@nobody")
        except NetworkError as error:
            statuses.append(type(error).__name__)
    assert statuses == ["BadRequest", "NetworkError", "BadRequest", "NetworkError"]


async def test_connection_reset_before_the_work_sends_nothing(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "reset", "method": "sendMessage", "times": 1})
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "lost")
    assert await _texts(ana) == ["/start"]
    call = (await town.calls())[-1]
    assert (call["method"], call["status"]) == ("sendMessage", None)


async def test_connection_reset_after_the_work_loses_only_the_answer(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "reset", "method": "sendMessage", "times": 1, "after": True})
    with pytest.raises(NetworkError):
        await bot.send_message(ana.id, "sent all the same")
    assert await _texts(ana) == ["/start", "sent all the same"]


async def test_half_a_file_breaks_the_download_once(bot: Bot, ana: Person, town: Town) -> None:
    await ana.sends_photo(("spot.jpg", picture(800, 600)))
    message = (await bot.get_updates())[-1].message
    assert message is not None
    file = await bot.get_file(message.photo[-1].file_id)
    await town.suffers({"kind": "half_body", "method": "file", "times": 1})
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    assert len(await file.download_as_bytearray()) == message.photo[-1].file_size


async def test_duplicate_update_comes_again_although_it_was_confirmed(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "duplicate_update", "times": 1})
    await ana.says("once")
    ids = [update.update_id for update in await bot.get_updates()]
    again = [update.update_id for update in await bot.get_updates(offset=ids[-1] + 1)]
    assert again == ids
    assert await bot.get_updates(offset=ids[-1] + 1) == ()


async def test_faults_end_when_the_schedule_is_cleared(bot: Bot, town: Town) -> None:
    await town.suffers({"kind": "5xx"})
    with pytest.raises(NetworkError):
        await bot.get_me()
    await town.suffers()
    assert await bot.get_me()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "meteorite"},
        {"kind": "429", "times": -1},
        {"kind": "delay", "method": "getFile", "chat_id": 7},
        {"kind": "delay", "every": 0},
    ],
)
async def test_impossible_fault_is_refused(town: Town, fault: dict[str, object]) -> None:
    with pytest.raises(RefusedError):
        await town.suffers(fault)


async def test_refusal_says_what_it_is_told_to(bot: Bot, ana: Person, town: Town) -> None:
    words = "Forbidden: user is deactivated"
    await town.suffers({"kind": "refused", "method": "sendMessage", "status": 403, "description": words, "times": 1})
    with pytest.raises(Forbidden, match=words):
        await bot.send_message(ana.id, "lost")
    assert await bot.send_message(ana.id, "there")


async def test_refusal_says_that_the_group_is_a_supergroup_now(bot: Bot, ana: Person, town: Town) -> None:
    group = await town.group("Friends", ana)
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    await town.suffers({"kind": "refused", "chat_id": group, "description": words, "migrate_to_chat_id": -100_123})
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(group, "lost")
    assert caught.value.new_chat_id == -100_123


async def _texts(person: Person) -> list[str]:
    return [message["text"] for message in await person.messages()]
