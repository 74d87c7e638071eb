"""/directory, importing a file: CSV or GeoJSON, with the source to name, and a report of what was refused."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, Final

from telegram import Update
from telegram.error import BadRequest, TimedOut
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from bot.context import Context
from bot.delivery import send_file
from bot.directory.changes import IMPORTED, taken_in
from bot.directory.fields import one_line
from bot.directory.imports import MAX_BYTES, MAX_SOURCE, Imported, Remark, read_import
from bot.directory.overview import overview
from bot.faults import NoFile, why_no_file
from bot.handlers.access import ANY_WORDS, acknowledge, button_value, person, put, respond, words_of
from bot.handlers.dialogue import END
from bot.handlers.moderation.adding import new_key
from bot.handlers.moderation.directory import ask
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render import listing
from bot.render.listing import DIRECTORY
from bot.render.questions import Open, Step
from bot.render.reply import Reply

_FILE: Final = filters.Document.ALL & ~filters.ANIMATION


def entries() -> list[Any]:
    """Return what asks for a file."""
    return [CallbackQueryHandler(ask_file, f"^{DIRECTORY}:import$")]


def handlers() -> list[Any]:
    """Return the button that takes an import back."""
    return [CallbackQueryHandler(take_back, f"^{DIRECTORY}:undo:{IMPORTED}[0-9a-f]{{16}}$")]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the file, and who is to be named."""
    return {
        Open.DIRECTORY_FILE: [MessageHandler(_FILE, take_file), MessageHandler(ANY_WORDS, ask_file)],
        Open.DIRECTORY_SOURCE: [
            MessageHandler(_FILE, take_file),
            MessageHandler(ANY_WORDS, take_source),
            CallbackQueryHandler(take_openstreetmap, f"^{DIRECTORY}:osm$"),
        ],
    }


@for_moderators
async def ask_file(update: Update, context: Context, actor: Actor) -> int:
    """Ask for the file."""
    await ask(update, context, Reply(actor.texts.say("directory-ask-file")))
    return Open.DIRECTORY_FILE


@for_moderators
async def take_file(update: Update, context: Context, actor: Actor) -> int:
    """Import the file where its caption names the source; else ask for the source, if the file can be read."""
    message = update.effective_message
    document = message.document if message else None
    if message is None or document is None:
        return Open.DIRECTORY_FILE
    is_too_large = (document.file_size or 0) > MAX_BYTES
    attribution = one_line(message.caption or "")[:MAX_SOURCE]
    raw = Remark(0, NoFile.TOO_LARGE) if is_too_large else await _downloaded(document.file_id, context)
    imported = await _read(raw, attribution, context)
    if isinstance(imported, Remark) or not imported.doctors:
        return await _refuse(imported, update, context, actor)
    if attribution:
        return await _take_in(imported, attribution, update, context, actor)
    await context.services.drafts.put(actor.user_id, {"import": document.file_id})
    await respond(update, context, listing.source_question(len(imported.doctors), actor.texts))
    return Open.DIRECTORY_SOURCE


@for_moderators
async def take_source(update: Update, context: Context, actor: Actor) -> int:
    """Import the file, with the source that was typed."""
    attribution = one_line(words_of(update))
    if not 0 < len(attribution) <= MAX_SOURCE:
        await respond(update, context, Reply(actor.texts.say("directory-source-too-long")))
        return Open.DIRECTORY_SOURCE
    return await _import_draft(attribution, update, context, actor)


@for_moderators
async def take_openstreetmap(update: Update, context: Context, actor: Actor) -> int:
    """Import the file, with OpenStreetMap as its source."""
    await acknowledge(update)
    return await _import_draft(actor.texts.plain("directory-osm"), update, context, actor)


async def _import_draft(attribution: str, update: Update, context: Context, actor: Actor) -> int:
    draft = await context.services.drafts.get(actor.user_id) or {}
    if "import" not in draft:
        await respond(update, context, Reply(actor.texts.say("directory-begin-again")))
        return END
    imported = await _read(await _downloaded(draft["import"], context), attribution, context)
    if isinstance(imported, Remark) or not imported.doctors:
        return await _refuse(imported, update, context, actor)
    return await _take_in(imported, attribution, update, context, actor)


async def _downloaded(file_id: str, context: Context) -> bytes | Remark:
    try:
        file = await context.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())
    except (BadRequest, TimedOut) as error:
        return Remark(0, why_no_file(error))


async def _read(raw: bytes | Remark, attribution: str, context: Context) -> Imported | Remark:
    """Read the file beside the event loop: nobody waits for somebody else's import."""
    if isinstance(raw, Remark):
        return raw
    return await asyncio.to_thread(read_import, raw, attribution, context.services.now().date())


async def _refuse(found: Imported | Remark, update: Update, context: Context, actor: Actor) -> int:
    await respond(update, context, Reply(listing.nothing_imported(found, actor.texts)))
    if isinstance(found, Imported):
        await _send_full_report(found, update, context, actor)
    return Open.DIRECTORY_FILE


async def _take_in(imported: Imported, attribution: str, update: Update, context: Context, actor: Actor) -> int:
    """Keep what can be taken, and report what was not."""
    services, library = context.services, context.services.library
    import_id = IMPORTED + secrets.token_hex(8)
    async with services.directory.turn:
        library.change(await services.directory.changes())  # its update may come again: a commit's answer was lost
        known = services.dermatologists
        merge = await asyncio.to_thread(taken_in, imported.doctors, known, library.listed, new_key)
        counts = {"added": merge.added, "updated": merge.updated, "unchanged": merge.unchanged}
        refused = len(imported.refused)
        deed = actor.entry("directory-import", services.now(), **counts, refused=refused, number=import_id)
        await services.directory.change(merge.changes, deed, import_id)
        library.change(merge.changes)
    where = await asyncio.to_thread(overview, imported.doctors, known)
    told = Reply(listing.report(imported, merge, attribution, where, actor.texts))
    await respond(update, context, listing.with_way_back(told, import_id, len(merge.changes), actor.texts))
    await _send_full_report(imported, update, context, actor)
    return END


@for_moderators
async def take_back(update: Update, context: Context, actor: Actor) -> None:
    """Undo an import, but for what was changed since."""
    services, import_id = context.services, button_value(update)
    async with services.directory.turn:
        undoing = await services.directory.undoing(import_id)
        if undoing.count:
            counts = {"removed": len(undoing.forgotten), "restored": len(undoing.restored), "left": undoing.left}
            deed = actor.entry("directory-import-undo", services.now(), **counts, number=import_id)
            await services.directory.undo(import_id, undoing, deed)
            services.library.restore(undoing.restored, undoing.forgotten)
    await put(update, context, listing.taken_back(undoing, actor.texts))


async def _send_full_report(imported: Imported, update: Update, context: Context, actor: Actor) -> None:
    """Send what was not taken as a file, where it is too much for a message."""
    _, chat = person(update)
    if (everything := listing.full_report(imported, actor.texts)) is not None:
        name, caption = actor.texts.plain("directory-report-name"), Reply(actor.texts.say("directory-report"))
        await send_file(context.bot, chat.id, name, everything.encode(), caption)
