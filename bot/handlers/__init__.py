"""Handlers: read the update, call a service, render, send."""

import warnings
from typing import Final

from telegram.warnings import PTBUserWarning

from bot.context import LentigoApplication
from bot.handlers import (
    dermatologists,
    dialogue,
    errors,
    explanations,
    feedback,
    gate,
    history,
    photo,
    privacy,
    registration,
    settings,
    talk,
)
from bot.handlers.moderation import (
    adding,
    answering,
    auditing,
    banning,
    broadcast,
    correcting,
    directory,
    importing,
    inbox,
    reload,
    removing,
    service,
    users,
)

# Groups of handlers, in the order in which an update meets them.
_GATE: Final = -2
_REPLIES: Final = -1


def add_handlers(application: LentigoApplication) -> None:
    """Register every handler. The first of a group that fits takes the update."""
    # Buttons belong to the conversation of a chat, whichever message they stand under: as meant.
    warnings.filterwarnings("ignore", message=r".*'CallbackQueryHandler' will not be tracked", category=PTBUserWarning)
    application.add_handlers(gate.handlers(), group=_GATE)
    application.add_handlers(answering.reply_handlers(), group=_REPLIES)
    asking = (
        *(registration, privacy, settings, feedback, dermatologists),
        *(banning, broadcast, answering, directory, correcting, adding, importing),
    )
    application.add_handler(dialogue.conversation(asking))
    telling = (
        *(photo, explanations, history, privacy),
        *(users, banning, broadcast, inbox, answering, auditing, service),
        *(directory, removing, importing, reload),
    )
    for module in telling:
        application.add_handlers(module.handlers())
    application.add_handlers(talk.handlers())  # what nothing else took
    application.add_error_handler(errors.remember)
