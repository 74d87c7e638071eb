"""/audit: who did what when."""

from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context
from bot.handlers.access import button_data, put
from bot.handlers.moderation.deeds import explain
from bot.handlers.moderation.naming import named
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import auditing
from bot.render.auditing import AUDIT, AUDIT_PAGE


def handlers() -> list[Any]:
    """Return the command and the buttons that turn its pages."""
    return [CommandHandler("audit", audit), CallbackQueryHandler(turn, rf"^{AUDIT}(:\d{{1,16}})?:\d{{1,4}}$")]


@for_moderators
async def audit(update: Update, context: Context, actor: Actor) -> None:
    """Show the latest deeds, of everybody or about whoever is named."""
    about = await named(update, context)
    if context.args and about is None:
        await explain("audit-how", update, context, actor)
        return
    await _show(0, about, update, context, actor)


@for_moderators
async def turn(update: Update, context: Context, actor: Actor) -> None:
    """Show another page."""
    _, *about, page = button_data(update).split(":")
    await _show(int(page), int(about[0]) if about else None, update, context, actor)


async def _show(page: int, about: int | None, update: Update, context: Context, actor: Actor) -> None:
    services = context.services
    entries = await services.audit.page(AUDIT_PAGE + 1, page * AUDIT_PAGE, about)
    is_known = about is not None and await services.patients.get(about) is not None
    await services.audit.record(actor.entry("audit", services.now(), about if is_known else None, page=page + 1))
    await put(update, context, auditing.audit(entries, page, about, actor.texts))
