"""Whom a moderator means: an id, a @name, or whoever stands behind the message that the command answers."""

from typing import Final

from telegram import Message, MessageOriginUser, Update

from bot.content import Texts
from bot.context import Context
from bot.people import USER
from bot.render import Reply

_MAX_ID: Final = 2**52  # Telegram's ids have at most 52 bits


def how(message_id: str, texts: Texts) -> Reply:
    """Return how a command is used that has to name somebody, and whom it can't find."""
    return Reply("\n\n".join([texts.say(message_id), texts.say("naming-how")]))


async def named(update: Update, context: Context) -> tuple[int | None, list[str]]:
    """Return who is meant, None where nobody is, and the words of the command that are left."""
    words = list(context.args or [])
    message = update.message
    is_reply = message is not None and message.reply_to_message is not None
    user_id = await by_word(words[0], context) if words else None
    if user_id is not None and is_reply and await context.services.patients.get(user_id) is None:
        user_id = None  # a number in a reply is the first word of a reason, unless somebody has it
    if user_id is not None:
        return user_id, words[1:]
    if message is not None and message.reply_to_message is not None:
        return await behind(message.reply_to_message, context), words
    return None, words


async def by_word(word: str, context: Context) -> int | None:
    """Return whom an id or a @name means."""
    if word.isascii() and word.isdigit():
        return int(word) if 0 < int(word) < _MAX_ID else None
    if word.startswith("@"):
        patient = await context.services.patients.by_username(word)
        return patient.user_id if patient else None
    return None


async def behind(message: Message, context: Context) -> int | None:
    """Return whose message was forwarded, whose contact it is, whose feedback, or whose card."""
    if isinstance(message.forward_origin, MessageOriginUser):
        return message.forward_origin.sender_user.id
    if message.contact is not None:
        return message.contact.user_id
    feedback = await context.services.feedback.by_copy(message.chat_id, message.message_id)
    return feedback.user_id if feedback else _of_card(message)


def _of_card(message: Message) -> int | None:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    data = [str(button.callback_data or "") for row in rows for button in row]
    ids = {one.rpartition(":")[2] for one in data if one.startswith(f"{USER}:")}
    return int(ids.pop()) if len(ids) == 1 else None
