"""Keeps a process to Telegram's pace: about 30 messages a second in all, one a second in a chat after a short burst.

Telegram counts what all processes of a bot send: where a gateway and workers are faster together, it says 429, and
that is waited for.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import lru_cache
from itertools import chain, repeat
from typing import Any, Final

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.connection.reach import HEARD_LATELY_S, Reach, failure_kind
from bot.faults import is_transient
from bot.metrics import Metrics

_ALL_CHATS: Final = (28, 1.0)  # requests, seconds
_PHOTOS: Final = (22, 1.0)  # of these; what is left is for people who don't wait for a photo
_ONE_CHAT: Final = (20, 20.0)
_WAITS_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)  # before each further attempt
_LONGER_WAITS_S: Final = (16.0, 32.0)  # after these, of a request that is patient
_LONGEST_WAIT_S: Final = 60.0  # and from then on
_MANY_REFUSALS: Final = 37  # in half an hour, where each comes at once
_PACED: Final = ("send", "edit", "copy", "forward")  # what these begin shows up in a chat
_FREE: Final = frozenset({"sendChatAction", "editMessageReplyMarkup"})
_HASTY: Final = frozenset({"sendChatAction", "setMyCommands", "deleteMyCommands"})  # worth nothing later
_OWN_RETRIES: Final = frozenset({"getMe"})
ONLY_REFUSED: Final = 1  # a rate_limit_args: repeat only what Telegram says it refused, never what got no answer


_patient_task: ContextVar[asyncio.Task[Any] | None] = ContextVar("patient_task", default=None)
_is_told_to_wait: ContextVar[bool] = ContextVar("is_told_to_wait", default=False)

_log = logging.getLogger(__name__)


class RefusedForGood(TelegramError):  # noqa: N818 - it is the request that is refused
    """Telegram answers others, but this request again and again with an error of its own."""


@contextmanager
def patiently() -> Iterator[None]:
    """Let the requests that this task makes in the block wait for as long as Telegram is away.

    What the task has done before such a request is not done again then. Tasks that it starts are as hasty as any.
    """
    token = _patient_task.set(asyncio.current_task())
    try:
        yield
    finally:
        _patient_task.reset(token)


@contextmanager
def told_to_wait() -> Iterator[None]:
    """Have a 429 raised in the block, not waited for: who holds there what others need lets go of it first."""
    token = _is_told_to_wait.set(True)
    try:
        yield
    finally:
        _is_told_to_wait.reset(token)


def wait_s(error: RetryAfter) -> float:
    """Return for how long Telegram wants to hear nothing of the kind."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else wait


class Pacing(BaseRateLimiter[int]):
    """Waits before a request rather than after a 429, and repeats the one request that a passing fault struck.

    A 429 holds up nobody else: python-telegram-bot's own AIORateLimiter halts every chat after one chat's 429.
    Repeating a request, not the handler it is part of, shows a patient at most that one message twice when its answer
    is lost; with ONLY_REFUSED not even that, and the lost answer is raised.
    After a quarter of a minute the fault is raised; patiently, never, unless Telegram refuses this request alone.
    """

    def __init__(self, reach: Reach | None = None) -> None:
        self._reach = reach or Reach(Metrics())
        self._all_chats = AsyncLimiter(*_ALL_CHATS)
        self._photos = AsyncLimiter(*_PHOTOS)
        self._of_chat = lru_cache(maxsize=10_000)(lambda _: AsyncLimiter(*_ONE_CHAT))

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,  # noqa: ANN401 - the signature is python-telegram-bot's
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:  # noqa: ANN401 - likewise
        """Send one request when its turn has come, again when a fault may have passed."""
        is_patient = _is_patient(endpoint)
        refusals = 0
        for before_next_s in _waits_s(is_patient=is_patient):
            if endpoint.startswith(_PACED) and endpoint not in _FREE:
                await self._of_chat(data.get("chat_id")).acquire()
                if _is_of_a_photo(endpoint, data):
                    await self._photos.acquire()
                await self._all_chats.acquire()
            try:
                answer = await callback(*args, **kwargs)
            except TelegramError as error:
                self._reach.failed(error)
                if before_next_s is None or _is_for_the_caller(error, endpoint, rate_limit_args):
                    raise
                refusals += failure_kind(error) == "5xx"
                if is_patient and refusals >= _MANY_REFUSALS and self._reach.silent_s < HEARD_LATELY_S:
                    raise RefusedForGood(f"refused {refusals} times") from error
                await _wait(error, before_next_s)
            else:
                self._reach.answered()
                return answer
        raise AssertionError("unreachable")


def _is_of_a_photo(endpoint: str, data: dict[str, Any]) -> bool:
    """Return whether a request keeps to the pace of photos: two hundred of them hold up nobody's words.

    Promises of answers, and what is added to an answer, are sent as replies; a picture takes the promise's place. Words
    that decline a photo do so like any other edit, and are not counted. The few questions to moderators that reply to
    what they wrote are.
    """
    return endpoint == "editMessageMedia" or data.get("reply_parameters") is not None


def _is_patient(endpoint: str) -> bool:
    task = _patient_task.get()
    return task is not None and task is asyncio.current_task() and endpoint not in _HASTY


def _waits_s(*, is_patient: bool) -> Iterable[float | None]:
    """Return the waits before each further attempt; None gives up."""
    if is_patient:
        return chain(_WAITS_S, _LONGER_WAITS_S, repeat(_LONGEST_WAIT_S))
    return (*_WAITS_S, None)


def _is_for_the_caller(error: TelegramError, endpoint: str, rate_limit_args: int | None) -> bool:
    """Return whether the same request is not to be sent again here."""
    if endpoint in _OWN_RETRIES:
        return True
    if isinstance(error, RetryAfter):
        return _is_told_to_wait.get()
    return rate_limit_args == ONLY_REFUSED or not is_transient(error)


async def _wait(error: TelegramError, usual_s: float) -> None:
    if isinstance(error, RetryAfter):
        usual_s = wait_s(error)
    elif usual_s > max(_WAITS_S):
        _log.warning("Telegram does not do what is asked (%s); again in %.0f s", type(error).__name__, usual_s)
    await asyncio.sleep(usual_s)
