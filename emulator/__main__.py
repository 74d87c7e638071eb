"""The command line: `python -m emulator [--port P] [--state FILE] [-- COMMAND…]`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from emulator.server import RunningEmulator, running_emulator
from emulator.settings import Limits, Settings

GRACE_S = 30
_NOT_FOUND = 127
_DEMO_USERS = (
    {"first_name": "Ana", "username": "ana_demo", "language_code": "es"},
    {"first_name": "Sam", "username": "sam_demo", "language_code": "en"},
    {"first_name": "Mod", "username": "mod_demo", "language_code": "en"},
)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for; ``command`` is everything after ``--``."""
    usage = "python -m emulator [options] [-- COMMAND…]"
    epilog = "COMMAND is started with TELEGRAM_API_URL and BOT_TOKEN in its environment; the emulator ends with it."
    parser = argparse.ArgumentParser(prog="emulator", usage=usage, description=__doc__, epilog=epilog)
    limits = Limits()
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="the next free one if taken (default: %(default)s)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep people, chats and updates in this file")
    parser.add_argument("--per-second", type=float, default=limits.per_second, help="messages a second in all chats")
    parser.add_argument("--chat-per-second", type=float, default=limits.chat_per_second, help="and in one chat")
    parser.add_argument("--chat-burst", type=float, default=limits.chat_burst, help="messages to one chat at once")
    own = list(words[: words.index("--")] if "--" in words else words)
    parsed = parser.parse_args(own)
    parsed.command = list(words[len(own) + 1 :])
    return parsed


async def serve(asked: argparse.Namespace) -> int:
    """Run the emulator, and the command if there is one; returns the exit status."""
    limits = Limits(asked.per_second, asked.chat_per_second, asked.chat_burst)
    settings = Settings(limits=limits)
    async with running_emulator(host=asked.host, port=asked.port, state=asked.state, settings=settings) as emulator:
        if not emulator.world.accounts.users():
            for profile in _DEMO_USERS:
                emulator.world.accounts.add_user(dict(profile))
        print(f"Chat page: {emulator.url}", flush=True)
        signals = _signals()
        return await _run(asked.command, emulator, signals) if asked.command else await _wait(signals)


def _signals() -> asyncio.Queue[signal.Signals]:
    """Requests to end, as they come; a terminal that closes is one, though the command is in another session."""
    received: asyncio.Queue[signal.Signals] = asyncio.Queue()
    meanings = {signal.SIGINT: signal.SIGINT, signal.SIGTERM: signal.SIGTERM, signal.SIGHUP: signal.SIGTERM}
    for number, meaning in meanings.items():
        asyncio.get_running_loop().add_signal_handler(number, received.put_nowait, meaning)
    return received


async def _wait(signals: asyncio.Queue[signal.Signals]) -> int:
    await signals.get()
    return 0


async def _run(command: Sequence[str], emulator: RunningEmulator, signals: asyncio.Queue[signal.Signals]) -> int:
    """Run the command until it ends; pass signals on to it, and end it by force when it takes too long."""
    environment = os.environ | {"TELEGRAM_API_URL": emulator.url, "BOT_TOKEN": emulator.token}
    try:
        # In a session of its own, so that Ctrl-C reaches it once: through the emulator.
        process = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
    except OSError as error:
        print(f"{command[0]} can't be started: {error.strerror}", file=sys.stderr)
        return _NOT_FOUND
    passing_on = asyncio.create_task(_pass_on(signals, process))
    try:
        status = await process.wait()
    finally:
        passing_on.cancel()
    return 128 - status if status < 0 else status


async def _pass_on(signals: asyncio.Queue[signal.Signals], process: asyncio.subprocess.Process) -> None:
    process.send_signal(await signals.get())
    try:
        async with asyncio.timeout(GRACE_S):
            while True:
                process.send_signal(await signals.get())
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Start from the command line."""
    asked = arguments(sys.argv[1:])
    try:
        return uvloop.run(serve(asked))
    except OSError as error:
        print(f"The emulator can't start: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
