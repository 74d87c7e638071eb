"""How a question of the registration is asked, also again and in short."""

import logging
from typing import Final

from telegram import CallbackQuery, Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from telegram.error import BadRequest

from bot.context import Context
from bot.delivery import send
from bot.handlers.access import texts_for
from bot.render import questions
from bot.render.questions import Step
from bot.render.reply import Reply

CHOSEN: Final = "chosen"  # what a button does that shows the answer which was given

_log = logging.getLogger(__name__)


async def ask(step: Step, user: User, chat: Chat, context: Context, first_say: str | None = None) -> int:
    """Ask a question of the registration."""
    content = context.services.content
    texts = await context.services.texts_of(user.id, user.language_code)
    if first_say is not None:
        await send(context.bot, chat.id, Reply(texts.say(first_say)))
    first_name = questions.name_on_telegram(user.first_name)
    await send(context.bot, chat.id, questions.question(step, content, texts, first_name))
    return step


async def say_above(step: Step, message_id: str, user: User, chat: Chat, context: Context) -> int:
    """Say something with the question in short below: whole, the consent would push it off the screen."""
    content = context.services.content
    texts = texts_for(user, await context.services.patients.get(user.id), context)
    asked = questions.question(step, content, texts, questions.name_on_telegram(user.first_name))
    await send(context.bot, chat.id, questions.in_short(asked, texts.say(message_id)))
    return step


async def show_choice(query: CallbackQuery, *, is_answer: bool) -> None:
    """Leave only the chosen answer under the question, so that the patient can read later what was answered.

    The way back is no answer: nothing is left of it.
    """
    if not isinstance(query.message, Message) or not query.message.is_accessible:  # deleted: only its place is known
        return
    markup = query.message.reply_markup
    buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
    label = next((button.text for button in buttons if button.callback_data == query.data), "")
    chosen = InlineKeyboardMarkup([[InlineKeyboardButton(f"✓ {label}", callback_data=CHOSEN)]])
    try:
        await query.edit_message_reply_markup(chosen if is_answer else None)
    except BadRequest:
        _log.debug("The question can't be edited any more")
