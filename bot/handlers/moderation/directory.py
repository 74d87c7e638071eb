"""/directory: find an entry of the directory of dermatologists; and what its other deeds share."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler

from bot.context import Context
from bot.directory.changes import IMPORTED, change_of, matching
from bot.directory.dermatologists import Dermatologist, around
from bot.directory.fields import one_line, typed_place
from bot.directory.places import Place
from bot.errors import PlaceNamesUnavailable
from bot.handlers.access import (
    A_PLACE,
    ANY_WORDS,
    acknowledge,
    button_data,
    button_value,
    put,
    respond,
    shared_place,
    words_of,
)
from bot.handlers.dialogue import END
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import listing
from bot.render.listing import DIRECTORY
from bot.render.questions import Open, Step
from bot.render.reply import Reply
from bot.storage.audit import Entry

KEY: Final = "[al][0-9a-f]{16}"
_UNKNOWN: Final = "directory-place-unknown"


def entries() -> list[Any]:
    """Return what asks for words to search."""
    return [
        CallbackQueryHandler(find_around, f"^{DIRECTORY}:place:.+$"),
        CallbackQueryHandler(ask_find, f"^{DIRECTORY}:find$"),
    ]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes them, as that of the others also what a colleague wrote and is forwarded."""
    return {Open.DIRECTORY_FIND: [MessageHandler(ANY_WORDS | A_PLACE, take_find)]}


def handlers() -> list[Any]:
    """Return the command, and the buttons that ask nothing or only whether it is meant."""
    return [
        CommandHandler("directory", home),
        CallbackQueryHandler(turn, rf"^{DIRECTORY}:page:\d{{1,4}}:.+$"),
        CallbackQueryHandler(show_card, f"^{DIRECTORY}:card:{KEY}$"),
        CallbackQueryHandler(keep, f"^{DIRECTORY}:keep:{KEY}$"),
    ]


@for_moderators
async def home(update: Update, context: Context, actor: Actor) -> None:
    """Show what can be done."""
    await put(update, context, listing.home(len(context.services.dermatologists), actor.texts))


@for_moderators
async def ask_find(update: Update, context: Context, actor: Actor) -> int:
    """Ask whom to look for."""
    await ask(update, context, Reply(actor.texts.say("directory-ask-find")))
    return Open.DIRECTORY_FIND


@for_moderators
async def take_find(update: Update, context: Context, actor: Actor) -> int:
    """Show who fits the words, or who is around the place."""
    words = listing.query(_words_or_coordinates(update))
    if re.fullmatch(KEY, words):  # as /audit names entries
        await respond(update, context, card_of(words, context, actor))
        return END
    if re.fullmatch(f"{IMPORTED}[0-9a-f]{{16}}", words):
        undoing = await context.services.directory.undoing(words)
        await respond(update, context, listing.import_found(words, undoing, actor.texts))
        return END
    if found := await _named(words, context):
        await _send_found(found, words, update, context, actor)
        return END
    is_name = typed_place(words) is None and context.services.places.can_find
    nobody = listing.nobody_named(words, actor.texts) if is_name else Reply(actor.texts.say("directory-nobody"))
    await respond(update, context, nobody)
    return Open.DIRECTORY_FIND


@for_moderators
async def find_around(update: Update, context: Context, actor: Actor) -> int:
    """Show who is around the place that has the name of the button: only now a map server hears it."""
    words = button_data(update).split(":", 2)[2]
    await acknowledge(update)
    found = await _around(words, context, actor)
    if isinstance(found, str):
        await ask(update, context, Reply(actor.texts.say(found)))
        return Open.DIRECTORY_FIND
    await _send_found(found, words, update, context, actor)
    return END


async def _send_found(found: list[Dermatologist], words: str, update: Update, context: Context, actor: Actor) -> None:
    alone = listing.card(found[0], actor.texts) if len(found) == 1 else None
    await respond(update, context, alone or listing.matches(found, 0, words, actor.texts))


@for_moderators
async def turn(update: Update, context: Context, actor: Actor) -> None:
    """Show another page of those found."""
    data = button_data(update)
    _, _, page, words = data.split(":", 3)
    found = await _named(words, context) or await _around(words, context, actor)  # asked for, on the first page
    if isinstance(found, str):
        await put(update, context, Reply(actor.texts.say(found)))
        return
    await put(update, context, listing.matches(found, int(page), words, actor.texts))


async def _named(words: str, context: Context) -> list[Dermatologist]:
    """Return who has these words in name or address, or is around where these coordinates are."""
    services = context.services
    if (here := typed_place(words)) is not None:
        return around(services.dermatologists, *here, services.now())
    return await asyncio.to_thread(matching, services.dermatologists, words)


async def _around(words: str, context: Context, actor: Actor) -> list[Dermatologist] | str:
    """Return who is around the place that these words name; where that is nobody, the id of what to say."""
    services, here = context.services, await _typed_place(words, context, actor)
    if isinstance(here, str):
        return "directory-nobody" if here == _UNKNOWN else here
    return around(services.dermatologists, here.latitude, here.longitude, services.now()) or "directory-nobody"


@for_moderators
async def show_card(update: Update, context: Context, actor: Actor) -> None:
    """Show everything about an entry, below those found."""
    await ask(update, context, card_of(button_value(update), context, actor))


@for_moderators
async def keep(update: Update, context: Context, actor: Actor) -> None:
    """Show the entry again that is not to be removed."""
    await put(update, context, card_of(button_value(update), context, actor))


async def ask(update: Update, context: Context, reply: Reply) -> None:
    """Send something new below whatever the button stood under."""
    await acknowledge(update)
    await respond(update, context, reply)


async def keep_entry(doctor: Dermatologist, deed: Entry, context: Context) -> None:
    """Keep what an entry says now, and show it to patients from now on."""
    services = context.services
    changes = {doctor.key: change_of(doctor, services.library.listed)}
    await services.directory.change(changes, deed)
    services.library.change(changes)


async def show_kept(
    doctor: Dermatologist, note: str, update: Update, context: Context, actor: Actor, *, here: Place | None
) -> None:
    """Say what has become of an entry, and by which place if one was asked for, and show it."""
    if here is not None:  # a message with buttons can't take the keys away
        found = [actor.texts.say("directory-place-found", place=here.name)] if here.name else []
        words = "\n\n".join([actor.texts.say(note), *found])
        await respond(update, context, Reply(words, is_end_of_keys=True))
        await respond(update, context, listing.card(doctor, actor.texts))
    else:
        await respond(update, context, listing.card(doctor, actor.texts, note))


async def place_of(update: Update, context: Context, actor: Actor) -> Place | str:
    """Return a shared or typed place, or the id of what to say where there is none."""
    return shared_place(update) or await _typed_place(one_line(words_of(update)), context, actor)


async def _typed_place(words: str, context: Context, actor: Actor) -> Place | str:
    """Return the place of these coordinates or of this name, or the id of what to say where there is none."""
    if (here := typed_place(words)) is not None:
        return Place("", *here)
    try:
        return await context.services.places.find(words, actor.texts.language) or _UNKNOWN
    except PlaceNamesUnavailable:
        return "directory-places-unavailable"


def _words_or_coordinates(update: Update) -> str:
    here = shared_place(update)
    return f"{here.latitude:.4f}, {here.longitude:.4f}" if here else one_line(words_of(update))


def card_of(key: str, context: Context, actor: Actor) -> Reply:
    """Return everything about an entry, shown or removed."""
    library = context.services.library
    if (doctor := library.directory.get(key)) is not None:
        return listing.card(doctor, actor.texts)
    removed = library.removed.get(key)
    return listing.removed_card(removed, actor.texts) if removed else gone(actor)


def gone(actor: Actor) -> Reply:
    """Return that there is no such entry any more."""
    return Reply(actor.texts.say("directory-gone"))
