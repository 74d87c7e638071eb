"""A database that can't be used any more ends a process with a sentence that names it."""

import sqlite3

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from bot.errors import DatabaseAway, SettingsError
from bot.storage.database import naming_database

FILE = "sqlite+aiosqlite:////nowhere/lentigo.db"
SERVER = "postgresql+psycopg://lentigo:secret@db/lentigo"


def test_damaged_file_is_named() -> None:
    with (
        pytest.raises(SettingsError, match=r"/nowhere/lentigo\.db can't be used \(database disk image is malformed\)"),
        naming_database(FILE),
    ):
        raise DatabaseError("SELECT", {}, sqlite3.DatabaseError("database disk image is malformed"))


def test_server_that_goes_away_is_away() -> None:
    lost = OperationalError("SELECT", {}, Exception("server closed the connection"), connection_invalidated=True)
    with (
        pytest.raises(DatabaseAway, match=r"can't be used \(server closed the connection\)") as raised,
        naming_database(SERVER),
    ):
        raise lost
    assert "secret" not in str(raised.value)


def test_fault_of_the_program_passes_as_it_is() -> None:
    fault = IntegrityError("INSERT", {}, Exception("Key (user_id)=(7) already exists."))
    with pytest.raises(IntegrityError) as raised, naming_database(SERVER):
        raise fault
    assert raised.value is fault
