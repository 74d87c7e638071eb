"""A PostgreSQL of the tests' own, on loopback, which can be killed; fresh databases in milliseconds."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from bot.storage.database import migrate
from tests.serving import free_port

USER = "lentigo"
_TEMPLATE = "migrated"
_READY_WITHIN_S = 60
_SETTINGS = {
    "fsync": "off",  # a crash of the machine ends the tests anyway
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "unix_socket_directories": "",
}


class Cluster:
    """A server with databases."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._port = free_port()
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def fresh(self, *, is_migrated: bool = True) -> str:
        """Make a database, with the tables of today or with none; returns what DATABASE_URL says of it."""
        name = f"test_{next(self._numbers)}"
        self._order(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE if is_migrated else 'template0'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Do away with a database, whoever is in it."""
        self._order(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Return what DATABASE_URL says of a database."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self._port}/{name}"

    def make(self) -> None:
        """Make the files of the cluster, start it and make the template."""
        words = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"--username={USER}")
        command = [str(self._programs / "initdb"), *words, "--pgdata", str(self._folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._folder, user=_user())
        self.start()
        self._order(f"CREATE DATABASE {_TEMPLATE}")
        migrate(self.url(_TEMPLATE))

    def start(self) -> None:
        """Start the server, also after a kill, and wait until it answers."""
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._folder), "-p", str(self._port), *settings]
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, user=_user())
        deadline = time.monotonic() + _READY_WITHIN_S
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL to the server and all of its processes: what was not committed is lost."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # it starts no more of them
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="ascii")
        self._process.kill()
        self._process.wait()
        for child in map(int, children.split()):
            _kill(child)
        self._process = None

    def stop(self) -> None:
        """End it as an operator does who is in a hurry: connections are cut (`pg_ctl stop -m fast`)."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait(_READY_WITHIN_S)
            self._process = None

    @property
    def log(self) -> str:
        """What the server has logged."""
        return (self._folder.parent / f"{self._folder.name}.log").read_text(encoding="utf-8")

    def _answers(self) -> bool:
        try:
            self._order("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _order(self, statement: str) -> None:
        where = f"host=127.0.0.1 port={self._port} user={USER} dbname=postgres connect_timeout=5"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster that lives as long as the block; skips the test where PostgreSQL is missing, but not in CI."""
    programs = _programs()
    if programs is None and os.environ.get("CI"):
        pytest.fail("CI has no PostgreSQL: .ci/run installs it")
    if programs is None:
        pytest.skip("needs PostgreSQL: apt-get install --no-install-recommends postgresql")
    with tempfile.TemporaryDirectory(prefix="lentigo-postgresql-") as temporary:
        folder = Path(temporary) / "cluster"
        folder.mkdir(mode=0o700)
        if (user := _user()) is not None:
            Path(temporary).chmod(0o711)
            shutil.chown(folder, user)
        cluster = Cluster(folder, programs)
        try:
            cluster.make()
            yield cluster
        finally:
            cluster.stop()


def _programs() -> Path | None:
    """Return the folder with initdb and postgres, the newest of Debian's, or the one on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    there = found[-1] if found else shutil.which("initdb")
    return Path(there).parent if there else None


def _user() -> str | None:
    """Return as whom it runs: it refuses to be root."""
    return "postgres" if os.geteuid() == 0 and "postgres" in {entry.pw_name for entry in pwd.getpwall()} else None


def _kill(pid: int) -> None:
    """End a process whose parent is gone, and wait until it is."""
    try:
        os.kill(pid, 9)
        while Path(f"/proc/{pid}").exists():
            os.kill(pid, 9)
            time.sleep(0.01)
    except ProcessLookupError:
        return
