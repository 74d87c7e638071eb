"""The nearest dermatologists, for a shared location or a typed place name. Neither is stored."""

from collections.abc import Mapping
from typing import Any

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot import render
from bot.context import Context
from bot.delivery import send
from bot.directory import nearest
from bot.errors import PlaceNamesUnavailable
from bot.handlers.access import acknowledge, for_registered, person, words_of
from bot.handlers.dialogue import END, then_leave
from bot.places import Place
from bot.questions import Open, Step, typed_place
from bot.render import Reply
from bot.storage.patients import Patient


def entries() -> list[Any]:
    """Return what asks where the patient is, or is told."""
    return [CommandHandler("dermatologist", ask), CallbackQueryHandler(ask, f"^{render.FIND}$"), *unasked()]


def unasked() -> list[Any]:
    """Return the handler of a location that comes unasked; it ends whichever other question is open."""
    return [MessageHandler(filters.LOCATION | filters.VENUE, then_leave(location))]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes a place: a shared one or a name."""
    return {
        Open.PLACE: [
            MessageHandler(filters.LOCATION | filters.VENUE, location),
            MessageHandler(filters.TEXT & ~filters.COMMAND, place_name),
        ]
    }


@for_registered
async def ask(update: Update, context: Context, patient: Patient) -> int:
    """Ask where the patient is."""
    _, chat = person(update)
    texts = context.services.content.texts(patient.language)
    await acknowledge(update)
    words = texts.say("ask-place" if context.services.places.can_find else "ask-place-shared")
    await send(context.bot, chat.id, Reply(words, location_button=texts.plain("button-location")))
    return Open.PLACE


@for_registered
async def location(update: Update, context: Context, patient: Patient) -> int:
    """Answer a location, a venue or the first point of a live location."""
    message = update.effective_message
    if message is not None and message.location is not None:
        here = Place("", message.location.latitude, message.location.longitude)
        await _send_nearest(update, context, patient, here)
    return END


@for_registered
async def place_name(update: Update, context: Context, patient: Patient) -> int:
    """Look a place up by its name."""
    _, chat = person(update)
    texts = context.services.content.texts(patient.language)
    name = typed_place(words_of(update))
    try:
        place = await context.services.places.find(name, patient.language) if name else None
    except PlaceNamesUnavailable:
        await send(context.bot, chat.id, Reply(texts.say("places-unavailable")))
        return Open.PLACE
    if place is None:
        await send(context.bot, chat.id, Reply(texts.say("place-unknown")))
        return Open.PLACE
    await _send_nearest(update, context, patient, place)
    return END


async def _send_nearest(update: Update, context: Context, patient: Patient, place: Place) -> None:
    _, chat = person(update)
    services = context.services
    texts = services.content.texts(patient.language)
    found = nearest(services.dermatologists, place.latitude, place.longitude, services.now())
    if not found:
        await send(context.bot, chat.id, Reply(texts.say("found-nobody"), is_end_of_keys=True))
        return
    reply, shown = render.nearest(found, texts, place.name)
    await send(context.bot, chat.id, reply)
    for number, one in enumerate(shown, 1):
        doctor = one.dermatologist
        await context.bot.send_venue(
            chat.id, doctor.latitude, doctor.longitude, f"{number}. {doctor.name}", doctor.address or doctor.name
        )
