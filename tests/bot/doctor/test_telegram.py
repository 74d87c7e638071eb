"""The doctor asks Telegram: about the token, the clock, the webhook and the owners."""

from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import aiohttp
import pytest

from bot.doctor.check import State
from bot.doctor.examination import examination
from bot.doctor.telegram import Told, clock, telegram, webhook
from bot.parts import now
from emulator.person import open_town
from emulator.server import RunningEmulator
from tests.bot.alerting import Clock
from tests.bot.conftest import NOON
from tests.bot.doctor.examining import always, states
from tests.serving import free_port, serving_in_thread

POLLING = ""


async def test_refused_token_is_told_from_unreachable_telegram(emulator: RunningEmulator) -> None:
    for token in ("123:no-token", f"123:{'x' * 35}"):
        (refused,) = await telegram(emulator.url, token, [], POLLING, lambda: NOON)
        assert (refused.name, refused.words) == ("BOT_TOKEN", "Telegram refuses it")
    (away,) = await telegram(f"http://127.0.0.1:{free_port()}", "123:a", [], POLLING, lambda: NOON)
    assert (away.name, away.state) == ("Telegram", State.FAILED)
    assert "can't be reached" in away.words
    (none,) = await telegram(emulator.url, "", [], POLLING, lambda: NOON)
    assert (none.name, none.words) == ("BOT_TOKEN", "there is none")


async def test_telegram_in_trouble_is_no_refusal(emulator: RunningEmulator) -> None:
    async with open_town(emulator.url) as town:
        await town.suffers({"kind": "5xx", "method": "getMe", "status": 502, "times": 1})
        (check,) = await telegram(emulator.url, emulator.token, [], POLLING, lambda: NOON)
    assert check.words == "is in trouble (HTTP 502)"


async def test_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with always(403, b"<html>No entry</html>") as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        (check,) = await telegram("https://telegram.invalid", "1:a", [], POLLING, lambda: NOON)
        assert check.words == "the proxy lets nobody through to it"
        (check,) = await telegram(address, "1:a", [], POLLING, lambda: NOON)
        assert check.words == "something else answers in its place (HTTP 403)"


async def test_proxy_that_the_bot_cannot_speak_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy:1080")
    (check,) = await telegram("https://telegram.invalid", "1:a", [], POLLING, lambda: NOON)
    assert check.state == State.FAILED
    assert "HTTPS_PROXY: the bot speaks to proxies by http://, not by socks5://. Name a proxy" in check.line


async def test_owner_who_has_not_written_and_foreign_webhook_are_warned_of(emulator: RunningEmulator) -> None:
    async with open_town(emulator.url) as town:
        owner = await town.newcomer("Olga")
        await owner.says("/start")
        await _sets_webhook(emulator, f"http://127.0.0.1:{free_port()}/")
        checks = await telegram(emulator.url, emulator.token, [owner.id, 5], POLLING, now)
    assert states(checks) == {
        "BOT_TOKEN": State.OK,
        "clock": State.OK,
        "webhook": State.WARNING,
        "OWNER_IDS": State.WARNING,
    }
    assert checks[-1].words == "1 of 2 can't be written to"


async def _sets_webhook(emulator: RunningEmulator, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        await session.post(f"{emulator.url}/bot{emulator.token}/setWebhook", data={"url": url})


def test_webhook_is_compared_with_the_settings() -> None:
    def seen(expected: str, **info: object) -> tuple[State, str]:
        check = webhook(Told(200, {"ok": True, "result": info}), expected, NOON)
        return check.state, check.words

    url = "https://bot.example/hook"
    assert seen("", url="", pending_update_count=2)[0] is State.OK
    assert seen("", url="", pending_update_count=101) == (State.WARNING, "101 updates wait at Telegram")
    assert seen(url, url=url)[0] is State.OK
    assert seen(url, url="")[0] is State.WARNING
    recent, old = int(NOON.timestamp()) - 60, int(NOON.timestamp()) - 7200
    trouble = {"url": url, "last_error_message": "Connection refused"}
    assert seen(url, **trouble, last_error_date=old)[0] is State.OK
    assert "Connection refused" in seen(url, **trouble, last_error_date=recent)[1]


@pytest.mark.parametrize(("off_s", "state"), [(1, State.OK), (-30, State.WARNING), (120, State.FAILED)])
def test_clock_is_compared_with_telegrams(off_s: int, state: State) -> None:
    assert clock(NOON + timedelta(seconds=off_s), NOON).state is state


async def test_time_that_the_doctor_takes_is_no_wrong_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Clock()

    class SlowTelegram(BaseHTTPRequestHandler):
        """Answers everything after two minutes, and tells the right time."""

        def do_POST(self) -> None:
            time.goes_on(2)
            body = b'{"ok": true, "result": {"username": "lentigo"}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(time(), usegmt=True)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving_in_thread(SlowTelegram) as address:
        monkeypatch.setenv("TELEGRAM_API_URL", address)
        monkeypatch.setenv("BOT_TOKEN", "1:a")
        monkeypatch.setattr("bot.doctor.examination.forget_secrets", lambda: None)  # other tests need them here
        checks = []
        async for check in examination(time):
            time.goes_on(1)  # each look takes a minute
            checks.append(check)
    assert states(checks)["clock"] is State.OK
