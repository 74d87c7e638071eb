"""/stats, /errors, /maintenance: how the service is doing, what went wrong, and a pause."""

import asyncio
import re
from typing import Any, Final

from telegram import Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context
from bot.handlers.access import button_data, button_value, put, respond
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.pictures.chart import chart_picture
from bot.render import report, upkeep
from bot.render.reply import Reply, page_within
from bot.render.report import STATS
from bot.render.upkeep import ERRORS, ERRORS_PAGE, MAINTENANCE, OFF
from bot.storage.maintenance import Mode
from bot.storage.periods import Period

_NUMBER: Final = re.compile(r"[0-9A-F]{6}")


def handlers() -> list[Any]:
    """Return the commands and their buttons."""
    periods, states = "|".join(Period), "|".join((*Mode, OFF))
    return [
        CommandHandler("stats", stats),
        CallbackQueryHandler(stats_of, f"^{STATS}:({periods})$"),
        CommandHandler("errors", errors),
        CallbackQueryHandler(turn_errors, rf"^{ERRORS}:\d{{1,2}}$"),
        CallbackQueryHandler(pressed_incident, rf"^{ERRORS}:{_NUMBER.pattern}:\d{{1,2}}$"),
        CommandHandler("maintenance", maintenance),
        CallbackQueryHandler(pressed_maintenance, f"^{MAINTENANCE}:({states})$"),
    ]


@for_moderators
async def stats(update: Update, context: Context, actor: Actor) -> None:
    """Send the statistics of a period; of a day, unless another one is named."""
    named = " ".join(context.args or [Period.DAY]).casefold()
    if named not in set(Period):
        await respond(update, context, Reply(actor.texts.say("stats-wrong")))
        return
    await _show_stats(Period(named), update, context, actor)


@for_moderators
async def stats_of(update: Update, context: Context, actor: Actor) -> None:
    """Show the statistics of the button's period in place of those before."""
    await _show_stats(Period(button_value(update)), update, context, actor)


async def _show_stats(period: Period, update: Update, context: Context, actor: Actor) -> None:
    services, texts = context.services, actor.texts
    now = services.now()
    counts = await services.statistics.of(period, now, besides=update.update_id)
    picture = await asyncio.to_thread(chart_picture, report.chart(counts, texts), services.library.font_dir)
    await services.audit.record(actor.entry("stats", now, period=period))
    caption = report.words(counts, (now - services.started_at).total_seconds(), texts)
    await put(update, context, Reply(caption, report.period_buttons(texts, period), picture))


@for_moderators
async def errors(update: Update, context: Context, actor: Actor) -> None:
    """Show the last incidents, or the one whose number is given."""
    if not context.args:
        await _show_incidents(0, update, context, actor)
        return
    number = "".join(context.args).upper()
    if _NUMBER.fullmatch(number):
        await _show_incident(number, 0, update, context, actor)
        return
    await respond(update, context, Reply(actor.texts.say("errors-wrong")))


@for_moderators
async def turn_errors(update: Update, context: Context, actor: Actor) -> None:
    """Show another page of incidents."""
    await _show_incidents(int(button_value(update)), update, context, actor)


@for_moderators
async def pressed_incident(update: Update, context: Context, actor: Actor) -> None:
    """Show the incident of the button in place of the list."""
    _, number, page = button_data(update).split(":")
    await _show_incident(number, int(page), update, context, actor)


async def _show_incidents(wanted: int, update: Update, context: Context, actor: Actor) -> None:
    services = context.services
    count = await services.incidents.count()
    page = page_within(wanted, count, ERRORS_PAGE)
    found = await services.incidents.latest(ERRORS_PAGE, page * ERRORS_PAGE)
    await services.audit.record(actor.entry("errors", services.now(), page=page + 1))
    await put(update, context, upkeep.incidents(found, page, count, actor.texts))


async def _show_incident(number: str, page: int, update: Update, context: Context, actor: Actor) -> None:
    services, texts = context.services, actor.texts
    found = await services.incidents.get(number)
    await services.audit.record(actor.entry("errors", services.now(), incident=number))
    unknown = Reply(texts.say("errors-unknown", number=number))
    await put(update, context, upkeep.incident(found, page, texts) if found else unknown)


@for_moderators
async def maintenance(update: Update, context: Context, actor: Actor) -> None:
    """Show the state, ask what shall happen to photos, or switch maintenance off."""
    services, texts = context.services, actor.texts
    match [word.casefold() for word in context.args or []]:
        case [] | ["on"] as words:
            await services.audit.record(actor.entry("maintenance", services.now()))
            await _show_state(update, context, actor, is_wanted=bool(words))
        case ["off"]:
            await _switch_off(update, context, actor)
        case _:
            buttons = upkeep.maintenance_buttons(await services.maintenance.pause(), texts)
            await respond(update, context, Reply(texts.say("maintenance-wrong"), buttons))


@for_moderators
async def pressed_maintenance(update: Update, context: Context, actor: Actor) -> None:
    """Switch maintenance as the button says."""
    state, services = button_value(update), context.services
    if state == OFF:
        await _switch_off(update, context, actor)
        return
    await services.maintenance.begin(Mode(state), actor.entry("maintenance-begin", services.now(), mode=state))
    await _show_state(update, context, actor)


async def _switch_off(update: Update, context: Context, actor: Actor) -> None:
    """Switch maintenance off; what waited begins by itself."""
    services, texts = context.services, actor.texts
    count = await services.maintenance.end(actor.entry("maintenance-end", services.now()))
    words = texts.say("maintenance-off-already") if count is None else texts.say("maintenance-ended", count=count)
    await put(update, context, Reply(words))


async def _show_state(update: Update, context: Context, actor: Actor, *, is_wanted: bool = False) -> None:
    """Show whether maintenance is on; to who wants it on, that it is not yet, or that it is already."""
    state = context.services.maintenance
    pause, waiting = await state.pause(), await state.waiting_count()
    await put(update, context, upkeep.maintenance(pause, waiting, actor.texts, is_wanted=is_wanted))
