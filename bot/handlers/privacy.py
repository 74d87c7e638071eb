"""/privacy, /export, /delete: a person's own data is theirs. Also for the banned and for those who never registered."""

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from telegram import Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler

from bot.blanking import blank_all_in, blank_copies
from bot.content import Texts
from bot.context import Context
from bot.delivery import Replaced, replace, send_file
from bot.handlers.access import (
    ANY_WORDS,
    acknowledge,
    button_data,
    button_value,
    for_registered,
    own_texts,
    person,
    pressed_message_id,
    put,
    respond,
    texts_for,
)
from bot.handlers.dialogue import END
from bot.render import account
from bot.render.account import DELETE, PRIVACY
from bot.render.dermatologists import find_button
from bot.render.export import export
from bot.render.questions import Open, Step
from bot.render.reply import Reply, below
from bot.storage.moderators import Role
from bot.storage.patients import Patient
from bot.storage.records import Erasure

_FILE_NAME: Final = "lentigo.json"
_NONCE_BYTES: Final = 16
ASK_TO_ERASE: Final = f"^{DELETE}:ask$"
KEEP: Final = f"^{DELETE}:no"
_NONCE: Final = re.compile(rf"{DELETE}:\w+:([0-9a-f]{{{2 * _NONCE_BYTES}}}):")


def entries() -> list[Any]:
    """Return what asks whether to erase or to withdraw, and what erases: after it, nothing is known of the person."""
    return [
        CommandHandler("delete", ask_to_erase),
        CallbackQueryHandler(ask_to_erase, ASK_TO_ERASE),
        CallbackQueryHandler(ask_to_withdraw, f"^{PRIVACY}:withdraw$"),
        CallbackQueryHandler(erase, f"^{DELETE}:yes"),
    ]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what hears the answer to both: words, forwarded ones too, do neither and are told so."""
    return {
        Open.ERASE: [MessageHandler(ANY_WORDS, say_not_erased), CallbackQueryHandler(keep, KEEP)],
        Open.WITHDRAW: [MessageHandler(ANY_WORDS, say_not_withdrawn), *_buttons_on_withdrawing()],
    }


def handlers() -> list[Any]:
    """Return the commands and their buttons; those of a question work also where it is not open any more."""
    return [
        CommandHandler("privacy", show),
        CommandHandler("export", send_export),
        CallbackQueryHandler(send_export, f"^{PRIVACY}:export$"),
        *_buttons_on_withdrawing(),
        CallbackQueryHandler(keep, KEEP),
    ]


def _buttons_on_withdrawing() -> list[Any]:
    return [
        CallbackQueryHandler(withdraw, f"^{PRIVACY}:withdraw-yes$"),
        CallbackQueryHandler(show, f"^{PRIVACY}:show$"),
    ]


async def show(update: Update, context: Context) -> int:
    """Say what is kept."""
    user, _ = person(update)
    patient = await context.services.patients.get(user.id)
    await put(update, context, account.privacy(patient, texts_for(user, patient, context)))
    return END


async def send_export(update: Update, context: Context) -> None:
    """Send everything that is kept as one file."""
    user, chat = person(update)
    services = context.services
    await acknowledge(update)
    everything = export(await services.records.everything(user.id, services.now()), services.now())
    content, texts = everything.model_dump_json(indent=2).encode(), await own_texts(update, context)
    await send_file(context.bot, chat.id, _FILE_NAME, content, Reply(texts.say("exported")))


@for_registered
async def ask_to_withdraw(update: Update, context: Context, patient: Patient) -> Open:
    """Ask once."""
    await put(update, context, account.withdraw_question(context.services.content.texts(patient.language)))
    return Open.WITHDRAW


@for_registered
async def say_not_withdrawn(update: Update, context: Context, patient: Patient) -> Open:
    """Say of words that they withdraw nothing, above the question with its buttons."""
    texts = context.services.content.texts(patient.language)
    await respond(update, context, below(account.withdraw_question(texts), texts.say("withdraw-not-yet")))
    return Open.WITHDRAW


@for_registered
async def withdraw(update: Update, context: Context, patient: Patient) -> int:
    """Look at no more photos, and forget what was said about the earlier ones."""
    texts = context.services.content.texts(patient.language)
    await end_consent(patient.user_id, texts, context)
    await put(update, context, Reply(texts.say("consent-withdrawn"), ((find_button(texts),),)))
    return END


async def end_consent(user_id: int, texts: Texts, context: Context) -> None:
    """Let photos in hand go, and erase what needs the consent."""
    services = context.services
    await _let_go(user_id, texts, context)
    await services.records.withdraw(user_id, services.now())


async def ask_to_erase(update: Update, context: Context) -> Open:
    """Ask once."""
    await put(update, context, await _erase_question(await own_texts(update, context), update, context))
    return Open.ERASE


async def say_not_erased(update: Update, context: Context) -> Open:
    """Say of words that they erase nothing, above the question with its buttons."""
    texts = await own_texts(update, context)
    asked = await _erase_question(texts, update, context)
    await respond(update, context, below(asked, texts.say("delete-not-yet")))
    return Open.ERASE


async def _erase_question(texts: Texts, update: Update, context: Context) -> Reply:
    user, _ = person(update)
    is_moderator = await context.services.moderators.role(user.id) is not Role.NOBODY
    return account.delete_question(secrets.token_hex(_NONCE_BYTES), texts, is_moderator=is_moderator)


async def keep(update: Update, context: Context) -> int:
    """Erase nothing after all, unless it was done when this was pressed, too."""
    user, _ = person(update)
    services, texts = context.services, _asked_in(update, context)
    erasure = await services.records.erasure_for(_request(update))
    if erasure is None or await services.patients.get(user.id) is not None:  # the latter: of a bot before this one
        await put(update, context, Reply(texts.say("delete-cancelled")))
    else:
        await acknowledge(update)
        await _give_receipt(update, context, erasure, texts, is_again=True)
    return END


async def erase(update: Update, context: Context) -> int:
    """Erase every row of the person, say what went, and give the receipt.

    What others can see of it goes first: killed in the middle, the update comes again and finds it still to be done.
    """
    user, chat = person(update)
    services = context.services
    is_moderator = await services.moderators.role(user.id) is not Role.NOBODY
    await acknowledge(update)
    await _let_go(user.id, _asked_in(update, context), context)
    await blank_copies(await services.feedback.copies_of(user.id), context.bot, services)
    if not is_moderator:  # any more: an owner whose number was taken out of OWNER_IDS was shown something, too
        await blank_all_in(user.id, context.bot, services)
    copies = await services.feedback.copies_of(user.id)
    request = _request(update)
    is_again = await services.records.erasure_for(request) is not None
    erasure = await services.records.erase(user.id, request, services.now(), is_moderator=is_moderator)
    await blank_copies(copies, context.bot, services)  # /inbox may have filled one after it was blanked
    context.application.drop_chat_data(chat.id)
    await _give_receipt(update, context, erasure, _asked_in(update, context), is_again=is_again)
    if not is_moderator:
        await services.menus.hide(context.bot, user.id)
    return END


async def _let_go(user_id: int, texts: Texts, context: Context) -> None:
    """Stop looking at photos in hand, and take the promises of their answers back."""
    kept = context.services.cases
    await context.services.let_go([case.case_id for case in await kept.open_of(user_id)])
    for chat_id, message_id in await kept.promises_to_take_back(user_id):  # also where the bot ended in between
        with suppress(BadRequest, Forbidden):
            await _take_back(chat_id, message_id, texts, context)


async def _take_back(chat_id: int, message_id: int, texts: Texts, context: Context) -> None:
    """Delete a promise; one of two days ago Telegram lets change and not delete."""
    try:
        await context.bot.delete_message(chat_id, message_id)
    except BadRequest:
        await replace(context.bot, chat_id, message_id, Reply(texts.say("photo-let-go")), is_anew=False)


async def _give_receipt(update: Update, context: Context, erasure: Erasure, texts: Texts, *, is_again: bool) -> None:
    """Put the receipt in place of the question; once, take leave and the keys under the text field away.

    Where it stands there already, this was done, unless it was only not heard that Telegram took it.
    """
    user, chat = person(update)
    is_banned = await context.services.bans.of(user.id, context.services.now()) is not None
    receipt = account.erased(erasure, texts, is_banned=is_banned)
    stands = await replace(context.bot, chat.id, _question(update), receipt)
    if not is_again or stands is not Replaced.BEFORE:
        await respond(update, context, Reply(texts.say("deleted-farewell"), is_end_of_keys=True))


def _question(update: Update) -> int:
    """Return the message whose button was pressed."""
    return pressed_message_id(update) or 0


def _request(update: Update) -> str:
    """Return what its question has of its own: pressed twice, it is one request.

    From a receipt nobody can reckon back to it, as to the message's number, which an older button goes by.
    """
    asked = _NONCE.match(button_data(update))
    return asked[1] if asked else str(_question(update))


def _asked_in(update: Update, context: Context) -> Texts:
    """Return the texts of the question's language: of whom is erased, no other is known."""
    return context.services.content.texts(button_value(update))
