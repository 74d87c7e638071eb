"""/directory, adding an entry: a name, then a place; the rest is filled in on its card."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from telegram import Message, Update
from telegram.ext import CallbackQueryHandler, MessageHandler

from bot.context import Context
from bot.directory.changes import ADDED, Known
from bot.directory.dermatologists import Dermatologist, Source
from bot.directory.fields import Field, read_field
from bot.directory.places import Place
from bot.handlers.access import A_PLACE, ANY_WORDS, respond, words_of
from bot.handlers.dialogue import END
from bot.handlers.moderation.directory import ask, keep_entry, place_of, show_kept
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import listing
from bot.render.listing import DIRECTORY
from bot.render.questions import Open, Step
from bot.render.reply import Reply


def entries() -> list[Any]:
    """Return what asks for a name."""
    return [CallbackQueryHandler(ask_name, f"^{DIRECTORY}:add$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the name and the place."""
    return {
        Open.DIRECTORY_NAME: [MessageHandler(ANY_WORDS, take_name)],
        Open.DIRECTORY_PLACE: [MessageHandler(ANY_WORDS | A_PLACE, take_place)],
    }


@for_moderators
async def ask_name(update: Update, context: Context, actor: Actor) -> int:
    """Ask for the name."""
    await ask(update, context, Reply(actor.texts.say("directory-ask-name")))
    return Open.DIRECTORY_NAME


@for_moderators
async def take_name(update: Update, context: Context, actor: Actor) -> int:
    """Keep the name and ask for the place."""
    name = read_field(Field.NAME, words_of(update))
    if name is None:
        await respond(update, context, listing.refusal(Field.NAME, actor.texts))
        return Open.DIRECTORY_NAME
    await context.services.drafts.put(actor.user_id, {"add": name, "key": new_key()})
    words = actor.texts.say("directory-ask-place", name=name)
    await respond(update, context, Reply(words, location_button=actor.texts.plain("button-location")))
    return Open.DIRECTORY_PLACE


@for_moderators
async def take_place(update: Update, context: Context, actor: Actor) -> int:
    """Add the entry, or show the one that is there already."""
    draft = await context.services.drafts.get(actor.user_id) or {}
    if "add" not in draft:
        await respond(update, context, Reply(actor.texts.say("directory-begin-again"), is_end_of_keys=True))
        return END
    here = await place_of(update, context, actor)
    if isinstance(here, str):
        await respond(update, context, Reply(actor.texts.say(here)))
        return Open.DIRECTORY_PLACE
    async with context.services.directory.turn:
        known = await asyncio.to_thread(_known, context.services.dermatologists, draft["add"], here)
        if known is None:
            new = _entry(draft["key"], draft["add"], here, update.effective_message, context)
            await keep_entry(new, actor.entry("directory-add", context.services.now(), entry=new.key), context)
    if known is None:
        await show_kept(new, "directory-added", update, context, actor, here=here)
    else:  # where it has this draft's key, the update came twice
        note = "directory-added" if known.key == draft["key"] else "directory-known"
        await show_kept(known, note, update, context, actor, here=here)
    return END


def new_key() -> str:
    """Return a key for an entry that is in no list."""
    return ADDED + secrets.token_hex(8)


def _known(dermatologists: Iterable[Dermatologist], name: str, here: Place) -> Dermatologist | None:
    return Known(dermatologists).same(name, here.latitude, here.longitude)


def _entry(key: str, name: str, here: Place, message: Message | None, context: Context) -> Dermatologist:
    """Return the new entry; a shared venue brings its address along."""
    venue = message.venue if message else None
    address = read_field(Field.ADDRESS, venue.address) if venue else None
    return Dermatologist(
        key=key,
        name=name,
        address=address or "",
        phone="",
        website="",
        opening_hours="",
        note="",
        latitude=here.latitude,
        longitude=here.longitude,
        source=Source("", context.services.now().date()),
    )
