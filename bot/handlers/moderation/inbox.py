"""/inbox: what patients wrote, answered by a reply to it or by a button."""

from collections.abc import Mapping
from typing import Any, Final

from telegram import Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import ApplicationHandlerStop, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot import people
from bot.context import Context
from bot.delivery import send
from bot.handlers.access import acknowledge, button_value, person, put
from bot.handlers.dialogue import END
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.people import INBOX
from bot.questions import Open, Step
from bot.render import Reply
from bot.storage.audit import Entry
from bot.storage.feedback import Message
from bot.storage.moderators import Role

_AT_ONCE: Final = 5


def entries() -> list[Any]:
    """Return what asks for an answer to a message."""
    return [CallbackQueryHandler(ask_answer, rf"^{INBOX}:answer:\d{{1,9}}$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the answer."""
    return {Open.FEEDBACK_ANSWER: [MessageHandler(filters.TEXT & ~filters.COMMAND, take_answer)]}


def handlers() -> list[Any]:
    """Return the command and the button that puts a message aside."""
    return [CommandHandler("inbox", show), CallbackQueryHandler(put_aside, rf"^{INBOX}:aside:\d{{1,9}}$")]


def reply_handlers() -> list[Any]:
    """Return what sees replies before anything else: other replies go on to their handlers."""
    return [MessageHandler(filters.REPLY & filters.TEXT & ~filters.COMMAND, answer_by_reply)]


@for_moderators
async def show(update: Update, context: Context, actor: Actor) -> None:
    """Show what waits, oldest first."""
    _, chat = person(update)
    services = context.services
    waiting = await services.feedback.waiting(_AT_ONCE)
    await services.audit.record(Entry(actor.user_id, "inbox", services.now(), details=f"{len(waiting)} messages"))
    for message in waiting:
        sender = await services.patients.get(message.user_id)
        sent = await send(context.bot, chat.id, people.feedback_item(message, sender, actor.texts))
        await services.feedback.note_copy(message.feedback_id, chat.id, sent.message_id)
    more = await services.feedback.waiting_count() - len(waiting)
    if not waiting or more > 0:
        words = actor.texts.say("inbox-more", count=more) if waiting else actor.texts.say("inbox-empty")
        await send(context.bot, chat.id, Reply(words))


@for_moderators
async def ask_answer(update: Update, context: Context, actor: Actor) -> int:
    """Ask for the answer."""
    _, chat = person(update)
    await acknowledge(update)
    message = await context.services.feedback.get(int(button_value(update)))
    if message is None:
        await send(context.bot, chat.id, Reply(actor.texts.say("inbox-gone")))
        return END
    await context.services.drafts.put(actor.user_id, {"feedback": message.feedback_id})
    await send(context.bot, chat.id, Reply(actor.texts.say("ask-feedback-answer", number=message.feedback_id)))
    return Open.FEEDBACK_ANSWER


@for_moderators
async def take_answer(update: Update, context: Context, actor: Actor) -> int:
    """Pass the answer on."""
    draft = await context.services.drafts.get(actor.user_id) or {}
    await _answer(await context.services.feedback.get(draft.get("feedback", 0)), update, context, actor)
    await context.services.drafts.drop(actor.user_id)
    return END


@for_moderators
async def put_aside(update: Update, context: Context, actor: Actor) -> None:
    """Take a message out of the inbox without an answer."""
    services = context.services
    message = await services.feedback.get(int(button_value(update)))
    if message is None:
        await put(update, context, Reply(actor.texts.say("inbox-gone")))
        return
    entry = Entry(actor.user_id, "inbox-aside", services.now(), message.user_id)
    await services.feedback.close(message.feedback_id, message.answer, entry)
    await put(update, context, Reply(actor.texts.say("inbox-aside", number=message.feedback_id)))


async def answer_by_reply(update: Update, context: Context) -> None:
    """Take a moderator's reply to a message in the inbox; leave every other reply to the handlers behind."""
    user, chat = person(update)
    replied_to = update.message.reply_to_message if update.message else None
    if replied_to is None or await context.services.moderators.role(user.id) is Role.NOBODY:
        return
    if await context.services.feedback.by_copy(chat.id, replied_to.message_id) is not None:
        await take_reply(update, context)
        raise ApplicationHandlerStop


@for_moderators
async def take_reply(update: Update, context: Context, actor: Actor) -> None:
    """Pass on the answer to the message that it replies to."""
    replied_to = update.message.reply_to_message if update.message else None
    if replied_to is not None:
        message = await context.services.feedback.by_copy(actor.user_id, replied_to.message_id)
        await _answer(message, update, context, actor)


async def _answer(message: Message | None, update: Update, context: Context, actor: Actor) -> None:
    """Send the answer to the patient, record it, and say how it went."""
    _, chat = person(update)
    words = (update.effective_message.text if update.effective_message else None) or ""
    if message is None:
        await send(context.bot, chat.id, Reply(actor.texts.say("inbox-gone")))
        return
    is_heard = await _reaches(message, words, context)
    entry = Entry(actor.user_id, "inbox-answer", context.services.now(), message.user_id)
    await context.services.feedback.close(message.feedback_id, words, entry)
    said = "inbox-answered" if is_heard else "inbox-unheard"
    await send(context.bot, chat.id, Reply(actor.texts.say(said, number=message.feedback_id)))


async def _reaches(message: Message, words: str, context: Context) -> bool:
    services = context.services
    patient = await services.patients.get(message.user_id)
    if patient is None or patient.blocked_at is not None:
        return False
    texts = services.content.texts(patient.language)
    try:
        await send(context.bot, message.user_id, people.feedback_answer(message, words, texts))
    except Forbidden:
        await services.patients.mark_blocked(message.user_id, services.now())
        return False
    except BadRequest:
        return False
    return True
