"""/inbox: what patients wrote, answered by a reply to it or by a button."""

from collections.abc import Mapping
from typing import Any

import telegram
from telegram import Update
from telegram.ext import ApplicationHandlerStop, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot import people
from bot.blanking import blank_all_in, blank_copies
from bot.context import Context
from bot.delivery import replace, send
from bot.handlers import talk
from bot.handlers.access import acknowledge, button_value, person, put, tell, words_of
from bot.handlers.dialogue import END
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.people import INBOX, INBOX_PAGE
from bot.questions import Open, Step
from bot.render import Reply, length
from bot.storage.feedback import MAX_ANSWER, Message
from bot.storage.moderators import Role


def entries() -> list[Any]:
    """Return what asks for an answer to a message."""
    return [CallbackQueryHandler(ask_answer, rf"^{INBOX}:answer:\d{{1,9}}$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the answer."""
    return {Open.FEEDBACK_ANSWER: [MessageHandler(filters.TEXT & ~filters.COMMAND & ~filters.FORWARDED, take_answer)]}


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
    waiting = await services.feedback.waiting(INBOX_PAGE)
    await services.audit.record(actor.entry("inbox", services.now(), messages=len(waiting)))
    for message in waiting:
        await _show_message(message, context, actor)
    more = await services.feedback.waiting_count() - len(waiting)
    if not waiting or more > 0:
        words = actor.texts.say("inbox-more", count=more) if waiting else actor.texts.say("inbox-empty")
        await send(context.bot, chat.id, Reply(words))


async def _show_message(message: Message, context: Context, actor: Actor) -> None:
    """Show what a patient wrote in a message that is known before: it can be blanked when the patient is erased."""
    services, chat_id = context.services, actor.user_id
    sender = await services.patients.get(message.user_id)
    placeholder = await send(context.bot, chat_id, Reply(people.feedback_heading(message, sender, actor.texts)))
    if not await services.feedback.note_copy(message.feedback_id, chat_id, placeholder.message_id):
        await replace(context.bot, chat_id, placeholder.message_id, Reply(actor.texts.say("inbox-gone")))
        return
    item = people.feedback_item(message, sender, actor.texts)
    await replace(context.bot, chat_id, placeholder.message_id, item)
    if await services.moderators.role(actor.user_id) is Role.NOBODY:  # any more
        await blank_all_in(chat_id, context.bot, services)
    elif await services.feedback.by_copy(chat_id, placeholder.message_id) is None:  # erased, and blanked too early
        await blank_copies([(chat_id, placeholder.message_id)], context.bot, services)


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
    words = [actor.texts.say("ask-feedback-answer", number=message.feedback_id)]
    if message.answered_at is not None:
        words.insert(0, actor.texts.say("inbox-closed-already"))
    await send(context.bot, chat.id, Reply("\n\n".join(words)))
    return Open.FEEDBACK_ANSWER


@for_moderators
async def take_answer(update: Update, context: Context, actor: Actor) -> int:
    """Pass the answer on."""
    draft = await context.services.drafts.get(actor.user_id) or {}
    if "feedback" not in draft:  # it was answered by a reply meanwhile
        await talk.anything(update, context)
        return END
    if not await _is_settled(await context.services.feedback.get(draft["feedback"]), update, context, actor):
        return Open.FEEDBACK_ANSWER
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
    entry = actor.entry("inbox-aside", services.now(), message.user_id)
    is_aside = await services.feedback.put_aside(message.feedback_id, entry)
    said = "inbox-aside" if is_aside else "inbox-closed-already"
    await put(update, context, Reply(actor.texts.say(said, number=message.feedback_id)))


async def answer_by_reply(update: Update, context: Context) -> None:
    """Take a moderator's reply to a message in the inbox; leave every other reply to the handlers behind."""
    user, chat = person(update)
    replied_to = update.message.reply_to_message if update.message else None
    if replied_to is None or await context.services.moderators.role(user.id) is Role.NOBODY:
        return
    is_copy = await context.services.feedback.by_copy(chat.id, replied_to.message_id) is not None
    if is_copy or _is_blanked(replied_to, context):
        await take_reply(update, context)
        raise ApplicationHandlerStop


@for_moderators
async def take_reply(update: Update, context: Context, actor: Actor) -> None:
    """Pass on the answer to the message that it replies to."""
    services = context.services
    replied_to = update.message.reply_to_message if update.message else None
    if replied_to is None:
        return
    message = await services.feedback.by_copy(actor.user_id, replied_to.message_id)
    is_settled = await _is_settled(message, update, context, actor)
    draft = await services.drafts.get(actor.user_id) or {}
    if is_settled and message is not None and draft.get("feedback") == message.feedback_id:
        await services.drafts.drop(actor.user_id)


def _is_blanked(message: telegram.Message, context: Context) -> bool:
    """Return whether this showed a message in the inbox that its sender has erased."""
    words = [texts.plain("inbox-blanked") for texts in context.services.content.by_language.values()]
    return message.from_user is not None and message.from_user.id == context.bot.id and message.text in words


async def _is_settled(message: Message | None, update: Update, context: Context, actor: Actor) -> bool:
    """Send the answer to the patient, record it, and say how it went; returns False where it has to be shorter."""
    _, chat = person(update)
    words = words_of(update)
    if message is None:
        await send(context.bot, chat.id, Reply(actor.texts.say("inbox-gone")))
        return True
    if length(words) > MAX_ANSWER:
        await send(context.bot, chat.id, Reply(actor.texts.say("inbox-long", most=MAX_ANSWER)))
        return False
    is_heard = await tell(message.user_id, lambda texts: people.feedback_answer(message, words, texts), context)
    entry = actor.entry("inbox-answer", context.services.now(), message.user_id)
    await context.services.feedback.close(message.feedback_id, words, entry)
    said = [actor.texts.say("inbox-answered" if is_heard else "inbox-unheard", number=message.feedback_id)]
    if message.answered_at is not None:
        said.append(actor.texts.say("inbox-closed-already"))
    await send(context.bot, chat.id, Reply(" ".join(said)))
    return True
