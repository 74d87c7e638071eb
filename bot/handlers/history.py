"""/history: what the bot said about earlier photos. The photos themselves were not kept."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context
from bot.handlers.access import button_value, for_registered, has_consent, put
from bot.render import account
from bot.render.account import HISTORY, HISTORY_PAGE
from bot.render.reply import page_within
from bot.storage.patients import Patient


def handlers() -> list[Any]:
    """Return the command and the buttons that turn its pages."""
    return [CommandHandler("history", show), CallbackQueryHandler(show, rf"^{HISTORY}:\d{{1,4}}$")]


@for_registered
async def show(update: Update, context: Context, patient: Patient) -> None:
    """Show a page of the patient's own assessments."""
    services = context.services
    texts = services.content.texts(patient.language)
    count = await services.cases.history_count(patient.user_id)
    page = page_within(int(button_value(update) or 0), count, HISTORY_PAGE)
    past = await services.cases.history(patient.user_id, HISTORY_PAGE, page * HISTORY_PAGE)
    if not past:
        await put(update, context, account.no_history(texts, has_consent=has_consent(patient, services.content)))
        return
    await put(update, context, account.history(past, page, count, texts))
