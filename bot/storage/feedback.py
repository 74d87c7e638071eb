"""What patients write to the moderators, and what they are answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry, write_entry
from bot.storage.tables import feedback, feedback_copies
from bot.storage.writing import take_turn


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the moderators; answer and answered_at are None while it waits."""

    feedback_id: int
    user_id: int
    text: str
    sent_at: datetime
    answer: str | None
    answered_at: datetime | None


MOST_WAITING: Final = 5  # messages of one person
MAX_LENGTH: Final = 2000  # UTF-16 units of a message, so that it fits below the answer to it
MAX_ANSWER: Final = 1900  # likewise of an answer, with the longest message below it
_COLUMNS = [feedback.c[name] for name in Message.__slots__]
_COPIES: Final = sa.select(feedback_copies.c.chat_id, feedback_copies.c.message_id)
_WAITS = feedback.c.answered_at.is_(None)


class Feedback:
    """The tables of feedback and of its copies in moderators' chats."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def turn(self, feedback_id: int) -> asyncio.Lock:
        """Return what only one answer to a message has at a time; other processes don't take updates meanwhile."""
        return self._turns.setdefault(feedback_id, asyncio.Lock())

    async def add(self, user_id: int, text: str, now: datetime, written_at: datetime | None = None) -> int | None:
        """Keep a message, once for as long as it waits.

        Args:
            user_id: whose it is.
            text: what it says.
            now: aware UTC.
            written_at: when it was sent, by Telegram's clock; None for now.

        Returns:
            Its number, also where it was kept after written_at: then its update has come again. None where somebody
            repeats what waits.
        """
        async with self._engine.begin() as connection:
            await take_turn(connection, f"feedback {user_id}")
            columns = (feedback.c.text, feedback.c.feedback_id, feedback.c.sent_at)
            theirs = sa.select(*columns).where(feedback.c.user_id == user_id, _WAITS)
            for words, number, kept_at in await connection.execute(theirs):
                if words == text:  # SQL can't compare what is sealed
                    return int(number) if (written_at or now) < kept_at else None
            added = await connection.execute(feedback.insert().values(user_id=user_id, text=text, sent_at=now))
            return int(added.inserted_primary_key[0]) if added.inserted_primary_key else None

    async def get(self, feedback_id: int) -> Message | None:
        """Return a message."""
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(sa.select(*_COLUMNS).where(feedback.c.feedback_id == feedback_id))
            ).one_or_none()
        return Message(*row) if row else None

    async def waiting(self, count: int) -> list[Message]:
        """Return what waits for an answer, oldest first."""
        async with self._engine.connect() as connection:
            query = sa.select(*_COLUMNS).where(_WAITS).order_by(feedback.c.feedback_id).limit(count)
            return [Message(*row) for row in await connection.execute(query)]

    async def waiting_count(self, user_id: int | None = None) -> int:
        """Return how many messages wait, of everybody or of one person."""
        of_whom = sa.true() if user_id is None else feedback.c.user_id == user_id
        async with self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(feedback).where(_WAITS, of_whom)
            return int(await connection.scalar(query) or 0)

    async def close(self, feedback_id: int, answer: str, by: Entry) -> None:
        """Record the answer; where the sender has erased the message meanwhile, nobody is named in the audit."""
        is_this = feedback.c.feedback_id == feedback_id
        async with self._engine.begin() as connection:
            closed = await connection.execute(feedback.update().where(is_this).values(answer=answer, answered_at=by.at))
            await write_entry(connection, by if closed.rowcount else replace(by, subject_id=None))

    async def put_aside(self, feedback_id: int, by: Entry) -> bool:
        """Let a message wait no longer, without an answer; returns False where it did not wait any more."""
        waits = (feedback.c.feedback_id == feedback_id) & _WAITS
        async with self._engine.begin() as connection:
            is_aside = (await connection.execute(feedback.update().where(waits).values(answered_at=by.at))).rowcount > 0
            if is_aside:
                await write_entry(connection, by)
        return is_aside

    async def note_copy(self, feedback_id: int, chat_id: int, message_id: int) -> bool:
        """Remember where a moderator is going to see a message; returns False where its sender has erased it."""
        place = sa.select(*(sa.literal(one, sa.BigInteger) for one in (chat_id, message_id)), feedback.c.feedback_id)
        copy = place.where(feedback.c.feedback_id == feedback_id)
        async with self._engine.begin() as connection:
            columns = ["chat_id", "message_id", "feedback_id"]
            note = feedback_copies.insert().from_select(columns, copy).returning(feedback_copies.c.feedback_id)
            return await connection.scalar(note) is not None

    async def by_copy(self, chat_id: int, message_id: int) -> Message | None:
        """Return the message that a moderator sees there."""
        is_there = (feedback_copies.c.chat_id == chat_id) & (feedback_copies.c.message_id == message_id)
        query = sa.select(*_COLUMNS).join(feedback_copies).where(is_there)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Message(*row) if row else None

    async def copies_in(self, chat_id: int, count: int) -> Sequence[tuple[int, int]]:
        """Return messages in which one moderator sees what patients wrote, so many at most, latest first."""
        latest = _COPIES.where(feedback_copies.c.chat_id == chat_id).order_by(feedback_copies.c.message_id.desc())
        return await self._copies(latest.limit(count))

    async def copies_about(self, feedback_id: int) -> Sequence[tuple[int, int]]:
        """Return the chats and messages in which moderators see a message."""
        return await self._copies(_COPIES.where(feedback_copies.c.feedback_id == feedback_id))

    async def forget_copies(self, copies: Sequence[tuple[int, int]]) -> None:
        """Forget these chats and messages, once they are blanked."""
        place = sa.tuple_(feedback_copies.c.chat_id, feedback_copies.c.message_id)
        async with self._engine.begin() as connection:
            await connection.execute(feedback_copies.delete().where(place.in_(copies)))

    async def copies_of(self, user_id: int) -> Sequence[tuple[int, int]]:
        """Return the chats and messages in which moderators see what somebody wrote."""
        return await self._copies(_COPIES.join(feedback).where(feedback.c.user_id == user_id))

    async def _copies(self, query: sa.Select[Any]) -> list[tuple[int, int]]:
        async with self._engine.connect() as connection:
            return [(chat_id, message_id) for chat_id, message_id in await connection.execute(query)]
