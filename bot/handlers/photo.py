"""A photo, or an image sent as a file: stored as a case, promised by a progress message, answered in the background."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, Final

from telegram import Document, Message, MessageOriginUser, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import MessageHandler, filters

from bot.context import Context
from bot.delivery import send
from bot.faults import until_it_works
from bot.handlers.access import for_patients, is_rest_of_album
from bot.limits import Turn, Why, is_late
from bot.render.answer import declined, own_answer
from bot.render.refusals import not_taken
from bot.render.reply import Reply, in_time
from bot.storage.cases import UNDELIVERABLE, Case
from bot.storage.maintenance import Mode, Pause
from bot.storage.patients import Patient
from inference.decoding import MAX_BYTES
from inference.errors import ImageTooLarge, UnreadableImage

_IMAGE_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})


def handlers() -> list[Any]:
    """Return the handlers of photos and of images sent as files."""
    as_file = filters.Document.ALL & ~filters.ANIMATION
    return [MessageHandler(filters.PHOTO, photo), MessageHandler(as_file, image_file)]


@for_patients
async def photo(update: Update, context: Context, patient: Patient) -> None:
    """Take a photo in the largest size that Telegram offers."""
    await _look_at(update, _message(update).photo[-1].file_id, context, patient)


@for_patients
async def image_file(update: Update, context: Context, patient: Patient) -> None:
    """Take a file that says it is an image; others are declined at once."""
    message = _message(update)
    document = message.document
    if document is None:
        return
    if (code := _decline_code(document)) is None:
        await _look_at(update, document.file_id, context, patient)
        return
    texts = context.services.content.texts(patient.language)
    await send(context.bot, message.chat_id, declined(code, texts), message.message_id)
    await _tell_unread(update, context, patient)


def _decline_code(document: Document) -> str | None:
    ending = PurePath(document.file_name or "").suffix.lower()
    if not (document.mime_type or "").startswith("image/") and ending not in _IMAGE_ENDINGS:
        return UnreadableImage.code
    return ImageTooLarge.code if (document.file_size or 0) > MAX_BYTES else None


async def _look_at(update: Update, file_id: str, context: Context, patient: Patient) -> None:
    """Take a photo, but for an answer of the bot's own: judged again it could come out milder."""
    if _is_own_answer(_message(update), context):
        await _hand_back(update, context, patient)
        return
    await _take(update, file_id, context, patient)
    await _tell_unread(update, context, patient)


def _is_own_answer(message: Message, context: Context) -> bool:
    origin = message.forward_origin
    return isinstance(origin, MessageOriginUser) and origin.sender_user.id == context.bot.id


async def _hand_back(update: Update, context: Context, patient: Patient) -> None:
    """Say that an answer counts as it is, once for an album."""
    message = _message(update)
    if not is_rest_of_album(update, context, "own-answer"):
        texts = context.services.content.texts(patient.language)
        await send(context.bot, message.chat_id, own_answer(texts), message.message_id)


async def _take(update: Update, file_id: str, context: Context, patient: Patient) -> None:
    """Open a case and promise its answer; during maintenance for later, or not at all."""
    services, message = context.services, _message(update)
    received_at, pause = services.now(), await services.maintenance.pause()
    refusal = await _refusal(pause, received_at, context, patient)
    if refusal is not None and not await services.cases.is_known(message.chat_id, message.message_id):
        if not is_rest_of_album(update, context):
            await send(context.bot, message.chat_id, refusal, message.message_id)
        return
    case = await services.cases.open(message.chat_id, patient.user_id, message.message_id, file_id, received_at)
    if case is None:  # answered already: the update came twice
        return
    turn = await services.limits.turn(case.case_id, received_at)
    if case.progress_message_id is None:
        await _promise(case, _progress(case, message.date, pause, turn), turn, context, patient)
    services.answer_soon(case.case_id, turn.priority)


async def _refusal(pause: Pause | None, now: datetime, context: Context, patient: Patient) -> Reply | None:
    """Return what the sender of a photo is told that is not taken; None where it is."""
    services = context.services
    texts = services.content.texts(patient.language)
    if pause is not None and pause.mode is Mode.REFUSE:
        return Reply(texts.say("maintenance-photo-refused"))
    refusal = await services.limits.refusal(patient.user_id, now)
    if refusal is None:
        return None
    if pause is not None and refusal.why is Why.QUEUE_FULL:  # nobody knows when it is over
        return Reply(texts.say("maintenance-photo-refused"))
    return not_taken(refusal, texts)


def _progress(case: Case, sent_at: datetime, pause: Pause | None, turn: Turn) -> str:
    """Return the name of the message that will become the answer."""
    if pause is not None and pause.holds(case.received_at):
        return "maintenance-photo-waits"
    if turn.wait is not None:
        return "looking-in-line"
    return "looking-late" if is_late(sent_at, case.received_at) else "looking"


async def _promise(case: Case, words: str, turn: Turn, context: Context, patient: Patient) -> None:
    """Send the message that will become the answer."""
    services = context.services
    texts = services.content.texts(patient.language)
    reply = Reply(texts.say(words, when=in_time(turn.wait or timedelta(), texts)))
    try:
        progress = await send(context.bot, case.chat_id, reply, case.message_id)
    except (Forbidden, BadRequest):  # the patient blocked the bot, or is gone
        await services.cases.close(case.case_id, UNDELIVERABLE, services.now())
        raise
    await until_it_works(lambda: services.cases.promise(case.case_id, progress.message_id))  # else it is sent again
    if words == "looking":
        with suppress(TelegramError):
            await context.bot.send_chat_action(case.chat_id, ChatAction.UPLOAD_PHOTO)


async def _tell_unread(update: Update, context: Context, patient: Patient) -> None:
    """Say that words under a photo or file are not read, once for an album; no reply: that would wait as photos do."""
    message = _message(update)
    if message.caption and not is_rest_of_album(update, context, "caption"):
        texts = context.services.content.texts(patient.language)
        await send(context.bot, message.chat_id, Reply(texts.say("sent-caption")))


def _message(update: Update) -> Message:
    if update.message is None:
        raise ValueError("no message")
    return update.message
