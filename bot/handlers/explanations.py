"""What a class is, and how sure the network is: the buttons under an answer, and /model."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context
from bot.delivery import send
from bot.handlers.access import acknowledge, button_value, for_registered, person
from bot.render import answer
from bot.render.reply import Reply
from bot.storage.patients import Patient
from inference.classes import LesionClass


def handlers() -> list[Any]:
    """Return the handlers of the buttons."""
    codes = "|".join(LesionClass)
    return [
        CallbackQueryHandler(explain, f"^{answer.EXPLAIN}:({codes})$"),
        CallbackQueryHandler(how_sure, f"^{answer.HOW_SURE}$"),
        CommandHandler("model", how_sure),
    ]


@for_registered
async def explain(update: Update, context: Context, patient: Patient) -> None:
    """Send the page on a class."""
    texts = context.services.content.texts(patient.language)
    await _answer(update, context, answer.explanation(LesionClass(button_value(update)), texts))


async def how_sure(update: Update, context: Context) -> None:
    """Send the model card in plain words, to whoever asks."""
    user, _ = person(update)
    services = context.services
    texts = await services.texts_of(user.id, user.language_code)
    await _answer(update, context, answer.how_sure(texts, services.library.figures, has_own_mix=services.has_own_mix))


async def _answer(update: Update, context: Context, reply: Reply) -> None:
    _, chat = person(update)
    await acknowledge(update)
    await send(context.bot, chat.id, reply)
