"""`python -m emulator`: the one line, the command and the signals."""

import asyncio
import signal

import pytest

from emulator.__main__ import arguments
from emulator.person import open_town
from tests.emulator.commandline import started

COMMAND = """
import json, os, signal, sys, time, urllib.request
url = f"{os.environ['TELEGRAM_API_URL']}/bot{os.environ['BOT_TOKEN']}/getMe"
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(json.load(urllib.request.urlopen(url))["ok"], flush=True)
time.sleep(60 if "wait" in sys.argv else 0)
sys.exit(3)
"""


def test_words_after_two_dashes_are_the_command() -> None:
    asked = arguments(["--port", "0", "--", "python", "-m", "bot", "--", "run", "--port"])
    assert (asked.port, asked.command) == (0, ["python", "-m", "bot", "--", "run", "--port"])
    assert (arguments([]).port, arguments([]).command) == (8080, [])


async def test_command_gets_address_and_token_and_its_status_is_passed_on() -> None:
    async with started("--port", "0", "--", "python3", "-c", COMMAND) as emulator:
        assert await emulator.output() == "True\n"
        assert emulator.process.returncode == 3


@pytest.mark.parametrize(
    ("number", "passed_on"),
    [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "SIGINT"), (signal.SIGHUP, "SIGTERM")],
    ids=["SIGTERM", "SIGINT", "closed terminal"],
)
async def test_signal_reaches_the_command_and_both_end(number: signal.Signals, passed_on: str) -> None:
    ending = COMMAND.replace("SIGTERM", passed_on)
    async with started("--port", "0", "--", "python3", "-c", ending, "wait") as emulator:
        assert emulator.process.stdout is not None
        assert await emulator.process.stdout.readline() == b"True\n"
        emulator.process.send_signal(number)
        assert await asyncio.wait_for(emulator.process.wait(), 10) == 7


async def test_without_a_command_it_runs_until_a_signal_and_has_three_people() -> None:
    async with started("--port", "0") as emulator:
        async with open_town(emulator.url) as town:
            people = [(person.user["username"], person.user["language_code"]) for person in await town.everybody()]
            assert people == [("ana_demo", "es"), ("sam_demo", "en"), ("mod_demo", "en")]
        emulator.process.send_signal(signal.SIGTERM)
        assert await emulator.output() == ""
        assert emulator.process.returncode == 0


async def test_command_that_does_not_exist_is_named() -> None:
    async with started("--port", "0", "--", "no-such-command") as emulator:
        _, complaint = await emulator.process.communicate()
        assert complaint.decode() == "no-such-command can't be started: No such file or directory\n"
        assert emulator.process.returncode == 127
