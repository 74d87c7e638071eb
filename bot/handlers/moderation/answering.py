"""What patients wrote is answered: by a reply to it or by a button, and once, unless a moderator wants it twice."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import telegram
from telegram import Update
from telegram.error import BadRequest, Forbidden, RetryAfter
from telegram.ext import ApplicationHandlerStop, CallbackQueryHandler, MessageHandler, filters

from bot.connection.pacing import told_to_wait, wait_s
from bot.context import Context
from bot.handlers import talk
from bot.handlers.access import (
    ANY_WORDS,
    WORDS,
    acknowledge,
    button_value,
    person,
    pressed_message_id,
    put,
    respond,
    tell,
    words_of,
)
from bot.handlers.dialogue import END
from bot.handlers.moderation.inbox import fill, gone, show_noted
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import people
from bot.render.people import INBOX
from bot.render.questions import Open, Step
from bot.render.reply import Reply, length
from bot.storage.feedback import MAX_ANSWER, Message
from bot.storage.moderators import Role


def entries() -> list[Any]:
    """Return what asks for an answer to a message."""
    return [CallbackQueryHandler(ask_answer, rf"^{INBOX}:answer:\d{{1,9}}$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the answer."""
    return {Open.FEEDBACK_ANSWER: [MessageHandler(WORDS, take_answer)]}


def handlers() -> list[Any]:
    """Return the buttons of an answer that was held back."""
    return [
        CallbackQueryHandler(send_too, rf"^{INBOX}:send:\d{{1,9}}$"),
        CallbackQueryHandler(drop_answer, rf"^{INBOX}:drop:\d{{1,9}}$"),
    ]


def reply_handlers() -> list[Any]:
    """Return what sees replies before anything else: other replies go on to their handlers."""
    return [MessageHandler(filters.REPLY & ANY_WORDS, answer_by_reply)]


@for_moderators
async def ask_answer(update: Update, context: Context, actor: Actor) -> int:
    """Ask for the answer."""
    await acknowledge(update)
    message = await context.services.feedback.get(int(button_value(update)))
    if message is None:
        await respond(update, context, gone(actor))
        return END
    await context.services.drafts.put(actor.user_id, {"feedback": message.feedback_id, "knows": _answered(message)})
    words = [actor.texts.say("ask-feedback-answer", number=message.feedback_id)]
    if message.answered_at is not None:
        words.insert(0, actor.texts.say("inbox-closed-already"))
    await respond(update, context, Reply("\n\n".join(words)))
    return Open.FEEDBACK_ANSWER


@for_moderators
async def take_answer(update: Update, context: Context, actor: Actor) -> int:
    """Pass the answer on."""
    draft = await context.services.drafts.get(actor.user_id) or {}
    if "feedback" not in draft:  # it was answered by a reply meanwhile
        await talk.anything(update, context)
        return END
    message = await context.services.feedback.get(draft["feedback"])
    if not await _is_settled(message, draft.get("knows"), update, context, actor):
        return Open.FEEDBACK_ANSWER
    return END


async def answer_by_reply(update: Update, context: Context) -> None:
    """Take a moderator's reply to a message in the inbox; leave every other reply to the handlers behind."""
    user, chat = person(update)
    replied_to = update.message.reply_to_message if update.message else None
    if replied_to is None or await context.services.moderators.role(user.id) is Role.NOBODY:
        return
    is_copy = await context.services.feedback.by_copy(chat.id, replied_to.message_id) is not None
    if is_copy or _is_blanked(replied_to, context):
        await take_reply(update, context)
        raise ApplicationHandlerStop


@for_moderators
async def take_reply(update: Update, context: Context, actor: Actor) -> None:
    """Pass on the answer to the message that it replies to."""
    services = context.services
    replied_to = update.message.reply_to_message if update.message else None
    if replied_to is None:
        return
    message = await services.feedback.by_copy(actor.user_id, replied_to.message_id)
    is_settled = await _is_settled(message, None, update, context, actor)
    draft = await services.drafts.get(actor.user_id) or {}
    if is_settled and message is not None and draft.get("feedback") == message.feedback_id:
        await services.drafts.drop(actor.user_id)


def _is_blanked(message: telegram.Message, context: Context) -> bool:
    """Return whether this showed a message in the inbox that its sender has erased."""
    words = [texts.plain("inbox-blanked") for texts in context.services.content.by_language.values()]
    return message.from_user is not None and message.from_user.id == context.bot.id and message.text in words


async def _is_settled(
    message: Message | None, knows: str | None, update: Update, context: Context, actor: Actor
) -> bool:
    """Send the answer to the patient, record it, and say how it went; returns False where it has to be shorter.

    Where somebody else has answered, and this moderator does not know, it is only sent once they want that.

    Args:
        message: what is answered; None where it is erased.
        knows: when it was answered, as far as this moderator was told; None for not at all.
        update: the answer.
        context: of the update.
        actor: the moderator.
    """
    words = words_of(update)
    if message is not None and length(words) > MAX_ANSWER:
        await respond(update, context, Reply(actor.texts.say("inbox-long", most=MAX_ANSWER)))
        return False
    answer = _Answer(words, update.effective_message.date if update.effective_message else context.services.now())
    said = await _sent(message.feedback_id, answer, knows, context, actor) if message else gone(actor)
    if isinstance(said, Message):
        await _ask_whether(said, update, context, actor)
        return True
    await respond(update, context, said)
    if message is not None:
        await _show_answered(message.feedback_id, context, actor)
    return True


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a moderator answers.

    Attributes:
        words: what it says.
        given_at: when, by Telegram's clock.
    """

    words: str
    given_at: datetime


_KNOWS_ALL: Final = "all"


async def _sent(
    feedback_id: int, answer: _Answer, knows: str | None, context: Context, actor: Actor
) -> Reply | Message:
    """Send an answer, and return how it went; or the message, unsent, where it was answered meanwhile.

    Where Telegram wants to be left alone first, all is asked anew after that: the message may be erased by then.
    """
    while True:
        try:
            with told_to_wait():
                return await _sent_now(feedback_id, answer, knows, context, actor)
        except RetryAfter as error:
            await asyncio.sleep(wait_s(error))


async def _sent_now(
    feedback_id: int, answer: _Answer, knows: str | None, context: Context, actor: Actor
) -> Reply | Message:
    services, texts = context.services, actor.texts
    async with services.feedback.turn(feedback_id):
        message = await services.feedback.get(feedback_id)  # only now: a colleague may just have answered
        if message is None:
            return gone(actor)
        if _has_come_before(message, answer):
            return Reply(texts.say("inbox-answered", number=feedback_id))
        if knows != _KNOWS_ALL and (answered := _answered(message)) is not None and answered != knows:
            return message
        is_heard = await tell(message.user_id, lambda t: people.feedback_answer(message, answer.words, t), context)
        entry = actor.entry("inbox-answer", services.now(), message.user_id)
        await services.feedback.close(feedback_id, answer.words, entry)
    said = [texts.say("inbox-answered" if is_heard else "inbox-unheard", number=feedback_id)]
    if message.answered_at is not None:
        said.append(texts.say("inbox-closed-already"))
    return Reply(" ".join(said))


def _answered(message: Message) -> str | None:
    """Return when a message was answered, None where it waits or was put aside."""
    return message.answered_at.isoformat() if message.answered_at and message.answer is not None else None


def _has_come_before(message: Message, answer: _Answer) -> bool:
    """Return whether this very answer was sent: its update has come again."""
    is_later = message.answered_at is not None and message.answered_at >= answer.given_at
    return is_later and message.answer == answer.words


async def _ask_whether(message: Message, update: Update, context: Context, actor: Actor) -> None:
    """Show what was answered meanwhile, and ask whether this answer, which the question replies to, is to follow it."""
    own = update.effective_message
    first = Reply(actor.texts.say("inbox-answered-meanwhile", number=message.feedback_id))
    asked = people.answered_meanwhile(message, actor.texts)
    await show_noted(first, asked, message, context, actor, own.message_id if own else None)


@for_moderators
async def send_too(update: Update, context: Context, actor: Actor) -> None:
    """Send the answer that was held back."""
    number, asked = int(button_value(update)), update.callback_query.message if update.callback_query else None
    held = asked.reply_to_message if isinstance(asked, telegram.Message) else None
    if asked is None or held is None or not held.text:
        await put(update, context, Reply(actor.texts.say("inbox-words-gone", number=number)))
        return
    said = await _sent(number, _Answer(held.text, asked.date), _KNOWS_ALL, context, actor)
    await put(update, context, said if isinstance(said, Reply) else gone(actor))
    await context.services.feedback.forget_copies([(actor.user_id, asked.message_id)])
    await _show_answered(number, context, actor)


@for_moderators
async def drop_answer(update: Update, context: Context, actor: Actor) -> None:
    """Leave it at what was answered."""
    await put(update, context, Reply(actor.texts.say("inbox-dropped", number=int(button_value(update)))))
    if (asked := pressed_message_id(update)) is not None:
        await context.services.feedback.forget_copies([(actor.user_id, asked)])


async def _show_answered(feedback_id: int, context: Context, actor: Actor) -> None:
    """Say in what other moderators see of a message that it was answered; doing it twice shows nothing twice."""
    services = context.services
    message = await services.feedback.get(feedback_id)
    if message is None:
        return
    sender = await services.patients.get(message.user_id)
    for chat_id, message_id in await services.feedback.copies_about(feedback_id):
        if chat_id != actor.user_id:
            with suppress(BadRequest, Forbidden):
                texts = await services.texts_of(chat_id)
                await fill(chat_id, message_id, people.feedback_item(message, sender, texts), context)
