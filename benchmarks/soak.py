"""Hours of mixed load by 200 people: whether any process grows, and whether anything goes wrong.

    python -m benchmarks.soak [MINUTES]

The bot runs as an operator runs it, at Telegram's pace; the emulator runs in a process of its own.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.gateway import enrolled
from benchmarks.measuring import Figure, at_most, resident_mb
from benchmarks.processtree import workers_of
from benchmarks.results import RESULTS, measured
from benchmarks.telegram import PHOTO, Sent, telegram
from emulator.person import Person, open_town
from tests.conversations.service import BotProcess
from tests.conversations.stories import rows

_PEOPLE: Final = Sent(people=200, each=1, text="/help")
_GROWTH_PERCENT: Final = 5
_DEEDS_A_SECOND: Final = 5  # below Telegram's pace: nothing piles up
_PHOTOS_PART: Final = 0.2
_WORDS: Final = ("/help", "/history", "/settings", "/privacy", "/dermatologist", "/cancel", "How long does it take?")
_SAMPLES: Final = 60
_WARM_UP: Final = 0.25  # of the time
_SETTLED_WITHIN_S: Final = 120


@dataclass(slots=True)
class Memory:
    """The resident memory of each process, in MB, sample by sample."""

    samples: dict[str, list[float]] = field(default_factory=dict)

    def take(self, bot: BotProcess) -> None:
        """Add a sample of every process; one that was started anew has a row of its own."""
        for process_id in [bot.pid, *workers_of(bot.pid)]:
            name = "bot" if process_id == bot.pid else f"worker {process_id}"
            self.samples.setdefault(name, []).append(resident_mb(process_id))


def growth_percent(samples: Sequence[float]) -> float:
    """Return by how much the last quarter is above the quarter after the warm-up, by their medians."""
    quarter = max(1, len(samples) // 4)
    begin = int(_WARM_UP * len(samples))
    before, after = statistics.median(samples[begin : begin + quarter]), statistics.median(samples[-quarter:])
    return 100 * (after - before) / before


def figures(minutes: float) -> Iterator[Figure]:
    """Let people do what people do, then look at memory, incidents and what is left."""
    with tempfile.TemporaryDirectory() as name, telegram(_PEOPLE) as emulated:
        folder, memory = enrolled(Path(name), _PEOPLE.user_ids), Memory()
        with BotProcess(emulated, folder) as bot:
            bot.start()
            deeds = asyncio.run(_lived_through(emulated.url, bot, memory, 60 * minutes))
            left = _left(folder)
            photos = rows(folder, "SELECT count(*) FROM cases WHERE outcome = 'assessed'")[0][0]
            errors = rows(folder, "SELECT count(*) FROM incidents")[0][0] + bot.log.count("Traceback")
            bot.stop()
    yield Figure(f"{minutes:g} minutes, {_PEOPLE.people} people", "", f"{deeds:,} deeds, {photos:,} photos assessed")
    for process, samples in memory.samples.items():
        told = f"memory of {process.split()[0]}, {statistics.median(samples):.0f} MB, growth after the warm-up"
        yield at_most(told, "", growth_percent(samples), _GROWTH_PERCENT, " %")
    yield at_most("incidents and tracebacks", "", errors, 0, "")
    yield at_most("updates and photos left", "", left, 0, "")


async def _lived_through(url: str, bot: BotProcess, memory: Memory, for_s: float) -> int:
    """Let random people do random things at a steady pace; returns how many they did."""
    rng, deeds = random.Random(1), list[asyncio.Task[None]]()
    began = time.monotonic()
    async with open_town(url) as town:
        people = [await town.newcomer("Sam", id=user_id) for user_id in _PEOPLE.user_ids]
        next_sample = began
        while (now := time.monotonic()) < began + for_s:
            if now >= next_sample:
                memory.take(bot)
                next_sample += for_s / _SAMPLES
            deeds.append(asyncio.create_task(_deed(rng.choice(people), rng)))
            await asyncio.sleep(rng.expovariate(_DEEDS_A_SECOND))
        await asyncio.gather(*deeds)
    return len(deeds)


async def _deed(person: Person, rng: random.Random) -> None:
    if rng.random() < _PHOTOS_PART:
        await person.sends_photo(PHOTO)
    else:
        await person.says(rng.choice(_WORDS))


def _left(folder: Path) -> int:
    """Wait until all is handled and answered; returns what is not."""
    updates = "SELECT count(*) FROM inbox WHERE handled_at IS NULL"
    cases = "SELECT count(*) FROM cases WHERE outcome IS NULL"
    for _ in range(_SETTLED_WITHIN_S):
        if not (left := int(rows(folder, updates)[0][0]) + int(rows(folder, cases)[0][0])):
            break
        time.sleep(1)
    return left


def main() -> int:
    """Live through it, print, write; the exit status says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("minutes", metavar="MINUTES", nargs="?", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--results", metavar="FILE", type=Path, default=RESULTS)
    asked = parser.parse_args()
    found = measured("Hours of mixed load", lambda: figures(asked.minutes), asked.results)
    return int(any(figure.is_met is False for figure in found))


if __name__ == "__main__":
    sys.exit(main())
