"""/directory: remove an entry, put it back, or erase it for good."""

from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler

from bot.context import Context
from bot.directory.changes import ADDED, mark_of, matching, removal_of
from bot.handlers.access import acknowledge, button_data, button_value, put
from bot.handlers.moderation.directory import KEY, card_of, gone, keep_entry
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import listing
from bot.render.listing import DIRECTORY
from bot.render.reply import Reply

_MARK: Final = "[0-9a-f]{8}"


def handlers() -> list[Any]:
    """Return the buttons, which ask nothing or only whether it is meant."""
    return [
        CallbackQueryHandler(ask_removal, f"^{DIRECTORY}:remove:{KEY}$"),
        CallbackQueryHandler(remove, f"^{DIRECTORY}:gone:{_MARK}:{KEY}$"),
        CallbackQueryHandler(put_back, f"^{DIRECTORY}:back:{KEY}$"),
        CallbackQueryHandler(erase, f"^{DIRECTORY}:erase:{_MARK}:{ADDED}[0-9a-f]{{16}}$"),
        CallbackQueryHandler(show_removed, rf"^{DIRECTORY}:removed(:\d{{1,4}})?$"),
    ]


@for_moderators
async def ask_removal(update: Update, context: Context, actor: Actor) -> None:
    """Ask once whether an entry is to be removed."""
    doctor = context.services.library.directory.get(button_value(update))
    await put(update, context, listing.removal_question(doctor, actor.texts) if doctor else gone(actor))


@for_moderators
async def remove(update: Update, context: Context, actor: Actor) -> None:
    """Remove an entry, if it says what the question showed; it can be put back."""
    services, library, key = context.services, context.services.library, button_value(update)
    async with services.directory.turn:
        doctor = library.directory.get(key)
        is_as_shown = doctor is not None and mark_of(doctor) == _mark(update)
        if doctor is not None and is_as_shown:
            changes = {key: removal_of(doctor, library.listed)}
            await services.directory.change(changes, actor.entry("directory-remove", services.now(), entry=key))
            library.change(changes)
        was = library.removed.get(key)  # an update that comes twice removes once and says so twice
    if doctor is not None and not is_as_shown:
        await put(update, context, listing.removal_question(doctor, actor.texts, "directory-changed-meanwhile"))
        return
    await put(update, context, listing.removed(was, actor.texts) if was else gone(actor))


@for_moderators
async def put_back(update: Update, context: Context, actor: Actor) -> None:
    """Show an entry again as its list has it, or as it was where it is in none."""
    services, library, key = context.services, context.services.library, button_value(update)
    async with services.directory.turn:
        was = library.removed.get(key)
        if was is not None:
            entry = actor.entry("directory-restore", services.now(), entry=key)
            if key in library.listed:
                await services.directory.forget(key, entry)
                library.forget(key)
            else:
                await keep_entry(was, entry, context)
    await acknowledge(update, actor.texts.plain("directory-put-back") if key in library.directory else None)
    await put(update, context, card_of(key, context, actor))


@for_moderators
async def erase(update: Update, context: Context, actor: Actor) -> None:
    """Erase an entry that is in no list and was removed, as it was shown: nobody can put it back any more."""
    services, library, key = context.services, context.services.library, button_value(update)
    async with services.directory.turn:
        was = library.removed.get(key)
        if was is not None and mark_of(was) == _mark(update):
            await services.directory.forget(key, actor.entry("directory-erase", services.now(), entry=key))
            library.forget(key)
            was = None
    is_there = was is not None or key in library.directory  # changed or put back by a colleague
    said = card_of(key, context, actor) if is_there else Reply(actor.texts.say("directory-erased"))
    await put(update, context, said)


def _mark(update: Update) -> str:
    """Return what the pressed button says of the entry as it was shown."""
    return button_data(update).split(":")[2]


@for_moderators
async def show_removed(update: Update, context: Context, actor: Actor) -> None:
    """Show what was removed, page by page."""
    removed = matching(context.services.library.removed.values(), "")
    page = button_value(update)
    await put(update, context, listing.removed_ones(removed, int(page) if page.isdigit() else 0, actor.texts))
