"""Handlers: read the update, call a service, render, send."""

import warnings

from telegram.ext import TypeHandler
from telegram.warnings import PTBUserWarning

from bot.context import LentigoApplication
from bot.handlers import dermatologists, errors, explanations, photo, registration, talk


def add_handlers(application: LentigoApplication) -> None:
    """Register every handler. The first of a group that fits takes the update."""
    # Buttons belong to the conversation of a chat, whichever message they stand under: as meant.
    warnings.filterwarnings("ignore", message=r".*'CallbackQueryHandler' will not be tracked", category=PTBUserWarning)
    application.add_handler(TypeHandler(object, talk.only_in_private), group=-1)
    application.add_handler(registration.conversation())
    application.add_handler(dermatologists.conversation())
    for handlers in (photo.handlers(), explanations.handlers(), dermatologists.handlers(), talk.handlers()):
        application.add_handlers(handlers)
    application.add_error_handler(errors.remember)
