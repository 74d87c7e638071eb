"""Who may go on: registered patients, and with photos those of them who agreed to the consent text of today."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace as replaced
from functools import wraps
from typing import Any, Final, TypeAlias, TypeVar

from telegram import Chat, Update, User
from telegram.error import BadRequest, Forbidden
from telegram.ext import filters

from bot.content import Content, Texts
from bot.context import Context, Services
from bot.delivery import replace, send
from bot.directory.places import Place
from bot.render.questions import RENEW
from bot.render.reply import Button, Reply
from bot.storage.moderators import Role
from bot.storage.patients import Patient

_R = TypeVar("_R")
Handler: TypeAlias = Callable[[Update, Context], Coroutine[Any, Any, _R]]
ANY_WORDS: Final = filters.TEXT & ~filters.COMMAND
WORDS: Final = ANY_WORDS & ~filters.FORWARDED  # that may answer a question
FORWARDED_WORDS: Final = ANY_WORDS & filters.FORWARDED  # of somebody else
A_PLACE: Final = filters.LOCATION | filters.VENUE


def person(update: Update) -> tuple[User, Chat]:
    """Return who sent a private message or pressed a button, and where."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None:
        raise ValueError("an update from nobody")
    return user, chat


async def acknowledge(update: Update, text: str | None = None) -> None:
    """Tell Telegram that a pressed button was heard; with a text, the person reads it.

    A press that is handled late, after a restart say, can no longer be acknowledged; it counts all the same.
    """
    if update.callback_query is not None:
        with suppress(BadRequest):
            await update.callback_query.answer(text)


def words_of(update: Update) -> str:
    """Return the text of a message; empty where it has none."""
    return (update.effective_message.text if update.effective_message else None) or ""


def shared_place(update: Update) -> Place | None:
    """Return where a location, a venue or the first point of a live location is; None where none was shared."""
    location = update.effective_message.location if update.effective_message else None
    return Place("", location.latitude, location.longitude) if location else None


def button_data(update: Update) -> str:
    """Return what the pressed button says; empty where none was pressed."""
    return (update.callback_query.data if update.callback_query else None) or ""


def button_value(update: Update) -> str:
    """Return what the pressed button says after its last colon; empty where none was pressed."""
    return button_data(update).rpartition(":")[2]


def pressed_message_id(update: Update) -> int | None:
    """Return which message the pressed button stands under, however old that is; None where none was pressed."""
    message = update.callback_query.message if update.callback_query else None
    return message.message_id if message else None


async def respond(update: Update, context: Context, reply: Reply, reply_to: int | None = None) -> None:
    """Send a reply to where the update came from, perhaps as the answer to a message there."""
    _, chat = person(update)
    await send(context.bot, chat.id, reply, reply_to)


async def put(update: Update, context: Context, reply: Reply) -> None:
    """Put the reply in place of the message whose button was pressed, or below the command."""
    _, chat = person(update)
    await acknowledge(update)
    if (pressed := pressed_message_id(update)) is not None:
        await replace(context.bot, chat.id, pressed, reply)
    else:
        await respond(update, context, reply)


async def tell(user_id: int, reply_in: Callable[[Texts], Reply], context: Context) -> bool:
    """Write to somebody who did not just write, in their language or in all; returns whether it reached them.

    Who blocks the bot is left alone, and whoever turns out to is noted.
    """
    services = context.services
    patient = await services.patients.get(user_id)
    if patient is not None and patient.blocked_at is not None:
        return False
    try:
        await send(context.bot, user_id, await _in_their_language(user_id, patient, reply_in, services))
    except Forbidden:
        await services.patients.mark_blocked(user_id, services.now())
        return False
    except BadRequest:  # they never wrote to the bot, or their account is gone
        return False
    return True


async def _in_their_language(
    user_id: int, patient: Patient | None, reply_in: Callable[[Texts], Reply], services: Services
) -> Reply:
    """Return a reply as somebody reads it: in every language where nothing is known of them, or no longer."""
    if patient is not None or await services.moderators.role(user_id) is not Role.NOBODY:
        return reply_in(services.content.texts(patient.language if patient else None))
    first, *others = (reply_in(texts) for texts in services.content.by_language.values())
    return replaced(first, markdown="\n\n".join(reply.markdown for reply in (first, *others)))


def is_rest_of_album(update: Update, context: Context, told: str = "album") -> bool:
    """Return whether this was told of the photo's album already: ten photos need one reminder."""
    album = update.message.media_group_id if update.message else None
    if album is None or context.chat_data is None:
        return False
    known, first = context.chat_data.get(told, (None, None))
    if known != album:
        context.chat_data[told] = album, update.update_id
    return bool(known == album and first != update.update_id)  # the first may come again, after a fault


def texts_for(user: User, patient: Patient | None, context: Context) -> Texts:
    """Return the texts in the language that was chosen, else in that of the person's Telegram."""
    return context.services.content.texts(patient.language if patient else user.language_code)


async def patient_of(user: User, context: Context) -> Patient | None:
    """Return who wrote, as the gate found them: to be asked before anything is changed."""
    return context.visitor.patient if context.visitor else await context.services.patients.get(user.id)


async def own_texts(update: Update, context: Context) -> Texts:
    """Return the texts for who wrote, in the language that they had before anything is changed."""
    user, _ = person(update)
    return texts_for(user, await patient_of(user, context), context)


PatientHandler: TypeAlias = Callable[[Update, Context, Patient], Coroutine[Any, Any, _R]]


def for_registered(handler: PatientHandler[_R]) -> Handler[_R | None]:
    """Let the handler run for registered patients only; tell everybody else to register first."""

    @wraps(handler)
    async def guarded(update: Update, context: Context) -> _R | None:
        user, _ = person(update)
        patient = await patient_of(user, context)
        if patient is not None and patient.is_registered:
            return await handler(update, context, patient)
        await _turn_away(update, context, Reply(texts_for(user, patient, context).say("register-first")))
        return None

    return guarded


def for_patients(handler: PatientHandler[_R]) -> Handler[_R | None]:
    """Let the handler run for registered patients whose consent holds; show the others its text."""

    async def consenting(update: Update, context: Context, patient: Patient) -> _R | None:
        content = context.services.content
        if has_consent(patient, content):
            return await handler(update, context, patient)
        texts = content.texts(patient.language)
        renew = Button(texts.plain("button-read-consent"), RENEW)
        await _turn_away(update, context, Reply(texts.say(why_not(patient)), ((renew,),)))
        return None

    return wraps(handler)(for_registered(consenting))


def has_consent(patient: Patient, content: Content) -> bool:
    """Whether a patient's consent holds: it is to the text of today. Nobody else is to be asked for a photo."""
    return patient.consent_version == content.consent_version


def why_not(patient: Patient) -> str:
    """Return the message that says why a registered patient's consent does not hold."""
    return "consent-missing" if patient.consent_version is None else "consent-changed"


async def _turn_away(update: Update, context: Context, reply: Reply) -> None:
    await acknowledge(update)
    if not is_rest_of_album(update, context):
        await respond(update, context, reply)
