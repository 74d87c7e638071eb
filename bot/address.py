"""Where what is kept lies: what an address such as DATABASE_URL tells."""

import os
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_LOG: Final = ("-wal", "-shm", "-journal")
_TWO_ATS: Final = "has more than one @; each but that before the host is written %40, and a / in the password %2F"


def file_of(url: str | URL) -> Path | None:
    """Return SQLite's file; None where a server keeps it."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def expanded(path: Path) -> Path:
    """Return a path with the home in the place of a ~ that it begins with: in .env no shell does that.

    Raises:
        ValueError: there is no such home, or a folder really has this name, as earlier releases made it.
    """
    if not str(path).startswith("~"):
        return path
    try:
        meant = path.expanduser()
    except RuntimeError:
        raise ValueError(f"the home that {path.parts[0]} stands for can't be found; write the whole path") from None
    if path.exists():
        raise ValueError(
            f"{path} now lies in your home, and an earlier release kept it in a folder named {path.parts[0]}: "
            f"move {path.absolute()} to {meant}, or write its whole path"
        )
    return meant


def checked(url: str) -> str:
    """Return the address of a database, with the home in the place of a ~ that SQLite's file begins with.

    Raises:
        ValueError: it can't be used; no part of a password is in the words, which say why. Or see expanded.
    """
    if url.startswith("postgresql") and url.count("@") > 1:  # what is behind the first would be shown as the host
        raise ValueError(_TWO_ATS)
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # says what it read, and a password may be in that
        raise ValueError("can't be read; it looks like postgresql+psycopg://name:password@host:5432/database") from None
    if (file := file_of(address)) is None:
        return url
    if address.database in {None, "", ":memory:"}:  # each connection would have one of its own, and none stays
        raise ValueError("names no file; SQLite's looks like sqlite+aiosqlite:////var/lib/lentigo/lentigo.db")
    if (meant := expanded(file)) == file:
        return url
    return address.set(database=str(meant)).render_as_string(hide_password=False)


def lock_of(database: Path) -> Path:
    """Return the file that whoever uses an SQLite database alone has locked; it stays when they end."""
    return database.with_name(f"{database.name}.lock")


def log_of(database: Path) -> list[Path]:
    """Return the files beside an SQLite database that may hold what is still to be done to it; they need not exist."""
    return [database.with_name(f"{database.name}{suffix}") for suffix in _LOG]


def is_read_only(path: Path) -> bool:
    """Whether the file system only lets read here, whoever asks; False where nobody can tell."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False
