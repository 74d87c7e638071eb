"""The emulator started from its command line."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Started:
    """A process of the emulator that answers at `url`."""

    process: Process
    url: str

    async def output(self) -> str:
        """What it printed after its first line, when it ended."""
        out, _ = await self.process.communicate()
        return out.decode()


@asynccontextmanager
async def started(*words: str) -> AsyncIterator[Started]:
    """`python -m emulator WORDS…`, killed at the end if it still runs."""
    inherited = {"BOT_TOKEN": "1:inherited", "TELEGRAM_API_URL": "https://api.telegram.example"}
    environment = os.environ | inherited | {"PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "emulator", *words)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment)
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        assert line.startswith("Chat page: http://127.0.0.1:"), line
        yield Started(process, line.removeprefix("Chat page: ").strip())
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
