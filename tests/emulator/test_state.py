"""State kept in a file, through kills of the emulator."""

import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from telegram import Bot

from emulator.person import open_town
from emulator.server import running_emulator
from emulator.settings import Settings
from emulator.world import open_world
from tests.emulator.asking import bot_of
from tests.emulator.commandline import started
from tests.emulator.pictures import picture


async def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with running_emulator(state=state) as emulator, open_town(emulator.url) as town, bot_of(emulator) as bot:
        token = emulator.token
        ana = await town.newcomer("Ana")
        await ana.says("unread")
        sent = await bot.send_photo(ana.id, picture(60, 40), caption="kept")
        await bot.set_my_commands([("help", "Help")])
        await bot.get_updates(allowed_updates=["message"])
    async with running_emulator(state=state) as emulator, open_town(emulator.url) as town, bot_of(emulator) as bot:
        assert emulator.token == token
        (ana,) = await town.everybody()
        chat = await ana.chat()
        assert [message.get("text", message.get("caption")) for message in chat["messages"]] == ["unread", "kept"]
        assert [command["command"] for command in chat["commands"]] == ["help"]
        assert [update.message.text for update in await bot.get_updates() if update.message] == ["unread"]
        assert await ana.downloads(sent.photo[-1].file_id)
        assert (await bot.send_message(ana.id, "new")).message_id == sent.message_id + 1
        assert (await bot.send_photo(ana.id, picture(60, 40))).photo != sent.photo  # what was uploaded is known no more
        await ana.blocks()
        assert emulator.world.updates.pending_count() == 1


async def test_kill_of_the_emulator_loses_no_update(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with started("--port", "0", "--state", str(state)) as emulator, open_town(emulator.url) as town:
        ana, *_ = await town.everybody()
        for number in range(20):
            await ana.says(f"message {number}")
        os.kill(emulator.process.pid, signal.SIGKILL)
        await emulator.process.wait()
    async with running_emulator(state=state) as again, bot_of(again) as bot:
        texts = [update.message.text for update in await bot.get_updates() if update.message]
        assert texts == [f"message {number}" for number in range(20)]


async def test_webhook_is_remembered(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with _bot_with_state(state) as bot:
        await bot.set_webhook("http://127.0.0.1:9/hook", secret_token="s3cret", allowed_updates=["message"])
    async with _bot_with_state(state) as bot:
        info = await bot.get_webhook_info()
        assert (info.url, info.allowed_updates) == ("http://127.0.0.1:9/hook", ("message",))


@asynccontextmanager
async def _bot_with_state(state: Path) -> AsyncIterator[Bot]:
    async with running_emulator(state=state) as emulator, bot_of(emulator) as bot:
        yield bot


def test_state_file_serves_one_emulator_at_a_time(tmp_path: Path) -> None:
    first = open_world(tmp_path / "state.db", Settings())
    with pytest.raises(OSError, match="can't be used: database is locked"):
        open_world(tmp_path / "state.db", Settings())
    first.store.close()
    open_world(tmp_path / "state.db", Settings()).store.close()


def test_file_that_is_no_state_file_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, " * 50, encoding="utf-8")
    with pytest.raises(OSError, match="can't be used: file is not a database"):
        open_world(letter, Settings())
    assert letter.read_text(encoding="utf-8").startswith("Dear")


def test_state_file_of_another_version_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(OSError, match="another version of the emulator made it"):
        open_world(tmp_path / "state.db", Settings())


def test_state_file_of_the_version_before_goes_on(tmp_path: Path) -> None:
    open_world(tmp_path / "state.db", Settings()).store.close()
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as database:
        database.execute("ALTER TABLE updates DROP COLUMN kind")
        database.execute('INSERT INTO updates VALUES (1, 5, \'{"update_id": 1, "message": {}}\')')
        database.execute("PRAGMA user_version = 1")
    world = open_world(tmp_path / "state.db", Settings())
    assert world.updates.waiting_lines() == [(5, "message")]
    world.store.close()
