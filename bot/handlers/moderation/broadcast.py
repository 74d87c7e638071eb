"""/broadcast: a message to many people, seen by its moderator before anybody gets it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from telegram import Message, MessageEntity, Update
from telegram.constants import MessageLimit
from telegram.ext import CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.broadcasting import send_announcement
from bot.content import Texts
from bot.context import Context
from bot.delivery import send
from bot.handlers.access import acknowledge, button_data, button_value, is_rest_of_album, person, put, respond
from bot.handlers.dialogue import END
from bot.handlers.moderation.roles import Actor, for_moderators
from bot.render.broadcasts import CHOOSE, DROP, EVERYBODY, SEND, STOP, audiences, confirmation, progress
from bot.render.questions import Open, Step
from bot.render.reply import Reply, length
from bot.storage.broadcasts import Announcement

_DRAFT: Final = r"\d{1,16}:([a-z-]{2,8}|\*)"
_NUMBER: Final = r"\d{1,16}"


def entries() -> list[Any]:
    """Return what asks for the message."""
    return [CommandHandler("broadcast", ask)]


def answers() -> Mapping[Step | Open, list[Any]]:
    """Return what takes the message and leads it to Send; another message takes its place."""
    return {
        Open.BROADCAST: [
            CallbackQueryHandler(choose_audience, rf"^{CHOOSE}:{_DRAFT}$"),
            CallbackQueryHandler(start, rf"^{SEND}:{_DRAFT}$"),
            CallbackQueryHandler(drop, rf"^{DROP}:{_DRAFT}$"),
            MessageHandler(~filters.COMMAND & ~filters.StatusUpdate.ALL, take_message),
        ]
    }


def handlers() -> list[Any]:
    """Return what stops a broadcast that is being sent."""
    return [CallbackQueryHandler(stop, rf"^{STOP}:{_NUMBER}$")]


@for_moderators
async def ask(update: Update, context: Context, actor: Actor) -> Open | None:
    """Ask for the message; while another is being sent, show how far that is."""
    services = context.services
    if (running := await services.resume_broadcast()) is not None:
        counts = await services.broadcasts.counts(running.broadcast_id)
        await respond(update, context, progress(running, counts, actor.texts))
        return None
    await services.drafts.drop(actor.user_id)
    await respond(update, context, Reply(actor.texts.say("broadcast-ask")))
    return Open.BROADCAST


@for_moderators
async def take_message(update: Update, context: Context, actor: Actor) -> None:
    """Keep the message as a draft, and ask who shall get it."""
    message = update.message
    if message is None or is_rest_of_album(update, context):
        return
    if (refusal := _refusal(message, actor.texts)) is not None:
        await send(context.bot, message.chat_id, refusal)
        return
    draft = {"message_id": message.message_id, "announcement": asdict(_announcement(message))}
    await context.services.drafts.put(actor.user_id, {"broadcast": draft})
    people, content = await _people_by_language(context), context.services.content
    await send(context.bot, message.chat_id, audiences(message.message_id, people, content, actor.texts))


@for_moderators
async def choose_audience(update: Update, context: Context, actor: Actor) -> None:
    """Show the message as people will get it, and how many will."""
    _, chat = person(update)
    draft = await _draft(update, context, actor)
    audience = button_value(update)
    people = _count(await _people_by_language(context), audience)
    if draft is None or not people:
        await acknowledge(update, actor.texts.plain("broadcast-nobody" if draft else "old-button"))
        return
    await acknowledge(update)
    await context.services.drafts.put(actor.user_id, {"broadcast": draft | {"audience": audience}})
    await send_announcement(context.bot, chat.id, Announcement(**draft["announcement"]))
    asked = confirmation(draft["message_id"], audience, people, context.services.content, actor.texts)
    await respond(update, context, asked)


@for_moderators
async def start(update: Update, context: Context, actor: Actor) -> int | None:
    """Begin to send what was shown; a second press, or the same one again after a crash, begins nothing."""
    services = context.services
    draft, audience = await _draft(update, context, actor), button_value(update)
    if draft is None or draft.get("audience") != audience:
        return await _answer_old_press(update, context, actor)
    now = services.now()
    broadcast_id = await services.broadcasts.start(
        Announcement(**draft["announcement"]),
        None if audience == EVERYBODY else audience,
        actor.texts.language,
        await services.bans.among(await services.broadcasts.audience(), now),
        actor.entry("broadcast", now),
    )
    if broadcast_id is None:
        await acknowledge(update, actor.texts.plain("broadcast-other-running"))
        return None
    services.broadcast_soon(broadcast_id)
    await put(update, context, Reply(actor.texts.say("broadcast-started")))
    return END


@for_moderators
async def drop(update: Update, context: Context, actor: Actor) -> int | None:
    """Forget the draft."""
    if await _draft(update, context, actor) is None:
        return await _answer_old_press(update, context, actor)
    await put(update, context, Reply(actor.texts.say("broadcast-dropped")))
    return END


@for_moderators
async def stop(update: Update, context: Context, actor: Actor) -> None:
    """Let nobody else get it; how it ended is told where its progress was shown."""
    services = context.services
    broadcast_id = int(button_value(update))
    is_stopped = await services.broadcasts.cancel(broadcast_id, actor.entry("broadcast-cancel", services.now()))
    services.broadcast_soon(broadcast_id)
    await acknowledge(update, actor.texts.plain("broadcast-stopping" if is_stopped else "old-button"))


def _refusal(message: Message, texts: Texts) -> Reply | None:
    """Return why this can't be sent on, if it can't."""
    if message.media_group_id is not None:
        return Reply(texts.say("broadcast-album"))
    if not message.text and not message.photo:
        return Reply(texts.say("broadcast-wrong-kind"))
    limit, own = MessageLimit.CAPTION_LENGTH.value, length(message.caption or "")
    return Reply(texts.say("broadcast-too-long", limit=limit, length=own)) if own > limit else None


def _announcement(message: Message) -> Announcement:
    entities: tuple[MessageEntity, ...] = message.caption_entities if message.photo else message.entities
    photo_file_id = message.photo[-1].file_id if message.photo else None
    return Announcement(message.text or message.caption or "", [e.to_dict() for e in entities], photo_file_id)


async def _draft(update: Update, context: Context, actor: Actor) -> dict[str, Any] | None:
    """Return the draft that the pressed button belongs to."""
    _, _, message_id, _ = button_data(update).split(":")
    content = await context.services.drafts.get(actor.user_id) or {}
    draft: dict[str, Any] | None = content.get("broadcast")
    return draft if draft is not None and draft["message_id"] == int(message_id) else None


async def _answer_old_press(update: Update, context: Context, actor: Actor) -> int | None:
    """Do nothing; where the draft is gone, an earlier press took it, and no message is awaited any more."""
    await context.services.resume_broadcast()  # this one, perhaps, where the answer of the database was lost
    await acknowledge(update, actor.texts.plain("old-button"))
    return END if await context.services.drafts.get(actor.user_id) is None else None


async def _people_by_language(context: Context) -> Counter[str]:
    services = context.services
    audience = await services.broadcasts.audience()
    banned = await services.bans.among(audience, services.now())
    return Counter(language for user_id, language in audience.items() if user_id not in banned)


def _count(people: Counter[str], audience: str) -> int:
    return people.total() if audience == EVERYBODY else people[audience]
