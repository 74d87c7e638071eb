"""Which proxy leads to Telegram."""

import pytest

from bot.connection.proxy import proxy_to
from bot.errors import SettingsError

TELEGRAM = "https://api.telegram.org"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("proxy:3128", "http://proxy:3128"),
        ("Ana:secret@proxy:3128", "http://Ana:secret@proxy:3128"),
        ("", None),
    ],
)
def test_proxy_is_that_of_the_environment(told: str, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", told)
    assert proxy_to(TELEGRAM) == expected


def test_proxy_is_that_of_the_scheme_and_passed_by_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    assert proxy_to("http://127.0.0.1:8081") is None
    monkeypatch.setenv("NO_PROXY", "localhost,.telegram.org")
    assert proxy_to(TELEGRAM) is None


@pytest.mark.parametrize("told", ["https://Ana:secret@proxy", "socks5://Ana:secret@proxy:1080"])
def test_proxy_of_another_kind_is_refused_and_not_gone_around(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", told)
    with pytest.raises(SettingsError, match="HTTPS_PROXY: the bot speaks to proxies by http://") as refused:
        proxy_to(TELEGRAM)
    assert "secret" not in str(refused.value)
