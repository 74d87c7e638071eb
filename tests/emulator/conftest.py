"""A running emulator, somebody to talk to, and python-telegram-bot as the bot."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from telegram import Bot

from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator, running_emulator
from tests.emulator.asking import Answer, Ask, bot_of


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
    async with bot_of(emulator) as client:
        yield client


@pytest.fixture
async def ask(emulator: RunningEmulator) -> AsyncIterator[Ask]:
    """Call a method without any library: parameters as a JSON body."""
    async with aiohttp.ClientSession() as session:

        async def call(method: str, **params: object) -> Answer:
            async with session.post(f"{emulator.url}/bot{emulator.token}/{method}", json=params) as response:
                answer: Answer = await response.json()
                assert answer.get("error_code", 200) == response.status
                return answer

        yield call
