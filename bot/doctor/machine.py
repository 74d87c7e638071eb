"""The machine: its disk, its memory, its ports."""

import asyncio
import errno
import os
import shutil
import socket
from pathlib import Path
from typing import Final

import aiohttp

from bot.doctor.check import Check, failed, ok, warning

_MB: Final = 10**6
_ENOUGH_DISK: Final = 1000 * _MB
_TOO_LITTLE_DISK: Final = 100 * _MB
_BOT_MEMORY: Final = 250 * _MB
_WORKER_MEMORY: Final = 170 * _MB
_MEMORY_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_TIMEOUT_S: Final = 5


def disk(where: Path) -> Check:
    """Return whether there is room for what the bot keeps."""
    there = next(place for place in (where.absolute(), *where.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    words = f"{free // _MB:,} MB are free where the database lies"
    if free < _TOO_LITTLE_DISK:
        return failed("disk", words, "Free some: with a full disk the bot takes no more updates.")
    if free < _ENOUGH_DISK:
        return warning("disk", words, "Free some before it is full.")
    return ok("disk", words)


def folder(where: Path) -> Check:
    """Return whether the bot may write where its database lies, and nobody else may read there."""
    name = f"folder {where}"
    if not where.exists():
        return ok(name, "does not exist yet; the first start makes it")
    if not os.access(where, os.R_OK | os.W_OK | os.X_OK):
        return failed(name, "this user may not write there", "Give it to the user who runs the bot: chown -R.")
    if where.stat().st_mode & 0o007:
        return warning(name, "everybody on this machine may look into it", "Let only the bot: chmod 700.")
    return ok(name, "only the bot may look into it")


def memory(count: int) -> Check:
    """Return whether there is memory for the bot and its workers."""
    total, needed = _memory_bytes(), _BOT_MEMORY + count * _WORKER_MEMORY
    if total is None:
        return ok("memory", "this system does not say how much there is")
    words = f"{total // _MB:,} MB, and {count} workers with the bot need about {needed // _MB:,}"
    if total < needed:
        return failed("memory", words, "Give it more, or take fewer workers: WORKERS.")
    return ok("memory", words)


def _memory_bytes() -> int | None:
    """Return how much this process may have: what the machine has, or less where its container has less."""
    found = []
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for path in _MEMORY_LIMITS:
        text = path.read_text().strip() if path.exists() else ""
        found += [int(text)] if text.isdigit() else []
    return min(found, default=None)


async def port(host: str, number: int) -> Check:
    """Return whether the port of /healthz is free, or this bot has it."""
    name = "WEB_PORT"
    if number == 0:
        return ok(name, "0: nothing is served")
    try:
        await asyncio.to_thread(_bind, host, number)
    except socket.gaierror:
        return failed(name, f"WEB_HOST {host} is no address of this machine", "127.0.0.1 is always one.")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return failed(name, f"{host}:{number} can't be had ({error.strerror})", "Choose another one.")
        return await _holder(name, host, number)
    return ok(name, f"{number} is free; no bot serves it now")


def _bind(host: str, number: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)


async def _holder(name: str, host: str, number: int) -> Check:
    asked = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - where to ask, not where to listen
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_TIMEOUT_S)) as session,
            session.get(f"http://{asked}:{number}/healthz") as health,
        ):
            told = await health.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        told = None
    if not isinstance(told, dict):
        return failed(name, f"another program has {number}", "Stop it, or choose another WEB_PORT.")
    if health.status != 200:
        return failed(name, f"the bot that runs says that it is not well ({health.status})", "See its log.")
    return ok(name, f"the bot runs, and {number} is its")
