"""Sending too fast."""

from datetime import timedelta

import pytest
from telegram import Bot
from telegram.error import RetryAfter

from emulator.limits import SendingLimits
from emulator.person import Person, Town
from emulator.settings import Limits, Settings
from tests.emulator.asking import emulator_with


@pytest.fixture(autouse=True)
def retry_after_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of a change in RetryAfter unless it is taken on already."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def test_burst_to_one_chat_is_allowed_and_then_one_message_a_second() -> None:
    limits = SendingLimits(Limits(chat_burst=3))
    assert [limits.retry_after_s(1, 1, 10.0, is_edit=False) for _ in range(4)] == [0, 0, 0, 1]
    assert limits.retry_after_s(2, 1, 10.0, is_edit=False) == 0
    assert [limits.retry_after_s(1, 1, 11.0, is_edit=False) for _ in range(2)] == [0, 1]


def test_thirty_messages_a_second_go_out_in_all() -> None:
    limits = SendingLimits(Limits())
    waits = [limits.retry_after_s(chat_id, 1, 10.0, is_edit=False) for chat_id in range(1, 32)]
    assert waits == [0] * 30 + [1]
    assert limits.retry_after_s(99, 1, 10.5, is_edit=False) == 0


def test_edits_count_against_all_chats_but_not_against_theirs() -> None:
    limits = SendingLimits(Limits(per_second=5, chat_burst=1))
    assert [limits.retry_after_s(1, 1, 10.0, is_edit=True) for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_album_costs_as_many_messages_as_it_has() -> None:
    limits = SendingLimits(Limits(chat_burst=10))
    assert limits.retry_after_s(1, 8, 10.0, is_edit=False) == 0
    assert limits.retry_after_s(1, 8, 10.0, is_edit=False) == 6


def test_group_gets_twenty_messages_a_minute() -> None:
    limits = SendingLimits(Limits())
    waits = [limits.retry_after_s(-1, 1, 10.0, is_edit=False) for _ in range(21)]
    assert waits == [0] * 20 + [3]


async def test_bot_is_told_how_long_to_wait() -> None:
    tight = Settings(limits=Limits(chat_burst=1, chat_per_second=0.1))
    async with emulator_with(tight) as (town, bot):
        ana = await town.newcomer()
        await ana.says("/start")
        await bot.send_message(ana.id, "one")
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(ana.id, "two")
        assert caught.value.retry_after == timedelta(seconds=10)
        assert (await town.calls())[-1]["status"] == 429
        assert await bot.send_chat_action(ana.id, "typing")


async def test_refused_message_is_not_sent(bot: Bot, ana: Person, town: Town) -> None:
    await town.suffers({"kind": "429", "method": "sendMessage", "retry_after": 7, "times": 1})
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(ana.id, "one")
    assert caught.value.retry_after == timedelta(seconds=7)
    await bot.send_message(ana.id, "two")
    assert [message["text"] for message in await ana.messages()] == ["/start", "two"]


async def test_one_chat_may_be_slowed_down_alone(bot: Bot, ana: Person, town: Town) -> None:
    other = await town.newcomer("Other")
    await other.says("/start")
    await town.suffers({"kind": "429", "method": "sendMessage", "chat_id": ana.id})
    await bot.send_message(other.id, "one")
    with pytest.raises(RetryAfter):
        await bot.send_message(ana.id, "one")
