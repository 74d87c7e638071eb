"""The emulator's memory: one SQLite file, or nothing but memory when no file is asked for.

Every change is in the file before the request that made it is answered, so the emulator can be killed at any moment.
WAL with ``synchronous=NORMAL`` writes without waiting for the disk: it survives the death of the process, which is what
a development tool has to survive.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulator.objects import Json

Row = tuple[Any, ...]

_VERSION = 2  # of the schema below; 1 did not tell updates apart
_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, body TEXT NOT NULL,
    has_written INTEGER NOT NULL DEFAULT 0, is_blocked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS deactivated (user_id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS groups (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS members (group_id INTEGER NOT NULL, user_id INTEGER NOT NULL,
    PRIMARY KEY (group_id, user_id));
CREATE TABLE IF NOT EXISTS messages (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (chat_id, message_id));
CREATE TABLE IF NOT EXISTS reactions (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, sender_id INTEGER NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (chat_id, message_id, sender_id));
CREATE TABLE IF NOT EXISTS fixed (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id));
CREATE TABLE IF NOT EXISTS hidden (chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL,
    PRIMARY KEY (chat_id, message_id));
CREATE TABLE IF NOT EXISTS keyboards (chat_id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS updates (update_id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, body TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT 'message');
CREATE TABLE IF NOT EXISTS callbacks (id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, chat_id INTEGER NOT NULL,
    asked_at REAL NOT NULL, is_answered INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, user_id INTEGER,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commands (scope TEXT NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (scope, language));
CREATE TABLE IF NOT EXISTS files (number INTEGER PRIMARY KEY AUTOINCREMENT, file_id TEXT UNIQUE NOT NULL,
    set_id TEXT NOT NULL, kind TEXT NOT NULL, mime_type TEXT NOT NULL, body TEXT NOT NULL, content BLOB NOT NULL);
"""


class Store:
    """A SQLite database; statements outside ``together`` are durable one by one.

    Args:
        path: the state file, or None to keep everything in memory.

    Raises:
        OSError: the file is no state file, or another emulator uses it.
    """

    def __init__(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=1)
        try:
            self._open()
        except (sqlite3.Error, ValueError) as error:
            self._connection.close()
            raise OSError(f"the state file {path} can't be used: {error}") from error

    def _open(self) -> None:
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # one emulator at a time
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in {0, 1, _VERSION}:
            raise ValueError("another version of the emulator made it")
        if version == 1:
            self._connection.execute("ALTER TABLE updates ADD COLUMN kind TEXT NOT NULL DEFAULT 'message'")
        self._connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Every row that a query gives."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> Row | None:
        """The first row that a query gives."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def run(self, sql: str, *values: object) -> int:
        """Change something; returns the id of an inserted row."""
        return self._connection.execute(sql, values).lastrowid or 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """All changes of the block or none; the block must not await."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def fact(self, name: str, default: Json = None) -> Any:  # noqa: ANN401 - JSON of any shape
        """A remembered single value."""
        row = self.row("SELECT value FROM facts WHERE name = ?", name)
        return default if row is None else json.loads(row[0])

    def remember(self, name: str, value: Json) -> None:
        """Keep a single value."""
        self.run("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, json.dumps(value))

    def next_number(self, name: str, first: int) -> int:
        """Count up from `first`, never giving a number twice."""
        number = int(self.fact(name, first))
        self.remember(name, number + 1)
        return number

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
