"""What the bot asks of procrastinate's tables beside procrastinate itself; they are there on PostgreSQL only."""

from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

STALLED_AFTER: Final = timedelta(seconds=10)  # a worker says every HEARTBEAT that it is alive
HEARTBEAT: Final = timedelta(seconds=3)

_JOBS: Final = sa.table("procrastinate_jobs", sa.column("queueing_lock"), sa.column("status"))
_WORKERS: Final = sa.table("procrastinate_workers", sa.column("last_heartbeat"))


def queueing_lock(case_id: int) -> str:
    """Return the name under which a case waits, at most once at a time."""
    return f"case-{case_id}"


def is_queued(case_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a case waits in the queue or is in a worker's hands."""
    lock = sa.literal("case-").concat(sa.cast(case_id, sa.Text))
    is_there = sa.cast(_JOBS.c.status, sa.Text).in_(("todo", "doing"))
    return sa.exists().where(_JOBS.c.queueing_lock == lock, is_there)


async def worker_count(engine: AsyncEngine) -> int:
    """Return how many workers have said lately that they are alive."""
    is_alive = _WORKERS.c.last_heartbeat > sa.func.now() - STALLED_AFTER
    async with engine.connect() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(_WORKERS).where(is_alive)) or 0)
