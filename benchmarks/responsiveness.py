"""How long another user's /help takes while 20 photos are in flight, beside python-telegram-bot's stock updater.

Both bots answer the same photos with the same model over real HTTP; the emulator runs in this process.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measuring import ROOT
from benchmarks.telegram import PHOTO
from emulator.person import Person, open_town
from emulator.server import RunningEmulator
from tests.conversations.service import BotProcess, emulator_in_thread
from tests.conversations.stories import register

SENDERS, PHOTOS_EACH, ASKERS = 5, 4, 10
ANSWERED_WITHIN_S = 120


@contextmanager
def lentigo(emulator: RunningEmulator) -> Iterator[None]:
    """This project's bot."""
    with tempfile.TemporaryDirectory() as folder:
        bot = BotProcess(emulator, Path(folder))
        bot.start()
        yield
        bot.stop()


@contextmanager
def stock(emulator: RunningEmulator) -> Iterator[None]:
    """The baseline."""
    settings = {"MODEL_DIR": str(ROOT / "models"), "CONTENT_DIR": str(ROOT / "content"), "PYTHONPATH": str(ROOT)}
    environment = os.environ | settings | {"BOT_TOKEN": emulator.token, "TELEGRAM_API_URL": emulator.url}
    process = subprocess.Popen([sys.executable, ROOT / "benchmarks" / "baseline" / "stock_bot.py"], env=environment)
    yield
    process.terminate()
    process.wait()


async def measured(url: str, rounds: int, *, is_registration_needed: bool) -> tuple[list[float], float]:
    """Return the waits for /help in seconds, and how many photos a second were answered."""
    async with open_town(url) as town:
        senders = [await town.newcomer(f"Sender {number}") for number in range(SENDERS)]
        askers = [await town.newcomer(f"Asker {number}") for number in range(ASKERS)]
        if is_registration_needed:
            for sender in senders:
                await register(sender, "en")
        await wait_for_help(askers[0])
        waits: list[float] = []
        began = time.perf_counter()
        for _ in range(rounds):
            photos = asyncio.create_task(send_photos(senders))
            while not photos.done():
                waits.append(await wait_for_help(askers[len(waits) % ASKERS]))
                await asyncio.sleep(0.05)
            await photos
        return waits, rounds * SENDERS * PHOTOS_EACH / (time.perf_counter() - began)


async def send_photos(senders: list[Person]) -> None:
    """Send every photo at once and wait until each is answered."""
    await asyncio.gather(*(sender.sends_album([PHOTO] * PHOTOS_EACH) for sender in senders))
    for sender in senders:
        for _ in range(PHOTOS_EACH):
            await sender.waits_for(lambda message: "photo" in message, ANSWERED_WITHIN_S)


async def wait_for_help(asker: Person) -> float:
    """Return how long /help takes, in seconds."""
    began = time.perf_counter()
    await asker.says("/help")
    await asker.waits_for("/dermatologist", ANSWERED_WITHIN_S)
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Waits:
    """How long /help took, in milliseconds, and what was done meanwhile."""

    p50_ms: float
    p95_ms: float
    longest_ms: float
    photos_a_second: float


def waits_of_both(rounds: int) -> Iterator[Waits]:
    """Measure this project's bot, then the baseline."""
    for bot in (lentigo, stock):
        with emulator_in_thread() as emulator, bot(emulator):
            waits, throughput = asyncio.run(measured(emulator.url, rounds, is_registration_needed=bot is lentigo))
        p50, p95, longest = (1000 * float(np.percentile(waits, share)) for share in (50, 95, 100))
        yield Waits(p50, p95, longest, throughput)
