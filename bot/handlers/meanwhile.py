"""What else is wanted in the middle of the registration: its question is asked again below.

A dermatologist, or that everything is erased.
"""

from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler

from bot.context import Context
from bot.handlers import dermatologists, privacy
from bot.handlers.access import A_PLACE, ANY_WORDS, WORDS, person
from bot.handlers.asking import say_above
from bot.handlers.dialogue import END, no_answer
from bot.render.dermatologists import FIND
from bot.render.questions import ERASE_AT, PLACE_AT, Step


def handlers(step: Step) -> list[Any]:
    """Return what finds dermatologists, or asks whether to erase, while a question of the registration is open."""
    return [*_asking(step), MessageHandler(A_PLACE, partial(location, step))]


def answers(step: Step) -> list[Any]:
    """Return what takes the place that was asked for meanwhile."""
    return [*_aside(step), MessageHandler(WORDS, partial(place_name, step)), no_answer()]


def answers_on_erasing(step: Step) -> list[Any]:
    """Return what hears whether to erase everything; the button that does is there whichever question is open."""
    return [
        *_aside(step),
        MessageHandler(ANY_WORDS, partial(not_erased, step)),
        CallbackQueryHandler(partial(keep, step), privacy.KEEP),
    ]


def _aside(step: Step) -> list[Any]:
    return [*_asking(step), MessageHandler(A_PLACE, partial(location_asked_for, step))]


def _asking(step: Step) -> list[Any]:
    ask, ask_erasing = partial(ask_place, step), partial(ask_to_erase, step)
    return [
        CommandHandler("dermatologist", ask),
        CallbackQueryHandler(ask, f"^{FIND}$"),
        CommandHandler("delete", ask_erasing),
        CallbackQueryHandler(ask_erasing, privacy.ASK_TO_ERASE),
    ]


async def ask_place(step: Step, update: Update, context: Context) -> int:
    """Ask where somebody is, and keep their place in the registration."""
    await dermatologists.ask(update, context)
    return PLACE_AT[step]


async def location(step: Step, update: Update, context: Context) -> int:
    """Find dermatologists around a location that comes unasked; the question stays open."""
    await dermatologists.location(update, context)
    return step


async def location_asked_for(step: Step, update: Update, context: Context) -> int:
    """Find dermatologists around a location, and go on with the registration."""
    await dermatologists.location(update, context)
    return await _go_on(step, update, context)


async def place_name(step: Step, update: Update, context: Context) -> int:
    """Look a place up by its name; where it is found, go on with the registration."""
    if await dermatologists.place_name(update, context) != END:
        return PLACE_AT[step]
    return await _go_on(step, update, context)


async def ask_to_erase(step: Step, update: Update, context: Context) -> int:
    """Ask whether to erase everything, and keep their place in the registration."""
    await privacy.ask_to_erase(update, context)
    return ERASE_AT[step]


async def not_erased(step: Step, update: Update, context: Context) -> int:
    """Say of words that they erase nothing."""
    await privacy.say_not_erased(update, context)
    return ERASE_AT[step]


async def keep(step: Step, update: Update, context: Context) -> int:
    """Erase nothing after all, and go on with the registration."""
    await privacy.keep(update, context)
    return await _go_on(step, update, context)


async def _go_on(step: Step, update: Update, context: Context) -> int:
    user, chat = person(update)
    return await say_above(step, "still-open", user, chat, context)
