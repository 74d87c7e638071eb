"""Everything that is kept of one person, over all tables: to be shown, withdrawn or erased."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.bans import fingerprint, holds, keep_nameless
from bot.storage.broadcasts import drop_waiting
from bot.storage.cases import WITHDRAWN, closing
from bot.storage.conversations import conversation_key
from bot.storage.facts import server_key
from bot.storage.tables import (
    aliases,
    audit,
    bans,
    broadcasts,
    cases,
    conversations,
    deliveries,
    drafts,
    erasures,
    feedback,
    feedback_copies,
    moderators,
    patients,
)
from bot.storage.writing import take_turn

Rows = Sequence[Mapping[str, Any]]

_OWNED = (patients, cases, feedback, deliveries, drafts)  # by their column user_id; erased with the person
NO_ASSESSMENT: Final = dict.fromkeys(("top_class", "risk_level", "probabilities", "model_sha256"), sa.null())


@dataclass(frozen=True, slots=True)
class Erasure:
    """What the receipt of an erasure says.

    Attributes:
        receipt: known to the erased person alone.
        erased_on: the day.
        counts: how many rows went, by table.
    """

    receipt: str
    erased_on: date
    counts: Mapping[str, int]


class Records:
    """All tables, one person."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def everything(self, user_id: int, now: datetime) -> dict[str, Rows]:
        """Return every row that belongs to somebody, by table."""
        async with self._engine.begin() as connection:
            mark = await fingerprint(connection, user_id)
            alias = sa.select(aliases.c.alias).where(aliases.c.user_id == user_id).scalar_subquery()
            queries = {
                table.name: sa.select(table).where(table.c.user_id == user_id).order_by(*table.primary_key)
                for table in _OWNED
            }
            queries |= {
                "moderators": sa.select(moderators).where(moderators.c.user_id == user_id),
                "aliases": sa.select(aliases).where(aliases.c.user_id == user_id),
                "bans": sa.select(bans.c.reason, bans.c.banned_at, bans.c.until).where(
                    bans.c.fingerprint == mark, holds(now)
                ),
                "audit": sa.select(audit)
                .where((audit.c.actor == alias) | (audit.c.subject == alias))
                .order_by(audit.c.entry_id),
                "conversations": sa.select(conversations).where(conversations.c.key == conversation_key(user_id)),
                "broadcasts": sa.select(broadcasts).where(broadcasts.c.chat_id == user_id),
                "feedback_copies": sa.select(feedback_copies).where(feedback_copies.c.chat_id == user_id),
            }
            return {name: await _rows(connection, query) for name, query in queries.items()}

    async def withdraw(self, user_id: int, now: datetime) -> None:
        """Record that consent is withdrawn: health data is erased, photos in hand are let go."""
        async with self._engine.begin() as connection:
            await withdraw_from(connection, user_id, now)

    async def erase(self, user_id: int, request: str, now: datetime, *, is_moderator: bool = False) -> Erasure:
        """Erase every row of somebody, all or none, and leave a receipt that is nobody's.

        Args:
            user_id: who.
            request: what asked for it; the same request again gets the same receipt, unless there was more to erase.
            now: aware UTC.
            is_moderator: the role and its alias in the audit stay; they are an owner's to take away.
        """
        async with self._engine.begin() as connection:
            key = await server_key(connection)
            await take_turn(connection, f"erase {user_id}")
            counts = await erase_rows(connection, user_id, now, is_moderator=is_moderator)
            known = await _erasure(connection, _receipt(key, request))
            if known is not None and not any(counts.values()):
                return known
            salt = "" if known is None else secrets.token_hex()
            erasure = Erasure(_receipt(key, request + salt), now.date(), counts)
            values = {"receipt": erasure.receipt, "erased_on": erasure.erased_on, "counts": dict(counts)}
            await connection.execute(erasures.insert().values(values))
        return erasure

    async def knows(self, user_id: int) -> bool:
        """Whether anything is kept of somebody, also where it is sealed with a key that is lost."""
        async with self._engine.begin() as connection:
            theirs = [table.c.user_id == user_id for table in (*_OWNED, aliases)]
            theirs += [table.c.chat_id == user_id for table in (broadcasts, feedback_copies)]
            theirs.append(conversations.c.key == conversation_key(user_id))
            theirs.append(bans.c.fingerprint == await fingerprint(connection, user_id))
            return bool(await connection.scalar(sa.select(sa.or_(*(sa.exists().where(one) for one in theirs)))))

    async def erasure_for(self, request: str) -> Erasure | None:
        """Return what was erased when a request asked for it; None where nothing was."""
        async with self._engine.begin() as connection:
            return await _erasure(connection, _receipt(await server_key(connection), request))

    async def erasure(self, receipt: str) -> Erasure | None:
        """Return what a receipt stands for; None where this service never gave it."""
        async with self._engine.connect() as connection:
            return await _erasure(connection, receipt.strip().upper())


async def withdraw_from(connection: AsyncConnection, user_id: int, now: datetime) -> None:
    """Take somebody's consent away, and their health data."""
    is_theirs = cases.c.user_id == user_id
    await connection.execute(closing(is_theirs, WITHDRAWN, now))
    await connection.execute(cases.update().where(is_theirs).values(NO_ASSESSMENT))
    is_let_go = is_theirs & (cases.c.outcome == WITHDRAWN)  # the promises of their answers are taken back by now
    await connection.execute(cases.update().where(is_let_go).values(progress_message_id=None))
    no_consent = {"consent_version": None, "consented_at": None, "skin_type": None}
    await connection.execute(patients.update().where(patients.c.user_id == user_id).values(no_consent))
    await drop_waiting(connection, user_id)


async def erase_rows(connection: AsyncConnection, user_id: int, now: datetime, *, is_moderator: bool) -> dict[str, int]:
    """Erase every row of somebody; returns how many went, by table. A moderator's role and alias stay."""
    counts = {}
    for table in _OWNED:
        gone = await connection.execute(table.delete().where(table.c.user_id == user_id))
        counts[table.name] = gone.rowcount
    is_here = conversations.c.key == conversation_key(user_id)
    counts["conversations"] = (await connection.execute(conversations.delete().where(is_here))).rowcount
    mark = await fingerprint(connection, user_id)
    await connection.execute(bans.delete().where(bans.c.fingerprint == mark, ~holds(now)))
    await keep_nameless(connection, user_id)
    await _drop_drafts_about(connection, user_id)
    if not is_moderator:
        await connection.execute(aliases.delete().where(aliases.c.user_id == user_id))
        await connection.execute(broadcasts.update().where(broadcasts.c.chat_id == user_id).values(chat_id=0))
        await connection.execute(feedback_copies.delete().where(feedback_copies.c.chat_id == user_id))
    return counts


async def _drop_drafts_about(connection: AsyncConnection, user_id: int) -> None:
    """Forget what a moderator has begun to do about somebody."""
    begun = (await connection.execute(sa.select(drafts.c.user_id, drafts.c.content))).all()
    about = [owner for owner, content in begun if content.get("ban") == user_id]
    await connection.execute(drafts.delete().where(drafts.c.user_id.in_(about)))


async def _erasure(connection: AsyncConnection, receipt: str) -> Erasure | None:
    columns = [erasures.c[name] for name in Erasure.__slots__]
    row = (await connection.execute(sa.select(*columns).where(erasures.c.receipt == receipt))).one_or_none()
    return Erasure(*row) if row else None


def _receipt(key: bytes, request: str) -> str:
    code = hmac.digest(key, f"receipt {request}".encode(), "sha256").hex()[:20].upper()
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


async def _rows(connection: AsyncConnection, query: sa.Select[Any]) -> Rows:
    return [dict(row) for row in (await connection.execute(query)).mappings()]
