"""Deeds done to somebody: named behind a command, by a reply, or by a button of their card."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from telegram import Update

from bot.context import Context
from bot.handlers.access import acknowledge, button_value, put, respond
from bot.handlers.moderation.naming import how, named
from bot.handlers.moderation.roles import Actor, ActorHandler
from bot.render import people
from bot.render.people import Card
from bot.render.reply import Reply, below
from bot.storage.moderators import Role

# Does it and returns the message that says how it went. An update that comes twice does it twice.
Deed: TypeAlias = Callable[[int, Context, Actor], Awaitable[str]]
Undone: TypeAlias = Callable[[int, Context], Awaitable[str]]  # returns the message that says why it is not done


def by_command(
    deed: Deed, explained_by: str, alone: ActorHandler[None] | None = None, undone: Undone | None = None
) -> ActorHandler[None]:
    """Return the command of a deed.

    Args:
        deed: what is done.
        explained_by: the message for when nobody is named.
        alone: what the command shows below that where no word stands behind it.
        undone: says why a @name, which can have changed hands, brings only the card with its button; None where
            it does not.
    """

    async def command(update: Update, context: Context, actor: Actor) -> None:
        user_id = await named(update, context)
        if user_id is None:
            await explain(explained_by, update, context, actor)
            if alone is not None and not context.args:
                await alone(update, context, actor)
        elif undone is not None and context.args and context.args[0].startswith("@"):
            await send_card(user_id, update, context, actor, await undone(user_id, context))
        else:
            await respond(update, context, Reply(actor.texts.say(await deed(user_id, context, actor))))

    return command


def by_button(deed: Deed) -> ActorHandler[None]:
    """Return the button of a deed, on the card of whom it is done to."""

    async def button(update: Update, context: Context, actor: Actor) -> None:
        user_id = int(button_value(update))
        await acknowledge(update, actor.texts.plain(await deed(user_id, context, actor)))
        await put(update, context, await card_of(user_id, context, actor))

    return button


async def send_card(user_id: int, update: Update, context: Context, actor: Actor, first_say: str | None = None) -> None:
    """Send somebody's card, perhaps below what is said first, and note in the audit who looked."""
    await note_look(user_id, context, actor)
    card = await card_of(user_id, context, actor)
    await respond(update, context, card if first_say is None else below(card, actor.texts.say(first_say)))


async def note_look(user_id: int, context: Context, actor: Actor) -> None:
    """Note in the audit who looked at somebody: at a card, or by a deed that changed nothing and says so."""
    services = context.services
    await services.audit.record_look(actor.entry("user", services.now(), user_id))


async def explain(message_id: str, update: Update, context: Context, actor: Actor) -> None:
    """Say how a command is used that names nobody; that nobody here has an @name is a look at somebody, too."""
    if context.args and context.args[0].startswith("@"):
        await context.services.audit.record(actor.entry("user", context.services.now()))
    await respond(update, context, how(message_id, actor.texts))


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
