"""/ban and /unban: with a reason that the person is told, and an end if there is to be one."""

from collections.abc import Mapping
from typing import Any

from telegram import Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler

from bot.context import Context
from bot.handlers.access import WORDS, acknowledge, button_data, button_value, put, respond, tell, words_of
from bot.handlers.dialogue import END
from bot.handlers.moderation.deeds import by_button, by_command, card_of, explain, note_look
from bot.handlers.moderation.naming import how, named_before_reason, words_behind_name
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render.banning import (
    BAN,
    BAN_DAYS,
    MAX_BAN_REASON,
    Wanted,
    ban_end,
    ban_question,
    reason_question,
    wanted,
)
from bot.render.people import USER
from bot.render.questions import Open, Step
from bot.render.refusals import ban_words
from bot.render.reply import Reply
from bot.storage.bans import Ban
from bot.storage.moderators import Role


def entries() -> list[Any]:
    """Return what begins a ban: it may ask for a reason."""
    days = "|".join(map(str, BAN_DAYS))
    return [
        CommandHandler("ban", ban),
        CallbackQueryHandler(pressed_ban, rf"^{USER}:ban:\d{{1,16}}$"),
        CallbackQueryHandler(pressed_length, rf"^{BAN}:\d{{1,16}}:({days})$"),
    ]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the reason."""
    return {Open.BAN_REASON: [MessageHandler(WORDS, take_reason)]}


def handlers() -> list[Any]:
    """Return what ends a ban."""
    return [
        CommandHandler("unban", for_moderators(by_command(_unban, "unban-how"))),
        CallbackQueryHandler(for_moderators(by_button(_unban)), rf"^{USER}:unban:\d{{1,16}}$"),
    ]


@for_moderators
async def ban(update: Update, context: Context, actor: Actor) -> int | None:
    """Ban whoever is named at once where length and reason are given; otherwise ask. See _left_question."""
    user_id, words = await named_before_reason(update, context)
    if user_id is None:
        await explain("ban-how", update, context, actor)
        return await _left_question(context, actor)
    asked = wanted(words, context.services.content)
    if asked.days is not None and asked.reason:
        return await _ban(user_id, asked.days, asked.reason, update, context, actor)
    return await _ask_for_the_rest(user_id, asked, update, context, actor)


@for_moderators
async def pressed_ban(update: Update, context: Context, actor: Actor) -> int | None:
    """Ask for how long the person of the card is banned."""
    await acknowledge(update)
    return await _ask_for_the_rest(int(button_value(update)), Wanted(None, ""), update, context, actor)


async def _ask_for_the_rest(user_id: int, asked: Wanted, update: Update, context: Context, actor: Actor) -> int | None:
    """Ask why, where the length was given, else for how long.

    That question replies to the command where it has a reason, which is kept nowhere else; one that is too long is
    asked for again.
    """
    await note_look(user_id, context, actor)  # what is asked tells who has a name, and whether they have a role
    if await context.services.moderators.role(user_id) is not Role.NOBODY:
        await respond(update, context, Reply(actor.texts.say("ban-moderator")))
        return None
    if asked.days is not None:
        await context.services.drafts.put(actor.user_id, {"ban": user_id, "days": asked.days})
        await respond(update, context, reason_question(user_id, asked.days, actor.texts))
        return Open.BAN_REASON
    is_kept = asked.reason and not asked.is_reason_long
    command = update.message.message_id if update.message and is_kept else None
    await respond(update, context, ban_question(user_id, asked, actor.texts), command)
    return await _left_question(context, actor)


async def _left_question(context: Context, actor: Actor) -> int | None:
    """Leave a question whose answer somebody else would read, as the next words may be meant for this one.

    Any other stays open: that of a registration, say.
    """
    draft = await context.services.drafts.get(actor.user_id) or {}
    return END if draft.keys() & {"feedback", "ban"} else None


@for_moderators
async def pressed_length(update: Update, context: Context, actor: Actor) -> Open | None:
    """Ban for that long with the reason that the question replies to, or ask for one."""
    _, user_id, days = button_data(update).split(":")
    if reason := _held_reason(update, context):
        return await _ban(int(user_id), int(days), reason, update, context, actor)
    await context.services.drafts.put(actor.user_id, {"ban": int(user_id), "days": int(days)})
    await put(update, context, Reply(actor.texts.say("ask-ban-reason", id=user_id)))
    return Open.BAN_REASON


def _held_reason(update: Update, context: Context) -> str:
    """Return the reason in the command that the question replies to; empty where there is none, or it was deleted."""
    question = update.callback_query.message if update.callback_query else None
    command = question.reply_to_message if isinstance(question, Message) else None
    words = command.text.split()[1:] if command and command.text else []
    return wanted(words_behind_name(words), context.services.content).reason


@for_moderators
async def take_reason(update: Update, context: Context, actor: Actor) -> int:
    """Ban with this reason."""
    draft = await context.services.drafts.get(actor.user_id) or {}
    if "ban" not in draft:
        await respond(update, context, how("ban-how", actor.texts))
        return END
    asked = await _ban(draft["ban"], draft["days"], words_of(update), update, context, actor)
    return END if asked is None else asked


async def _ban(user_id: int, days: int, reason: str, update: Update, context: Context, actor: Actor) -> Open | None:
    """Ban, or ask for a shorter reason."""
    services = context.services
    now = services.now()
    if await services.moderators.role(user_id) is not Role.NOBODY:
        await note_look(user_id, context, actor)
        await put(update, context, Reply(actor.texts.say("ban-moderator")))
        return None
    if len(reason) > MAX_BAN_REASON:
        await services.drafts.put(actor.user_id, {"ban": user_id, "days": days})
        await put(update, context, Reply(actor.texts.say("ban-reason-long", most=MAX_BAN_REASON)))
        return Open.BAN_REASON
    until = ban_end(days, now)
    entry = actor.entry("ban", now, user_id, until=f"{until:%Y-%m-%d}" if until else "-")
    await services.bans.ban(user_id, reason, until, entry)
    held = Ban(reason, now, until)
    await tell(user_id, lambda texts: Reply(ban_words(held, texts)), context)
    await put(update, context, await card_of(user_id, context, actor))
    return None


async def _unban(user_id: int, context: Context, actor: Actor) -> str:
    """End a ban."""
    services = context.services
    if await services.bans.of(user_id, services.now()) is None:
        await note_look(user_id, context, actor)
        return "unban-nobody"
    # First: this may be done again.
    is_heard = await tell(user_id, lambda texts: Reply(texts.say("you-are-unbanned")), context)
    await services.bans.lift(user_id, actor.entry("unban", services.now(), user_id))
    return "unbanned" if is_heard else "unbanned-unheard"
