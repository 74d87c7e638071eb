"""What chaos strikes: the bot's processes and its database, with the emulator that stands in for Telegram."""

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

import psycopg

from benchmarks.measuring import ROOT
from benchmarks.processtree import workers_of
from benchmarks.schedules import Blow
from bot.content import load_content
from emulator.server import RunningEmulator
from tests.conversations.service import BotProcess, emulator_in_thread
from tests.conversations.stories import enrol, rows
from tests.postgres import Cluster, running_cluster

_OPEN: Final = (
    "SELECT (SELECT count(*) FROM cases WHERE outcome IS NULL) + (SELECT count(*) FROM inbox WHERE handled_at IS NULL)"
)


class Machines(Protocol):
    """The processes of a service and its database."""

    emulator: RunningEmulator
    can_be_struck: Sequence[str]

    async def strike(self, blow: Blow) -> None:
        """Let something be struck, and start again what does not start by itself."""

    def enrol(self, user_ids: Sequence[int]) -> None:
        """Let people be registered."""

    def open_count(self) -> int:
        """Return how many cases and updates the database holds for open."""

    def tend(self) -> int:
        """Start again what has ended by itself, as systemd does; returns how many that were."""

    def mark_log(self) -> None:
        """Let the log begin here."""

    @property
    def log_since_mark(self) -> str:
        """What was logged since."""


class OneMachine:
    """`python -m bot run` over SQLite."""

    can_be_struck: Sequence[str] = ("bot", "worker", "database")

    def __init__(self, emulator: RunningEmulator, bot: BotProcess, data_dir: Path) -> None:
        self.emulator = emulator
        self._bot = bot
        self._data_dir = data_dir
        self._content = load_content(ROOT / "content")
        self._log_begins = 0
        self._turns = asyncio.Lock()  # a bot that is away can't be killed

    async def strike(self, blow: Blow) -> None:
        """Kill the bot or one of its workers, or hold the database so that nobody else can write."""
        async with self._turns:
            match blow.what:
                case "bot":
                    await asyncio.to_thread(self._bot.kill)
                    await asyncio.sleep(blow.down_s)
                    self._bot.launch()
                case "worker":
                    kill_one(workers_of(self._bot.pid), blow)
                case _:
                    await asyncio.to_thread(self._hold_database, blow.down_s)

    def enrol(self, user_ids: Sequence[int]) -> None:
        """Write the patients into the database."""
        enrol(self._data_dir, user_ids, "en", self._content)

    def open_count(self) -> int:
        """Count in the database."""
        return int(rows(self._data_dir, _OPEN)[0][0])

    def tend(self) -> int:
        """Start the bot again; it is not meant to end."""
        return 0 if self._turns.locked() else tend([self._bot])

    def mark_log(self) -> None:
        """Let the log begin here."""
        self._log_begins = len(self._bot.log)

    @property
    def log_since_mark(self) -> str:
        """What was logged since."""
        return self._bot.log[self._log_begins :]

    def _hold_database(self, for_s: float) -> None:
        connection = sqlite3.connect(self._data_dir / "lentigo.db", timeout=30, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(for_s)
        connection.execute("ROLLBACK")
        connection.close()


def kill_one(process_ids: Sequence[int], blow: Blow) -> None:
    """SIGKILL for one of these, the same at every repetition; none where there are none."""
    if process_ids:
        with suppress(ProcessLookupError):  # it has ended by itself
            os.kill(random.Random(blow.at_s).choice(sorted(process_ids)), signal.SIGKILL)


def tend(processes: Sequence[BotProcess]) -> int:
    """Start again those that have ended by themselves; returns how many they were."""
    ended = [process for process in processes if process.has_ended]
    for process in ended:
        process.launch()
    return len(ended)


@contextmanager
def _one_machine(folder: Path) -> Iterator[Machines]:
    with emulator_in_thread() as emulator, BotProcess(emulator, folder) as bot:
        bot.start()
        yield OneMachine(emulator, bot, folder)


class ManyMachines:
    """A gateway and two workers over PostgreSQL, which can be killed too."""

    can_be_struck: Sequence[str] = ("bot", "worker", "database")

    def __init__(self, emulator: RunningEmulator, processes: Sequence[BotProcess], cluster: Cluster, url: str) -> None:
        self.emulator = emulator
        self._gateway, *self._workers = processes
        self._cluster = cluster
        self._url = url.replace("+psycopg", "")
        self._log_begins = [0 for _ in processes]
        self._turns = asyncio.Lock()

    async def strike(self, blow: Blow) -> None:
        """Kill the gateway, a worker with its processes, or the database, and start it again."""
        async with self._turns:
            if blow.what == "database":
                await asyncio.to_thread(self._cluster.kill)
                await asyncio.sleep(blow.down_s)
                await asyncio.to_thread(self._cluster.start)
                return
            struck = self._gateway if blow.what == "bot" else random.Random(blow.at_s).choice(self._workers)
            await asyncio.to_thread(struck.kill)
            await asyncio.sleep(blow.down_s)
            struck.launch()

    def enrol(self, user_ids: Sequence[int]) -> None:
        """Write the patients into the database."""
        enrol_in(self._url, user_ids)

    def open_count(self) -> int:
        """Count in the database; one that is still away has everything open."""
        try:
            with psycopg.connect(self._url, autocommit=True) as connection:
                row = connection.execute(_OPEN.encode()).fetchone()
        except psycopg.OperationalError:
            return 1
        return int(row[0]) if row else 0

    def tend(self) -> int:
        """Start gateways and workers again: they end where the database is away when they start."""
        return 0 if self._turns.locked() else tend([self._gateway, *self._workers])

    def mark_log(self) -> None:
        """Let the log begin here."""
        self._log_begins = [len(process.log) for process in (self._gateway, *self._workers)]

    @property
    def log_since_mark(self) -> str:
        """What all of them logged since, one after the other."""
        processes = (self._gateway, *self._workers)
        parts = (process.log[begin:] for process, begin in zip(processes, self._log_begins, strict=True))
        return "\n\n".join(parts)


def enrol_in(url: str, user_ids: Iterable[int]) -> None:
    """Let people be registered in a PostgreSQL database."""
    statement = (
        "INSERT INTO patients (user_id, language, consent_version, is_adult, first_name, registered_at, created_at)"
        " VALUES (%s, 'en', %s, true, 'Sam', now(), now())"
    )
    version = load_content(ROOT / "content").consent_version
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for user_id in user_ids:
            connection.execute(statement, (user_id, version))


@contextmanager
def _many_machines(folder: Path) -> Iterator[Machines]:
    with running_cluster() as cluster, emulator_in_thread() as emulator, ExitStack() as stack:
        url = cluster.fresh()
        own = {"DATABASE_URL": url, "WORKERS": "1"}
        names = (("run", "gateway"), ("worker", "worker-1"), ("worker", "worker-2"))
        processes = [stack.enter_context(BotProcess(emulator, folder, *name, **own)) for name in names]
        for process in processes:
            process.launch()
        for process in processes:
            process.waits_to_be_ready()
        yield ManyMachines(emulator, processes, cluster, url)


@contextmanager
def machines_on(database: str, folder: Path) -> Iterator[Machines]:
    """Everything that runs, for the length of the block; it begins ready."""
    kinds: dict[str, Callable[[Path], AbstractContextManager[Machines]]] = {
        "sqlite": _one_machine,
        "postgresql": _many_machines,
    }
    with kinds[database](folder) as machines:
        yield machines
