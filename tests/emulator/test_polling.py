"""Long polling, as the Bot API documents it and its server does it."""

import asyncio

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import Conflict

from emulator.person import Person, RefusedError, Town
from emulator.server import RunningEmulator, running_emulator
from emulator.settings import Settings
from tests.emulator.asking import Ask, bot_of, emulator_with, until_called


async def _texts(bot: Bot, offset: int | None = None, limit: int = 100) -> list[str | None]:
    updates = await bot.get_updates(offset=offset, limit=limit)
    return [update.message.text for update in updates if update.message]


async def test_poll_waits_until_somebody_writes(ana: Person, bot: Bot) -> None:
    await bot.get_updates(offset=-1)
    last = (await bot.get_updates())[-1].update_id
    polling = asyncio.create_task(bot.get_updates(offset=last + 1, timeout=20))
    _, pending = await asyncio.wait([polling], timeout=0.1)
    assert pending
    await ana.says("there you are")
    updates = await asyncio.wait_for(polling, 2)
    assert [update.message.text for update in updates if update.message] == ["there you are"]


async def test_poll_gives_up_after_its_timeout(ask: Ask) -> None:
    before = asyncio.get_running_loop().time()
    assert (await ask("getUpdates", timeout=1))["result"] == []
    assert asyncio.get_running_loop().time() - before >= 1


async def test_update_comes_again_until_an_offset_confirms_it(ana: Person, bot: Bot) -> None:
    await ana.says("one")
    await ana.says("two")
    assert await _texts(bot) == await _texts(bot) == ["/start", "one", "two"]
    first = (await bot.get_updates(limit=1))[0].update_id
    assert await _texts(bot, offset=first + 1) == ["one", "two"]
    assert await _texts(bot) == ["one", "two"]


@pytest.mark.parametrize(("beyond", "left"), [(10, []), (11, ["/start", "one"]), (10**9, ["/start", "one"])])
async def test_offset_from_far_in_the_future_confirms_nothing(
    ana: Person, bot: Bot, beyond: int, left: list[str]
) -> None:
    await ana.says("one")
    after_the_last = (await bot.get_updates())[-1].update_id + 1
    assert await _texts(bot, offset=after_the_last + beyond) == left
    assert await _texts(bot) == left


async def test_numbers_begin_anew_after_a_week_without_updates(ana: Person, bot: Bot, town: Town) -> None:
    await ana.says("never fetched")
    after_the_last = (await bot.get_updates())[-1].update_id + 1
    assert await town.says_nothing_for_a_week(1000) == 1000
    assert await _texts(bot) == []
    await ana.says("one")
    await ana.says("two")
    found = await bot.get_updates(offset=after_the_last)
    assert [update.update_id for update in found] == [1000, 1001]
    assert await _texts(bot, offset=1001) == ["two"]
    assert await _texts(bot, offset=1002) == []


async def test_number_after_a_week_without_updates_is_any(ana: Person, bot: Bot, town: Town) -> None:
    number = await town.says_nothing_for_a_week()
    assert number != await town.says_nothing_for_a_week(number + 5)
    await ana.says("one")
    assert [update.update_id for update in await bot.get_updates()] == [number + 5]
    with pytest.raises(RefusedError, match="begin with 1"):
        await town.says_nothing_for_a_week(0)


async def test_negative_offset_keeps_only_the_latest(ana: Person, bot: Bot) -> None:
    for text in ("one", "two", "three"):
        await ana.says(text)
    assert await _texts(bot, offset=-2) == ["two", "three"]
    assert await _texts(bot) == ["two", "three"]


async def test_limit_bounds_one_answer(ana: Person, bot: Bot) -> None:
    await ana.says("one")
    assert await _texts(bot, limit=1) == ["/start"]


async def test_allowed_updates_are_remembered_and_do_not_touch_what_waits(ana: Person, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await ana.says("unseen")
    assert await _texts(bot) == ["/start"]
    await bot.get_updates(allowed_updates=[])
    await ana.says("seen")
    assert await _texts(bot) == ["/start", "seen"]


async def test_reactions_come_only_on_request(ana: Person, bot: Bot) -> None:
    message = await ana.says("hi")
    await ana.reacts(message, "👍")
    assert all(update.message_reaction is None for update in await bot.get_updates())
    await bot.get_updates(allowed_updates=["message_reaction"])
    await ana.reacts(message, "🔥")
    change = (await bot.get_updates())[-1].message_reaction
    assert change is not None
    assert [getattr(one, "emoji", "") for one in change.old_reaction] == ["👍"]
    assert [getattr(one, "emoji", "") for one in change.new_reaction] == ["🔥"]


async def test_second_poller_ends_the_first_with_a_conflict(emulator: RunningEmulator, bot: Bot, town: Town) -> None:
    ana = await town.newcomer()
    async with bot_of(emulator) as rival:
        first = asyncio.create_task(bot.get_updates(timeout=20))
        await until_called(town, "getUpdates")
        second = asyncio.create_task(rival.get_updates(timeout=20))
        with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
            await first
        await ana.says("hi")
        assert len(await second) == 1


async def test_end_of_the_emulator_answers_a_waiting_poll() -> None:
    async with running_emulator() as emulator, bot_of(emulator) as bot:
        polling = asyncio.create_task(bot.get_updates(timeout=50))
        await asyncio.wait([polling], timeout=0.1)
        emulator.world.close()
        assert await asyncio.wait_for(polling, 2) == ()


async def test_update_ids_grow_by_one(ana: Person, bot: Bot) -> None:
    await ana.says("one")
    first, second = await bot.get_updates()
    assert second.update_id == first.update_id + 1


async def test_press_is_forgotten_soon_and_a_message_is_not() -> None:
    async with emulator_with(Settings(press_kept_s=0)) as (town, bot):
        ana = await town.newcomer()
        await ana.says("/start")
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
        await bot.send_message(ana.id, "?", reply_markup=buttons)
        await ana.waits_for("?")
        await ana.presses("Yes")
        await ana.says("after")
        assert await _texts(bot) == ["/start", "after"]
        assert (await bot.get_webhook_info()).pending_update_count == 2
