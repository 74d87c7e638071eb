"""The processes that a process started, and what they and the machine have used; Linux only."""

import os
from pathlib import Path
from typing import Final

_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


def children(process_id: int) -> list[int]:
    """Return the processes that this one started and that still live."""
    found: list[int] = []
    for task in _tasks(process_id):
        try:
            found += map(int, (task / "children").read_text(encoding="ascii").split())
        except OSError:  # it ended meanwhile
            continue
    return found


def workers_of(process_id: int) -> list[int]:
    """Return the processes of the pool that looks at photos."""
    return [child for child in children(process_id) if b"spawn_main" in _command(child)]


def tree(process_id: int) -> list[int]:
    """Return a process and all that descend from it."""
    return [process_id, *(found for child in children(process_id) for found in tree(child))]


def processor_s(process_id: int) -> float:
    """Return how many seconds of a core a process has used; 0 where it is gone."""
    try:
        after_name = (Path("/proc") / str(process_id) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / _TICKS_A_SECOND


def machine_busy_s() -> float:
    """Return how many seconds the machine's cores have been at work since it was started, all together."""
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, *_ = map(
        int, Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    )
    return (user + nice + system + interrupts + soft_interrupts) / _TICKS_A_SECOND


def _tasks(process_id: int) -> list[Path]:
    try:
        return list((Path("/proc") / str(process_id) / "task").iterdir())
    except OSError:
        return []


def _command(process_id: int) -> bytes:
    try:
        return (Path("/proc") / str(process_id) / "cmdline").read_bytes()
    except OSError:
        return b""
