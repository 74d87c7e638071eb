"""The messages of all chats, their reactions, and the reply keyboard that each chat shows."""

import json
from typing import Any

from emulator.objects import Chat, JsonObject
from emulator.store import Store


class MessageLog:
    """Messages as the Bot API shows them.

    Ids grow over all private chats and basic groups of the bot; a supergroup counts its own from 1.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def next_id(self, chat: Chat) -> int:
        """The id of the next message of a chat."""
        own = f":{chat['id']}" if chat["type"] == "supergroup" else ""
        return self._store.next_number(f"next_message_id{own}", 1)

    def save(self, message: JsonObject) -> None:
        """Add a message, or replace it with its edited version."""
        values = message["chat"]["id"], message["message_id"], json.dumps(message)
        self._store.run("INSERT OR REPLACE INTO messages VALUES (?, ?, ?)", *values)

    def get(self, chat_id: int, message_id: int) -> JsonObject | None:
        """One message, or None if there never was one or it was deleted."""
        sql = "SELECT body FROM messages WHERE chat_id = ? AND message_id = ?"
        row = self._store.row(sql, chat_id, message_id)
        message: JsonObject | None = None if row is None else json.loads(row[0])
        return message

    def of_chat(self, chat_id: int) -> list[JsonObject]:
        """All messages of a chat as the bot has them, oldest first."""
        sql = "SELECT body FROM messages WHERE chat_id = ? ORDER BY message_id"
        return [json.loads(body) for (body,) in self._store.rows(sql, chat_id)]

    def seen_in(self, chat_id: int) -> list[JsonObject]:
        """Those that its people see, oldest first."""
        return [message for message in self.of_chat(chat_id) if not self.is_hidden(chat_id, message["message_id"])]

    def hide(self, chat_id: int, message_id: int) -> None:
        """Let the person of a private chat not see a message any more; the bot has it still."""
        self._store.run("INSERT OR IGNORE INTO hidden VALUES (?, ?)", chat_id, message_id)

    def is_hidden(self, chat_id: int, message_id: int) -> bool:
        """Whether only the bot has a message."""
        sql = "SELECT 1 FROM hidden WHERE chat_id = ? AND message_id = ?"
        return self._store.row(sql, chat_id, message_id) is not None

    def delete(self, chat_id: int, message_id: int) -> None:
        """Remove a message and its reactions."""
        for table in ("messages", "reactions", "fixed", "hidden"):
            sql = f"DELETE FROM {table} WHERE chat_id = ? AND message_id = ?"  # noqa: S608 - four fixed names
            self._store.run(sql, chat_id, message_id)

    def fix(self, message: JsonObject) -> None:
        """Let a message never be edited: it came with a reply keyboard, or took one away."""
        self._store.run("INSERT INTO fixed VALUES (?, ?)", message["chat"]["id"], message["message_id"])

    def is_fixed(self, message: JsonObject) -> bool:
        """Whether a message can't be edited."""
        sql = "SELECT 1 FROM fixed WHERE chat_id = ? AND message_id = ?"
        return self._store.row(sql, message["chat"]["id"], message["message_id"]) is not None

    def react(self, chat_id: int, message_id: int, sender_id: int, reaction: list[Any]) -> list[Any]:
        """Replace somebody's reaction; returns the one before."""
        key = chat_id, message_id, sender_id
        sql = "SELECT body FROM reactions WHERE chat_id = ? AND message_id = ? AND sender_id = ?"
        row = self._store.row(sql, *key)
        self._store.run("INSERT OR REPLACE INTO reactions VALUES (?, ?, ?, ?)", *key, json.dumps(reaction))
        return json.loads(row[0]) if row else []

    def reactions(self, chat_id: int) -> JsonObject:
        """Message id (as text) to the reactions of everybody, of the messages that people see."""
        found: JsonObject = {}
        sql = "SELECT message_id, body FROM reactions WHERE chat_id = ? ORDER BY message_id, sender_id"
        for message_id, body in self._store.rows(sql, chat_id):
            if self.is_hidden(chat_id, message_id):
                continue
            found.setdefault(str(message_id), []).extend(json.loads(body))
        return {message_id: reaction for message_id, reaction in found.items() if reaction}

    def keyboard(self, chat_id: int) -> JsonObject | None:
        """The reply keyboard that the chat shows."""
        row = self._store.row("SELECT body FROM keyboards WHERE chat_id = ?", chat_id)
        return json.loads(row[0]) if row else None

    def set_keyboard(self, chat_id: int, keyboard: JsonObject | None) -> None:
        """Show a reply keyboard, or none."""
        self._store.run("DELETE FROM keyboards WHERE chat_id = ?", chat_id)
        if keyboard is not None:
            self._store.run("INSERT INTO keyboards VALUES (?, ?)", chat_id, json.dumps(keyboard))
