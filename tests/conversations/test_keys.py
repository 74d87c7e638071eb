"""A bot with keys: patients notice nothing, and whoever takes the disk learns nothing."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.content import Content
from bot.storage.sealed import new_key
from emulator.person import open_town
from tests.conversations.service import PHOTOS, ROOT, BotProcess, emulator_in_thread
from tests.conversations.stories import register, rows, shown
from tests.conversations.test_photos import is_answer

pytestmark = pytest.mark.usefixtures("_on_sqlite")  # whose files are looked into
NAME, WORDS = "Zacarina", "my secret mole 7391"


def plain_in(data_dir: Path) -> list[str]:
    """What of the patient's stands as it is in a file of the bot."""
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"lentigo.db", "lentigo.db-wal", "bot.log"}
    needles = (NAME, WORDS, '"mel"', "urgent", "routine")
    return [f"{path.name}: {needle}" for path in files for needle in needles if needle.encode() in path.read_bytes()]


def rotated(data_dir: Path, keys: str) -> int:
    """The exit status of the command."""
    environment = {"DATA_DIR": str(data_dir), "ENCRYPTION_KEYS": keys}
    return subprocess.run(
        [sys.executable, "-m", "bot", "rotate-keys"], cwd=ROOT, env=environment, check=False
    ).returncode


async def test_patient_with_a_key_and_after_its_rotation(tmp_path: Path, content: Content) -> None:
    """One story: answered photo, kill, a second key beside the first, rotation while it runs, the first key gone."""
    texts, (old, new) = content.texts("en"), (new_key(), new_key())
    with emulator_in_thread() as emulator:
        async with open_town(emulator.url) as town:
            patient = await town.newcomer(NAME)
            with BotProcess(emulator, tmp_path, ENCRYPTION_KEYS=old, OWNER_IDS="600000001") as bot:
                bot.start()
                await register(patient, "en", skin_type="3")
                await patient.sends_photo(PHOTOS / "ham10000_mel_ISIC_0028412.jpg")
                await patient.waits_for(is_answer, timeout_s=30)
                await patient.says("/feedback")
                await patient.waits_for(shown(texts, "ask-feedback"))
                await patient.says(WORDS)
                await patient.waits_for(shown(texts, "feedback-sent"))
                assert plain_in(tmp_path) == []
            with BotProcess(emulator, tmp_path, ENCRYPTION_KEYS=f"{new},{old}") as bot:
                bot.start()
                assert await asyncio.to_thread(rotated, tmp_path, f"{new},{old}") == 0
            with BotProcess(emulator, tmp_path, ENCRYPTION_KEYS=new) as bot:
                bot.start()
                await patient.says("/history")
                await patient.waits_for(texts.plain("class-mel"))
                await patient.says("/start")
                await patient.waits_for(shown(texts, "welcome-back", name=NAME))
                assert plain_in(tmp_path) == []
    assert rows(tmp_path, "SELECT count(*) FROM facts WHERE name LIKE 'key %'") == [(1,)]


def test_bot_without_its_key_does_not_start_and_says_which(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator:
        with BotProcess(emulator, tmp_path, ENCRYPTION_KEYS=new_key()) as bot:
            bot.start()
        with BotProcess(emulator, tmp_path, name="keyless") as keyless:
            keyless.launch()
            assert keyless.wait() == 2
    ((name,),) = rows(tmp_path, "SELECT name FROM facts WHERE name LIKE 'key %'")
    assert f"ENCRYPTION_KEYS: {name} is missing" in keyless.log.splitlines()[-1]


def test_files_of_a_bot_that_runs_are_for_its_user_alone(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
        bot.start()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("lentigo.db*")}
    assert set(modes) >= {"lentigo.db", "lentigo.db-wal", "lentigo.db-shm"}
    assert set(modes.values()) == {0o600}
