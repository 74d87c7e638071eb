"""One conversation for everybody: at most one question is open to a person, whichever part of the bot asked it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ConversationHandler, MessageHandler

from bot.context import Context
from bot.handlers import photo
from bot.handlers.access import FORWARDED_WORDS, Handler, own_texts, person, respond, texts_for
from bot.render.questions import BESIDE_REGISTRATION, Open, Step
from bot.render.reply import Reply

END: Final = ConversationHandler.END


class Asking(Protocol):
    """A module of handlers that asks questions."""

    def entries(self) -> list[Any]:
        """Return the handlers that may open a question; they are there whichever question is open."""

    def answers(self) -> Mapping[Step | Open, Sequence[Any]]:
        """Return the handlers that take the answer to each question."""


def conversation(asking: Iterable[Asking]) -> ConversationHandler[Context]:
    """Return the conversation of all these modules; a restart of the bot does not interrupt it."""
    modules = list(asking)
    entries = [handler for module in modules for handler in module.entries()]
    answers = {state: handlers for module in modules for state, handlers in module.answers().items()}
    return ConversationHandler(
        entry_points=entries,
        states={state: _handlers_in(state, own, entries) for state, own in answers.items()},
        fallbacks=[],
        name="dialogue",
        persistent=True,
    )


def _handlers_in(state: Step | Open, own: Sequence[Any], entries: Sequence[Any]) -> list[Any]:
    """Take an answer first, then what opens another question; a photo ends a question, but for the registration's."""
    if isinstance(state, Step):
        return [*own, *entries, CommandHandler("cancel", cancel)]
    photos = [MessageHandler(handler.filters, then_leave(handler.callback)) for handler in photo.handlers()]
    stop = cancel if state in BESIDE_REGISTRATION else stop_asking
    return [*own, *entries, *photos, CommandHandler("cancel", stop)]


def no_answer() -> BaseHandler[Any, Context, Any]:
    """Return what says of forwarded words that they are no answer; the question stays open."""
    return MessageHandler(FORWARDED_WORDS, _say_that_it_is_none)


async def _say_that_it_is_none(update: Update, context: Context) -> None:
    await respond(update, context, Reply((await own_texts(update, context)).say("forwarded-words")))


def then_leave(handler: Handler[Any], last_say: str | None = None) -> Handler[int]:
    """Take something else than an answer, and stop waiting for one: later words are none. Last, a message says so."""

    async def leave(update: Update, context: Context) -> int:
        await handler(update, context)
        if last_say is not None:
            await respond(update, context, Reply((await own_texts(update, context)).say(last_say)))
        return END

    return leave


async def cancel(update: Update, context: Context) -> int:
    """Stop the registration: what somebody who is not registered has answered is forgotten."""
    user, _ = person(update)
    patient = await context.services.patients.get(user.id)
    if patient is None or patient.is_registered:
        return await stop_asking(update, context)
    await context.services.patients.forget(user.id)
    words = texts_for(user, patient, context).say("registration-cancelled")
    await respond(update, context, Reply(words, is_end_of_keys=True))
    return END


async def stop_asking(update: Update, context: Context) -> int:
    """Ask no more, and forget nothing else than what was begun with this question."""
    texts = await own_texts(update, context)
    await respond(update, context, Reply(texts.say("cancelled"), is_end_of_keys=True))
    return END
