"""A database and the token of its bot, of the same bot anew, and of another."""

from pathlib import Path

import pytest

from tests.conversations.service import BotProcess, emulator_in_thread


def test_bot_on_the_database_of_another_does_not_start_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # two tokens of one bot
        with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
            bot.start()
    monkeypatch.setattr("emulator.accounts.BOT_ID", 7)
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as other:
        other.launch()
        assert other.wait() == 2
    assert "BOT_TOKEN: is that of bot 7, and the database that of bot" in other.log.splitlines()[-1]
    assert "DATABASE_URL" in other.log.splitlines()[-1]
