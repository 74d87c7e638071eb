"""Waiting for PostgreSQL before anything is asked of it: after a power cut it may come up later than the bot."""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import FrameType
from typing import Final

from psycopg import pq
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import ArgumentError

from bot.address import file_of
from bot.libpq import conninfo

_ANSWERS_WITHIN_S: Final = 3
_WAITS_S: Final = (1, 2, 4, 8, 15)  # the last one again and again
_AWAY: Final = frozenset({pq.Ping.REJECT, pq.Ping.NO_RESPONSE})  # it starts or stops; nobody is there

_log = logging.getLogger(__name__)


def wait_for_server(url: str, meanwhile: Callable[[], AbstractContextManager[None]]) -> None:
    """Return once PostgreSQL takes connections; a wrong password is not noticed here, and SQLite never waited for.

    Args:
        url: as DATABASE_URL has it.
        meanwhile: begun where it has to be waited for, and ended after that.

    Raises:
        SystemExit: SIGTERM or SIGHUP came meanwhile.
    """
    tries = 0
    with ended_by_signal(0), ExitStack() as waiting:  # an end that was asked for is no failure
        while _is_away(url):
            if tries == 0:
                waiting.enter_context(meanwhile())
            wait_s = _WAITS_S[min(tries, len(_WAITS_S) - 1)]
            _log.warning("PostgreSQL does not answer at the address in DATABASE_URL; again in %s s", wait_s)
            time.sleep(wait_s)
            tries += 1


def _is_away(url: str) -> bool:
    try:
        is_file = file_of(url) is not None
    except (ArgumentError, ValueError):  # migrating tells how it is written
        return False
    if is_file:
        return False
    return pq.PGconn.ping(make_conninfo(conninfo(url), connect_timeout=_ANSWERS_WITHIN_S).encode()) in _AWAY


@contextmanager
def ended_by_signal(status: int) -> Iterator[None]:
    """Let SIGTERM end the process with this status while the block runs, after whatever has to be cleared away.

    So does SIGHUP, which comes where a terminal is closed, unless it is ignored, as nohup has it.
    """

    def end(_: int, __: FrameType | None) -> None:
        sys.exit(status)

    heard = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
