"""The doctor names what is wrong, says how to mend it, and falls ill with none of it."""

import re
import subprocess
import sys
from pathlib import Path

from bot.doctor.check import Check, failed, looked_at
from emulator.person import open_town
from emulator.server import RunningEmulator
from tests.bot.test_command_line import lentigo
from tests.conversations.service import ROOT


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
    assert lentigo(database_url, "backup", str(tmp_path / "saved")).returncode == 0
    told = doctor(
        tmp_path,
        BOT_TOKEN=emulator.token,
        TELEGRAM_API_URL=emulator.url,
        DATABASE_URL=database_url,
        DATA_DIR=str(tmp_path),
        OWNER_IDS=str(owner.id),
    )
    assert (told.returncode, told.stderr) == (0, "")
    ours = [
        line for line in told.stdout.splitlines() if not re.search("Landlock|seccomp", line)
    ]  # those are the kernel's
    assert {line.split()[0] for line in ours} == {"ok"}, told.stdout
    assert "backup: the last one is 0 hours old" in told.stdout
    assert ("disk: " in told.stdout) == database_url.startswith("sqlite")
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


def test_line_that_sets_nothing_is_named_without_what_it_says(tmp_path: Path) -> None:
    lines = ("# a remark", "", "BOT_TOKEN 12345:s3cret", "OWNER_IDS", "LOG_LEVEL=INFO", "some words of mine")
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    told = doctor(tmp_path, TELEGRAM_API_URL="http://127.0.0.1:1")
    assert (told.returncode, told.stderr) == (1, "")
    for number, name in ((3, "BOT_TOKEN"), (4, "OWNER_IDS"), (6, "")):
        advice = f"Perhaps {name}=… is meant." if name else "Correct it."
        assert f"line {number} of .env is not NAME=VALUE, and sets nothing. {advice}" in told.stdout
    assert "line 5" not in told.stdout
    assert "s3cret" not in told.stdout


def test_env_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=\xff\n")
    told = doctor(tmp_path, TELEGRAM_API_URL="http://127.0.0.1:1")
    assert (told.returncode, told.stderr) == (1, "")
    assert ".env can't be read" in told.stdout


async def test_look_that_breaks_is_a_failed_check() -> None:
    def breaks() -> Check:
        raise ZeroDivisionError("with a secret")

    (check,) = await looked_at("disk", breaks)
    assert check == failed("disk", "could not be looked at (ZeroDivisionError)", "The checks above may say why.")
