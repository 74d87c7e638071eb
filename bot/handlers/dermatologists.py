"""The nearest dermatologists, for a shared location or a typed place name. Neither is stored."""

from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, ConversationHandler, MessageHandler, filters

from bot import render
from bot.context import Context
from bot.delivery import send
from bot.directory import nearest
from bot.errors import PlaceNamesUnavailable
from bot.handlers import photo
from bot.handlers.access import Handler, acknowledge, for_patients, person, texts_for
from bot.places import Place
from bot.render import Reply
from bot.storage.patients import Patient

PLACE: Final = 0  # the state: a place name or a location is awaited
END: Final = ConversationHandler.END
_MAX_PLACE_LENGTH: Final = 200


def conversation() -> ConversationHandler[Context]:
    """Return the conversation that asks where the patient is."""
    entries: list[Any] = [CommandHandler("dermatologist", ask), CallbackQueryHandler(ask, f"^{render.FIND}$")]
    photos: list[Any] = [MessageHandler(h.filters, _then_leave(h.callback)) for h in photo.handlers()]
    return ConversationHandler(
        entry_points=entries,
        states={
            PLACE: [
                *entries,
                MessageHandler(filters.LOCATION | filters.VENUE, location),
                MessageHandler(filters.TEXT & ~filters.COMMAND, place_name),
                *photos,
            ]
        },
        fallbacks=[CommandHandler("cancel", cancel)],
        name="dermatologists",
        persistent=True,
    )


def handlers() -> list[Any]:
    """Return the handler of a location that comes unasked."""
    return [MessageHandler(filters.LOCATION | filters.VENUE, location)]


@for_patients
async def ask(update: Update, context: Context, patient: Patient) -> int:
    """Ask where the patient is."""
    _, chat = person(update)
    texts = context.services.content.texts(patient.language)
    await acknowledge(update)
    await send(context.bot, chat.id, Reply(texts.say("ask-place"), location_button=texts.plain("button-location")))
    return PLACE


@for_patients
async def location(update: Update, context: Context, patient: Patient) -> int:
    """Answer a location, a venue or the first point of a live location."""
    message = update.effective_message
    if message is not None and message.location is not None:
        here = Place("", message.location.latitude, message.location.longitude)
        await _send_nearest(update, context, patient, here)
    return END


@for_patients
async def place_name(update: Update, context: Context, patient: Patient) -> int:
    """Look a place up by its name."""
    _, chat = person(update)
    texts = context.services.content.texts(patient.language)
    name = (update.effective_message.text if update.effective_message else None) or ""
    try:
        place = await context.services.places.find(name[:_MAX_PLACE_LENGTH], patient.language)
    except PlaceNamesUnavailable:
        await send(context.bot, chat.id, Reply(texts.say("places-unavailable")))
        return PLACE
    if place is None:
        await send(context.bot, chat.id, Reply(texts.say("place-unknown")))
        return PLACE
    await _send_nearest(update, context, patient, place)
    return END


def _then_leave(handler: Handler[None]) -> Handler[int]:
    """Take something else than a place, and stop waiting for one: later words are no place names."""

    async def leave(update: Update, context: Context) -> int:
        await handler(update, context)
        return END

    return leave


async def cancel(update: Update, context: Context) -> int:
    """Stop asking."""
    user, chat = person(update)
    patient = await context.services.patients.get(user.id)
    texts = texts_for(user, patient, context)
    await send(context.bot, chat.id, Reply(texts.say("cancelled"), is_end_of_keys=True))
    return END


async def _send_nearest(update: Update, context: Context, patient: Patient, place: Place) -> None:
    _, chat = person(update)
    services = context.services
    texts = services.content.texts(patient.language)
    found = nearest(services.dermatologists, place.latitude, place.longitude, services.now())
    if not found:
        await send(context.bot, chat.id, Reply(texts.say("found-nobody"), is_end_of_keys=True))
        return
    await send(context.bot, chat.id, render.nearest(found, texts, place.name))
    for number, one in enumerate(found, 1):
        doctor = one.dermatologist
        await context.bot.send_venue(
            chat.id, doctor.latitude, doctor.longitude, f"{number}. {doctor.name}", doctor.address or doctor.name
        )
