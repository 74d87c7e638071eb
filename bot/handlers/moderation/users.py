"""/users, /user, /grant, /revoke: who there is, and who looks after them."""

from typing import Any

from telegram import Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot import people
from bot.context import Context
from bot.delivery import send
from bot.handlers.access import acknowledge, button_value, person, put
from bot.handlers.moderation.naming import named
from bot.handlers.moderation.roles import Actor, for_moderators, for_owners
from bot.menus import try_to_show_menu
from bot.people import USER, USERS, USERS_PAGE, Card
from bot.render import Reply
from bot.storage.audit import Entry
from bot.storage.moderators import Role


def handlers() -> list[Any]:
    """Return the commands and their buttons."""
    return [
        CommandHandler("users", users),
        CallbackQueryHandler(users, rf"^{USERS}:\d{{1,4}}$"),
        CommandHandler("user", user),
        CallbackQueryHandler(pressed_user, rf"^{USER}:show:\d{{1,16}}$"),
        CommandHandler("grant", grant),
        CallbackQueryHandler(pressed_grant, rf"^{USER}:grant:\d{{1,16}}$"),
        CommandHandler("revoke", revoke),
        CallbackQueryHandler(pressed_revoke, rf"^{USER}:revoke:\d{{1,16}}$"),
    ]


@for_moderators
async def users(update: Update, context: Context, actor: Actor) -> None:
    """Show a page of people."""
    services = context.services
    page = int(button_value(update) or 0)
    found = await services.patients.page(USERS_PAGE, page * USERS_PAGE)
    banned = await services.bans.among((one.user_id for one in found), services.now())
    await services.audit.record(Entry(actor.user_id, "users", services.now(), details=f"page {page + 1}"))
    await put(update, context, people.users(found, banned, page, await services.patients.count(), actor.texts))


@for_moderators
async def user(update: Update, context: Context, actor: Actor) -> None:
    """Show the card of whoever is named."""
    _, chat = person(update)
    user_id, _ = await named(update, context)
    if user_id is None:
        await send(context.bot, chat.id, Reply(actor.texts.say("user-how")))
        return
    await _show(user_id, update, context, actor)


@for_moderators
async def pressed_user(update: Update, context: Context, actor: Actor) -> None:
    """Show the card of the person whose button it is, as a new message."""
    await acknowledge(update)
    await _show(int(button_value(update)), update, context, actor)


async def _show(user_id: int, update: Update, context: Context, actor: Actor) -> None:
    _, chat = person(update)
    await context.services.audit.record(Entry(actor.user_id, "user", context.services.now(), user_id))
    await send(context.bot, chat.id, await card_of(user_id, context, actor))


async def card_of(user_id: int, context: Context, actor: Actor) -> Reply:
    """Return somebody's card as this moderator may see it."""
    services = context.services
    now = services.now()
    of = Card(
        user_id=user_id,
        patient=await services.patients.get(user_id),
        role=await services.moderators.role(user_id),
        ban=await services.bans.of(user_id, now),
        photos_today=await services.cases.received_since(user_id, people.a_day_before(now)),
        feedback_waiting=await services.feedback.waiting_count(user_id),
    )
    return people.card(of, actor.texts, is_for_owner=actor.role is Role.OWNER)


@for_owners
async def grant(update: Update, context: Context, actor: Actor) -> None:
    """Make whoever is named a moderator."""
    _, chat = person(update)
    user_id, _ = await named(update, context)
    words = "grant-how" if user_id is None else await _grant(user_id, context, actor)
    await send(context.bot, chat.id, Reply(actor.texts.say(words)))


@for_owners
async def pressed_grant(update: Update, context: Context, actor: Actor) -> None:
    """Make the person of the card a moderator."""
    user_id = int(button_value(update))
    await acknowledge(update, actor.texts.plain(await _grant(user_id, context, actor)))
    await put(update, context, await card_of(user_id, context, actor))


async def _grant(user_id: int, context: Context, actor: Actor) -> str:
    """Give the role; returns the message that says how it went."""
    services = context.services
    now = services.now()
    if await services.bans.of(user_id, now) is not None:
        return "grant-banned"
    if await services.moderators.role(user_id) is Role.OWNER:
        return "grant-owner"
    if not await services.moderators.grant(user_id, Entry(actor.user_id, "grant", now, user_id)):
        return "grant-already"
    return "granted" if await _tell("you-are-moderator", user_id, Role.MODERATOR, context) else "granted-unheard"


@for_owners
async def revoke(update: Update, context: Context, actor: Actor) -> None:
    """Take the role from whoever is named."""
    _, chat = person(update)
    user_id, _ = await named(update, context)
    words = "revoke-how" if user_id is None else await _revoke(user_id, context, actor)
    await send(context.bot, chat.id, Reply(actor.texts.say(words)))


@for_owners
async def pressed_revoke(update: Update, context: Context, actor: Actor) -> None:
    """Take the role from the person of the card."""
    user_id = int(button_value(update))
    await acknowledge(update, actor.texts.plain(await _revoke(user_id, context, actor)))
    await put(update, context, await card_of(user_id, context, actor))


async def _revoke(user_id: int, context: Context, actor: Actor) -> str:
    """Take the role away; returns the message that says how it went."""
    services = context.services
    if await services.moderators.role(user_id) is Role.OWNER:
        return "revoke-owner"
    if not await services.moderators.revoke(user_id, Entry(actor.user_id, "revoke", services.now(), user_id)):
        return "revoke-nobody"
    await _tell("you-are-no-moderator", user_id, Role.NOBODY, context)
    return "revoked"


async def _tell(message_id: str, user_id: int, role: Role, context: Context) -> bool:
    """Tell somebody of their new role and show its menu; returns whether they could be reached."""
    patient = await context.services.patients.get(user_id)
    texts = context.services.content.texts(patient.language if patient else None)
    await try_to_show_menu(context.bot, user_id, texts, role)
    try:
        await send(context.bot, user_id, Reply(texts.say(message_id)))
    except (BadRequest, Forbidden):
        return False
    return True
