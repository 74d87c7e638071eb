"""Which faults pass by themselves, and waiting until they have passed."""

import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, TypeVar

import stamina
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from stamina.instrumentation import RetryDetails, set_on_retry_hooks
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TimedOut

_T = TypeVar("_T")
_LONGEST_WAIT_S: Final = 60
_PASSING_STATES: Final = frozenset({"25006", "25P03"})  # read_only_sql_transaction, idle_in_transaction_session_timeout

_log = logging.getLogger(__name__)


class FileNotThere(BadRequest):
    """Where Telegram has just said that a file is, it says that nothing is there."""

    def __init__(self) -> None:
        super().__init__("the file is not there")


def is_transient(error: BaseException) -> bool:
    """Whether the same call may go through later: Telegram or the database is away, slow or busy.

    A conflict is another program with the token, which sets a webhook, or asks for updates, in the same moment.
    """
    if isinstance(error, BadRequest):  # a NetworkError to python-telegram-bot, but it will not pass
        return False
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError):
        # PostgreSQL cut the connection, or does not write as it is not the first of its cluster yet.
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING_STATES
    return isinstance(error, NetworkError | RetryAfter | Conflict | OperationalError | NoConnectionInTime)


class NoFile(StrEnum):
    """Why Telegram does not give a file; the value is how a case ends, and part of a message's name."""

    GONE = "gone"
    SLOW = "slow"
    TOO_LARGE = "too_large"


def why_no_file(error: BadRequest | TimedOut) -> NoFile:
    """Return why Telegram does not give a file."""
    if isinstance(error, TimedOut):
        return NoFile.SLOW
    return NoFile.TOO_LARGE if "too big" in error.message.lower() else NoFile.GONE


def may_have_file_later(error: BadRequest | TimedOut) -> bool:
    """Whether Telegram says nothing of a file, or that it is gone or can't be fetched just now, not knowing which."""
    return isinstance(error, FileNotThere | TimedOut) or "temporarily unavailable" in error.message.lower()


async def until_it_works(call: Callable[[], Awaitable[_T]], within_s: float | None = None) -> _T:
    """Repeat a call through transient faults, with growing waits of up to a minute.

    Args:
        call: what is repeated.
        within_s: for how long; None for as long as the faults last.

    Raises:
        Exception: any error that will not pass by itself, or has not passed by then.
    """
    try:
        return await call()  # nearly always: what repeats takes a fourteenth of the gateway's time to set up
    except Exception as error:
        if not is_transient(error):
            raise
        first = [error]
    async for attempt in stamina.retry_context(
        on=is_transient, attempts=None, timeout=within_s, wait_initial=0.2, wait_max=_LONGEST_WAIT_S
    ):
        with attempt:
            if first:
                raise first.pop()
            return await call()
    raise AssertionError("unreachable")


def _log_retry(details: RetryDetails) -> None:
    _log.warning("%s; again in %.1f s", type(details.caused_by).__name__, details.wait_for)


set_on_retry_hooks([_log_retry])
