"""Telegram's pace is kept, and one chat's 429 holds up nobody else."""

import asyncio
import time
from datetime import timedelta

import pytest
from telegram import ReplyParameters
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.connection.pacing import ONLY_REFUSED, Pacing, RefusedForGood, patiently, told_to_wait, wait_s
from bot.connection.reach import Reach
from bot.faults import is_transient
from bot.metrics import Metrics


class Telegram:
    """Counts what arrives; fails as often as it is told to."""

    def __init__(self, refusals: int = 0, error: TelegramError | None = None) -> None:
        self.arrived: list[float] = []
        self.refusals = refusals
        self.error = error or RetryAfter(0)

    async def __call__(self) -> str:
        self.arrived.append(time.monotonic())
        if self.refusals:
            self.refusals -= 1
            raise self.error
        return "sent"


async def _send(
    pacing: Pacing,
    telegram: Telegram,
    chat_id: int,
    endpoint: str = "sendMessage",
    rate_limit_args: int | None = None,
) -> object:
    return await pacing.process_request(telegram, (), {}, endpoint, {"chat_id": chat_id}, rate_limit_args)


async def test_request_that_was_refused_is_sent_again() -> None:
    telegram = Telegram(refusals=3)
    assert await _send(Pacing(), telegram, 1) == "sent"
    assert len(telegram.arrived) == 4


async def test_request_that_is_always_refused_is_given_up() -> None:
    with pytest.raises(RetryAfter):
        await _send(Pacing(), Telegram(refusals=100), 1)


async def test_request_that_got_no_answer_is_repeated() -> None:
    telegram = Telegram(refusals=1, error=NetworkError("reset"))
    assert await _send(Pacing(), telegram, 1) == "sent"
    assert len(telegram.arrived) == 2


async def test_request_that_must_not_be_done_twice_is_repeated_only_where_it_was_refused() -> None:
    refused, unanswered = Telegram(refusals=3), Telegram(refusals=1, error=NetworkError("reset"))
    assert await _send(Pacing(), refused, 1, rate_limit_args=ONLY_REFUSED) == "sent"
    with pytest.raises(NetworkError, match="reset"):
        await _send(Pacing(), unanswered, 1, rate_limit_args=ONLY_REFUSED)
    assert (len(refused.arrived), len(unanswered.arrived)) == (4, 1)


async def test_whoever_holds_something_is_told_to_wait_and_waits_without_it() -> None:
    telegram = Telegram(refusals=1, error=RetryAfter(timedelta(seconds=35)))
    with told_to_wait(), pytest.raises(RetryAfter) as told:
        await _send(Pacing(), telegram, 1)
    assert (wait_s(told.value), len(telegram.arrived)) == (35, 1)


async def test_other_faults_are_outlived_by_whoever_holds_something() -> None:
    telegram = Telegram(refusals=1, error=NetworkError("reset"))
    with told_to_wait():
        assert await _send(Pacing(), telegram, 1) == "sent"


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, waits_s in (("_WAITS_S", (0.0,)), ("_LONGER_WAITS_S", ()), ("_LONGEST_WAIT_S", 0.001)):
        monkeypatch.setattr(f"bot.connection.pacing.{name}", waits_s)


@pytest.mark.usefixtures("_hurry")
async def test_patient_request_outlives_a_long_absence_and_the_tasks_it_starts_are_hasty() -> None:
    reset, pacing = NetworkError("reset"), Pacing()
    reset.__cause__ = ConnectionError()
    telegram = Telegram(refusals=100, error=reset)
    with patiently():
        assert await _send(pacing, telegram, 1, "getFile") == "sent"
        with pytest.raises(NetworkError):
            await asyncio.create_task(_send(pacing, Telegram(100, reset), 1, "getFile"))
        with pytest.raises(NetworkError):
            await _send(pacing, Telegram(100, reset), 1, "sendChatAction")
    with pytest.raises(NetworkError):
        await _send(pacing, Telegram(100, reset), 1, "getFile")
    assert len(telegram.arrived) == 101


@pytest.mark.usefixtures("_hurry")
async def test_patient_request_that_alone_is_refused_is_given_up_for_good() -> None:
    reach, refusing = Reach(Metrics()), Telegram(refusals=1000, error=NetworkError("Internal Server Error"))
    pacing = Pacing(reach)
    with patiently():
        waiting = asyncio.create_task(_patiently_sent(pacing, refusing))
        await asyncio.sleep(0.2)
        assert not waiting.done()  # Telegram answers nobody: that passes
        reach.answered()
        with pytest.raises(RefusedForGood) as caught:
            await asyncio.wait_for(waiting, 10)
    assert not is_transient(caught.value)


async def _patiently_sent(pacing: Pacing, telegram: Telegram) -> None:
    with patiently():
        await _send(pacing, telegram, 1, "getFile")


async def test_wrong_request_is_not_repeated() -> None:
    telegram = Telegram(refusals=1, error=BadRequest("wrong"))
    with pytest.raises(BadRequest):
        await _send(Pacing(), telegram, 1)
    assert len(telegram.arrived) == 1


async def test_burst_in_one_chat_waits_and_another_chat_does_not() -> None:
    pacing, busy, quiet = Pacing(), Telegram(), Telegram()
    burst = [asyncio.create_task(_send(pacing, busy, 1)) for _ in range(25)]
    await asyncio.sleep(0)
    await asyncio.wait_for(_send(pacing, quiet, 2), timeout=0.5)
    assert len(busy.arrived) == 20
    for task in burst:
        task.cancel()
    await asyncio.gather(*burst, return_exceptions=True)


async def test_no_more_than_thirty_messages_leave_in_the_first_second() -> None:
    pacing, telegram = Pacing(), Telegram()
    sending = [asyncio.create_task(_send(pacing, telegram, chat)) for chat in range(60)]
    await asyncio.sleep(0.2)
    assert 20 <= len(telegram.arrived) <= 35
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)


async def test_answers_to_buttons_never_wait() -> None:
    pacing, telegram = Pacing(), Telegram()
    waiting = (_send(pacing, telegram, 1, "answerCallbackQuery") for _ in range(100))
    await asyncio.wait_for(asyncio.gather(*waiting), timeout=0.5)
    assert len(telegram.arrived) == 100


async def test_two_hundred_photos_hold_up_nobody_who_asks_for_words() -> None:
    pacing, photos, words = Pacing(), Telegram(), Telegram()
    promise = {"reply_parameters": ReplyParameters(1)}
    promises = [
        asyncio.create_task(pacing.process_request(photos, (), {}, "sendMessage", {"chat_id": n} | promise, None))
        for n in range(100)
    ]
    answers = [asyncio.create_task(_send(pacing, photos, chat, "editMessageMedia")) for chat in range(100)]
    await asyncio.sleep(0.1)
    for chat in (1_001, 1_002, 1_003):
        await asyncio.wait_for(_send(pacing, words, chat), timeout=0.3)
    assert len(photos.arrived) < 40
    for task in (*promises, *answers):
        task.cancel()
    await asyncio.gather(*promises, *answers, return_exceptions=True)
