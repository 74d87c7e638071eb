"""Taking what patients wrote out of messages in the moderators' chats."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.context import Services
from bot.delivery import replace
from bot.render.reply import Reply
from bot.storage.moderators import Role

_AT_ONCE: Final = 20  # at one a second; whoever goes on after a restart has so many before them again at most


async def blank_copies(copies: Sequence[tuple[int, int]], bot: ExtBot[int], services: Services) -> None:
    """Say in each of these messages that what stood there is erased; doing it twice shows nothing twice.

    A chat that is gone, or blocks the bot, holds up no erasure.
    """
    for chat_id, message_id in copies:
        texts = await services.texts_of(chat_id)
        with suppress(BadRequest, Forbidden):
            await replace(bot, chat_id, message_id, Reply(texts.say("inbox-blanked")), is_anew=False)


async def blank_all_in(chat_id: int, bot: ExtBot[int], services: Services) -> None:
    """Blank whatever somebody without a role was shown in the inbox, also meanwhile, and forget where it stood."""
    while await services.moderators.role(chat_id) is Role.NOBODY:  # they may be made a moderator again meanwhile
        copies = await services.feedback.copies_in(chat_id, _AT_ONCE)
        if not copies:
            break
        await blank_copies(copies, bot, services)
        await services.feedback.forget_copies(copies)
