"""Command menus: who sees which commands, by scope and language."""

import json
import re
from typing import Any

from emulator.accounts import Accounts
from emulator.errors import bad_request
from emulator.objects import Chat, JsonObject, User
from emulator.store import Store

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class CommandMenus:
    """Lists of commands, one for each scope and language."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def set(self, scope: str, language: str, commands: list[JsonObject]) -> None:
        """Replace a menu; an empty one is deleted."""
        self._store.run("DELETE FROM commands WHERE scope = ? AND language = ?", scope, language)
        if commands:
            self._store.run("INSERT INTO commands VALUES (?, ?, ?)", scope, language, json.dumps(commands))

    def get(self, scope: str, language: str) -> list[JsonObject]:
        """The menu of exactly this scope and language."""
        row = self._store.row("SELECT body FROM commands WHERE scope = ? AND language = ?", scope, language)
        return json.loads(row[0]) if row else []

    def seen_by(self, user: User, chat: Chat) -> list[JsonObject]:
        """The commands that somebody sees in a chat: the first menu found from the narrowest scope to the widest."""
        languages = [user.get("language_code", "").partition("-")[0], ""]
        menus = (
            self.get(scope, language) for scope in self._scopes(user, chat) for language in dict.fromkeys(languages)
        )
        return next((menu for menu in menus if menu), [])

    def _scopes(self, user: User, chat: Chat) -> list[str]:
        """In the order of the Bot API's documentation (BotCommandScope, "Determining list of commands")."""
        here = f"chat:{chat['id']}"
        if chat["type"] == "private":
            return [here, "all_private_chats", "default"]
        is_admin = self._accounts.members(chat["id"])[:1] == [user["id"]]
        member = f"chat_member:{chat['id']}:{user['id']}"
        admins = f"chat_administrators:{chat['id']}"
        scopes = [member, admins, here, "all_chat_administrators", "all_group_chats", "default"]
        return scopes if is_admin else [scope for scope in scopes if "administrators" not in scope]


def checked_commands(commands: list[Any]) -> list[JsonObject]:
    """Commands for a menu.

    Raises:
        BotApiError: 400 for a bad name or description, or for more than 100.
    """
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_checked(command) for command in commands]


def _checked(command: object) -> JsonObject:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if not isinstance(command.get(name), str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    name = command["command"].removeprefix("/")
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(command["description"].strip()) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": command["description"].strip()}
