"""How many updates a second one gateway handles: texts of registered patients, each answered with a message.

    python -m benchmarks.gateway [--profile FILE]

The emulator, in a process of its own, holds the updates ready; the bot doesn't keep to Telegram's pace here.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from benchmarks.measuring import ROOT, Figure, at_least, load
from benchmarks.processtree import processor_s
from benchmarks.telegram import Sent, telegram
from bot.content import load_content
from bot.storage.database import migrate
from tests.conversations.service import BotProcess
from tests.conversations.stories import enrol, rows

_AIM: Final = 300
_TIMES: Final = 5  # the same machine is now and then a third slower
_TEXTS: Final = Sent(people=200, each=15, text="How long does it take until I get an answer?")
_HANDLED_WITHIN_S: Final = 120


class Unpaced(BotProcess):
    """A bot that may send as much as it can."""

    program: Sequence[str] = ("-m", "benchmarks.unpaced")


def figures() -> Iterator[Figure]:
    """Measure one gateway over SQLite a few times, each from its start."""
    runs = sorted(once(_TEXTS) for _ in range(_TIMES))
    a_second, bot_ms, telegram_ms = runs[_TIMES // 2]
    count = _TEXTS.people * _TEXTS.each
    yield at_least(f"updates a second, {count:,} texts, each answered", "", a_second, _AIM, "")
    yield Figure(f"… the least and the most of {_TIMES} times", "", f"{runs[0][0]:.0f}, {runs[-1][0]:.0f}")
    yield Figure("… processor time of the gateway for one", "", f"{bot_ms:.2f} ms, with its start")
    yield Figure("… of the emulator for one", "", f"{telegram_ms:.2f} ms")


def once(texts: Sent, profile: Path | None = None) -> tuple[float, float, float]:
    """Return updates a second, and the processor's milliseconds for one: of the gateway, and of the emulator."""
    with tempfile.TemporaryDirectory() as name, telegram(texts) as emulated:
        folder = enrolled(Path(name), texts.user_ids)
        with Unpaced(emulated, folder) as bot:
            if profile:
                bot.program = (*bot.program, f"--profile={profile}")
            bot.start()
            wait_until(texts.people * texts.each, lambda: _handled(folder), _HANDLED_WITHIN_S)
            bot_s, telegram_s = processor_s(bot.pid), processor_s(emulated.pid)
            bot.stop()
        a_second, count = handled_a_second(folder)
    return a_second, 1000 * bot_s / count, 1000 * telegram_s / count


def enrolled(folder: Path, user_ids: range) -> Path:
    """Return the folder, with a database in which these people are registered."""
    migrate(f"sqlite+aiosqlite:///{folder / 'lentigo.db'}")
    enrol(folder, user_ids, "en", load_content(ROOT / "content"))
    return folder


def wait_until(count: int, done: Callable[[], int], within_s: float) -> None:
    """Wait until so many are done.

    Raises:
        TimeoutError: they are not.
    """
    deadline = time.monotonic() + within_s
    while (so_far := done()) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{so_far} of {count} are done")
        time.sleep(0.2)


def _handled(folder: Path) -> int:
    return int(rows(folder, "SELECT count(*) FROM inbox WHERE handled_at IS NOT NULL")[0][0])


def handled_a_second(folder: Path) -> tuple[float, int]:
    """Return the rate between the first update and the last that was handled, and their number."""
    with sqlite3.connect(folder / "lentigo.db") as connection:
        first, last, count = connection.execute(
            "SELECT min(received_at), max(handled_at), count(*) FROM inbox"
        ).fetchone()
    connection.close()
    took = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return count / took.total_seconds(), count


def main() -> int:
    """Measure once and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", metavar="FILE", type=Path)
    print(f"load before: {load()}")
    a_second, bot_ms, telegram_ms = once(_TEXTS, parser.parse_args().profile)
    print(f"{a_second:.0f} updates a second; for one, gateway {bot_ms:.2f} ms, emulator {telegram_ms:.2f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
