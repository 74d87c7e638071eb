"""What a class is, and how sure the network is: the buttons under an answer, and /model. For all who are not banned."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context
from bot.handlers.access import acknowledge, button_value, own_texts, respond
from bot.render import answer
from bot.render.reply import Reply
from inference.classes import LesionClass


def handlers() -> list[Any]:
    """Return the handlers of the buttons."""
    codes = "|".join(LesionClass)
    return [
        CallbackQueryHandler(explain, f"^{answer.EXPLAIN}:({codes})$"),
        CallbackQueryHandler(how_sure, f"^{answer.HOW_SURE}$"),
        CommandHandler("model", how_sure),
    ]


async def explain(update: Update, context: Context) -> None:
    """Send the page on a class, also to who has erased everything: the answers in the chat stay."""
    page = answer.explanation(LesionClass(button_value(update)), await own_texts(update, context))
    await _answer(update, context, page)


async def how_sure(update: Update, context: Context) -> None:
    """Send the model card in plain words, to whoever asks."""
    services, texts = context.services, await own_texts(update, context)
    await _answer(update, context, answer.how_sure(texts, services.library.figures, has_own_mix=services.has_own_mix))


async def _answer(update: Update, context: Context, reply: Reply) -> None:
    await acknowledge(update)
    await respond(update, context, reply)
