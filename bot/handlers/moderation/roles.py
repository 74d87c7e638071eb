"""Who may moderate. The check stands here, before every handler; menus are only a courtesy."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from telegram import Update

from bot.content import Texts
from bot.context import Context
from bot.handlers import talk
from bot.handlers.access import Handler, person, texts_for
from bot.storage.moderators import Role

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Actor:
    """A moderator or an owner, and the texts in their language."""

    user_id: int
    role: Role
    texts: Texts


ActorHandler: TypeAlias = Callable[[Update, Context, Actor], Coroutine[Any, Any, _R]]


def for_moderators(handler: ActorHandler[_R]) -> Handler[_R | None]:
    """Let the handler run for moderators and owners."""
    return _guarded(handler, frozenset({Role.MODERATOR, Role.OWNER}))


def for_owners(handler: ActorHandler[_R]) -> Handler[_R | None]:
    """Let the handler run for owners only."""
    return _guarded(handler, frozenset({Role.OWNER}))


def _guarded(handler: ActorHandler[_R], roles: frozenset[Role]) -> Handler[_R | None]:
    @wraps(handler)
    async def guarded(update: Update, context: Context) -> _R | None:
        user, _ = person(update)
        role = await context.services.moderators.role(user.id)
        if role in roles:
            patient = await context.services.patients.get(user.id)
            return await handler(update, context, Actor(user.id, role, texts_for(user, patient, context)))
        if update.callback_query is not None:
            await talk.old_button(update, context)
        else:
            await talk.anything(update, context)
        return None

    return guarded
