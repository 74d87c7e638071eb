"""What people do in their chats: each deed is kept, shown to those who look, and told to the bot as an update."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emulator.accounts import GROUP_TYPES
from emulator.errors import ControlError
from emulator.objects import Chat, JsonObject, User
from emulator.world import World

_FORMATTING = ("caption", "entities", "caption_entities")  # what an edit does not repeat is gone


@dataclass(frozen=True, slots=True)
class Deed:
    """Messages that a person sent and the updates made of them (none where the bot does not get to see them)."""

    messages: list[JsonObject]
    update_ids: list[int]


def person_of(world: World, user_id: int) -> User:
    """A known person.

    Raises:
        ControlError: 404 for nobody.
    """
    user = world.accounts.user(user_id)
    if user is None:
        raise ControlError(f"There is no user {user_id}.", 404)
    return user


def chat_of(world: World, user_id: int, chat_id: int | None) -> Chat:
    """The person's private chat, or a group that they belong to."""
    chat = world.accounts.chat(chat_id or user_id)
    if chat is None or (chat["id"] != user_id and user_id not in world.accounts.members(chat["id"])):
        raise ControlError(f"User {user_id} is in no chat {chat_id}.", 404)
    return chat


def send(world: World, user: User, chat: Chat, contents: Sequence[JsonObject], reply_to: int | None = None) -> Deed:
    """Somebody sends one message, or the messages of an album."""
    deed = Deed([], [])
    with world.store.together():
        if chat["type"] == "private":
            world.accounts.note_written(user["id"])
            block(world, user, is_blocked=False)  # as in the apps, where one writes only after unblocking
        for content in contents:
            message = world.new_message(chat, user, content)
            target = reply_to and world.reply_target(chat["id"], reply_to)
            if target:
                message["reply_to_message"] = target
            world.keep(message)
            deed.messages.append(message)
            update_id = world.updates.put("message", chat["id"], message) if _bot_sees(world, message) else None
            deed.update_ids.extend([update_id] if update_id else [])
        _use_up_keyboard(world, chat["id"], deed.messages[-1])
    return deed


def found_group(world: World, title: str, member_ids: Sequence[int], kind: str) -> Chat:
    """People make a group with the bot in it; a supergroup is there before the bot is.

    Raises:
        ControlError: there is no such kind of group.
    """
    if kind not in GROUP_TYPES:
        raise ControlError(f"There is no kind of group “{kind}”.")
    chat = world.accounts.add_group(title, member_ids, kind)
    owner = person_of(world, member_ids[0])
    added: JsonObject = {"new_chat_members": [world.accounts.bot]}
    if kind == "group":
        added["group_chat_created"] = True
    change: JsonObject = {
        "chat": chat,
        "from": owner,
        "date": int(world.clock()),
        "old_chat_member": _membership(world, "left"),
        "new_chat_member": _membership(world, "member"),
    }
    with world.store.together():
        world.updates.put("my_chat_member", chat["id"], change)
        message = world.new_message(chat, owner, added)
        world.keep(message)
        world.updates.put("message", chat["id"], message)
    return chat


def _bot_sees(world: World, message: JsonObject) -> bool:
    if message["chat"]["type"] == "private" or not world.settings.has_privacy_mode:
        return True
    bot = world.accounts.bot
    answers_bot = message.get("reply_to_message", {}).get("from", {}).get("id") == bot["id"]
    command = next((e for e in message.get("entities", []) if e["type"] == "bot_command" and e["offset"] == 0), None)
    if command is None:
        return bool(answers_bot)
    name, _, addressee = message["text"][: command["length"]].partition("@")
    return addressee.lower() in {"", bot["username"].lower()} and bool(name)


def _use_up_keyboard(world: World, chat_id: int, message: JsonObject) -> None:
    keyboard = world.messages.keyboard(chat_id)
    if not keyboard or not keyboard.get("one_time_keyboard"):
        return
    buttons = [button for row in keyboard["keyboard"] for button in row]
    is_pressed = any(_is_pressed(button, message) for button in buttons)
    if is_pressed:
        world.messages.set_keyboard(chat_id, None)
        world.note("reply_keyboard", chat_id, reply_keyboard=None)


def _is_pressed(button: JsonObject, message: JsonObject) -> bool:
    if button.get("request_location"):
        return "location" in message
    if button.get("request_contact"):
        return "contact" in message
    return bool(button["text"] == message.get("text"))


def press(world: World, user: User, message: JsonObject, data: str, *, is_gone: bool = False) -> tuple[str, int | None]:
    """Somebody presses a button below a message; returns the query's id and the update's.

    Of a message that is deleted in the same moment the bot is told only where it stood, as an InaccessibleMessage.
    """
    chat_id, message_id = message["chat"]["id"], message["message_id"]
    if is_gone:
        message = {"chat": message["chat"], "message_id": message_id, "date": 0}
    query_id = str(world.store.next_number("next_callback_id", 4_000_000_000_000_000_001))
    query: JsonObject = {
        "id": query_id,
        "from": user,
        "chat_instance": str(-chat_id * 7919),
        "message": message,
        "data": data,
    }
    sql = "INSERT INTO callbacks (id, user_id, chat_id, asked_at) VALUES (?, ?, ?, ?)"
    with world.store.together():
        world.store.run(sql, query_id, user["id"], chat_id, world.clock())
        if is_gone:
            delete(world, chat_id, message_id)
        return query_id, world.updates.put("callback_query", chat_id, query)


def data_of_button(message: JsonObject, label: str) -> str | None:
    """The callback data of the button with this label."""
    return next((b["callback_data"] for b in _callback_buttons(message) if b["text"] == label), None)


def has_button(message: JsonObject, data: str) -> bool:
    """Whether a message has a button with this callback data."""
    return any(button["callback_data"] == data for button in _callback_buttons(message))


def _callback_buttons(message: JsonObject) -> list[JsonObject]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row if "callback_data" in button]


def edit(world: World, message: JsonObject, changes: JsonObject) -> int | None:
    """Somebody edits their message; returns the update's id."""
    edited = {key: value for key, value in message.items() if key not in _FORMATTING} | changes
    edited["edit_date"] = int(world.clock())
    chat_id = edited["chat"]["id"]
    with world.store.together():
        world.messages.save(edited)
        world.note("edited_message", chat_id, message=edited)
        return world.updates.put("edited_message", chat_id, edited) if _bot_sees(world, edited) else None


def delete(world: World, chat_id: int, message_id: int) -> None:
    """A message disappears for everybody; bots are not told."""
    with world.store.together():
        world.note_change("deleted_message", chat_id, message_id, message_id=message_id)
        world.messages.delete(chat_id, message_id)


def hide(world: World, chat: Chat, message_ids: Sequence[int]) -> None:
    """Messages disappear for the person of a private chat, as Telegram's apps delete there; the bot has them still.

    It edits them with success, and nobody sees it.

    Raises:
        ControlError: this is no private chat.
    """
    if chat["type"] != "private":
        raise ControlError("People delete on their own side only in private chats.")
    with world.store.together():
        for message_id in message_ids:
            world.note_change("deleted_message", chat["id"], message_id, message_id=message_id)
            world.messages.hide(chat["id"], message_id)


def clear(world: World, chat: Chat) -> None:
    """The person of a private chat clears its history, as above; the keyboard that it shows goes with it."""
    with world.store.together():
        hide(world, chat, [message["message_id"] for message in world.messages.seen_in(chat["id"])])
        if world.messages.keyboard(chat["id"]) is not None:
            world.messages.set_keyboard(chat["id"], None)
            world.note("reply_keyboard", chat["id"], reply_keyboard=None)


def block(world: World, user: User, *, is_blocked: bool) -> None:
    """Somebody blocks or unblocks the bot."""
    if world.accounts.is_blocked(user["id"]) == is_blocked:
        return
    statuses = ("member", "kicked") if is_blocked else ("kicked", "member")
    old, new = (_membership(world, status) for status in statuses)
    change: JsonObject = {
        "chat": world.accounts.chat(user["id"]),
        "from": user,
        "date": int(world.clock()),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    with world.store.together():
        world.accounts.set_blocked(user["id"], is_blocked=is_blocked)
        world.note("blocked", user["id"], is_blocked=is_blocked)
        world.updates.put("my_chat_member", user["id"], change)


def _membership(world: World, status: str) -> JsonObject:
    return {"user": world.accounts.bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def react(world: World, user: User, message: JsonObject, reaction: list[Any]) -> int | None:
    """Somebody puts a reaction on a message, or takes it back with []."""
    chat_id, message_id = message["chat"]["id"], message["message_id"]
    with world.store.together():
        old = world.messages.react(chat_id, message_id, user["id"], reaction)
        world.note("reaction", chat_id, message_id=message_id, reaction=reaction)
        change: JsonObject = {
            "chat": message["chat"],
            "message_id": message_id,
            "user": user,
            "date": int(world.clock()),
            "old_reaction": old,
            "new_reaction": reaction,
        }
        return world.updates.put("message_reaction", chat_id, change)
