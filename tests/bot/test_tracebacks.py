"""What of an error the log tells, and what it keeps to itself."""

import sqlite3

import psycopg
import pytest
from pebble import ProcessPool
from telegram.error import BadRequest, NetworkError, TimedOut

from bot.errors import SettingsError
from bot.tracebacks import told

_SAID = "my mole is bleeding"


def traceback_of(error: BaseException) -> str:
    """Raise it here, and return what is told of it."""
    with pytest.raises(type(error)) as caught:
        raise error
    return told((caught.type, caught.value, caught.tb))


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"invalid literal for int() with base 10: {_SAID!r}"),
        KeyError(_SAID),
        UnicodeEncodeError("ascii", _SAID, 0, 1, _SAID),
        psycopg.errors.InvalidTextRepresentation(f'invalid input syntax for type integer: "{_SAID}"'),
        sqlite3.OperationalError(f"Could not decode to UTF-8 column 'text' with text '{_SAID}'"),
        psycopg.errors.UniqueViolation(f"duplicate key value\nDETAIL:  Key (text)=({_SAID}) already exists."),
        ExceptionGroup(_SAID, [ValueError(_SAID)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_somebody_wrote_is_left_out_of_every_error(error: Exception) -> None:
    text = traceback_of(error)
    assert "bleeding" not in text
    assert type(error).__name__ in text
    assert f'File "{__file__}"' in text
    assert "raise error" in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device", "/data/lentigo.db"), "No space left on device: '/data/lentigo.db'"),
        (sqlite3.OperationalError("database is locked"), "OperationalError: database is locked"),
        (psycopg.errors.AdminShutdown("terminating connection"), "AdminShutdown: terminating connection"),
        (psycopg.errors.UniqueViolation('constraint "one_case"\nDETAIL: …'), 'UniqueViolation: constraint "one_case"'),
        (BadRequest("Chat not found"), "BadRequest: Chat not found"),
        (TimedOut(), "TimedOut: Timed out"),
        (SettingsError("BOT_TOKEN is missing."), "SettingsError: BOT_TOKEN is missing."),
    ],
    ids=lambda value: type(value).__name__,
)
def test_operator_reads_what_a_machine_complains_of(error: Exception, words: str) -> None:
    assert traceback_of(error).splitlines()[-1].endswith(words)


def test_what_telegrams_library_makes_of_another_error_does_not_quote_it() -> None:
    error = NetworkError(f"Unknown error in HTTP implementation: UnicodeEncodeError({_SAID!r})")
    error.__cause__ = UnicodeEncodeError("utf-8", _SAID, 0, 1, "surrogates not allowed")
    text = traceback_of(error)
    assert "bleeding" not in text
    assert text.splitlines()[-1] == "NetworkError: (words left out)"


def test_what_an_error_came_of_is_told_before_it() -> None:
    cause = OSError(111, "Connection refused")
    error = SettingsError("No database.")
    error.__cause__ = cause
    lines = traceback_of(error).splitlines()
    assert lines.index("ConnectionRefusedError: [Errno 111] Connection refused") < lines.index("therefore:")
    assert lines[-1] == "SettingsError: No database."


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_what_an_error_came_up_beside_is_told_unless_it_was_to_be_forgotten(is_forgotten: bool) -> None:  # noqa: FBT001
    error = SettingsError("Wrong.")
    error.__context__ = OSError("Disk.")
    error.__suppress_context__ = is_forgotten
    lines = traceback_of(error).splitlines()
    assert ("then:" in lines, "OSError: Disk." in lines) == (not is_forgotten, not is_forgotten)


def test_each_error_of_a_group_is_told() -> None:
    lines = traceback_of(ExceptionGroup("", [OSError("first"), SettingsError("second")])).splitlines()
    assert [line for line in lines if line.endswith((" of 2:", "first", "second"))] == [
        "1 of 2:",
        "  OSError: first",
        "2 of 2:",
        "  SettingsError: second",
    ]


def _fail_in_worker() -> None:
    raise ValueError(_SAID)


def test_where_a_worker_failed_is_told_without_what_it_said() -> None:
    with ProcessPool(max_workers=1) as pool, pytest.raises(ValueError, match=_SAID) as caught:
        pool.schedule(_fail_in_worker).result()
    text = told((caught.type, caught.value, caught.tb))
    assert "in _fail_in_worker" in text
    assert "bleeding" not in text
