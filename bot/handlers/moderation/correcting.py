"""/directory, correcting a field: nothing that a colleague wrote meanwhile is overwritten unseen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler, MessageHandler

from bot.context import Context
from bot.directory.changes import corrected
from bot.directory.dermatologists import Dermatologist
from bot.directory.fields import Field, read_field
from bot.directory.places import Place
from bot.handlers.access import A_PLACE, ANY_WORDS, button_data, respond, words_of
from bot.handlers.dialogue import END
from bot.handlers.moderation.directory import KEY, ask, gone, keep_entry, place_of, show_kept
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import listing
from bot.render.listing import DIRECTORY
from bot.render.questions import Open, Step
from bot.render.reply import Reply

_FIELDS: Final = "|".join(Field)
_CHANGED: Final = "directory-changed-meanwhile"


def entries() -> list[Any]:
    """Return what asks for what a field is to say."""
    return [CallbackQueryHandler(ask_field, f"^{DIRECTORY}:edit:({_FIELDS}):{KEY}$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the answer."""
    return {Open.DIRECTORY_FIELD: [MessageHandler(ANY_WORDS | A_PLACE, take_field)]}


@for_moderators
async def ask_field(update: Update, context: Context, actor: Actor) -> int | None:
    """Ask what a field is to say."""
    _, _, field, key = button_data(update).split(":")
    doctor = context.services.library.directory.get(key)
    if doctor is None:
        await ask(update, context, gone(actor))
        return None
    await context.services.drafts.put(actor.user_id, _draft(doctor, Field(field)))
    await ask(update, context, listing.question(doctor, Field(field), actor.texts))
    return Open.DIRECTORY_FIELD


def _draft(doctor: Dermatologist, field: Field, held_back: int | None = None) -> Mapping[str, Any]:
    """Return what is begun: which field, what was shown of it, and which message was held back for that."""
    shown = listing.shown_value(doctor, field)
    return {"directory": doctor.key, "field": field, "shown": shown, "held_back": held_back}


@for_moderators
async def take_field(update: Update, context: Context, actor: Actor) -> int:
    """Correct the field, or explain why not."""
    services = context.services
    draft = await services.drafts.get(actor.user_id) or {}
    library, key = services.library, draft.get("directory", "")
    answer = await _answer_to(Field(draft["field"]), update, context, actor) if key in library.directory else None
    if isinstance(answer, Reply):
        await respond(update, context, answer)
        return Open.DIRECTORY_FIELD
    taken = None
    async with services.directory.turn:  # in which nothing is said: a colleague would wait for this chat as well
        doctor = library.directory.get(key)  # only now: a colleague may have changed it meanwhile
        if doctor is not None and answer is not None:
            taken = await _take(doctor, answer, draft, update, context, actor)
    if taken is None:
        await respond(update, context, replace(gone(actor), is_end_of_keys=True))
        return END
    kept, said = taken
    if said == _CHANGED:
        await respond(update, context, listing.question(kept, Field(draft["field"]), actor.texts, said))
        return Open.DIRECTORY_FIELD
    await show_kept(kept, said, update, context, actor, here=answer if isinstance(answer, Place) else None)
    return END


async def _take(
    doctor: Dermatologist, answer: str | Place, draft: Mapping[str, Any], update: Update, context: Context, actor: Actor
) -> tuple[Dermatologist, str]:
    """Correct the field, unless it says something else by now than the moderator was shown.

    Returns:
        The entry as it is then, and the id of what to say of it.
    """
    services, field = context.services, Field(draft["field"])
    new = _with_answer(doctor, field, answer, context)
    if new == doctor:
        return doctor, "directory-same"
    message_id = update.effective_message.message_id if update.effective_message else None
    if draft.get("shown") != listing.shown_value(doctor, field) or draft.get("held_back") == message_id:
        await services.drafts.put(actor.user_id, _draft(doctor, field, message_id))
        return doctor, _CHANGED  # an update that comes twice is held back twice
    await keep_entry(new, actor.entry("directory-correct", services.now(), entry=new.key, field=field), context)
    return new, "directory-corrected"


async def _answer_to(field: Field, update: Update, context: Context, actor: Actor) -> str | Place | Reply:
    """Return what the answer says, or what to say of one that can't be taken."""
    if field is Field.PLACE:
        here = await place_of(update, context, actor)
        return Reply(actor.texts.say(here)) if isinstance(here, str) else here
    words = words_of(update)
    value = read_field(field, words) if words else None
    return listing.refusal(field, actor.texts) if value is None else value


def _with_answer(doctor: Dermatologist, field: Field, answer: str | Place, context: Context) -> Dermatologist:
    """Return the entry as the answer has it."""
    values: dict[str, str | float]
    if isinstance(answer, Place):
        values = {"latitude": answer.latitude, "longitude": answer.longitude}
    else:
        values = {str(field): answer}
    is_same = all(getattr(doctor, name) == value for name, value in values.items())
    return doctor if is_same else corrected(doctor, context.services.now().date(), **values)
