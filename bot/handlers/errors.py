"""What a handler raises is remembered for intake, which decides: again, or an apology."""

import logging
from typing import NoReturn

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.context import Context

_log = logging.getLogger(__name__)


async def remember(update: object, context: Context) -> NoReturn:
    """Keep the error under the update's number; one that belongs to no update is only recorded.

    Raises:
        ApplicationHandlerStop: always. Else the update would go on to the next group of handlers, as if the gate had
            let it through.
    """
    error = context.error or RuntimeError("an error without a name")
    if isinstance(update, Update) and isinstance(error, Exception):
        context.services.failures.setdefault(update.update_id, error)
    else:
        await context.services.incidents.record(_log, error)
    raise ApplicationHandlerStop
