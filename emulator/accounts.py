"""Who there is: the bot, the people, the groups, and who blocked the bot."""

import json
import secrets
from collections.abc import Sequence
from typing import cast

from emulator.objects import Chat, JsonObject, User
from emulator.store import Store

FIRST_USER_ID = 500_000_001
FIRST_GROUP_ID = 400_000_001
FIRST_SUPERGROUP_ID = 1_002_000_000_001  # with Telegram's -100 before the number
GROUP_TYPES = frozenset({"group", "supergroup"})
BOT_ID = 7_000_000_001
BOT_USERNAME = "emulated_bot"


class Accounts:
    """People, groups and the bot; one bot, one token."""

    def __init__(self, store: Store) -> None:
        self._store = store
        if store.fact("token") is None:
            store.remember("token", f"{BOT_ID}:{secrets.token_urlsafe(27)[:35]}")

    @property
    def token(self) -> str:
        """What the bot shows to be let in; the same for the life of the state file."""
        return str(self._store.fact("token"))

    @property
    def bot(self) -> User:
        """The bot as others see it."""
        name = str(self._store.fact("name", {}).get("", "Emulated bot"))
        return {"id": BOT_ID, "is_bot": True, "first_name": name, "username": BOT_USERNAME}

    def users(self) -> list[User]:
        """Everybody, in order of their ids."""
        return [json.loads(body) for (body,) in self._store.rows("SELECT body FROM users ORDER BY id")]

    def user(self, user_id: int) -> User | None:
        """One person."""
        row = self._store.row("SELECT body FROM users WHERE id = ?", user_id)
        return None if row is None else cast("User", json.loads(row[0]))

    def add_user(self, profile: JsonObject) -> User:
        """A new person, or new details of a known one.

        Args:
            profile: any of id, first_name, last_name, username, language_code.
        """
        (highest,) = self._store.rows("SELECT max(id) FROM users")[0]
        user_id = int(profile.get("id") or max(FIRST_USER_ID, (highest or 0) + 1))
        user: User = {"id": user_id, "is_bot": False, "first_name": str(profile.get("first_name") or f"User {user_id}")}
        for key in ("last_name", "username", "language_code"):
            if profile.get(key):
                user[key] = str(profile[key])
        sql = "INSERT INTO users (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
        self._store.run(sql, user_id, json.dumps(user))
        return user

    def has_written(self, user_id: int) -> bool:
        """Whether this person ever wrote to the bot; before that the bot has no chat with them."""
        return bool(self._store.rows("SELECT 1 FROM users WHERE id = ? AND has_written", user_id))

    def is_in_a_group(self, user_id: int) -> bool:
        """Whether the bot shares a group with this person, and knows them from there."""
        return bool(self._store.rows("SELECT 1 FROM members WHERE user_id = ?", user_id))

    def note_written(self, user_id: int) -> None:
        """From now on the bot may write to this person."""
        self._store.run("UPDATE users SET has_written = 1 WHERE id = ?", user_id)

    def is_blocked(self, user_id: int) -> bool:
        """Whether this person blocked the bot."""
        return bool(self._store.rows("SELECT 1 FROM users WHERE id = ? AND is_blocked", user_id))

    def set_blocked(self, user_id: int, *, is_blocked: bool) -> None:
        """Block or unblock the bot."""
        self._store.run("UPDATE users SET is_blocked = ? WHERE id = ?", is_blocked, user_id)

    def is_deactivated(self, user_id: int) -> bool:
        """Whether this person has deleted their account."""
        return bool(self._store.rows("SELECT 1 FROM deactivated WHERE user_id = ?", user_id))

    def deactivate(self, user_id: int) -> None:
        """Let this person have deleted their account, for good."""
        self._store.run("INSERT OR IGNORE INTO deactivated VALUES (?)", user_id)

    def add_group(self, title: str, member_ids: Sequence[int], kind: str = "group") -> Chat:
        """A new group or supergroup of these people and the bot; the first is its owner."""
        first = FIRST_SUPERGROUP_ID if kind == "supergroup" else FIRST_GROUP_ID
        group_id = -self._store.next_number(f"next_{kind}_id", first)
        group: Chat = {"id": group_id, "type": kind, "title": title}
        self._store.run("INSERT INTO groups VALUES (?, ?)", group_id, json.dumps(group))
        for user_id in member_ids:
            self._store.run("INSERT OR IGNORE INTO members VALUES (?, ?)", group_id, user_id)
        return group

    def members(self, group_id: int) -> list[int]:
        """Ids of the people of a group, its owner first."""
        sql = "SELECT user_id FROM members WHERE group_id = ? ORDER BY rowid"
        return [user_id for (user_id,) in self._store.rows(sql, group_id)]

    def chat(self, chat_id: int) -> Chat | None:
        """The chat with this id: somebody's private chat with the bot, or a group."""
        if chat_id < 0:
            row = self._store.row("SELECT body FROM groups WHERE id = ?", chat_id)
            return None if row is None else cast("Chat", json.loads(row[0]))
        user = self.user(chat_id)
        if user is None:
            return None
        chat: Chat = {"id": chat_id, "type": "private"}
        for key in ("first_name", "last_name", "username"):
            if key in user:
                chat[key] = user[key]
        return chat
