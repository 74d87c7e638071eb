"""kill -9 and faults by random schedules: no photo may be lost, and none answered twice.

    python -m benchmarks.chaos [N] [--seed FIRST] [--database sqlite|postgresql] [--at-once K] [--keep FOLDER]

K services, each with its own emulator, bot and database, take the schedules in turn; of each only what is killed is
started again. What a seed that fails has left, its log and its schedule, is kept in FOLDER, and `--seed` plays it
again.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import Final, TypeAlias

from benchmarks.machines import Machines, machines_on
from benchmarks.measuring import ROOT, Figure, at_most, load
from benchmarks.results import RESULTS, measured
from benchmarks.schedules import Blow, Schedule, schedule_of
from benchmarks.telegram import PHOTO
from bot.content import load_content
from emulator.objects import Message
from emulator.person import Person, Town, open_town
from tests.conversations.stories import shown

_ANSWERED_WITHIN_S: Final = 180
_SETTLED_LOOKS: Final = 300
_LOOK_EVERY_S: Final = 0.1

Photo: TypeAlias = tuple[int, int]  # the chat and the message that brought it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the photos of one schedule.

    Attributes:
        seed: of the schedule.
        photos: how many were sent.
        lost: how many have no answer.
        twice: how many have more than one.
        open: cases and updates that the database still holds for open.
        ended: how many processes ended by themselves and were started again.
        set_aside: photos whose processes were killed twice, and whose senders were told so: that is their answer.
        left_over: messages that promise an answer and were never replaced by it.
        took_s: the schedule, with what was started again.
    """

    seed: int
    photos: int
    lost: int
    twice: int
    open: int
    ended: int
    set_aside: int
    left_over: int
    took_s: float

    @property
    def is_good(self) -> bool:
        """Whether every photo has its one answer and nothing is left to do."""
        return not (self.lost or self.twice or self.open)


@dataclass(slots=True)
class Tally:
    """The verdicts so far."""

    verdicts: list[Verdict] = field(default_factory=list)
    blows: Counter[str] = field(default_factory=Counter)

    def total(self, name: str) -> int:
        """Return the sum of a verdict's number."""
        return sum(getattr(verdict, name) for verdict in self.verdicts)


def figures(seeds: Sequence[int], database: str, at_once: int, keep: Path) -> Iterator[Figure]:
    """Play the schedules of these seeds, so many at once, and sum up."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        folders = [Path(tempfile.mkdtemp(dir=folder)) for _ in range(at_once)]
        machines = [stack.enter_context(machines_on(database, own)) for own in folders]
        tally = asyncio.run(_all_played(seeds, machines, keep))
    blows = ", ".join(f"{count} × {what}" for what, count in sorted(tally.blows.items()))
    name = f"{len(tally.verdicts):,} schedules, {tally.total('photos'):,} photos"
    took = f"in {(time.monotonic() - began) / 60:.0f} min" + (f", {at_once} at once" if at_once > 1 else "")
    yield Figure(f"{name}, {took}", "", f"struck: {blows}")
    yield at_most("photos lost", "", tally.total("lost"), 0, "")
    yield at_most("photos answered twice", "", tally.total("twice"), 0, "")
    yield at_most("cases and updates left open", "", tally.total("open"), 0, "")
    yield Figure("photos set aside, as two processes were killed with them", "", f"{tally.total('set_aside')}")
    yield Figure("processes that ended by themselves, and were started again", "", f"{tally.total('ended')}")
    yield Figure("“Looking at your photo” left beside the answer", "", f"{tally.total('left_over')}")


async def _all_played(seeds: Sequence[int], all_machines: Sequence[Machines], keep: Path) -> Tally:
    tally, left = Tally(), iter(seeds)

    async def played_on(machines: Machines) -> None:
        async with open_town(machines.emulator.url) as town:
            for seed in left:
                schedule = schedule_of(seed, machines.can_be_struck)
                verdict = await play(schedule, machines, town)
                tally.verdicts.append(verdict)
                tally.blows.update(blow.what for blow in schedule.blows)
                _report(verdict, len(tally.verdicts), len(seeds))
                if not verdict.is_good:
                    _keep(keep, schedule, verdict, machines)

    await asyncio.gather(*map(played_on, all_machines))
    return tally


async def play(schedule: Schedule, machines: Machines, town: Town) -> Verdict:
    """Let a schedule happen, wait until all has recovered, and look what everybody got."""
    began = time.monotonic()
    people = [await town.newcomer(f"Patient {number}") for number in range(schedule.people)]
    await asyncio.to_thread(machines.enrol, [person.id for person in people])
    machines.mark_log()
    await town.suffers(*map(dict, schedule.faults))
    sent = await _happens(schedule, machines, people)
    ended = await _all_answered(people, sent, machines)
    await town.suffers()
    open_left = await _settled(machines)
    shown = [message for person in people for message in await person.messages()]
    return verdict_on(schedule.seed, sent, shown, (open_left, ended), time.monotonic() - began)


def verdict_on(
    seed: int, sent: Sequence[Photo], shown: Sequence[Message], left: tuple[int, int], took_s: float
) -> Verdict:
    """Count what became of the photos, from all that people see in the end; left is what is open, and what ended."""
    said = [message for message in shown if message["from"]["is_bot"]]
    answers = Counter(_answered(message) for message in said if is_answer(message))
    return Verdict(
        seed=seed,
        photos=len(sent),
        lost=sum(answers[photo] == 0 for photo in sent),
        twice=sum(answers[photo] > 1 for photo in sent),
        open=left[0],
        ended=left[1],
        set_aside=sum(map(is_set_aside, said)),
        left_over=sum(not is_answer(message) for message in said),
        took_s=took_s,
    )


async def _happens(schedule: Schedule, machines: Machines, people: Sequence[Person]) -> list[Photo]:
    """Send and strike at the schedule's moments; returns which messages are photos."""
    began, sent = time.monotonic(), list[Photo]()
    striking: list[asyncio.Task[None]] = []
    for event in schedule.events:
        await asyncio.sleep(max(0.0, began + event.at_s - time.monotonic()))
        if isinstance(event, Blow):
            striking.append(asyncio.create_task(machines.strike(event)))
        else:
            person = people[event.person]
            photo = await person.sends_photo(PHOTO)
            sent.append((person.id, photo["message_id"]))
    await asyncio.gather(*striking)
    return sent


async def _all_answered(people: Sequence[Person], sent: Sequence[Photo], machines: Machines) -> int:
    """Wait until every photo has an answer, in vain where one is lost; returns how many processes had ended."""
    ended = 0
    deadline = time.monotonic() + _ANSWERED_WITHIN_S
    while time.monotonic() < deadline:
        messages = [message for person in people for message in await person.messages()]
        if set(sent) <= {_answered(message) for message in messages if is_answer(message)}:
            break
        ended += machines.tend()
        await asyncio.sleep(_LOOK_EVERY_S)
    return ended


async def _settled(machines: Machines) -> int:
    """Wait until the database holds nothing for open; returns how much it still does."""
    for _ in range(_SETTLED_LOOKS):
        if not (left := await asyncio.to_thread(machines.open_count)):
            break
        await asyncio.sleep(_LOOK_EVERY_S)
    return left


def is_answer(message: Message) -> bool:
    """Return whether the bot's message shows an assessment, or says that there will be none."""
    return bool(message["from"]["is_bot"]) and ("photo" in message or is_set_aside(message))


def is_set_aside(message: Message) -> bool:
    """Return whether a message says that a photo was set aside."""
    return _set_aside_words() in message.get("text", "")


@cache
def _set_aside_words() -> str:
    return shown(load_content(ROOT / "content").texts("en"), "declined-set-aside")


def _answered(message: Message) -> Photo:
    return int(message["chat"]["id"]), int(message.get("reply_to_message", {}).get("message_id", 0))


def _report(verdict: Verdict, number: int, count: int) -> None:
    told = "good" if verdict.is_good else f"BAD: {verdict}"
    print(f"{number}/{count} seed {verdict.seed}: {verdict.photos} photos, {verdict.took_s:.1f} s, {told}", flush=True)


def _keep(folder: Path, schedule: Schedule, verdict: Verdict, machines: Machines) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = f"{pformat(schedule)}\n\n{verdict}\n\n{machines.log_since_mark}"
    (folder / f"seed-{schedule.seed}.log").write_text(told, encoding="utf-8")


def main() -> int:
    """Play, print, write; the exit status says whether all was well."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", metavar="N", nargs="?", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--seed", metavar="FIRST", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="default: %(default)s")
    parser.add_argument("--at-once", metavar="K", type=int, choices=range(1, 9), default=1, help="up to 8")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, default=Path("chaos"), help="default: %(default)s")
    parser.add_argument("--results", metavar="FILE", type=Path, default=RESULTS)
    asked = parser.parse_args()
    print(f"load before: {load()}")
    seeds = range(asked.seed, asked.seed + asked.count)
    title = f"kill -9 and faults at random, {'SQLite' if asked.database == 'sqlite' else 'PostgreSQL'}"
    found = measured(title, lambda: figures(seeds, asked.database, asked.at_once, asked.keep), asked.results)
    return int(any(figure.is_met is False for figure in found))


if __name__ == "__main__":
    sys.exit(main())
