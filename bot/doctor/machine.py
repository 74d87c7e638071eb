"""The machine: its disk, its memory, its ports."""

import asyncio
import errno
import os
import shutil
import socket
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from bot.address import is_read_only
from bot.doctor.check import Check, failed, ok, warning

_MB: Final = 10**6
_ENOUGH_DISK: Final = 1000 * _MB
_TOO_LITTLE_DISK: Final = 100 * _MB
_BOT_MEMORY: Final = 250 * _MB
_WORKER_MEMORY: Final = 170 * _MB
_MEMORY_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_TIMEOUT_S: Final = 5
READ_ONLY: Final = "its file system only lets read"
MEND_READ_ONLY: Final = (
    "Look why in dmesg: Linux lets a disk that fails be read only. Save the database onto another one, mend or replace "
    "this one, and mount -o remount,rw. In a container, name a volume that it may write."
)


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
    if is_read_only(where):
        return failed(name, READ_ONLY, MEND_READ_ONLY)
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


def shutting_in(known: int) -> Check:
    """Return whether processes that look at photos can be shut in.

    Args:
        known: which Landlock the kernel has, see landlock.version.
    """
    name = "Landlock"
    if not known:
        words = "is not there: a photo that takes over a process which looks at it can read what this user can"
        advice = "Take Linux 5.13 or newer, landlock among its lsm=, and for containers Docker 23 or newer."
        return warning(name, words, advice)
    return ok(name, f"version {known}: processes that look at photos can open nothing else")


def filtering(*, is_there: bool) -> Check:
    """Return whether processes that look at photos can give up system calls.

    Args:
        is_there: see seccomp.is_there.
    """
    name = "seccomp"
    if not is_there:
        words = "is not there: a photo that takes over a process which looks at it can call others, and hinder the bot"
        advice = "Take Linux on x86_64 or aarch64 with CONFIG_SECCOMP_FILTER, as every distribution has it."
        return warning(name, words, advice)
    return ok(name, "processes that look at photos can call nobody, and change nothing of other processes and files")


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
    if number == 0:
        return ok("WEB_PORT", "0: nothing is served")
    return await _port("WEB", host, number) or await _holder("WEB_PORT", host, number)


async def webhook_port(host: str, number: int, path: str) -> Check:
    """Return whether the port that Telegram's updates come in at is free, or this bot has it."""
    return await _port("WEBHOOK", host, number) or await _listener("WEBHOOK_PORT", host, number, path)


async def _port(what: str, host: str, number: int) -> Check | None:
    """Return how it is with a port; None where somebody has it."""
    name = f"{what}_PORT"
    try:
        await asyncio.to_thread(_bind, host, number)
    except socket.gaierror:
        return failed(name, f"{what}_HOST {host} is no address of this machine", "127.0.0.1 is always one.")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return failed(name, f"{host}:{number} can't be had ({error.strerror})", "Choose another one.")
        return None
    return ok(name, f"{number} is free; no bot serves it now")


def _bind(host: str, number: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)


async def _holder(name: str, host: str, number: int) -> Check:
    status, body = await _told(host, number, "/healthz")
    if not status:
        advice = f"If it is the bot, see its log; if not, stop it, or choose another {name}."
        return failed(name, f"what has {number} does not answer", advice)
    if not isinstance(body, dict):
        return failed(name, f"another program has {number}", f"Stop it, or choose another {name}.")
    if status != HTTPStatus.OK:
        return failed(name, f"the bot that runs says that it is not well ({status})", "See its log.")
    return ok(name, f"the bot runs, and {number} is its")


async def _listener(name: str, host: str, number: int, path: str) -> Check:
    status, _ = await _told(host, number, path)
    if status != HTTPStatus.METHOD_NOT_ALLOWED:  # only to bring something is allowed there
        return failed(name, f"another program has {number}", f"Stop it, or choose another {name}.")
    return ok(name, f"the bot listens, and {number} is its")


async def _told(host: str, number: int, path: str) -> tuple[int, object]:
    """Return the status and the JSON that a port of this machine answers with; 0 and None where there is none."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - where to ask, not where to listen
    status = 0
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_TIMEOUT_S)) as session,
            session.get(f"http://{asked}:{number}{path}") as answer,
        ):
            status = answer.status
            return status, await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return status, None
