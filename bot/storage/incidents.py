"""The last incidents: what kind of error, when and where in the code; never what it was about."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.incidents import Frame, frames_of, log_incident
from bot.metrics import Metrics
from bot.storage.tables import incidents

KEPT: Final = 200
_MAX_KIND_LENGTH: Final = 64

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it is kept.

    Attributes:
        incident_id: six hexadecimal digits, which the patient was told.
        happened_at: aware UTC.
        kind: the error's class.
        frames: the way to it, outermost first.
    """

    incident_id: str
    happened_at: datetime
    kind: str
    frames: tuple[Frame, ...]


_COLUMNS = [incidents.c[name] for name in Incident.__slots__]
_LATEST_FIRST = (incidents.c.happened_at.desc(), incidents.c.incident_id)


class Incidents:
    """The incidents' table, and the log."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime], metrics: Metrics | None = None) -> None:
        self._engine = engine
        self._now = now
        self._metrics = metrics or Metrics()

    async def record(self, log: logging.Logger, error: BaseException) -> str:
        """Log an error, keep where it happened, and return its number; never raises, whatever is broken."""
        incident_id = log_incident(log, error)
        self._metrics.incident_recorded()
        try:
            await self._keep(Incident(incident_id, self._now(), type(error).__name__, frames_of(error)))
        except Exception as second:  # noqa: BLE001 - the database may be what is broken; the log has it
            _log.warning("Incident %s stands in the log only: %s", incident_id, type(second).__name__)
        return incident_id

    async def latest(self, count: int, offset: int = 0) -> list[Incident]:
        """Return incidents, latest first."""
        query = sa.select(*_COLUMNS).order_by(*_LATEST_FIRST).limit(count).offset(offset)
        async with self._engine.connect() as connection:
            return [_incident(*row) for row in await connection.execute(query)]

    async def get(self, incident_id: str) -> Incident | None:
        """Return the incident with this number."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(sa.select(*_COLUMNS).where(incidents.c.incident_id == incident_id))
            row = rows.one_or_none()
        return _incident(*row) if row else None

    async def count(self) -> int:
        """Return how many are kept."""
        async with self._engine.connect() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(incidents)) or 0)

    async def count_since(self, since: datetime) -> int:
        """Return how many have happened since a moment; those of a clock that was ahead do not count."""
        is_of_then = incidents.c.happened_at.between(since, self._now())
        query = sa.select(sa.func.count()).select_from(incidents).where(is_of_then)
        async with self._engine.connect() as connection:
            return int(await connection.scalar(query) or 0)

    async def _keep(self, incident: Incident) -> None:
        values = {
            "incident_id": incident.incident_id,
            "happened_at": incident.happened_at,
            "kind": incident.kind[:_MAX_KIND_LENGTH],
            "frames": [[frame.file, frame.line, frame.function] for frame in incident.frames],
        }
        is_ahead = incidents.c.happened_at > incident.happened_at  # by a clock that was: these go first
        last = sa.select(incidents.c.incident_id).order_by(is_ahead, *_LATEST_FIRST).limit(KEPT)
        async with self._engine.begin() as connection:
            await connection.execute(incidents.insert().values(values))
            await connection.execute(incidents.delete().where(incidents.c.incident_id.not_in(last)))


def _incident(incident_id: str, happened_at: datetime, kind: str, frames: list[tuple[str, int, str]]) -> Incident:
    return Incident(incident_id, happened_at, kind, tuple(Frame(*frame) for frame in frames))
