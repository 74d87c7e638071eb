"""Who has just written: what the gate and the guards behind it ask of every update, in one question."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.bans import Ban, Bans, holds
from bot.storage.moderators import Moderators, Role
from bot.storage.patients import Patient
from bot.storage.tables import bans, moderators, patients

_PATIENT = [patients.c[name] for name in Patient.__slots__]
_BAN = [bans.c[name] for name in Ban.__slots__]


def _question() -> sa.Select[Any]:
    """Return the query, made once: making it takes as long as asking it."""
    somebody = sa.select(sa.bindparam("user_id", type_=sa.BigInteger).label("user_id")).subquery()
    is_ban = (bans.c.fingerprint == sa.bindparam("fingerprint")) & holds(sa.bindparam("now", type_=bans.c.until.type))
    known = somebody.outerjoin(patients, patients.c.user_id == somebody.c.user_id)
    known = known.outerjoin(moderators, moderators.c.user_id == somebody.c.user_id).outerjoin(bans, is_ban)
    return sa.select(moderators.c.user_id.label("moderator"), *_PATIENT, *_BAN).select_from(known)


_WHO: Final = _question()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody as they are when their update is handled.

    Attributes:
        patient: registered or on the way to it; None where nothing is known of them.
        role: what they may do.
        ban: the ban that holds; None where none does, and for whoever has a role.
    """

    patient: Patient | None
    role: Role
    ban: Ban | None


class Visitors:
    """Patients, moderators and bans, for one person at a time."""

    def __init__(self, engine: AsyncEngine, moderators: Moderators, bans: Bans) -> None:
        self._engine = engine
        self._moderators = moderators
        self._bans = bans

    async def get(self, user_id: int, now: datetime) -> Visitor:
        """Return who this is."""
        about = {"user_id": user_id, "fingerprint": await self._bans.fingerprint_of(user_id), "now": now}
        async with self._engine.connect() as connection:
            moderator, *values = (await connection.execute(_WHO, about)).one()
        of_patient, of_ban = values[: len(_PATIENT)], values[len(_PATIENT) :]
        role = self._moderators.role_of(user_id, is_moderator=moderator is not None)
        return Visitor(
            patient=Patient(*of_patient) if of_patient[0] is not None else None,
            role=role,
            ban=Ban(*of_ban) if role is Role.NOBODY and of_ban[0] is not None else None,
        )
