"""Whom a moderator means: an id, a @name, or whoever stands behind the message that the command answers."""

from collections.abc import Sequence

from telegram import Message, MessageOriginUser, Update

from bot.content import Texts
from bot.context import Context
from bot.render.people import USER
from bot.render.reply import Reply
from bot.settings import ID_BELOW


def how(message_id: str, texts: Texts) -> Reply:
    """Return how a command is used that has to name somebody, and whom it can't find."""
    return Reply("\n\n".join([texts.say(message_id), texts.say("naming-how")]))


async def named(update: Update, context: Context) -> int | None:
    """Return who is meant, None where nobody is: a word behind the command names them, a reply only without one."""
    return await by_word(context.args[0], context) if context.args else await _behind_the_reply(update, context)


async def named_before_reason(update: Update, context: Context) -> tuple[int | None, list[str]]:
    """Return who is meant by a command that a reason may follow, None where nobody is, and the words that are left.

    In a reply the first word may be the reason's. A number there that nobody here has could be either: nobody is meant.
    """
    words = list(context.args or [])
    replied_to = await _behind_the_reply(update, context)
    if not words or not _is_name(words[0]):
        return replied_to, words
    user_id = await by_word(words[0], context)
    is_clear = replied_to is None or user_id is None or await context.services.patients.get(user_id) is not None
    return user_id if is_clear or user_id == replied_to else None, words[1:]


def words_behind_name(words: Sequence[str]) -> Sequence[str]:
    """Return what is left of the words behind a command that a reason may follow, without whom they name."""
    return words[1:] if words and _is_name(words[0]) else words


def _is_name(word: str) -> bool:
    return word.startswith("@") or (word.isascii() and word.isdigit())


async def by_word(word: str, context: Context) -> int | None:
    """Return whom an id or a @name means."""
    if word.startswith("@"):
        patient = await context.services.patients.by_username(word)
        return patient.user_id if patient else None
    return int(word) if _is_name(word) and 0 < int(word) < ID_BELOW else None


async def _behind_the_reply(update: Update, context: Context) -> int | None:
    replied_to = update.message.reply_to_message if update.message else None
    return await behind(replied_to, context) if replied_to else None


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
