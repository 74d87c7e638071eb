"""The bot as an operator runs it, in a process of its own, and the emulator that stands in for Telegram."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar, Protocol, Self
from urllib.parse import parse_qs, urlsplit

from emulator.server import RunningEmulator, running_emulator
from emulator.settings import Settings
from tests.conversations.nursery import Born, Nursery
from tests.postgres import Cluster
from tests.serving import serving_in_thread

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "tests" / "photos"
_READY_WITHIN_S = 180
_databases: dict[Path, str] = {}
_cluster: list[Cluster] = []  # where new databases are made; SQLite's are where there is none
_nursery: list[Nursery] = []  # where new bots are born; they start from nothing where there is none


@contextmanager
def databases_in(cluster: Cluster | None) -> Iterator[None]:
    """While the block lasts, new bots keep what they know in this cluster, or in SQLite."""
    _cluster[:] = [cluster] if cluster else []
    try:
        yield
    finally:
        _cluster.clear()


@contextmanager
def bots_from(nursery: Nursery) -> Iterator[None]:
    """While the block lasts, new bots are born there."""
    _nursery[:] = [nursery]
    try:
        yield
    finally:
        _nursery.clear()


def database_of(data_dir: Path) -> str:
    """What DATABASE_URL says for the bot over a folder; the same folder has the same database again."""
    if data_dir not in _databases:
        own = f"sqlite+aiosqlite:///{data_dir / 'lentigo.db'}"
        _databases[data_dir] = _cluster[0].fresh(is_migrated=False) if _cluster else own
    return _databases[data_dir]


@contextmanager
def emulator_in_thread(
    settings: Settings | None = None, port: int = 0, state: Path | None = None
) -> Iterator[RunningEmulator]:
    """An emulator that lives as long as the block, in a thread with its own event loop."""
    started: list[RunningEmulator] = []
    is_ready, is_over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with running_emulator(settings=settings, port=port, state=state) as emulator:
            started.append(emulator)
            is_ready.set()
            await is_over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert is_ready.wait(_READY_WITHIN_S)
    try:
        yield started[0]
    finally:  # else a test that fails would wait for the thread for ever
        loops[0].call_soon_threadsafe(is_over.set)
        thread.join()


class Address(Protocol):
    """Where Telegram is, or what stands in for it."""

    @property
    def url(self) -> str:
        """The bot's TELEGRAM_API_URL."""

    @property
    def token(self) -> str:
        """The bot's BOT_TOKEN."""


class BotProcess:
    """`python -m bot run`, or `worker`, which can be killed and started again over the same data."""

    program: Sequence[str] = ("-m", "bot")

    def __init__(
        self, emulator: Address, data_dir: Path, command: str = "run", name: str = "bot", **settings: str
    ) -> None:
        self._command = command
        taking = "Telegram brings updates" if "WEBHOOK_URL" in settings else "Ready as @"
        self._is_ready = {"run": taking, "worker": "Ready to answer photos"}[command]
        self._log_path = data_dir / f"{name}.log"
        self.database_url = settings.get("DATABASE_URL") or database_of(data_dir)
        self._environment = os.environ | {
            "BOT_TOKEN": emulator.token,
            "TELEGRAM_API_URL": emulator.url,
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": self.database_url,
            "WEB_PORT": "0",
            "NOMINATIM_URL": "off",
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | Born | None = None
        self._worker: BotProcess | None = None  # one that a story need not know of
        if command == "run" and "DATABASE_URL" not in settings and self.database_url.startswith("postgresql"):
            own = {**settings, "DATABASE_URL": self.database_url}
            self._worker = BotProcess(emulator, data_dir, "worker", f"{name}-worker", **own)

    def __enter__(self) -> Self:
        """The process may be started now."""
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever happened, no process stays behind."""
        if self._process is not None:
            self.kill()

    @property
    def log(self) -> str:
        """Everything the bot has logged."""
        return self._log_path.read_text(encoding="utf-8") if self._log_path.exists() else ""

    @property
    def pid(self) -> int:
        """The number of the process that runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process that was started has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        starts = self.log.count(self._is_ready)
        worker_starts = self._worker.log.count(self._worker._is_ready) if self._worker else 0
        self.launch()
        self.waits_to_be_ready(starts)
        if self._worker is not None:
            self._worker.waits_to_be_ready(worker_starts)

    def waits_to_be_ready(self, starts: int = 0) -> None:
        """Wait until it has said that it is ready more than so often."""
        assert self._process is not None
        deadline = time.monotonic() + _READY_WITHIN_S
        while self.log.count(self._is_ready) <= starts:
            assert self._process.poll() is None, f"The bot ended at once:\n{self.log}"
            assert time.monotonic() < deadline, f"The bot is not ready:\n{self.log}"
            time.sleep(0.05)

    def launch(self) -> None:
        """Start it and wait for nothing."""
        with self._log_path.open("ab") as log:
            if _nursery and self.program is BotProcess.program:
                self._process = _nursery[0].born([self._command], self._environment, log)
            else:
                command = [sys.executable, *self.program, self._command]
                self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        if self._worker is not None:
            self._worker.launch()

    def signals(self, number: signal.Signals) -> None:
        """Send a signal and wait for nothing."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        return self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Wait until it ends by itself; returns the exit status."""
        assert self._process is not None
        status = self._process.wait(timeout=_READY_WITHIN_S)
        self._process = None
        self._end_worker(signal.SIGTERM)
        return status

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        status = self._process.wait(timeout=40)
        self._process = None
        self._end_worker(number)
        return status

    def _end_worker(self, number: signal.Signals) -> None:
        if self._worker is not None and self._worker._process is not None:
            self._worker._end(number)


@dataclass(frozen=True, slots=True)
class Service:
    """What the stories talk to."""

    emulator: RunningEmulator
    bot: BotProcess
    data_dir: Path


class _Gazetteer(BaseHTTPRequestHandler):
    """Answers like Nominatim, for two towns."""

    places: ClassVar = {"salzburg": ("47.7981346", "13.0464806"), "sapporo": ("43.061936", "141.3542924")}

    def do_GET(self) -> None:
        name = parse_qs(urlsplit(self.path).query)["q"][0].casefold()
        found = [
            f'{{"lat": "{lat}", "lon": "{lon}", "display_name": "{town.title()}"}}'
            for town, (lat, lon) in self.places.items()
            if town in name
        ]
        body = f"[{','.join(found)}]".encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def gazetteer() -> Iterator[str]:
    """A place-name server on this machine; yields its address."""
    with serving_in_thread(_Gazetteer) as address:
        yield address
