"""What the log shows, and what it never shows."""

import io
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog

from bot.errors import BackupError
from bot.incidents import log_incident
from bot.logs import LogFormat, redacted, start_logging

TOKEN = "500000001:AAF4k3-t0ken_for_tests_0123456789ab"
OTHER = "7000000001:AAFanother-t0ken_that_nobody_listed_0123"
SECRET = "webhook-secret-0123456789"

each_format = pytest.mark.parametrize("log_format", ["console", "json"])


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Whatever a test does to logging is undone."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    logging.captureWarnings(False)  # noqa: FBT003 - its name says what
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("bot", "inference", "telegram.request", "aiohttp.server"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def started(log_format: LogFormat, level: str = "INFO") -> io.StringIO:
    start_logging(level, TOKEN, SECRET, log_format=log_format)
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)
    return written


def test_machines_read_one_object_a_line_with_incident_and_case() -> None:
    written = started("json")
    with structlog.contextvars.bound_contextvars(case=7):
        incident = log_incident(logging.getLogger("bot.cases"), ValueError("a bug"))
    (record,) = [json.loads(line) for line in written.getvalue().splitlines()]
    assert (record["incident"], record["case"], record["level"]) == (incident, 7, "error")
    assert (record["logger"], record["event"]) == ("bot.cases", f"Incident {incident}: ValueError")
    assert record["timestamp"].endswith("Z")
    assert "ValueError" in record["exception"]


def test_people_read_the_incident_beside_its_traceback() -> None:
    written = started("console")
    incident = log_incident(logging.getLogger("bot.cases"), BackupError("The backup is damaged."))
    first, *rest = written.getvalue().splitlines()
    assert f"Incident {incident}: BackupError" in first
    assert f"incident={incident}" in first
    assert rest == ["Traceback (most recent call last):", "BackupError: The backup is damaged."]


@each_format
def test_a_message_never_begins_a_second_record(log_format: LogFormat) -> None:
    written = started(log_format)
    logging.getLogger("bot").warning("said %s", "one\n2026-11-23 [error] forged\rtwo")
    assert len(written.getvalue().splitlines()) == 1


@each_format
@pytest.mark.parametrize(
    ("words", "secret"),
    [
        (f"POST https://api.telegram.org/bot{TOKEN}/sendMessage failed", TOKEN),
        (f"GET https://api.telegram.org/file/bot{OTHER}/photos/file_1.jpg", OTHER),
        (f"token={OTHER}", OTHER),
        (f"the header was {SECRET}", SECRET),
        ("GET https://example.org/search?q=Salzburg&limit=1 timed out", "Salzburg"),
        ("postgresql+psycopg://lentigo:hunter2@db/lentigo is away", "hunter2"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("{'Authorization': 'Basic dXNlcjpwdw=='}", "dXNlcjpwdw"),
        ("X-Telegram-Bot-Api-Secret-Token: abcdef", "abcdef"),
    ],
)
def test_no_secret_is_written(log_format: LogFormat, words: str, secret: str) -> None:
    written = started(log_format)
    log = logging.getLogger("bot.incoming.intake")
    log.warning("%s", words)
    with pytest.raises(ConnectionError) as caught:
        raise ConnectionError(words) from ValueError(words)
    log_incident(log, caught.value)
    text = written.getvalue()
    assert "ConnectionError" in text
    assert secret not in text


def test_everything_else_is_left_as_it_is() -> None:
    words = "Ready as @lentigo_bot at https://example.org/path (12:30:45), 3 of 7 done"
    assert redacted(words, TOKEN, SECRET) == words


@each_format
@pytest.mark.parametrize("library", ["telegram.ext", "httpx", "sqlalchemy.engine", "aiohttp.access", "a_new_library"])
def test_libraries_are_not_heard_below_warnings(log_format: LogFormat, library: str) -> None:
    written = started(log_format, "DEBUG")
    logging.getLogger(library).info("Ana sent 'hello'")
    logging.getLogger(library).debug("Ana sent 'hello'")
    logging.getLogger("bot.app").debug("heard")
    assert [line for line in written.getvalue().splitlines() if "Ana" in line] == []
    assert "heard" in written.getvalue()


def test_field_that_nobody_allowed_is_left_out() -> None:
    written = started("json")
    logging.getLogger("bot").warning("done", extra={"user_id": 500_000_001, "incident": "3FA29C"})
    record = json.loads(written.getvalue())
    assert "user_id" not in record
    assert record["incident"] == "3FA29C"


ENDS = """
import sys, threading
from bot.logs import start_logging

start_logging("INFO", log_format=sys.argv[1])
thread = threading.Thread(target=int, args=["what Ana wrote"])
thread.start()
thread.join()
int("what Ana wrote")
"""


LEFT_ALONE = """
import asyncio, gc, sys, warnings
from bot.logs import start_logging

start_logging("INFO", log_format=sys.argv[1])


async def fail():
    int("what Ana wrote")


async def leave_alone():
    task = asyncio.create_task(fail())
    asyncio.get_running_loop().call_soon(int, "what Ana wrote")
    await asyncio.sleep(0.01)
    del task
    gc.collect()
    await asyncio.sleep(0.01)


if sys.argv[2] == "asyncio":
    asyncio.run(leave_alone())
else:
    import uvloop

    uvloop.run(leave_alone())
warnings.warn("of what Ana wrote")
"""


@each_format
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_what_python_itself_tells_is_logged_without_what_somebody_wrote(log_format: LogFormat, loop: str) -> None:
    command = [sys.executable, "-c", LEFT_ALONE, log_format, loop]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "Task exception was never retrieved" in ended.stderr
    assert "Exception in callback" in ended.stderr
    assert ended.stderr.count("ValueError: (words left out)") == 2
    assert re.search(r"<string>:\d+: UserWarning", ended.stderr)
    assert "Ana" not in ended.stderr


@each_format
def test_what_ends_a_thread_or_the_process_is_logged_without_what_somebody_wrote(log_format: LogFormat) -> None:
    command = [sys.executable, "-c", ENDS, log_format]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "A thread ended: ValueError" in ended.stderr
    assert "Ended: ValueError" in ended.stderr
    assert "Ana" not in ended.stderr
