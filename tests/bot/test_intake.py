"""An update is seen through once, whatever goes wrong beside it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Message, Update
from telegram.ext import ApplicationBuilder, ContextTypes, ConversationHandler, MessageHandler, filters

from bot.app import services_on
from bot.context import Context, LentigoApplication
from bot.conversations import SqlPersistence
from bot.handlers.errors import remember
from bot.intake import Intake
from bot.library import Library
from bot.places import Places
from bot.storage.conversations import Conversations, Move
from bot.storage.inbox import Inbox, StoredUpdate
from bot.storage.maintenance import Maintenance
from emulator.server import running_emulator
from tests.bot.conftest import NOON, let_nothing_go

ROOT = Path(__file__).parents[2]
LIBRARY = Library(ROOT / "content", ROOT / "models")


class StubbornInbox(Inbox):
    """A database that is busy the first times it is to remember that something was handled."""

    failures = 2

    async def finish(self, update_id: int, moves: list[Move], now: datetime) -> None:  # type: ignore[override]
        if self.failures:
            self.failures -= 1
            raise OperationalError("UPDATE inbox", None, Exception("database is locked"))
        await super().finish(update_id, moves, now)


@dataclass
class Heard:
    """What the handler of a test heard."""

    texts: list[str] = field(default_factory=list)

    async def __call__(self, update: Update, _: Context) -> int:
        text = cast("str", cast("Message", update.message).text)
        self.texts.append(text)
        if text == "break":
            raise ValueError("a bug")
        return len(self.texts)


def _text(update_id: int, text: str, chat_id: int = 500_000_001) -> StoredUpdate:
    person = {"id": chat_id, "is_bot": False, "first_name": "Ana"}
    chat = {"id": chat_id, "type": "private", "first_name": "Ana"}
    message = {"message_id": update_id, "date": 1_795_000_000, "chat": chat, "from": person, "text": text}
    return StoredUpdate(update_id, chat_id, Update.de_json({"update_id": update_id, "message": message}).to_json())


async def _run(engine: AsyncEngine, inbox: Inbox, heard: Heard) -> None:
    """Run intake over what the inbox holds until it is empty."""
    persistence = SqlPersistence(Conversations(engine))
    async with running_emulator() as emulator:
        builder = ApplicationBuilder().token(emulator.token).base_url(f"{emulator.url}/bot").updater(None)
        built = builder.persistence(persistence).context_types(ContextTypes(context=Context)).build()
        application = cast("LentigoApplication", built)
        services = services_on(
            engine,
            owner_ids=frozenset(),
            library=LIBRARY,
            places=Places(""),
            maintenance=Maintenance(engine),
            answer_soon=lambda *_: None,
            let_go=let_nothing_go,
            broadcast_soon=lambda _: None,
        )
        application.bot_data["services"] = services
        talk: Any = MessageHandler(filters.TEXT, heard)
        states: dict[object, list[Any]] = {number: [talk] for number in range(1, 9)}
        application.add_handler(ConversationHandler([talk], states, [], name="talk", persistent=True))
        application.add_error_handler(remember)
        await application.initialize()
        running = asyncio.create_task(Intake(application, inbox, persistence, services).run())
        for _ in range(200):
            await asyncio.sleep(0.05)
            if not await inbox.unhandled():
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await application.shutdown()


@pytest.mark.parametrize("inbox_kind", [Inbox, StubbornInbox])
async def test_updates_of_a_chat_are_handled_once_in_order(engine: AsyncEngine, inbox_kind: type[Inbox]) -> None:
    inbox, heard = inbox_kind(engine), Heard()
    await inbox.store([_text(number, f"text {number}") for number in range(1, 6)], NOON)
    await _run(engine, inbox, heard)
    assert heard.texts == [f"text {number}" for number in range(1, 6)]
    assert await inbox.unhandled() == []


async def test_update_that_breaks_its_handler_does_not_end_its_chat(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([_text(1, "break"), _text(2, "after")], NOON)
    await _run(engine, inbox, heard)
    assert heard.texts == ["break", "after"]
    assert await inbox.unhandled() == []


async def test_update_that_cannot_be_read_does_not_end_its_chat(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([StoredUpdate(1, 500_000_001, "{"), _text(2, "after")], NOON)
    await _run(engine, inbox, heard)
    assert heard.texts == ["after"]
    assert await inbox.unhandled() == []


async def test_suspect_update_is_set_aside_and_erased(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([_text(1, "poison"), _text(2, "after")], NOON)
    for _ in range(25):
        await inbox.retry(1)
    await _run(engine, inbox, heard)
    assert heard.texts == ["after"]
    assert await inbox.unhandled() == []


async def test_conversation_stands_where_its_last_update_left_it(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([_text(1, "one"), _text(2, "two"), _text(3, "other", chat_id=500_000_002)], NOON)
    await _run(engine, inbox, heard)
    states = await Conversations(engine).all("talk")
    assert set(states) == {(500_000_001, 500_000_001), (500_000_002, 500_000_002)}
