"""Which addresses of databases are taken, to use or to copy into; of none is a part of the password shown."""

from urllib.parse import quote

import pytest
from sqlalchemy.engine import make_url

from bot.errors import SettingsError
from bot.settings import StorageSettings, load, other_database

pytestmark = pytest.mark.usefixtures("bare_environment")


def test_password_of_the_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+psycopg://lentigo:s3cret@db.example/lentigo"
    monkeypatch.setenv("DATABASE_URL", url)
    settings = load(StorageSettings)
    assert settings.storage_url == url
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("postgresql+psycopg://me@host/name", "postgresql+psycopg://me:apart@host/name"),
        ("postgresql+psycopg://me:of-its-own@host/name", "postgresql+psycopg://me:of-its-own@host/name"),
        ("sqlite+aiosqlite:///file.db", "sqlite+aiosqlite:///file.db"),
    ],
)
def test_password_that_stands_where_libpq_looks_becomes_a_part_of_the_address(
    monkeypatch: pytest.MonkeyPatch, url: str, whole: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PGPASSWORD", "apart")
    assert load(StorageSettings).storage_url == whole


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///", "sqlite+aiosqlite:///:memory:"])
def test_database_that_would_be_kept_nowhere_is_refused_also_to_copy_into(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("NEW_DATABASE", url)
    with pytest.raises(SettingsError, match=r"^NEW_DATABASE: names no file"):
        other_database("NEW_DATABASE")
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: names no file; SQLite's looks like .*\.$"):
        load(StorageSettings)


@pytest.mark.parametrize("password", ["Top@Secret99", "Top@Secret/99", "Top@Secret:99", "To@p?Secret=99"])
def test_password_with_an_at_sign_is_refused_and_no_part_of_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """What stands behind the first one would be the host that can't be found."""
    url = f"postgresql+psycopg://lentigo:{password}@db:5432/lentigo"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("NEW_DATABASE", url)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: .*%40") as refused:
        load(StorageSettings)
    assert "Secret" not in str(refused.value)
    with pytest.raises(SettingsError, match=r"^NEW_DATABASE: .*%40") as refused:
        other_database("NEW_DATABASE")
    assert "Secret" not in str(refused.value)
    monkeypatch.setenv("DATABASE_URL", url.replace(password, quote(password, safe="")))
    assert make_url(load(StorageSettings).storage_url).password == password


@pytest.mark.parametrize("password", ["Secret/99", "Secret?99"])
def test_address_that_cannot_be_read_is_refused_and_no_part_of_its_password_is_shown(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """What stands behind the second colon would be the port."""
    for name in ("DATABASE_URL", "NEW_DATABASE"):
        monkeypatch.setenv(name, f"postgresql+psycopg://lentigo:{password}")
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: can't be read; it looks like [^S]*\.$"):
        load(StorageSettings)
    with pytest.raises(SettingsError, match=r"^NEW_DATABASE: can't be read; it looks like [^S]*\.$"):
        other_database("NEW_DATABASE")
