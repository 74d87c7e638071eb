"""/inbox: what patients wrote, shown so that it can be blanked again, and put aside."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.blanking import blank_all_in, blank_copies
from bot.context import Context
from bot.delivery import replace, send
from bot.handlers.access import button_value, put, respond
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import people
from bot.render.people import INBOX, INBOX_PAGE
from bot.render.reply import Reply
from bot.storage.feedback import Message
from bot.storage.moderators import Role


def handlers() -> list[Any]:
    """Return the command, and the button that puts a message aside."""
    return [CommandHandler("inbox", show), CallbackQueryHandler(put_aside, rf"^{INBOX}:aside:\d{{1,9}}$")]


@for_moderators
async def show(update: Update, context: Context, actor: Actor) -> None:
    """Show what waits, oldest first."""
    services = context.services
    waiting = await services.feedback.waiting(INBOX_PAGE)
    await services.audit.record(actor.entry("inbox", services.now(), messages=len(waiting)))
    for message in waiting:
        await _show_message(message, context, actor)
    more = await services.feedback.waiting_count() - len(waiting)
    if not waiting or more > 0:
        words = actor.texts.say("inbox-more", count=more) if waiting else actor.texts.say("inbox-empty")
        await respond(update, context, Reply(words))


async def _show_message(message: Message, context: Context, actor: Actor) -> None:
    """Show what a patient wrote."""
    sender = await context.services.patients.get(message.user_id)
    heading = Reply(people.feedback_heading(message, sender, actor.texts))
    await show_noted(heading, people.feedback_item(message, sender, actor.texts), message, context, actor)


async def show_noted(
    first: Reply, shown: Reply, message: Message, context: Context, actor: Actor, reply_to: int | None = None
) -> None:
    """Show something of what a patient wrote in a message that is known before: to be blanked if they are erased.

    Args:
        first: what stands there until the message is noted; nothing that the patient wrote.
        shown: what stands there then.
        message: what the patient wrote.
        context: of the update.
        actor: to whom it is shown.
        reply_to: the moderator's message that this replies to.
    """
    services, chat_id = context.services, actor.user_id
    sent = await send(context.bot, chat_id, first, reply_to)
    if await services.feedback.note_copy(message.feedback_id, chat_id, sent.message_id):
        await fill(chat_id, sent.message_id, shown, context)
    else:
        await replace(context.bot, chat_id, sent.message_id, gone(actor))


async def fill(chat_id: int, message_id: int, shown: Reply, context: Context) -> None:
    """Show this in a message that is noted as a copy; what was to be blanked meanwhile is."""
    services = context.services
    await replace(context.bot, chat_id, message_id, shown, is_anew=False)
    if await services.moderators.role(chat_id) is Role.NOBODY:  # any more
        await blank_all_in(chat_id, context.bot, services)
    elif await services.feedback.by_copy(chat_id, message_id) is None:  # erased, and blanked too early
        await blank_copies([(chat_id, message_id)], context.bot, services)


@for_moderators
async def put_aside(update: Update, context: Context, actor: Actor) -> None:
    """Take a message out of the inbox without an answer."""
    services = context.services
    message = await services.feedback.get(int(button_value(update)))
    if message is None:
        await put(update, context, gone(actor))
        return
    entry = actor.entry("inbox-aside", services.now(), message.user_id)
    is_aside = await services.feedback.put_aside(message.feedback_id, entry)
    said = "inbox-aside" if is_aside else "inbox-closed-already"
    await put(update, context, Reply(actor.texts.say(said, number=message.feedback_id)))


def gone(actor: Actor) -> Reply:
    """Return that a message is erased."""
    return Reply(actor.texts.say("inbox-gone"))
