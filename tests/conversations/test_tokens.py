"""A database and the token of its bot, of the same bot anew, and of another."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conversations.service import BotProcess, emulator_in_thread
from tests.serving import free_port


def test_bot_on_the_database_of_another_does_not_start_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # two tokens of one bot
        with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
            bot.start()
    monkeypatch.setattr("emulator.accounts.BOT_ID", 7)
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, name="other") as other:
        other.launch()
        assert other.wait() == 2
    assert "BOT_TOKEN: is that of bot 7, and the database that of bot" in other.log.splitlines()[-1]
    assert "DATABASE_URL" in other.log.splitlines()[-1]


def test_token_that_telegram_refuses_is_named_in_the_last_line(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator, BotProcess(_Refused(emulator.url), tmp_path) as bot:
        bot.launch()
        assert bot.wait() == 2
    assert bot.log.splitlines()[-1] == "BOT_TOKEN: Telegram refuses it; ask @BotFather for the token."
    assert "Unclosed" not in bot.log


def test_bot_that_is_stopped_while_telegram_is_away_says_nothing_of_it(tmp_path: Path) -> None:
    with BotProcess(_Refused(f"http://127.0.0.1:{free_port()}"), tmp_path) as bot:
        bot.launch()
        for _ in range(300):
            if "NetworkError; again in" in bot.log:
                break
            time.sleep(0.1)
        assert bot.stop() == 0
    for words in ("Unclosed", "never awaited", "Traceback"):
        assert words not in bot.log


@dataclass(frozen=True, slots=True)
class _Refused:
    """An address of Telegram, and a token that is not known there."""

    url: str
    token: str = "1:refused"
