"""Photos between "received" and "answered"."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.tables import cases


@dataclass(frozen=True, slots=True)
class Case:
    """A photo that waits for its answer.

    Attributes:
        case_id: our number.
        chat_id: where it came from.
        user_id: who sent it.
        message_id: the message that brought it.
        file_id: opens it at Telegram.
        progress_message_id: the message that becomes the answer; None until it is sent.
    """

    case_id: int
    chat_id: int
    user_id: int
    message_id: int
    file_id: str
    progress_message_id: int | None


_COLUMNS = [cases.c[name] for name in Case.__slots__]


class Cases:
    """The cases' table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open(self, chat_id: int, user_id: int, message_id: int, file_id: str, now: datetime) -> Case | None:
        """Store a case, or find the one that this message opened before; None when that one is closed."""
        async with self._engine.begin() as connection:
            key = (cases.c.chat_id == chat_id) & (cases.c.message_id == message_id)
            if (await connection.execute(sa.select(cases.c.case_id).where(key))).one_or_none() is None:
                await connection.execute(
                    cases.insert().values(
                        chat_id=chat_id,
                        user_id=user_id,
                        message_id=message_id,
                        file_id=file_id,
                        received_at=now,
                    )
                )
            return await _open_case(connection, key)

    async def get_open(self, case_id: int) -> Case | None:
        """Return a case unless it is closed."""
        async with self._engine.connect() as connection:
            return await _open_case(connection, cases.c.case_id == case_id)

    async def promised_ids(self) -> list[int]:
        """Return the cases whose answer was promised by a progress message and is due, oldest first."""
        async with self._engine.connect() as connection:
            is_due = cases.c.outcome.is_(None) & cases.c.progress_message_id.is_not(None)
            query = sa.select(cases.c.case_id).where(is_due).order_by(cases.c.case_id)
            return list((await connection.execute(query)).scalars())

    async def promise(self, case_id: int, progress_message_id: int) -> None:
        """Record which message will become the answer."""
        async with self._engine.begin() as connection:
            await connection.execute(
                cases.update().where(cases.c.case_id == case_id).values(progress_message_id=progress_message_id)
            )

    async def close(self, case_id: int, outcome: str, now: datetime) -> None:
        """Record how it ended; the way to the photo is erased."""
        async with self._engine.begin() as connection:
            await connection.execute(
                cases.update().where(cases.c.case_id == case_id).values(outcome=outcome, closed_at=now, file_id=None)
            )


async def _open_case(connection: AsyncConnection, key: sa.ColumnElement[bool]) -> Case | None:
    rows = await connection.execute(sa.select(*_COLUMNS).where(key, cases.c.outcome.is_(None)))
    row = rows.one_or_none()
    return Case(*row) if row else None
