"""python-telegram-bot's persistence, kept in the bot's own database: only where each conversation stands."""

from typing import cast

from telegram.ext import DictPersistence, PersistenceInput
from telegram.ext._utils.types import ConversationDict, ConversationKey

from bot.storage.conversations import Conversations


class SqlPersistence(DictPersistence):
    """Conversation states in SQL; everything else the bot knows has a table of its own."""

    def __init__(self, conversations: Conversations) -> None:
        super().__init__(
            store_data=PersistenceInput(bot_data=False, chat_data=False, user_data=False, callback_data=False)
        )
        self._stored = conversations

    async def get_conversations(self, name: str) -> ConversationDict:
        """Return the states that an earlier run left; asked once, at the start."""
        return cast("ConversationDict", await self._stored.all(name))

    async def update_conversation(self, name: str, key: ConversationKey, new_state: object | None) -> None:
        """Record a state; None where the conversation ended."""
        await self._stored.move(name, key, cast("int | None", new_state))
