"""Everything the emulator knows, in one place."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emulator.accounts import Accounts
from emulator.commands import CommandMenus
from emulator.errors import bad_request
from emulator.events import EventLog
from emulator.files import FileShelf
from emulator.messages import MessageLog
from emulator.objects import Chat, Json, JsonObject, User
from emulator.settings import Settings
from emulator.store import Store
from emulator.updates import UpdateQueue

CHAT_ACTION_S = 5


@dataclass(frozen=True, slots=True)
class World:
    """People, chats, files and updates, and the constants they live under.

    Args:
        clock: seconds since 1970.
        actions: what the bot is seen doing, by chat: the action and until when.
    """

    store: Store
    settings: Settings
    clock: Callable[[], float]
    accounts: Accounts
    commands: CommandMenus
    messages: MessageLog
    files: FileShelf
    updates: UpdateQueue
    events: EventLog
    actions: dict[int, tuple[str, float]] = field(default_factory=dict)

    def new_message(self, chat: Chat, sender: User, content: JsonObject) -> JsonObject:
        """A message with the next id; not yet kept."""
        head: JsonObject = {
            "message_id": self.messages.next_id(chat),
            "from": sender,
            "chat": chat,
            "date": int(self.clock()),
        }
        return head | content

    def keep(self, message: JsonObject) -> None:
        """Keep a new message, and show it to those who look at its chat."""
        self.messages.save(message)
        self.note("message", message["chat"]["id"], message=message)

    def new_album(self) -> str:
        """The next media_group_id."""
        return str(self.store.next_number("next_media_group_id", 13_000_000_000_000_001))

    def reply_target(self, chat_id: int, message_id: int) -> JsonObject | None:
        """The message answered to, as it shows inside the answer: without the one that it answers itself."""
        message = self.messages.get(chat_id, message_id)
        return message and {key: value for key, value in message.items() if key != "reply_to_message"}

    def note(self, kind: str, chat_id: int, *, only_for: int | None = None, **fields: Json) -> None:
        """Add an event for those who look at the chat."""
        self.events.add(self.clock(), kind, chat_id, only_for=only_for, **fields)

    def note_change(self, kind: str, chat_id: int, message_id: int, /, **fields: Json) -> None:
        """Add an event of a message that was there before, unless the person of the chat has it no more."""
        if not self.messages.is_hidden(chat_id, message_id):
            self.note(kind, chat_id, only_for=None, **fields)

    def action(self, chat_id: int) -> str | None:
        """What the bot is seen doing in a chat now."""
        action, until = self.actions.get(chat_id, ("", 0.0))
        return action if until > self.clock() else None

    def close(self) -> None:
        """Let everybody who waits for something have their answer now."""
        self.updates.close()
        self.events.close()

    def bot_chat(self, chat_id: str) -> Chat:
        """A chat that the bot may look at.

        Raises:
            BotApiError: "chat not found", also for people who never wrote to the bot and share no group with it, and
                for every public name: those of people are no chats, and no group here has one.
        """
        number = _number(chat_id)
        chat = None if number is None else self.accounts.chat(number)
        if chat is None or (chat["type"] == "private" and not self._is_known(chat["id"])):
            raise bad_request("chat not found")
        return chat

    def _is_known(self, user_id: int) -> bool:
        return self.accounts.has_written(user_id) or self.accounts.is_in_a_group(user_id)


def open_world(state: Path | None, settings: Settings) -> World:
    """The world kept in a state file, or a new one that is forgotten at the end."""
    store, clock = Store(state), time.time
    accounts = Accounts(store)
    return World(
        store=store,
        settings=settings,
        clock=clock,
        accounts=accounts,
        commands=CommandMenus(store, accounts),
        messages=MessageLog(store),
        files=FileShelf(store),
        updates=UpdateQueue(store, clock, settings.press_kept_s),
        events=EventLog(store),
    )


def _number(text: str) -> int | None:
    return int(text) if len(text) < 19 and text.removeprefix("-").isdecimal() else None
