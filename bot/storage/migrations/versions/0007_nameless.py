"""Bans of people who were erased: only the year they began in, and the day they end on, as the audit has the moment."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
NOTHING_SEALED = len("sealed:") + 8 + 1 + 100  # "" behind a key's name; reasons below 16 bytes are as short, and lose it too


def upgrade() -> None:
    bans = sa.table("bans", *map(sa.column, ("fingerprint", "reason")))
    bans.append_column(sa.column("banned_at", MOMENT))
    bans.append_column(sa.column("until", MOMENT))
    seems_sealed = bans.c.reason.startswith("sealed:") & (sa.func.length(bans.c.reason) == NOTHING_SEALED)
    of_erased = sa.select(bans).where((bans.c.reason == "") | seems_sealed)  # no ban begins without a reason
    for row in op.get_bind().execute(of_erased).all():
        coarse = {"banned_at": datetime(row.banned_at.year, 1, 1, tzinfo=UTC), "until": _end_of_day(row.until)}
        op.execute(bans.update().where(bans.c.fingerprint == row.fingerprint).values(coarse))


def _end_of_day(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    midnight = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return midnight if moment.replace(tzinfo=UTC) == midnight else midnight + timedelta(days=1)


def downgrade() -> None:
    raise NotImplementedError("downgrades are not promised")
