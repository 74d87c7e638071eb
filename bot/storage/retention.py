"""Erasing what has been kept for as long as patients were told."""

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.audit import drop_aliases
from bot.storage.conversations import conversation_key
from bot.storage.tables import (
    broadcasts,
    cases,
    conversations,
    drafts,
    facts,
    feedback,
    feedback_copies,
    inbox,
    incidents,
    moderators,
    patients,
)
from bot.storage.writing import insert_unless_there

ROWS_AT_ONCE: Final = 500  # of each table in one transaction, so that nobody waits for it
_FACT: Final = "retention"  # when the last turn began


@dataclass(frozen=True, slots=True)
class Deadlines:
    """For how long things are kept.

    Attributes:
        kept: photos that were answered, feedback that was, incidents and broadcasts that are over.
        unfinished: a registration whose last question was never answered.
    """

    kept: timedelta
    unfinished: timedelta


class Retention:
    """Finds and erases what is due, over all tables."""

    def __init__(self, engine: AsyncEngine, deadlines: Deadlines) -> None:
        self._engine = engine
        self._deadlines = deadlines

    async def claim(self, now: datetime, every: timedelta) -> bool:
        """Whether it is this process's turn: nobody had one for so long. A clock that was wrong is forgiven."""
        value, before = _stamp(now), _stamp(now - every)
        is_over = (facts.c.value <= before) | (facts.c.value > value)
        mine = facts.update().where(facts.c.name == _FACT, is_over).values(value=value)
        async with self._engine.begin() as connection:
            await connection.execute(insert_unless_there(connection, facts).values(name=_FACT, value=""))
            return bool((await connection.execute(mine)).rowcount)

    async def copies_due(self, now: datetime) -> Sequence[tuple[int, int]]:
        """Return the chats and messages in which moderators see feedback that erase_feedback_due takes next."""
        query = sa.select(feedback_copies.c.chat_id, feedback_copies.c.message_id).where(
            feedback_copies.c.feedback_id.in_(_some(feedback, self._is_feedback_due(now)))
        )
        async with self._engine.connect() as connection:
            return [(chat_id, message_id) for chat_id, message_id in await connection.execute(query)]

    async def chats_left(self, owner_ids: AbstractSet[int]) -> Sequence[int]:
        """Return the chats of people without a role in which copies of feedback stand."""
        chat_id = feedback_copies.c.chat_id  # a private chat has its person's id
        is_moderator = sa.exists().where(moderators.c.user_id == chat_id)
        query = sa.select(chat_id).where(~is_moderator, chat_id.not_in(owner_ids)).distinct()
        async with self._engine.connect() as connection:
            return (await connection.scalars(query)).all()

    async def erase_due(self, now: datetime, owner_ids: AbstractSet[int]) -> Mapping[str, int]:
        """Erase some of what is due but for feedback; returns how many rows went, by table.

        Owners may leave a registration open.
        """
        async with self._engine.begin() as connection:
            due = self._due(now).items()
            counts = {table.name: await _erase_some(connection, table, is_due) for table, is_due in due}
            counts[patients.name] = await self._forget_unfinished(connection, now, owner_ids)
            counts[conversations.name] = await self._forget_unanswered(connection, now, owner_ids)
            counts[drafts.name] = await _forget_unasked(connection)
        return {name: count for name, count in counts.items() if count}

    async def erase_feedback_due(self, now: datetime) -> Mapping[str, int]:
        """Erase some of the feedback that is due, and where moderators see it; returns how much went, as erase_due."""
        async with self._engine.begin() as connection:
            count = await _erase_some(connection, feedback, self._is_feedback_due(now))
        return {feedback.name: count} if count else {}

    def _is_feedback_due(self, now: datetime) -> sa.ColumnElement[bool]:
        return feedback.c.answered_at < now - self._deadlines.kept

    def _due(self, now: datetime) -> Mapping[sa.Table, sa.ColumnElement[bool]]:
        old = now - self._deadlines.kept
        latest = sa.select(sa.func.max(broadcasts.c.broadcast_id)).scalar_subquery()
        return {
            cases: (cases.c.received_at < old) & cases.c.outcome.is_not(None),
            incidents: incidents.c.happened_at < old,
            broadcasts: (broadcasts.c.ended_at < old) & (broadcasts.c.broadcast_id < latest),  # no number comes twice
        }

    async def _forget_unfinished(self, connection: AsyncConnection, now: datetime, owner_ids: AbstractSet[int]) -> int:
        is_moderator = sa.exists().where(moderators.c.user_id == patients.c.user_id)
        is_due = (
            patients.c.registered_at.is_(None)
            & (patients.c.created_at < now - self._deadlines.unfinished)
            & ~is_moderator
            & patients.c.user_id.not_in(owner_ids)
        )
        people = (await connection.scalars(sa.select(patients.c.user_id).where(is_due).limit(ROWS_AT_ONCE))).all()
        gone = await connection.execute(patients.delete().where(patients.c.user_id.in_(people), is_due))
        await connection.execute(drafts.delete().where(drafts.c.user_id.in_(people)))
        await drop_aliases(connection, people)
        keys = [conversation_key(user_id) for user_id in people]
        await connection.execute(conversations.delete().where(conversations.c.key.in_(keys)))
        return gone.rowcount

    async def _forget_unanswered(self, connection: AsyncConnection, now: datetime, owner_ids: AbstractSet[int]) -> int:
        """Forget whom the bot asked for a language, and who never chose one; a draft of theirs names the clinic."""
        is_due = (
            (conversations.c.moved_at < now - self._deadlines.unfinished)
            & conversations.c.key.not_in(sa.select(_key_of(patients)))
            & conversations.c.key.not_in(sa.select(_key_of(moderators)))
            & conversations.c.key.not_in([conversation_key(user_id) for user_id in owner_ids])
        )
        keys = (await connection.scalars(sa.select(conversations.c.key).where(is_due).limit(ROWS_AT_ONCE))).all()
        people = [user_id for key in keys for user_id in json.loads(key)]
        await connection.execute(drafts.delete().where(drafts.c.user_id.in_(people)))
        await drop_aliases(connection, people)
        return (await connection.execute(conversations.delete().where(conversations.c.key.in_(keys), is_due))).rowcount


async def _forget_unasked(connection: AsyncConnection) -> int:
    """Forget the draft of somebody to whom no question is open: who blocked the bot before it came, say.

    It has no date, and of a stranger nothing else tells. While what they sent is in hand, the question may come.
    """
    in_hand = sa.select(inbox.c.lane).where(inbox.c.handled_at.is_(None))  # a private chat has its person's id
    is_open = _key_of(drafts).in_(sa.select(conversations.c.key))
    return (await connection.execute(drafts.delete().where(~is_open, drafts.c.user_id.not_in(in_hand)))).rowcount


def _key_of(table: sa.Table) -> sa.ColumnElement[str]:
    """Return what conversation_key says of each person of a table, in SQL."""
    number = sa.cast(table.c.user_id, sa.String)
    return sa.literal("[") + number + sa.literal(", ") + number + sa.literal("]")


async def _erase_some(connection: AsyncConnection, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    (number,) = table.primary_key
    return (await connection.execute(table.delete().where(number.in_(_some(table, condition))))).rowcount


def _some(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the query for the numbers of the oldest rows that are due."""
    (number,) = table.primary_key
    return sa.select(number).where(condition).order_by(number).limit(ROWS_AT_ONCE)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
