"""Where each conversation stands."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.tables import conversations, drafts
from bot.storage.writing import put


@dataclass(frozen=True, slots=True)
class Move:
    """A conversation goes on.

    Attributes:
        name: of the conversation.
        key: the ids that python-telegram-bot tells conversations apart by, the chat's first and the person's last.
        state: where it stands now; None where it ended.
    """

    name: str
    key: tuple[int | str, ...]
    state: int | None


class Conversations:
    """The conversations' table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self, name: str) -> dict[tuple[int | str, ...], int]:
        """Return the state of every conversation of this name."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                sa.select(conversations.c.key, conversations.c.state).where(conversations.c.name == name)
            )
            return {tuple(json.loads(key)): state for key, state in rows}


def conversation_key(user_id: int) -> str:
    """Return the key of the conversation in somebody's private chat."""
    return json.dumps([user_id, user_id])  # a private chat has its person's id


async def write_move(connection: AsyncConnection, move: Move, now: datetime) -> None:
    """Record where a conversation stands, as part of a transaction; its end takes what was begun with it."""
    key = json.dumps(move.key)
    if move.state is not None:
        await put(connection, conversations, name=move.name, key=key, state=move.state, moved_at=now)
        return
    is_it = (conversations.c.name == move.name) & (conversations.c.key == key)
    await connection.execute(conversations.delete().where(is_it))
    *_, user_id = move.key
    await connection.execute(drafts.delete().where(drafts.c.user_id == user_id))
