"""The buttons under an answer: what a class is, and how sure the network is."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler

from bot import render
from bot.context import Context
from bot.delivery import send
from bot.handlers.access import acknowledge, for_patients, person
from bot.storage.patients import Patient
from inference.classes import LesionClass


def handlers() -> list[Any]:
    """Return the handlers of the buttons."""
    codes = "|".join(LesionClass)
    return [
        CallbackQueryHandler(explain, f"^{render.EXPLAIN}:({codes})$"),
        CallbackQueryHandler(how_sure, f"^{render.HOW_SURE}$"),
    ]


@for_patients
async def explain(update: Update, context: Context, patient: Patient) -> None:
    """Send the page on a class."""
    texts = context.services.content.texts(patient.language)
    code = (update.callback_query.data or "" if update.callback_query else "").rpartition(":")[2]
    await _answer(update, context, render.explanation(LesionClass(code), texts))


@for_patients
async def how_sure(update: Update, context: Context, patient: Patient) -> None:
    """Send the model card in plain words."""
    texts = context.services.content.texts(patient.language)
    await _answer(update, context, render.how_sure(texts, context.services.figures))


async def _answer(update: Update, context: Context, reply: render.Reply) -> None:
    _, chat = person(update)
    await acknowledge(update)
    message = update.effective_message
    await send(context.bot, chat.id, reply, message.message_id if message else None)
