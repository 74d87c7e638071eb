"""Before every handler: groups hear nothing, banned people their ban, and the bot knows who can be reached."""

from contextlib import suppress
from typing import Any, Final

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden
from telegram.ext import ApplicationHandlerStop, ChatMemberHandler, TypeHandler, filters

from bot.content import Texts
from bot.context import Context
from bot.delivery import send
from bot.handlers.access import acknowledge, is_rest_of_album, own_texts, respond, texts_for
from bot.render.refusals import ban_words
from bot.render.reply import Reply
from bot.storage.bans import Ban
from bot.storage.moderators import Role

_RIGHTS: Final = frozenset({"/privacy", "/export", "/delete", "/help", "/cancel"})  # of everybody, also of the banned
_RIGHTS_BUTTONS: Final = ("privacy:", "delete:")


def handlers() -> list[Any]:
    """Return the handlers, in the order in which an update meets them."""
    return [
        ChatMemberHandler(blocked_or_unblocked, ChatMemberHandler.MY_CHAT_MEMBER),
        TypeHandler(object, gate),
    ]


async def blocked_or_unblocked(update: Update, context: Context) -> None:
    """Note that somebody blocked the bot, who is then left alone, or let it write again."""
    change = update.my_chat_member
    if change is not None and change.chat.type == ChatType.PRIVATE:
        services = context.services
        await services.patients.mark_blocked(change.chat.id, services.now() if _is_blocking(change) else None)
    raise ApplicationHandlerStop


def _is_blocking(change: ChatMemberUpdated) -> bool:
    return change.new_chat_member.status == ChatMember.BANNED


async def gate(update: object, context: Context) -> None:
    """Let a private message, or a press on a button, of somebody who is not banned through."""
    if not isinstance(update, Update) or update.effective_chat is None or update.effective_user is None:
        raise ApplicationHandlerStop
    if update.message is None and update.callback_query is None:  # an edited one, say, which nobody asked for
        raise ApplicationHandlerStop
    if update.effective_chat.type != ChatType.PRIVATE:
        await _lead_to_private(update, context)
        raise ApplicationHandlerStop
    services, user = context.services, update.effective_user
    context.visitor = visitor = await services.visitors.get(user.id, services.now())
    patient, role, ban = visitor.patient, visitor.role, visitor.ban
    if _is_foreign_command(update):
        await send(context.bot, user.id, Reply(texts_for(user, patient, context).say("forwarded-command")))
        raise ApplicationHandlerStop
    if ban is not None and not _is_right_of_everybody(update):
        await _tell_ban(update, context, ban, texts_for(user, patient, context))
        raise ApplicationHandlerStop
    name = user.username and user.username.lower()
    if patient is not None and (patient.username, patient.blocked_at) != (name, None):
        await services.patients.note_name(user.id, user.username)
    is_known = patient is not None and patient.is_registered
    if is_known or role is not Role.NOBODY or user.id in services.menus:  # the last: a role was taken away
        await services.menus.show(context.bot, user.id, texts_for(user, patient, context), role)


def _is_foreign_command(update: Update) -> bool:
    """Return whether somebody passes another person's command on: who forwards a message does not mean it."""
    message = update.message
    is_foreign = message is not None and (message.forward_origin is not None or message.via_bot is not None)
    return is_foreign and bool(_command(update))


def _command(update: Update) -> str:
    """Return the command that a message begins with, as Telegram marks it; empty where there is none."""
    message = update.message
    if message is None or not filters.COMMAND.check_update(update):
        return ""
    return message.parse_entity(message.entities[0]).casefold()


async def _lead_to_private(update: Update, context: Context) -> None:
    """Stay silent in groups and channels, but for a /start that is meant for this bot."""
    if _command(update) == f"/start@{context.bot.username}".casefold():
        texts = await own_texts(update, context)
        asked = update.effective_message.message_id if update.effective_message else None  # also says in which topic
        with suppress(BadRequest, Forbidden, ChatMigrated):  # a group where the bot may not write, or is no more
            await respond(update, context, Reply(texts.say("only-in-private", link=context.bot.link)), asked)


def _is_right_of_everybody(update: Update) -> bool:
    if update.callback_query is not None:
        return (update.callback_query.data or "").startswith(_RIGHTS_BUTTONS)
    return _command(update).partition("@")[0] in _RIGHTS


async def _tell_ban(update: Update, context: Context, ban: Ban, texts: Texts) -> None:
    if update.callback_query is not None:
        await acknowledge(update, texts.plain("banned-button"))
    elif not is_rest_of_album(update, context):
        await respond(update, context, Reply(ban_words(ban, texts)))
