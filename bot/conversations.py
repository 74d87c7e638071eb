"""python-telegram-bot's persistence, kept in the bot's own database: only where each conversation stands."""

from typing import Any, cast

from telegram.ext import Application, DictPersistence, PersistenceInput
from telegram.ext._utils.types import ConversationDict, ConversationKey

from bot.storage.conversations import Conversations, Move


class SqlPersistence(DictPersistence):
    """Conversation states in SQL; everything else the bot knows has a table of its own.

    A change is only collected here. Intake writes it in the same transaction that marks the update as handled, so
    that a crash replays both or neither.
    """

    def __init__(self, conversations: Conversations) -> None:
        nothing_else = PersistenceInput(bot_data=False, chat_data=False, user_data=False, callback_data=False)
        super().__init__(store_data=nothing_else)
        self._stored = conversations
        self._moves: list[Move] = []

    async def get_conversations(self, name: str) -> ConversationDict:
        """Return the states that an earlier run left; asked once, at the start."""
        return cast("ConversationDict", await self._stored.all(name))

    async def update_conversation(self, name: str, key: ConversationKey, new_state: object | None) -> None:
        """Collect a change; a new_state of None ends the conversation."""
        self._moves.append(Move(name, key, cast("int | None", new_state)))

    def take_moves(self, chat_id: int) -> list[Move]:
        """Return the collected changes of a chat, and forget them."""
        taken = [move for move in self._moves if move.key[0] == chat_id]
        self._moves = [move for move in self._moves if move.key[0] != chat_id]
        return taken


class Unmarking(Application[Any, Any, Any, Any, Any, Any]):
    """An Application that marks nobody as one of whom there is something to store, or to erase.

    python-telegram-bot's own marks whoever writes and whoever is erased until their data is stored, which is never.
    """

    __slots__ = ()

    def drop_chat_data(self, chat_id: int) -> None:
        """Forget what is known in memory of a chat."""
        self._chat_data.pop(chat_id, None)

    def _mark_for_persistence_update(self, *, update: object = None, job: object = None) -> None:
        """Do nothing."""
