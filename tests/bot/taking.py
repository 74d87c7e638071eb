"""Intake with handlers of a test: what comes, what is heard, and waiting for the end of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Message, Update
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

from bot.connection.pacing import Pacing
from bot.context import Context, LentigoApplication
from bot.conversations import SqlPersistence
from bot.handlers.errors import remember
from bot.incoming.intake import Intake
from bot.incoming.updates import Source, Take
from bot.metrics import Metrics
from bot.storage.conversations import Conversations
from bot.storage.inbox import Inbox, StoredUpdate
from emulator.server import RunningEmulator, running_emulator
from tests.bot.desk import idle_services


@dataclass
class Heard:
    """What the handler of a test heard."""

    texts: list[str] = field(default_factory=list)

    async def __call__(self, update: Update, _: Context) -> int:
        button = update.callback_query
        text = cast("str", button.data if button else cast("Message", update.message).text)
        self.texts.append(text)
        await self.sees_through()
        if text == "break":
            raise ValueError("a bug")
        return len(self.texts)

    async def sees_through(self) -> None:
        """Do what the handler does."""


def text(update_id: int, text: str, chat_id: int = 500_000_001) -> StoredUpdate:
    person = {"id": chat_id, "is_bot": False, "first_name": "Ana"}
    chat = {"id": chat_id, "type": "private", "first_name": "Ana"}
    message = {"message_id": update_id, "date": 1_795_000_000, "chat": chat, "from": person, "text": text}
    return StoredUpdate(update_id, chat_id, Update.de_json({"update_id": update_id, "message": message}).to_json())


class Brings:
    """A source that brings these, each list at once, and then nothing."""

    def __init__(self, arriving: Sequence[Sequence[StoredUpdate]]) -> None:
        self.arriving = arriving

    async def run(self, take: Take) -> None:
        outcomes = await asyncio.gather(*(take(updates) for updates in self.arriving), return_exceptions=True)
        for updates, outcome in zip(self.arriving, outcomes, strict=True):
            if outcome is not None:
                await take(updates)  # as Telegram does
        await asyncio.Event().wait()


async def run(engine: AsyncEngine, inbox: Inbox, heard: Heard, arriving: Sequence[Sequence[StoredUpdate]] = ()) -> None:
    """Run intake over what arrives and what the inbox holds until it is empty."""
    async with taking(engine, inbox, heard, Brings(arriving)):
        await until_handled(inbox, heard, len({u.update_id for some in arriving for u in some}))


async def until_handled(inbox: Inbox, heard: Heard, count: int) -> None:
    for _ in range(1200):
        await asyncio.sleep(0.05)
        if not await inbox.unhandled() and len(heard.texts) >= count:
            break


@asynccontextmanager
async def taking(engine: AsyncEngine, inbox: Inbox, heard: Heard, source: Source) -> AsyncIterator[RunningEmulator]:
    """Take updates in while the block runs."""
    persistence = SqlPersistence(Conversations(engine))
    async with running_emulator() as emulator:
        builder: Any = ApplicationBuilder().token(emulator.token).base_url(f"{emulator.url}/bot").updater(None)
        built = (
            builder.rate_limiter(Pacing()).persistence(persistence).context_types(ContextTypes(context=Context)).build()
        )
        application = cast("LentigoApplication", built)
        services = idle_services(engine)
        application.bot_data["services"] = services
        talk: Any = MessageHandler(filters.TEXT, heard)
        states: dict[object, list[Any]] = {number: [talk] for number in range(1, 201)}
        application.add_handler(ConversationHandler([talk], states, [], name="talk", persistent=True))
        application.add_handler(CallbackQueryHandler(heard))
        application.add_error_handler(remember)
        await application.initialize()
        intake = Intake(
            application=application,
            inbox=inbox,
            persistence=persistence,
            services=services,
            source=source,
            metrics=Metrics(),
        )
        running = asyncio.create_task(intake.run())
        try:
            yield emulator
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await application.shutdown()


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1200):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")
