"""/reload: texts and lists are read anew, all of them or, where a file is broken, none."""

from collections.abc import Mapping
from typing import Any

from telegram import Update
from telegram.ext import CommandHandler

from bot.content import Texts
from bot.context import Context
from bot.delivery import send
from bot.errors import ContentError
from bot.handlers.access import person
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.library import Library, State
from bot.menus import show_menus_to_all
from bot.render import Reply
from bot.storage.audit import Entry


def handlers() -> list[Any]:
    """Return the command."""
    return [CommandHandler("reload", reload)]


@for_moderators
async def reload(update: Update, context: Context, actor: Actor) -> None:
    """Read everything anew; say what changed, or what is broken."""
    _, chat = person(update)
    services, library = context.services, context.services.library
    ...
