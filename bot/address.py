"""Where what is kept lies: what an address such as DATABASE_URL tells."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url


def file_of(url: str | URL) -> Path | None:
    """Return SQLite's file; None where a server keeps it."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def lock_of(database: Path) -> Path:
    """Return the file that whoever uses an SQLite database alone has locked; it stays when they end."""
    return database.with_name(f"{database.name}.lock")


def has_two_ats(url: str) -> bool:
    """Whether a server's password ends too early: the rest would be taken for the host, and shown as such."""
    return url.startswith("postgresql") and url.count("@") > 1
