"""The doctor names what is wrong, says how to mend it, and falls ill with none of it."""

import hashlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy.engine import make_url

from bot.doctor import configuration, machine, shipped
from bot.doctor.check import Check, State, failed, looked_at
from bot.doctor.database import database
from bot.doctor.telegram import Told, clock, telegram, webhook
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.rotation import check_keys
from bot.storage.sealed import new_key
from emulator.person import open_town
from emulator.server import RunningEmulator
from tests.bot.conftest import NOON
from tests.conversations.service import emulator_in_thread

ROOT = Path(__file__).parents[2]
POLLING = ""


@pytest.fixture
def database_url(migrated: Path, tmp_path: Path) -> str:
    """A file; test_doctor_postgresql.py has the other database."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def emulator() -> Iterator[RunningEmulator]:
    with emulator_in_thread() as running:
        yield running


def states(checks: list[Check]) -> dict[str, State]:
    return {check.name: check.state for check in checks}


def doctor(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    whole = {"MODEL_DIR": str(ROOT / "models"), "CONTENT_DIR": str(ROOT / "content"), "WEB_PORT": "0"}
    command = [sys.executable, "-m", "bot", "doctor"]
    environment = {"PYTHONPATH": str(ROOT), **whole, **settings}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


async def test_healthy_bot_passes_with_status_0(emulator: RunningEmulator, database_url: str, tmp_path: Path) -> None:
    async with open_town(emulator.url) as town:
        owner = await town.newcomer("Olga")
        await owner.says("/start")
    tmp_path.chmod(0o700)
    told = doctor(
        tmp_path,
        BOT_TOKEN=emulator.token,
        TELEGRAM_API_URL=emulator.url,
        DATABASE_URL=database_url,
        DATA_DIR=str(tmp_path),
        OWNER_IDS=str(owner.id),
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert {line.split()[0] for line in told.stdout.splitlines()} == {"ok"}, told.stdout
    assert emulator.token not in told.stdout
    assert str(owner.id) not in told.stdout


def test_wholly_broken_configuration_is_diagnosed_and_does_not_break_the_doctor(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"OWNER_IDSS=1\n")
    told = doctor(
        tmp_path,
        MODEL_DIR="nowhere",
        CONTENT_DIR="nowhere",
        DATABASE_URL="mysql://x",
        OWNER_IDS="ana",
        WEB_PORT="eighty",
        TELEGRAM_API_URL="http://127.0.0.1:1",
        LOG_LEVEL="LOUD",
    )
    assert (told.returncode, told.stderr) == (1, "")
    for named in (
        "DATABASE_URL",
        "OWNER_IDS: ",
        "WEB_PORT",
        "LOG_LEVEL",
        "BOT_TOKEN",
        "OWNER_IDSS",
        "model: ",
        "content: ",
    ):
        assert named in told.stdout
    assert "chmod 600 .env" in told.stdout


def test_env_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=\xff\n")
    told = doctor(tmp_path, TELEGRAM_API_URL="http://127.0.0.1:1")
    assert (told.returncode, told.stderr) == (1, "")
    assert ".env can't be read" in told.stdout


def test_misspelt_setting_is_told_apart_from_another_programs(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BOT_TOKENS=1\nCOMPOSE_FILE=compose.yaml\n")
    warnings = [check.words for check in configuration.settings() if check.state is State.WARNING]
    assert warnings == ["BOT_TOKENS in .env is no setting"]


@pytest.mark.parametrize(("mode", "state"), [(0o600, State.OK), (0o640, State.WARNING), (0o604, State.WARNING)])
def test_token_that_others_may_read_is_warned_of(tmp_path: Path, mode: int, state: State) -> None:
    path = tmp_path / ".env"
    path.touch()
    path.chmod(mode)
    assert configuration.env_file(path).state is state


def test_old_python_fails() -> None:
    assert configuration.python_version((3, 10)).state is State.FAILED
    assert configuration.python_version((3, 13)).state is State.OK


async def test_look_that_breaks_is_a_failed_check() -> None:
    def breaks() -> Check:
        raise ZeroDivisionError("with a secret")

    (check,) = await looked_at("disk", breaks)
    assert check == failed("disk", "could not be looked at (ZeroDivisionError)", "The checks above may say why.")


async def test_refused_token_is_told_from_unreachable_telegram(emulator: RunningEmulator) -> None:
    (refused,) = await telegram(emulator.url, "123:wrong", [], POLLING, NOON)
    assert (refused.name, refused.words) == ("BOT_TOKEN", "Telegram refuses it")
    (away,) = await telegram(f"http://127.0.0.1:{_free_port()}", "123:a", [], POLLING, NOON)
    assert (away.name, away.state) == ("Telegram", State.FAILED)
    assert "can't be reached" in away.words
    (none,) = await telegram(emulator.url, "", [], POLLING, NOON)
    assert (none.name, none.words) == ("BOT_TOKEN", "there is none")


async def test_telegram_in_trouble_is_no_refusal(emulator: RunningEmulator) -> None:
    async with open_town(emulator.url) as town:
        await town.suffers({"kind": "5xx", "method": "getMe", "status": 502, "times": 1})
        (check,) = await telegram(emulator.url, emulator.token, [], POLLING, NOON)
    assert check.words == "is in trouble (HTTP 502)"


async def test_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with _always(403, b"<html>No entry</html>") as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        (check,) = await telegram("https://telegram.invalid", "1:a", [], POLLING, NOON)
        assert check.words == "the proxy lets nobody through to it"
        (check,) = await telegram(address, "1:a", [], POLLING, NOON)
        assert check.words == "something else answers in its place (HTTP 403)"


async def test_owner_who_has_not_written_and_foreign_webhook_are_warned_of(emulator: RunningEmulator) -> None:
    async with open_town(emulator.url) as town:
        owner = await town.newcomer("Olga")
        await owner.says("/start")
        await _sets_webhook(emulator, f"http://127.0.0.1:{_free_port()}/")
        checks = await telegram(emulator.url, emulator.token, [owner.id, 5], POLLING, datetime.now(UTC))
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


async def test_missing_database_is_not_made(tmp_path: Path) -> None:
    (check,) = await database(f"sqlite+aiosqlite:///{tmp_path}/lentigo.db")
    assert (check.state, check.words, list(tmp_path.iterdir())) == (State.WARNING, "there is none yet", [])


async def test_damaged_database_fails(tmp_path: Path) -> None:
    (tmp_path / "lentigo.db").write_bytes(b"no database" * 1000)
    (check,) = await database(f"sqlite+aiosqlite:///{tmp_path}/lentigo.db")
    assert check.state is State.FAILED
    assert "restore" in check.advice


async def test_database_that_is_damaged_inside_fails(database_url: str) -> None:
    path = Path(make_url(database_url).database or "")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    raw = bytearray(path.read_bytes())
    raw[8192:12288] = b"\xff" * 4096
    path.write_bytes(raw)
    assert State.FAILED in states(await database(database_url)).values()


@pytest.mark.parametrize(("revision", "state"), [("0001", State.WARNING), ("9999", State.FAILED)])
async def test_database_of_another_version_is_named(database_url: str, revision: str, state: State) -> None:
    with sqlite3.connect(make_url(database_url).database or "") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
    connection.close()
    check = (await database(database_url))[0]
    assert check.state is state
    assert revision in check.words


async def test_large_write_ahead_log_is_warned_of(database_url: str) -> None:
    assert states(await database(database_url))["database, size"] is State.OK
    path = Path(make_url(database_url).database or "")
    reader = sqlite3.connect(path)  # as long as it reads, nobody empties the log
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM facts").fetchall()
    writer = sqlite3.connect(path)
    with writer:
        writer.execute("INSERT INTO facts VALUES ('large', zeroblob(70000000))")
    try:
        assert states(await database(database_url))["database, size"] is State.WARNING
    finally:
        writer.close()
        reader.close()


def test_model_whose_file_is_another_one_fails(tmp_path: Path) -> None:
    assert shipped.model(ROOT / "models").state is State.OK
    broken = shutil.copytree(ROOT / "models", tmp_path / "models")
    with (broken / "model.onnx").open("ab") as file:
        file.write(b"\0")
    assert shipped.model(broken).state is State.FAILED


def test_language_that_lacks_a_message_and_a_font_that_is_damaged_fail(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "content", tmp_path / "content")
    assert {check.state for check in shipped.content(folder, ROOT / "models")} == {State.OK}
    (folder / "fonts" / "Inter-Regular.otf").write_bytes(b"no type")
    assert states(shipped.content(folder, ROOT / "models"))["fonts"] is State.FAILED
    path = folder / "es" / "ui.ftl"
    path.write_text(path.read_text().replace("looking =", "unseen ="))
    (check,) = shipped.content(folder, ROOT / "models")
    assert check.state is State.FAILED
    assert "looking" in check.words


async def test_port_is_free_or_the_bots_or_anothers() -> None:
    port = _free_port()
    assert "is free" in (await machine.port("127.0.0.1", port)).words
    with _always(200, json.dumps({"database": "ok"}).encode()) as address:
        assert (await machine.port("127.0.0.1", int(address.rpartition(":")[2]))).state is State.OK
    with _always(200, b"hello") as address:
        assert (await machine.port("127.0.0.1", int(address.rpartition(":")[2]))).state is State.FAILED
    with _always(503, b"{}") as address:
        assert (await machine.port("127.0.0.1", int(address.rpartition(":")[2]))).state is State.FAILED


def test_too_little_disk_or_memory_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert machine.disk(tmp_path / "not" / "yet").state is not State.FAILED
    full = shutil.disk_usage(tmp_path)._replace(free=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert machine.disk(tmp_path).state is State.FAILED
    assert machine.memory(1).state is State.OK
    assert machine.memory(100_000).state is State.FAILED


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _always(status: int, body: bytes) -> Iterator[str]:
    """Answer everything alike; yields the address."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_CONNECT = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


async def test_key_that_is_missing_fails_and_is_named(database_url: str) -> None:
    engine = open_database(database_url, (key := new_key(),))
    await check_keys(engine)
    await engine.dispose()
    assert states(await database(database_url, (key,)))["ENCRYPTION_KEYS"] is State.OK
    check = next(check for check in await database(database_url, (new_key(),)) if check.name == "ENCRYPTION_KEYS")
    assert check.state is State.FAILED
    assert hashlib.sha256(key.encode()).hexdigest()[:8] in check.line
