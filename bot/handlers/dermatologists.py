"""The nearest dermatologists, for a shared location or a typed place name. Neither is stored.

They are for everybody who is not banned, also for who does not register or does not agree.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler

from bot.context import Context
from bot.directory.dermatologists import Found, nearest
from bot.directory.places import Place
from bot.errors import PlaceNamesUnavailable
from bot.handlers.access import A_PLACE, WORDS, acknowledge, own_texts, person, respond, shared_place, words_of
from bot.handlers.dialogue import END, no_answer, then_leave
from bot.render.dermatologists import FIND, nearest_reply
from bot.render.questions import Open, Step, typed_place
from bot.render.reply import Reply


def entries() -> list[Any]:
    """Return what asks where the patient is, or is told."""
    return [CommandHandler("dermatologist", ask), CallbackQueryHandler(ask, f"^{FIND}$"), *unasked()]


def unasked() -> list[Any]:
    """Return the handler of a location that comes unasked; it ends whichever other question is open."""
    return [MessageHandler(A_PLACE, then_leave(location))]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes a place: a shared one or a name."""
    return {
        Open.PLACE: [
            MessageHandler(A_PLACE, location),
            MessageHandler(WORDS, place_name),
            no_answer(),
        ]
    }


async def ask(update: Update, context: Context) -> int:
    """Ask where somebody is."""
    texts = await own_texts(update, context)
    await acknowledge(update)
    words = texts.say("ask-place" if context.services.places.can_find else "ask-place-shared")
    await respond(update, context, Reply(words, location_button=texts.plain("button-location")))
    return Open.PLACE


async def location(update: Update, context: Context) -> int:
    """Answer a location, a venue or the first point of a live location."""
    if (here := shared_place(update)) is not None:
        await _send_nearest(update, context, here)
    return END


async def place_name(update: Update, context: Context) -> int:
    """Look a place up by its name."""
    texts = await own_texts(update, context)
    name = typed_place(words_of(update), context.services.content)
    try:
        place = await context.services.places.find(name, texts.language) if name else None
    except PlaceNamesUnavailable:
        await respond(update, context, Reply(texts.say("places-unavailable")))
        return Open.PLACE
    if place is None:
        await respond(update, context, Reply(texts.say("place-unknown")))
        return Open.PLACE
    await _send_nearest(update, context, place)
    return END


async def _send_nearest(update: Update, context: Context, place: Place) -> None:
    """Send the pins and then the list with the phones, which is what one sees last."""
    _, chat = person(update)
    services, texts = context.services, await own_texts(update, context)
    found = nearest(services.dermatologists, place.latitude, place.longitude, services.now())
    if not found:
        await respond(update, context, Reply(texts.say("found-nobody"), is_end_of_keys=True))
        return
    reply, shown = nearest_reply(found, texts, place.name)
    await _send_pins(shown, chat.id, context)
    await respond(update, context, reply)


async def _send_pins(shown: Sequence[Found], chat_id: int, context: Context) -> None:
    """Show each on the map; the list, which says where they are, too, waits for no pin that fails."""
    for number, one in enumerate(shown, 1):
        doctor = one.dermatologist
        title, address = f"{number}. {doctor.name}", doctor.address or doctor.name
        with suppress(TelegramError):
            await context.bot.send_venue(chat_id, doctor.latitude, doctor.longitude, title, address)
