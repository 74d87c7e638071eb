"""Backups of PostgreSQL, by its own pg_dump and pg_restore."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.errors import BackupError
from bot.libpq import conninfo
from bot.storage.database import ASIDE, CUT_OFF, migrate
from bot.storage.restored import Restoration, leave_off, replaced

_SCHEMA: Final = "public"
_CONNECT_TIMEOUT_S: Final = 10
_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


class Postgresql:
    """How PostgreSQL is saved and brought back."""

    def save(self, url: str, unfinished: Path) -> None:
        """Dump the database as it is at one moment; what reads and writes it goes on."""
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}")
        if not _has_patients(unfinished):
            raise BackupError("The database can't be saved: it has no tables of this bot.")

    def is_backup(self, file: Path) -> bool:
        """Whether a file is what save made."""
        _found("pg_restore")
        try:
            return _has_patients(file)
        except BackupError:  # pg_restore can't read it
            return False

    def saved_revision(self, file: Path) -> str:
        """Return which migration a backup has."""
        told = _run("pg_restore", "", "--data-only", "--table=alembic_version", "--file=-", str(file))
        lines = told.splitlines()
        starts = [number for number, line in enumerate(lines) if line.startswith("COPY ")]
        if not starts:
            raise BackupError(f"{file} is no backup of this bot.")
        return lines[starts[0] + 1]

    def people(self, url: str) -> int:
        """Return how many people are in the database."""
        with _connected(url) as connection:
            if not _is_true(connection, "SELECT to_regclass('public.patients') IS NOT NULL"):
                return 0
            row = connection.execute("SELECT count(*) FROM patients").fetchone()
            return int(row[0]) if row else 0

    def bring_back(self, url: str, file: Path, file_sum: str, keys: Sequence[str], now: datetime) -> Restoration:
        """Put what is there aside, restore, bring up to date; what was put aside is erased, or brought back."""
        with _connected(url) as connection:
            if not _is_true(connection, f"SELECT ({_OTHERS}) = 0"):
                raise BackupError("The database is in use: stop the bot and its workers first.")
            if _is_true(connection, f"SELECT to_regnamespace('{ASIDE}') IS NOT NULL"):
                raise BackupError(f"DATABASE_URL: {CUT_OFF}")
            before = replaced(url, keys)
            _order(connection, "ALTER SCHEMA {public} RENAME TO {aside}", "CREATE SCHEMA {public}")
        try:
            words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={_SCHEMA}")
            _run("pg_restore", url, *words, f"--dbname={make_url(url).database}", str(file))
            migrate(url, is_restoring=True)
            done = leave_off(url, keys, before, file_sum, now)
        except BaseException:
            with _connected(url) as connection:
                _order(connection, "DROP SCHEMA {public} CASCADE", "ALTER SCHEMA {aside} RENAME TO {public}")
            raise
        with _connected(url) as connection:
            _order(connection, "DROP SCHEMA {aside} CASCADE")
        return done


def _has_patients(file: Path) -> bool:
    return "TABLE DATA public patients" in _run("pg_restore", "", "--list", str(file))


def _connected(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(conninfo(url), connect_timeout=_CONNECT_TIMEOUT_S)
    except psycopg.OperationalError as error:
        raise BackupError(f"The database can't be reached ({' '.join(str(error).split())}).") from None


def _is_true(connection: psycopg.Connection, query: str) -> bool:
    row = connection.execute(query.encode()).fetchone()
    return bool(row and row[0])


def _order(connection: psycopg.Connection, *statements: LiteralString) -> None:
    """Do it all, or nothing, when the connection's block ends."""
    names = {"public": sql.Identifier(_SCHEMA), "aside": sql.Identifier(ASIDE)}
    try:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(**names))
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupError("The user of DATABASE_URL must own the database and its schema public.") from error


def _run(program: str, url: str, *words: str) -> str:
    """Run one of PostgreSQL's programs; returns what it wrote."""
    path = _found(program)
    environment = os.environ | (_environment(url) if url else {})
    done = subprocess.run([path, *words], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - its words are ours
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it does not say why"])[0]
        raise BackupError(f"{program} failed ({reason.removeprefix(f'{program}: ')}).")
    return done.stdout


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is missing: install PostgreSQL's client, of the server's version or newer.")
    return path


def _environment(url: str) -> Mapping[str, str]:
    """Return how libpq's programs find the database: not by their words, which everybody on the machine can read."""
    address = make_url(url)
    told = {
        "PGHOST": address.host,
        "PGPORT": str(address.port or ""),
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGCONNECT_TIMEOUT": str(_CONNECT_TIMEOUT_S),
        **{f"PG{name.upper()}": value for name, value in address.query.items() if isinstance(value, str)},
    }
    return {name: str(value) for name, value in told.items() if value}
