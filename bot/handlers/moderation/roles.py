"""Who may moderate. The check stands here, before every handler; menus are only a courtesy."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from telegram import Update
from telegram.ext import MessageHandler, filters

from bot.content import Texts
from bot.context import Context
from bot.handlers import dermatologists, photo, talk
from bot.handlers.access import Handler, own_texts, person
from bot.handlers.dialogue import END
from bot.storage.audit import Entry
from bot.storage.moderators import Role

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Actor:
    """A moderator or an owner, and the texts in their language."""

    user_id: int
    role: Role
    texts: Texts

    def entry(self, action: str, at: datetime, subject_id: int | None = None, **facts: object) -> Entry:
        """Return the audit's entry for what this person does; facts read the same in every language."""
        details = ", ".join(f"{name}={value}" for name, value in facts.items())
        return Entry(self.user_id, action, at, subject_id, details)


ActorHandler: TypeAlias = Callable[[Update, Context, Actor], Coroutine[Any, Any, _R]]


def for_moderators(handler: ActorHandler[_R]) -> Handler[_R | int | None]:
    """Let the handler run for moderators and owners."""
    return _guarded(handler, frozenset({Role.MODERATOR, Role.OWNER}))


def for_owners(handler: ActorHandler[_R]) -> Handler[_R | int | None]:
    """Let the handler run for owners only."""
    return _guarded(handler, frozenset({Role.OWNER}))


def _guarded(handler: ActorHandler[_R], roles: frozenset[Role]) -> Handler[_R | int | None]:
    @wraps(handler)
    async def guarded(update: Update, context: Context) -> _R | int | None:
        user, _ = person(update)
        role = await context.services.moderators.role(user.id)
        if role in roles:
            return await handler(update, context, Actor(user.id, role, await own_texts(update, context)))
        if update.callback_query is not None:
            await talk.old_button(update, context)
        elif filters.COMMAND.check_update(update):
            await talk.anything(update, context)
        else:  # a patient's contact or forwarded words, or an answer of somebody whose role was taken away meanwhile
            await _take_as_a_patients(update, context)
            return END
        return None

    return guarded


async def _take_as_a_patients(update: Update, context: Context) -> None:
    others = MessageHandler(filters.ALL, talk.anything)
    for handler in (*photo.handlers(), *dermatologists.unasked(), others):
        if handler.check_update(update):
            await handler.callback(update, context)
            return
