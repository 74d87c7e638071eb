"""Whether the service is under maintenance, so that photos wait or are refused. Everything else goes on."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.facts import fact, write_fact
from bot.storage.tables import cases
from bot.storage.writing import take_turn

_FACT: Final = "maintenance"
_ENDED: Final = "maintenance_ended"  # when, the last time


class Mode(StrEnum):
    """What happens to a photo that comes during maintenance; the value is part of the database."""

    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Pause:
    """Maintenance while it is on."""

    mode: Mode
    since: datetime

    def holds(self, received_at: datetime) -> bool:
        """Whether a photo has to wait: those that came before are finished."""
        return received_at >= self.since


class Maintenance:
    """The state of maintenance, which outlives a restart, and those who wait for its end."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._changed = asyncio.Event()  # set once the state is another one, and replaced

    async def pause(self) -> Pause | None:
        """Return the state; None while there is no maintenance."""
        async with self._engine.connect() as connection:
            return await current_pause(connection)

    async def begin(self, mode: Mode, by: Entry) -> None:
        """Switch it on, or from one mode to the other, unless that is how it is."""
        async with self._engine.begin() as connection:
            await take_turn(connection, _FACT)
            pause = await current_pause(connection)
            if pause is not None and pause.mode is mode:
                return
            since = pause.since if pause else by.at
            await write_fact(connection, _FACT, f"{mode} {since.isoformat()}")
            await write_entry(connection, by)

    async def end(self, by: Entry) -> int | None:
        """Switch it off; returns how many photos go on now, None where it was off.

        Whoever waits looks at the state in either case: an earlier try may have ended it, and not have learned that.
        """
        count = await self._switch_off(by)
        over, self._changed = self._changed, asyncio.Event()
        over.set()
        return count

    async def _switch_off(self, by: Entry) -> int | None:
        async with self._engine.begin() as connection:
            await take_turn(connection, _FACT)
            pause = await current_pause(connection)
            if pause is None:
                return None
            count = await connection.scalar(sa.select(sa.func.count()).select_from(cases).where(waits(pause)))
            await write_fact(connection, _FACT, None)
            await write_fact(connection, _ENDED, by.at.isoformat())
            await write_entry(connection, by)
        return int(count or 0)

    async def waiting_count(self) -> int:
        """Return how many photos wait for the end."""
        async with self._engine.connect() as connection:
            is_waiting = waits(await current_pause(connection))
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(cases).where(is_waiting)) or 0)

    async def wait_for_end(self, received_at: datetime) -> None:
        """Return once work on a photo that came at this moment may begin, at once where no maintenance holds it."""
        while True:
            changed = self._changed  # taken before the state is read, so that no change in between is missed
            pause = await self.pause()
            if pause is None or not pause.holds(received_at):
                return
            await changed.wait()


async def current_pause(connection: AsyncConnection) -> Pause | None:
    """Return the state of maintenance, as part of a transaction."""
    value = await fact(connection, _FACT)
    if value is None:
        return None
    mode, _, since = value.partition(" ")
    return Pause(Mode(mode), datetime.fromisoformat(since))


async def ended_at(connection: AsyncConnection) -> datetime | None:
    """Return when maintenance ended the last time: what it held up waits for us since then."""
    value = await fact(connection, _ENDED)
    return datetime.fromisoformat(value) if value else None


def waits(pause: Pause | None) -> sa.ColumnElement[bool]:
    """Return the condition that a case waits for the end of maintenance."""
    return cases.c.outcome.is_(None) & (cases.c.received_at >= pause.since) if pause else sa.false()
