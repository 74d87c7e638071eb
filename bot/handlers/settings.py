"""/settings: language, name, skin type. What is changed holds at once, in the command menu too."""

from collections.abc import Mapping
from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler

from bot.context import Context
from bot.handlers.access import (
    WORDS,
    acknowledge,
    button_value,
    for_registered,
    has_consent,
    put,
    respond,
    words_of,
)
from bot.handlers.dialogue import END, no_answer
from bot.render import account
from bot.render.account import SETTINGS
from bot.render.questions import MEANT, Open, Step, may_be_words, name_doubted, typed_name
from bot.render.reply import Reply
from bot.storage.patients import Patient

_MEANT: Final = f"{SETTINGS}:{MEANT}"


def entries() -> list[Any]:
    """Return the command and its buttons."""
    return [
        CommandHandler("settings", show),
        CallbackQueryHandler(show, f"^{SETTINGS}:show$"),
        CallbackQueryHandler(ask_language, f"^{SETTINGS}:language$"),
        CallbackQueryHandler(take_language, rf"^{SETTINGS}:language:\w{{2}}$"),
        CallbackQueryHandler(ask_name, f"^{SETTINGS}:name$"),
        CallbackQueryHandler(ask_skin_type, f"^{SETTINGS}:skin$"),
        CallbackQueryHandler(take_skin_type, f"^{SETTINGS}:skin:[0-6]$"),
    ]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes a new name."""
    meant = CallbackQueryHandler(take_meant_name, f"^{_MEANT}$")
    return {Open.NAME: [MessageHandler(WORDS, take_name), no_answer(), meant]}


@for_registered
async def show(update: Update, context: Context, patient: Patient) -> int:
    """Show what can be changed."""
    return await _show(update, context, patient)


@for_registered
async def ask_language(update: Update, context: Context, patient: Patient) -> int:
    """Offer the languages."""
    content = context.services.content
    await put(update, context, account.language_choice(content, content.texts(patient.language)))
    return END


@for_registered
async def take_language(update: Update, context: Context, patient: Patient) -> int:
    """Speak another language from now on."""
    services, code = context.services, button_value(update)
    if code in services.content.by_language:
        await services.patients.speak(patient.user_id, code, services.now())
        role = await services.moderators.role(patient.user_id)
        await services.menus.show(context.bot, patient.user_id, services.content.texts(code), role)
    return await _show(update, context, patient)


@for_registered
async def ask_name(update: Update, context: Context, patient: Patient) -> Open:
    """Ask for a name."""
    await acknowledge(update)
    await context.services.drafts.drop(patient.user_id)
    await respond(update, context, Reply(context.services.content.texts(patient.language).say("ask-new-name")))
    return Open.NAME


@for_registered
async def take_name(update: Update, context: Context, patient: Patient) -> int:
    """Call the patient by another name from now on; one that may be words is asked about, and what is typed then."""
    services = context.services
    texts, name = services.content.texts(patient.language), typed_name(words_of(update))
    if name is None:
        await respond(update, context, Reply(texts.say("no-name")))
        return Open.NAME
    if await services.drafts.get(patient.user_id) or may_be_words(name, services.content):
        await services.drafts.put(patient.user_id, {"name": name})
        await respond(update, context, name_doubted(name, _MEANT, f"{SETTINGS}:name", texts))
        return Open.NAME
    await services.patients.call(patient.user_id, name)
    return await _show(update, context, patient)


@for_registered
async def take_meant_name(update: Update, context: Context, patient: Patient) -> int:
    """Call the patient by the name that might have been words."""
    services = context.services
    draft = await services.drafts.get(patient.user_id) or {}
    if name := draft.get("name"):
        await services.patients.call(patient.user_id, name)
    return await _show(update, context, patient)


@for_registered
async def ask_skin_type(update: Update, context: Context, patient: Patient) -> int:
    """Offer the skin types."""
    if not has_consent(patient, context.services.content):
        return await _take_no_skin_type(update, context, patient)
    await put(update, context, account.skin_type_choice(context.services.content.texts(patient.language)))
    return END


@for_registered
async def take_skin_type(update: Update, context: Context, patient: Patient) -> int:
    """Record another skin type, or none."""
    if not has_consent(patient, context.services.content):
        return await _take_no_skin_type(update, context, patient)
    await context.services.patients.set_skin_type(patient.user_id, int(button_value(update)) or None)
    return await _show(update, context, patient)


async def _take_no_skin_type(update: Update, context: Context, patient: Patient) -> int:
    """Answer a button from before the consent ended."""
    texts = context.services.content.texts(patient.language)
    await acknowledge(update)
    await respond(update, context, Reply(texts.say("skin-type-without-consent")))
    return END


async def _show(update: Update, context: Context, before: Patient) -> int:
    patient = await context.services.patients.get(before.user_id) or before
    content = context.services.content
    reply = account.settings(patient, content.texts(patient.language), has_consent=has_consent(patient, content))
    await put(update, context, reply)
    return END
