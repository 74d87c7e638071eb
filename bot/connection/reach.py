"""Whether Telegram is in reach: what it answers, what fails, and since when it is silent."""

import math
import time
from collections.abc import Callable
from typing import Final

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.metrics import Metrics

HEARD_LATELY_S: Final = 60  # a question for updates is answered within 30 s
_REFUSALS = (BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken)


class Reach:
    """Hears of every request to Telegram."""

    def __init__(self, metrics: Metrics, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock_s = clock_s
        self._heard_at_s = -math.inf

    @property
    def has_heard(self) -> bool:
        """Whether Telegram has answered anything since the start."""
        return self._heard_at_s > -math.inf

    @property
    def silent_s(self) -> float:
        """For how long Telegram has answered nothing; endless where it never has."""
        return self._clock_s() - self._heard_at_s

    def answered(self) -> None:
        """Note that a request went through."""
        self._heard_at_s = self._clock_s()
        self._metrics.telegram_answered()

    def failed(self, error: TelegramError) -> None:
        """Note that a request failed; who refuses or asks for patience is in reach all the same."""
        kind = failure_kind(error)
        if kind in {"429", "refused"}:
            self._heard_at_s = self._clock_s()
        self._metrics.telegram_failed(kind)


def failure_kind(error: TelegramError) -> str:
    """Return what went wrong in one of five words."""
    if isinstance(error, RetryAfter):
        return "429"
    if isinstance(error, TimedOut):
        return "timeout"
    if isinstance(error, _REFUSALS):
        return "refused"
    # python-telegram-bot makes one class of lost connections and of a 502; only the former come of the web's own error.
    is_answer = error.__cause__ is None or isinstance(error.__cause__, TelegramError)
    return "network" if isinstance(error, NetworkError) and not is_answer else "5xx"
