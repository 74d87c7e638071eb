"""Taking what patients wrote out of messages in the moderators' chats."""

from collections.abc import Sequence
from contextlib import suppress

from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.context import Services
from bot.delivery import replace
from bot.render import Reply


async def blank_copies(copies: Sequence[tuple[int, int]], bot: ExtBot[int], services: Services) -> None:
    """Say in each of these messages that what stood there is erased; doing it twice shows nothing twice.

    A chat that is gone, or blocks the bot, holds up no erasure.
    """
    for chat_id, message_id in copies:
        texts = await services.texts_of(chat_id)
        with suppress(BadRequest, Forbidden):
            await replace(bot, chat_id, message_id, Reply(texts.say("inbox-blanked")), is_anew=False)


async def blank_all_in(chat_id: int, bot: ExtBot[int], services: Services) -> None:
    """Blank whatever somebody was shown in the inbox, also what is shown meanwhile, and forget where it stood."""
    while copies := await services.feedback.copies_in(chat_id):
        await blank_copies(copies, bot, services)
        await services.feedback.forget_copies(copies)
