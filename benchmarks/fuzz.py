"""Mutated updates through the bot's webhook, and mutated files through the emulator and the workers: no crash, no leak.

    python -m benchmarks.fuzz [N] [--seed S]

A fifth of N are files. The bot runs as in the webhook mode of an operator, but for Telegram's pace.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks.gateway import Unpaced, enrolled
from benchmarks.measuring import ROOT, Figure, at_most
from benchmarks.mutations import MARK, bytes_of, updates
from benchmarks.results import RESULTS, measured
from benchmarks.telegram import Sent, telegram
from bot.content import load_content
from bot.render.answer import picture_labels
from bot.workers.pool import Workers
from emulator.person import Person, RefusedError, open_town
from tests.conversations.stories import rows
from tests.serving import free_port

_SECRET: Final = "fuzz-secret-of-the-webhook"  # noqa: S105 - opens nothing
_PEOPLE: Final = Sent(people=30, each=1, text="/help")
_FIRST_UPDATE_ID: Final = 500_000_000
_AT_ONCE: Final = 16
_FILES_PART: Final = 5  # one in so many is a file
_THROUGH_CHAT: Final = 20  # one file in so many is sent in a chat; the others go to the workers at once
_HANDLED_WITHIN_S: Final = 600
_PHOTOS: Final = ("ham10000_nv_ISIC_0028441.jpg", "ham10000_bcc_ISIC_0024550.webp", "ham10000_bkl_ISIC_0024338.heic")


def figures(count: int, seed: int) -> Iterator[Figure]:
    """Send everything, then look at what was answered, logged and left."""
    files = count // _FILES_PART
    statuses, log, left, is_alive, secrets = asyncio.run(_through_webhook(count - files, files // _THROUGH_CHAT, seed))
    outcomes = asyncio.run(_through_workers(files, seed))
    told = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))
    yield Figure(f"{count - files:,} mutated updates through the webhook", "", told)
    yield at_most("… answered with 5xx", "", sum(n for status, n in statuses.items() if status >= 500), 0, "")
    yield at_most("… left unhandled", "", left, 0, "")
    yield at_most("… the bot ended", "", int(not is_alive), 0, "")
    yield Figure("… sorry messages with an incident", "", str(len(re.findall(r"\bIncident\b", log))))
    yield at_most(
        "tokens, secrets, names and texts in the log", "", sum(log.count(secret) for secret in secrets), 0, ""
    )
    shown = ", ".join(f"{number} × {outcome}" for outcome, number in outcomes.most_common(8))
    yield Figure(f"{files:,} mutated files through the workers", "", shown)
    yield at_most("… that raised an error of ours", "", outcomes["raised"], 0, "")


async def _through_webhook(
    count: int, in_chats: int, seed: int
) -> tuple[Counter[int], str, int, bool, tuple[str, ...]]:
    with tempfile.TemporaryDirectory() as name, telegram(_PEOPLE) as emulated:
        folder, port = await asyncio.to_thread(enrolled, Path(name), _PEOPLE.user_ids), free_port()
        url = f"http://127.0.0.1:{port}/hook"
        settings = {"WEBHOOK_URL": url, "WEBHOOK_SECRET": _SECRET, "WEBHOOK_PORT": str(port)}
        with Unpaced(emulated, folder, OWNER_IDS=str(_PEOPLE.user_ids[0]), **settings) as bot:
            await asyncio.to_thread(bot.start)
            statuses = await _posted(url, count, random.Random(seed))
            await _sent_in_chats(emulated.url, in_chats, random.Random(seed))
            left = await _left(folder)
            is_alive = await asyncio.to_thread(bot.stop) == 0  # one that ended before has another status
            return statuses, bot.log, left, is_alive, (emulated.token, _SECRET, MARK)


async def _posted(url: str, count: int, rng: random.Random) -> Counter[int]:
    """Bring the updates as Telegram would, some at once; returns what was answered."""
    statuses = Counter[int]()
    mutated = islice(updates(rng, list(_PEOPLE.user_ids), _FIRST_UPDATE_ID), count)
    headers = {"X-Telegram-Bot-Api-Secret-Token": _SECRET}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def bring() -> None:
            for update in mutated:
                async with session.post(url, json=update) as answer:
                    statuses[answer.status] += 1

        await asyncio.gather(*(bring() for _ in range(_AT_ONCE)))
    return statuses


async def _sent_in_chats(url: str, count: int, rng: random.Random) -> None:
    async with open_town(url) as town:
        people = [await town.newcomer("Sam", id=user_id) for user_id in _PEOPLE.user_ids]
        for name, content in islice(_files(rng), count):
            await _sends(rng.choice(people), name, content)


async def _sends(person: Person, name: str, content: bytes) -> None:
    """Send a file, as a photo while Telegram takes it for one."""
    try:
        await person.sends_photo((name, content))
    except RefusedError:
        await person.sends_document((name, content))


def _files(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    real = [(name, (ROOT / "tests" / "photos" / name).read_bytes()) for name in _PHOTOS]
    while True:
        name, content = rng.choice(real)
        yield name, bytes_of(content, rng)


async def _left(folder: Path) -> int:
    """Wait until every update is handled; returns how many are not."""
    unhandled = "SELECT count(*) FROM inbox WHERE handled_at IS NULL"
    for _ in range(_HANDLED_WITHIN_S):
        if not (left := int(rows(folder, unhandled)[0][0])):
            break
        await asyncio.sleep(1)
    return left


async def _through_workers(count: int, seed: int) -> Counter[str]:
    """Let the bot's own workers look at the files; returns what each became."""
    workers = Workers(2, ROOT / "models", ROOT / "content" / "fonts")
    labels = picture_labels(load_content(ROOT / "content").texts("en"))
    files, outcomes = islice(_files(random.Random(seed)), count), Counter[str]()

    async def look() -> None:
        for _, content in files:
            try:
                outcomes[(await workers.see(content, labels)).declined_because or "assessed"] += 1
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                outcomes.update(("raised", type(error).__name__))

    await asyncio.gather(*(look() for _ in range(workers.count)))
    workers.stop()
    return outcomes


def main() -> int:
    """Send, print, write; the exit status says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", metavar="N", nargs="?", type=int, default=2_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--results", metavar="FILE", type=Path, default=RESULTS)
    asked = parser.parse_args()
    found = measured("Mutated updates and files", lambda: figures(asked.count, asked.seed), asked.results)
    return int(any(figure.is_met is False for figure in found))


if __name__ == "__main__":
    sys.exit(main())
