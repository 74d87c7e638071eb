"""/start: language, consent, age, name, skin type. What is answered is stored at once; the state lives in SQL."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from telegram import CallbackQuery, Chat, Update, User
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.context import Context
from bot.delivery import send
from bot.handlers import meanwhile, settings
from bot.handlers.access import (
    FORWARDED_WORDS,
    WORDS,
    acknowledge,
    has_consent,
    is_rest_of_album,
    person,
    texts_for,
    why_not,
    words_of,
)
from bot.handlers.asking import ask, say_above, show_choice
from bot.handlers.dialogue import END
from bot.handlers.privacy import end_consent
from bot.render import questions
from bot.render.dermatologists import find_button
from bot.render.questions import AGREE, BACK, CALLBACK, ERASE_AT, KEEP, MEANT, PLACE_AT, RENAME, RENEW, Open, Step
from bot.render.reply import Reply
from bot.storage.moderators import Role
from bot.storage.patients import Patient

CLINIC_LINK: Final = "clinic-"  # what comes after it in /start is the code of a clinic
SETTINGS_LINK: Final = "settings"
_TOO_EARLY: Final = filters.PHOTO | filters.Document.ALL


def entries() -> list[Any]:
    """Return what begins a registration, or renews a consent."""
    return [CommandHandler("start", start), CallbackQueryHandler(renew, f"^{RENEW}$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the answer to each question."""
    meant = {step: [MessageHandler(WORDS, partial(typed, step)), *meanwhile.handlers(step)] for step in Step}
    aside = {PLACE_AT[step]: _handlers_of(step, meanwhile.answers(step)) for step in Step}
    erasing = {ERASE_AT[step]: _handlers_of(step, meanwhile.answers_on_erasing(step)) for step in Step}
    return {step: _handlers_of(step, own) for step, own in meant.items()} | aside | erasing


def _handlers_of(step: Step, own: list[Any]) -> list[Any]:
    """Return what takes the button of a question, what is asked besides it, and what does not fit there."""
    return [
        CallbackQueryHandler(partial(pressed, step), f"^{CALLBACK}:{int(step)}:"),
        CommandHandler("start", partial(ask_again, step)),
        *own,
        MessageHandler(FORWARDED_WORDS, partial(remind, step, "forwarded-words")),
        MessageHandler(_TOO_EARLY, partial(remind, step, "photo-too-early")),
        MessageHandler(~filters.COMMAND & ~filters.StatusUpdate.ALL, partial(remind, step, "answer-first")),
    ]


async def start(update: Update, context: Context) -> int:
    """Greet a patient who is known, ask the first question of anybody else; a link may say more."""
    user, chat = person(update)
    patient = await context.services.patients.get(user.id)
    if patient is None or not patient.is_registered:
        await _welcome_from_clinic(patient, user, chat, context)
        await _tell_role(user, chat, context)
        return await ask(Step.LANGUAGE, user, chat, context)
    if _payload(context) == SETTINGS_LINK:
        await settings.show(update, context)
        return END
    if not has_consent(patient, context.services.content):
        return await ask(Step.CONSENT, user, chat, context, why_not(patient))
    texts = texts_for(user, patient, context)
    await send(context.bot, chat.id, Reply(texts.say("welcome-back", name=patient.first_name or user.first_name)))
    return END


def _payload(context: Context) -> str:
    return context.args[0] if context.args else ""


async def _welcome_from_clinic(patient: Patient | None, user: User, chat: Chat, context: Context) -> None:
    """Name the clinic of an invitation, if the operator knows it, and remember it until there is a registration."""
    services, payload = context.services, _payload(context)
    code = payload.removeprefix(CLINIC_LINK)
    is_registered = patient is not None and patient.is_registered
    if payload.startswith(CLINIC_LINK) and code in services.library.clinics and not is_registered:
        await services.drafts.put(user.id, {"clinic": code})
        await services.patients.note_invitation(user.id, code)
        texts = texts_for(user, patient, context)
        await send(context.bot, chat.id, Reply(texts.say("invited-by", clinic=services.library.clinics[code])))


async def _tell_role(user: User, chat: Chat, context: Context) -> None:
    """Say to somebody who looks after the bot that they need not become a patient for it."""
    if await context.services.moderators.role(user.id) is not Role.NOBODY:
        texts = texts_for(user, None, context)
        await send(context.bot, chat.id, Reply(texts.say("start-with-role")))


async def renew(update: Update, context: Context) -> int:
    """Show the consent text again to a patient who agreed to an earlier one."""
    user, chat = person(update)
    await acknowledge(update)
    patient = await context.services.patients.get(user.id)
    is_registered = patient is not None and patient.is_registered
    return await ask(Step.CONSENT if is_registered else Step.LANGUAGE, user, chat, context)


async def ask_again(step: Step, update: Update, context: Context) -> int:
    """Repeat the question that is open; who begins again may come by a clinic's link now."""
    user, chat = person(update)
    await _welcome_from_clinic(await context.services.patients.get(user.id), user, chat, context)
    return await ask(step, user, chat, context)


async def remind(step: Step, message_id: str, update: Update, context: Context) -> int:
    """Say why this does not fit here, and keep the question open."""
    user, chat = person(update)
    if is_rest_of_album(update, context):
        return step
    return await say_above(step, message_id, user, chat, context)


async def pressed(step: Step, update: Update, context: Context) -> int:
    """Take the answer of a button."""
    user, chat = person(update)
    query = _query(update)
    answer = (query.data or "").split(":", 2)[2]
    await acknowledge(update)
    if answer != BACK and not questions.is_offered(step, answer, context.services.content):
        return await ask(step, user, chat, context)
    if not _is_outdated(answer, context):
        await show_choice(query, is_answer=answer not in {BACK, RENAME})
    if answer == BACK:
        return await ask(Step(max(step - 1, 0)), user, chat, context)
    return await _taken(step, answer, user, chat, context)


def _is_outdated(answer: str, context: Context) -> bool:
    """Return whether a button agrees to another consent text than that of today."""
    return answer.partition(":")[0] == AGREE and answer != questions.agreement(context.services.content)


async def typed(step: Step, update: Update, context: Context) -> int:
    """Take an answer that was typed where that is clear; otherwise keep the question open."""
    user, chat = person(update)
    text = words_of(update)
    answer = _understood(step, text, context)
    if answer is None:
        return await say_above(step, "no-name" if step is Step.NAME else "press-a-button", user, chat, context)
    return await _taken(step, answer, user, chat, context)


def _understood(step: Step, text: str, context: Context) -> str | None:
    match step:
        case Step.LANGUAGE:
            return questions.typed_language(text, context.services.content)
        case Step.CONSENT:
            return None  # consent is a button, pressed on purpose
        case Step.AGE:
            age = questions.typed_age(text)
            return None if age is None else "adult" if age >= questions.ADULT_AGE else "younger"
        case Step.NAME:
            name = questions.typed_name(text)
            return None if name is None else f"={name}"
        case Step.SKIN_TYPE:
            number = questions.typed_skin_type(text)
            return None if number is None else str(number)


async def _take_language(answer: str, user: User, chat: Chat, context: Context) -> int:
    services = context.services
    await services.patients.speak(user.id, answer, services.now())
    if clinic := (await services.drafts.get(user.id) or {}).get("clinic"):
        await services.patients.note_invitation(user.id, clinic)
    texts = services.content.texts(answer)
    await services.menus.show(context.bot, user.id, texts, await services.moderators.role(user.id))
    await send(context.bot, chat.id, Reply(texts.page("about")))
    return await ask(Step.CONSENT, user, chat, context)


async def _take_consent(answer: str, user: User, chat: Chat, context: Context) -> int:
    services = context.services
    patient = await services.patients.get(user.id)
    texts = texts_for(user, patient, context)
    is_registered = patient is not None and patient.is_registered
    if answer.partition(":")[0] == AGREE:
        if _is_outdated(answer, context):
            changed = "consent-changed" if is_registered else "consent-outdated"
            return await ask(Step.CONSENT, user, chat, context, changed)
        await services.patients.consent(user.id, services.content.consent_version, services.now())
        if not is_registered:
            return await ask(Step.AGE, user, chat, context)
        await send(context.bot, chat.id, Reply(texts.say("consent-renewed")))
        return END
    if is_registered:
        await end_consent(user.id, texts, context)
    else:
        await context.services.patients.forget(user.id)
    words = texts.say("consent-withdrawn" if is_registered else "consent-refused")
    await send(context.bot, chat.id, Reply(words, ((find_button(texts),),)))
    return END


async def _take_age(answer: str, user: User, chat: Chat, context: Context) -> int:
    services = context.services
    if answer == "adult":
        await services.patients.confirm_adult(user.id)
        return await ask(Step.NAME, user, chat, context)
    texts = await services.texts_of(user.id, user.language_code)
    await context.services.patients.forget(user.id)
    await send(context.bot, chat.id, Reply(texts.say("too-young"), ((find_button(texts),),)))
    return END


async def _take_name(answer: str, user: User, chat: Chat, context: Context) -> int:
    """Take a name; one that may be words, or is typed instead of saying whether that is a name, is asked about."""
    services = context.services
    draft = await services.drafts.get(user.id) or {}
    doubted = draft.pop("name", None)
    typed = answer[1:] if answer.startswith("=") else None
    if typed is not None and (doubted or questions.may_be_words(typed, services.content)):
        return await _doubt_name(typed, draft, user, chat, context)
    name = questions.name_on_telegram(user.first_name) if answer == KEEP else doubted if answer == MEANT else typed
    if name is not None:
        await services.patients.call(user.id, name)
    if doubted is not None:
        await services.drafts.put(user.id, draft)
    return await ask(Step.NAME if name is None else Step.SKIN_TYPE, user, chat, context)


async def _doubt_name(name: str, draft: dict[str, Any], user: User, chat: Chat, context: Context) -> int:
    """Ask whether it is a name; it is none until then."""
    services = context.services
    await services.drafts.put(user.id, draft | {"name": name})
    texts = texts_for(user, await services.patients.get(user.id), context)
    meant, back = (f"{CALLBACK}:{Step.NAME:d}:{answer}" for answer in (MEANT, RENAME))
    await send(context.bot, chat.id, questions.name_doubted(name, meant, back, texts))
    return Step.NAME


async def _take_skin_type(answer: str, user: User, chat: Chat, context: Context) -> int:
    services = context.services
    await services.patients.set_skin_type(user.id, questions.typed_skin_type(answer))
    await services.patients.register(user.id, services.now())
    patient = await services.patients.get(user.id)
    texts = texts_for(user, patient, context)
    name = patient.first_name if patient and patient.first_name else user.first_name
    await send(context.bot, chat.id, Reply(texts.say("registered", name=name)))
    return END


_TAKES: Final[dict[Step, Callable[[str, User, Chat, Context], Awaitable[int]]]] = {
    Step.LANGUAGE: _take_language,
    Step.CONSENT: _take_consent,
    Step.AGE: _take_age,
    Step.NAME: _take_name,
    Step.SKIN_TYPE: _take_skin_type,
}


async def _taken(step: Step, answer: str, user: User, chat: Chat, context: Context) -> int:
    """Take an answer; who took so long that the ones before are erased begins anew."""
    if step is not Step.LANGUAGE and await context.services.patients.get(user.id) is None:
        return await ask(Step.LANGUAGE, user, chat, context)
    return await _TAKES[step](answer, user, chat, context)


def _query(update: Update) -> CallbackQuery:
    if update.callback_query is None:
        raise ValueError("no button was pressed")
    return update.callback_query
