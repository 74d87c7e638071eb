"""Whether everything that the bot depends on answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

Probe: TypeAlias = Callable[[], Awaitable[bool]]
OK: Final = "ok"
DOWN: Final = "down"
DATABASE: Final = "database"
TELEGRAM: Final = "telegram"
LEADS: Final = "leads"
_WITHIN_S: Final = 3  # whoever asks gives up soon after


class Health:
    """Asks each dependency, all at once.

    Attributes:
        stands_by: whether another process leads: then this one does not, and does not talk to Telegram either.
        takes_nothing: whether the database was last found to take nothing in, though it may let itself be read.
    """

    def __init__(self, probes: Mapping[str, Probe], within_s: float = _WITHIN_S) -> None:
        self._probes = probes
        self._within_s = within_s
        self.stands_by = False
        self.takes_nothing = False

    async def report(self) -> dict[str, str]:
        """Return for each dependency "ok", or in a word what is wrong."""
        probes = dict(self._probes)
        if self.stands_by:
            probes.pop(TELEGRAM, None)
        words = await asyncio.gather(*(self._word(probe) for probe in probes.values()))
        report = dict(zip(probes, words, strict=True)) | ({LEADS: DOWN} if self.stands_by else {})
        if self.takes_nothing and report.get(DATABASE) == OK:
            report[DATABASE] = DOWN
        return report

    async def _word(self, probe: Probe) -> str:
        try:
            async with asyncio.timeout(self._within_s):
                return OK if await probe() else DOWN
        except Exception as error:  # noqa: BLE001 - whatever it is, that dependency does not answer
            return type(error).__name__


def database_probe(engine: AsyncEngine) -> Probe:
    """Return the question to the database."""

    async def answers() -> bool:
        async with engine.connect() as connection:
            return await connection.scalar(sa.select(1)) == 1

    return answers
