"""What a handler raises is remembered for intake, which decides: again, or an apology."""

from telegram import Update

from bot.context import Context


async def remember(update: object, context: Context) -> None:
    """Keep the error under the update's number."""
    if isinstance(update, Update) and isinstance(context.error, Exception):
        context.services.failures[update.update_id] = context.error
