"""/help, /cancel, and a fitting word for whatever else somebody sends."""

from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.context import Context
from bot.handlers.access import (
    ANY_WORDS,
    acknowledge,
    for_registered,
    has_consent,
    own_texts,
    patient_of,
    person,
    respond,
    texts_for,
)
from bot.handlers.asking import CHOSEN
from bot.handlers.dialogue import cancel
from bot.render.reply import Reply
from bot.storage.moderators import Role
from bot.storage.patients import Patient

_KINDS: Final = (
    (filters.VIDEO | filters.VIDEO_NOTE | filters.ANIMATION, "sent-video"),
    (filters.VOICE | filters.AUDIO, "sent-voice"),
    (filters.Sticker.ALL, "sent-sticker"),
    (filters.CONTACT, "sent-contact"),
    (ANY_WORDS, "sent-text"),
    (filters.COMMAND, "unknown-command"),
)


def handlers() -> list[Any]:
    """Return what answers when nothing else did."""
    return [
        CommandHandler("help", help_),
        CommandHandler("cancel", cancel_nothing),
        CallbackQueryHandler(chosen, f"^{CHOSEN}$"),
        CallbackQueryHandler(old_button),
        MessageHandler(~filters.StatusUpdate.ALL, anything),
    ]


async def help_(update: Update, context: Context) -> None:
    """Say how to use the bot, also to people who are not registered."""
    user, _ = person(update)
    patient = await patient_of(user, context)
    texts = texts_for(user, patient, context)
    await respond(update, context, Reply(texts.page("help")))
    if patient is not None and patient.is_registered and not has_consent(patient, context.services.content):
        await respond(update, context, Reply(texts.say("help-without-consent")))
    if context.visitor is not None and context.visitor.role is not Role.NOBODY:
        await respond(update, context, Reply(texts.page("moderators")))


async def cancel_nothing(update: Update, context: Context) -> None:
    """Answer /cancel where no question is open; a registration that is not finished may be under way all the same."""
    user, _ = person(update)
    patient = await patient_of(user, context)
    if patient is not None and not patient.is_registered:
        await cancel(update, context)
    else:
        await _nothing_to_cancel(update, context)


@for_registered
async def _nothing_to_cancel(update: Update, context: Context, patient: Patient) -> None:
    content = context.services.content
    kind = "nothing-to-cancel" if has_consent(patient, content) else "nothing-to-cancel-without-consent"
    await respond(update, context, Reply(content.texts(patient.language).say(kind), is_end_of_keys=True))


async def anything(update: Update, context: Context) -> None:
    """Say what the bot can do with this kind of message, or rather what it can't; moderators need not register."""
    user, _ = person(update)
    patient, visitor = await patient_of(user, context), context.visitor
    is_known = patient is not None and patient.is_registered
    if is_known or visitor is None or visitor.role is Role.NOBODY:
        await _anything(update, context)
        return
    kind = "unknown-command" if filters.COMMAND.check_update(update) else "anything-with-role"
    await respond(update, context, Reply(texts_for(user, patient, context).say(kind)))


@for_registered
async def _anything(update: Update, context: Context, patient: Patient) -> None:
    content = context.services.content
    kind = next((message_id for fits, message_id in _KINDS if fits.check_update(update)), "sent-other")
    if kind != "unknown-command" and not has_consent(patient, content):  # all the others ask for a photo
        kind = "sent-without-consent"
    await respond(update, context, Reply(content.texts(patient.language).say(kind)))


async def chosen(update: Update, context: Context) -> None:  # noqa: ARG001 - the signature is the library's
    """A press on an answer that was given needs no word."""
    await acknowledge(update)


async def old_button(update: Update, context: Context) -> None:
    """Answer a button that means nothing any more."""
    await acknowledge(update, (await own_texts(update, context)).plain("old-button"))
