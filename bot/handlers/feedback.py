"""/feedback: a message to the moderators, who are told that it came and read it in /inbox, until it is erased."""

from collections.abc import Mapping
from typing import Any

from telegram import Update
from telegram.ext import CommandHandler, MessageHandler

from bot.connection.pacing import patiently
from bot.context import Context
from bot.handlers import dermatologists, photo
from bot.handlers.access import WORDS, for_registered, respond, tell, words_of
from bot.handlers.dialogue import END, no_answer, then_leave
from bot.render.questions import Open, Step
from bot.render.reply import Reply, length
from bot.storage.feedback import MAX_LENGTH, MOST_WAITING
from bot.storage.patients import Patient


def entries() -> list[Any]:
    """Return the command."""
    return [CommandHandler("feedback", ask)]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the message, and what closes the question with nothing sent."""
    others = (*photo.handlers(), *dermatologists.unasked())
    closing = [MessageHandler(other.filters, then_leave(other.callback, "feedback-closed")) for other in others]
    return {Open.FEEDBACK: [MessageHandler(WORDS, take), no_answer(), *closing]}


@for_registered
async def ask(update: Update, context: Context, patient: Patient) -> int:
    """Ask for the message, unless it stands behind the command, nobody would read it, or many wait already."""
    services = context.services
    texts = services.content.texts(patient.language)
    if not await services.moderators.ids():
        await respond(update, context, Reply(texts.say("feedback-nobody")))
        return END
    if await services.feedback.waiting_count(patient.user_id) >= MOST_WAITING:
        await respond(update, context, Reply(texts.say("feedback-many", count=MOST_WAITING)))
        return END
    _, *words = words_of(update).split(maxsplit=1)
    if words:
        return await _keep(words[0], update, context, patient)
    await respond(update, context, Reply(texts.say("ask-feedback")))
    return Open.FEEDBACK


@for_registered
async def take(update: Update, context: Context, patient: Patient) -> int:
    """Take what was asked for."""
    return await _keep(words_of(update), update, context, patient)


async def _keep(words: str, update: Update, context: Context, patient: Patient) -> int:
    """Keep the message and tell the moderators that one came."""
    services = context.services
    texts = services.content.texts(patient.language)
    if length(words) > MAX_LENGTH:
        await respond(update, context, Reply(texts.say("feedback-long", most=MAX_LENGTH)))
        return Open.FEEDBACK
    written_at = update.effective_message.date if update.effective_message else None
    is_news = await services.feedback.add(patient.user_id, words, services.now(), written_at) is not None
    await respond(update, context, Reply(texts.say("feedback-sent")))
    if is_news:
        await _tell_moderators(context)
    return END


async def _tell_moderators(context: Context) -> None:
    waiting = await context.services.feedback.waiting_count()
    for user_id in await context.services.moderators.ids():
        context.services.beside.begin(_tell_news(user_id, waiting, context))


async def _tell_news(user_id: int, waiting: int, context: Context) -> None:
    """Tell one of them, however long their chat is slowed down: the patient waits for none."""
    with patiently():
        await tell(user_id, lambda texts: Reply(texts.say("inbox-news", count=waiting)), context)
