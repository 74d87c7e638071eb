"""What a handler raises is remembered for intake, which decides: again, or an apology."""

import logging

from telegram import Update

from bot.context import Context

_log = logging.getLogger(__name__)


async def remember(update: object, context: Context) -> None:
    """Keep the error under the update's number; one that belongs to no update is only recorded."""
    error = context.error or RuntimeError("an error without a name")
    if isinstance(update, Update) and isinstance(error, Exception):
        context.services.failures[update.update_id] = error
    else:
        await context.services.incidents.record(_log, error)
