"""A running emulator, somebody to talk to, and python-telegram-bot as the bot."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator, running_emulator


@pytest.fixture
async def emulator() -> AsyncIterator[RunningEmulator]:
    async with running_emulator() as running:
        yield running


@pytest.fixture
async def town(emulator: RunningEmulator) -> AsyncIterator[Town]:
    async with open_town(emulator.url) as opened:
        yield opened


@pytest.fixture
async def ana(town: Town) -> Person:
    """Somebody who wrote to the bot already, so that it may write to her."""
    person = await town.newcomer("Ana", language_code="es")
    await person.says("/start")
    return person


@pytest.fixture
async def bot(emulator: RunningEmulator) -> AsyncIterator[Bot]:
    async with Bot(emulator.token, base_url=f"{emulator.url}/bot", base_file_url=f"{emulator.url}/file/bot") as client:
        yield client
