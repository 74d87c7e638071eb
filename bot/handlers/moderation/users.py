"""/users, /user, /grant, /revoke: who there is, and who looks after them."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.blanking import blank_all_in
from bot.context import Context
from bot.handlers.access import acknowledge, button_value, put, respond, tell
from bot.handlers.moderation.deeds import by_button, by_command, explain, note_look, send_card
from bot.handlers.moderation.naming import behind, named
from bot.handlers.moderation.roles import Actor, for_moderators, for_owners
from bot.render import people
from bot.render.people import USER, USERS, USERS_PAGE, Marks
from bot.render.reply import Reply, page_within
from bot.storage.moderators import Role


def handlers() -> list[Any]:
    """Return the commands and their buttons."""
    return [
        CommandHandler("users", users),
        CallbackQueryHandler(users, rf"^{USERS}:\d{{1,4}}$"),
        CommandHandler("user", user),
        CallbackQueryHandler(pressed_user, rf"^{USER}:show:\d{{1,16}}$"),
        CommandHandler("grant", for_owners(by_command(_grant, "grant-how", _show_moderators, _not_granted))),
        CallbackQueryHandler(for_owners(by_button(_grant)), rf"^{USER}:grant:\d{{1,16}}$"),
        CommandHandler("revoke", for_owners(by_command(_revoke, "revoke-how", _show_moderators))),
        CallbackQueryHandler(for_owners(by_button(_revoke)), rf"^{USER}:revoke:\d{{1,16}}$"),
        MessageHandler(filters.CONTACT | (filters.FORWARDED & filters.TEXT), offer_card),
    ]


@for_moderators
async def users(update: Update, context: Context, actor: Actor) -> None:
    """Show a page of people."""
    services = context.services
    count = await services.patients.count()
    page = page_within(int(button_value(update) or 0), count, USERS_PAGE)
    found = await services.patients.page(USERS_PAGE, page * USERS_PAGE)
    banned = await services.bans.among((one.user_id for one in found), services.now())
    await services.audit.record(actor.entry("users", services.now(), page=page + 1))
    marks = Marks(banned, await services.moderators.roles())
    await put(update, context, people.users(found, marks, page, count, actor.texts))


@for_moderators
async def user(update: Update, context: Context, actor: Actor) -> None:
    """Show the card of whoever is named."""
    user_id = await named(update, context)
    if user_id is None:
        await explain("user-how", update, context, actor)
        return
    await send_card(user_id, update, context, actor)


@for_moderators
async def pressed_user(update: Update, context: Context, actor: Actor) -> None:
    """Show the card of the person whose button it is, as a new message."""
    await acknowledge(update)
    await send_card(int(button_value(update)), update, context, actor)


@for_moderators
async def offer_card(update: Update, context: Context, actor: Actor) -> None:
    """Say what can be done about whoever stands behind something that was forwarded."""
    user_id = await behind(update.message, context) if update.message else None
    await respond(update, context, people.pointed_at(user_id, actor.texts))


async def _show_moderators(update: Update, context: Context, actor: Actor) -> None:
    """Show who looks after the bot, also those who are not registered and so not in /users."""
    services = context.services
    roles = await services.moderators.roles()
    known = {user_id: one for user_id in roles if (one := await services.patients.get(user_id)) is not None}
    await services.audit.record(actor.entry("moderators", services.now()))
    for reply in people.moderators(roles, known, actor.texts):
        await respond(update, context, reply)


async def _grant(user_id: int, context: Context, actor: Actor) -> str:
    """Make somebody a moderator."""
    services = context.services
    if (refused := await _refused(user_id, context)) is not None:
        await note_look(user_id, context, actor)
        return refused
    is_heard = await _tell("you-are-moderator", user_id, Role.MODERATOR, context)  # first: this may be done again
    await services.moderators.grant(user_id, actor.entry("grant", services.now(), user_id))
    return "granted" if is_heard else "granted-unheard"


async def _not_granted(user_id: int, context: Context) -> str:
    """Say that nobody is a moderator yet whose card is only shown, or why they can't be made one."""
    return await _refused(user_id, context) or "grant-not-yet"


async def _refused(user_id: int, context: Context) -> str | None:
    """Return the message that says why somebody can't be made a moderator; None where they can."""
    services = context.services
    if await services.bans.of(user_id, services.now()) is not None:
        return "grant-banned"
    return {Role.OWNER: "grant-owner", Role.MODERATOR: "grant-already"}.get(await services.moderators.role(user_id))


async def _revoke(user_id: int, context: Context, actor: Actor) -> str:
    """Take the role away, and what was shown to the moderator with it: an owner does not wait for that."""
    services = context.services
    role = await services.moderators.role(user_id)
    if role is not Role.MODERATOR:
        await note_look(user_id, context, actor)
    if role is Role.OWNER:
        return "revoke-owner"
    if role is Role.NOBODY:
        await _clear_away(user_id, context)  # what was cut off before
        return "revoke-nobody"
    await services.moderators.revoke(user_id, actor.entry("revoke", services.now(), user_id))
    await _clear_away(user_id, context)
    is_heard = await _tell("you-are-no-moderator", user_id, Role.NOBODY, context)  # last: Telegram may take its time
    return "revoked" if is_heard else "revoked-unheard"


async def _clear_away(user_id: int, context: Context) -> None:
    """Have it reported that their broadcast was stopped, and blank what they were shown: they are shown no more now."""
    services = context.services
    await services.resume_broadcast()  # it is reported, also where an error had ended it
    services.beside.begin(blank_all_in(user_id, context.bot, services))


async def _tell(message_id: str, user_id: int, role: Role, context: Context) -> bool:
    """Tell somebody of their new role and show its menu; returns whether they could be reached."""
    services = context.services
    await services.menus.show(context.bot, user_id, await services.texts_of(user_id), role)
    return await tell(user_id, lambda texts: Reply(texts.say(message_id)), context)
