"""An update is seen through once, whatever goes wrong beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Message, Update
from telegram.error import InvalidToken
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

from bot.context import Context, LentigoApplication
from bot.conversations import SqlPersistence
from bot.handlers.errors import remember
from bot.intake import Intake
from bot.library import Library
from bot.metrics import Metrics
from bot.pacing import Pacing
from bot.places import Places
from bot.services import services_on
from bot.storage.cases import Cases
from bot.storage.conversations import Conversations
from bot.storage.inbox import Finished, Inbox, StoredUpdate
from bot.storage.maintenance import Maintenance
from bot.updates import Source, Take
from emulator.person import open_town
from emulator.server import RunningEmulator, running_emulator
from tests.bot.conftest import NOON, let_nothing_go
from tests.conversations.stories import shown

ROOT = Path(__file__).parents[2]
LIBRARY = Library(ROOT / "content", ROOT / "models")


class StubbornInbox(Inbox):
    """A database that is busy the first times it is to remember that something was handled."""

    failures = 2

    async def finish(self, those: Sequence[Finished], now: datetime) -> None:
        if self.failures:
            self.failures -= 1
            raise OperationalError("UPDATE inbox", None, Exception("database is locked"))
        await super().finish(those, now)


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


def _text(update_id: int, text: str, chat_id: int = 500_000_001) -> StoredUpdate:
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


async def _run(
    engine: AsyncEngine, inbox: Inbox, heard: Heard, arriving: Sequence[Sequence[StoredUpdate]] = ()
) -> None:
    """Run intake over what arrives and what the inbox holds until it is empty."""
    async with _taking(engine, inbox, heard, Brings(arriving)):
        await _until_handled(inbox, heard, len({u.update_id for some in arriving for u in some}))


async def _until_handled(inbox: Inbox, heard: Heard, count: int) -> None:
    for _ in range(200):
        await asyncio.sleep(0.05)
        if not await inbox.unhandled() and len(heard.texts) >= count:
            break


@asynccontextmanager
async def _taking(engine: AsyncEngine, inbox: Inbox, heard: Heard, source: Source) -> AsyncIterator[RunningEmulator]:
    """Take updates in while the block runs."""
    persistence = SqlPersistence(Conversations(engine))
    async with running_emulator() as emulator:
        builder: Any = ApplicationBuilder().token(emulator.token).base_url(f"{emulator.url}/bot").updater(None)
        built = (
            builder.rate_limiter(Pacing()).persistence(persistence).context_types(ContextTypes(context=Context)).build()
        )
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


class Revoked(Heard):
    """A handler that finds once that Telegram does not know the token any more."""

    async def __call__(self, update: Update, context: Context) -> int:
        state = await super().__call__(update, context)
        if state == 1:
            raise InvalidToken
        return state


async def test_update_that_comes_as_the_token_is_revoked_is_kept_for_the_next_start(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Revoked()
    await inbox.store([_text(1, "photo")], NOON)
    async with _taking(engine, inbox, heard, Brings([])):
        await _until(lambda: heard.texts == ["photo"])
    assert [update.update_id for update in await inbox.unhandled()] == [1]
    await _run(engine, inbox, heard)
    assert heard.texts == ["photo", "photo"]
    assert await inbox.unhandled() == []


class Speaks(Heard):
    """A handler that says two things."""

    async def __call__(self, update: Update, context: Context) -> int:
        state = await super().__call__(update, context)
        message = cast("Message", update.message)
        await context.bot.send_message(message.chat_id, "first")
        await context.bot.send_location(message.chat_id, 47.8, 13.0)
        return state


async def test_handler_is_not_run_again_by_an_absence_of_telegram(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pacing._WAITS_S", (0.01,))
    monkeypatch.setattr("bot.pacing._LONGER_WAITS_S", (0.01,) * 20)
    inbox, heard = Inbox(engine), Speaks()
    await inbox.store([_text(1, "where?")], NOON)
    async with _taking(engine, inbox, heard, Brings([])) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("hello")
        await town.suffers({"kind": "5xx", "method": "sendLocation", "times": 15})
        await ana.waits_for(lambda message: "location" in message, 20)
        said = [message.get("text") for message in await ana.messages() if message["from"]["is_bot"]]
    assert (heard.texts, said) == (["where?"], ["first", None])


class Opens(Heard):
    """A handler that opens a case for each text, as for a photo, and promises some their answer."""

    def __init__(self, cases: Cases) -> None:
        super().__init__()
        self.cases = cases

    async def __call__(self, update: Update, context: Context) -> int:
        message = cast("Message", update.message)
        case = await self.cases.open(message.chat_id, message.chat_id, message.message_id, "file", NOON)
        if message.text == "promised" and case is not None:
            await self.cases.promise(case.case_id, 77)
        return await super().__call__(update, context)


async def test_photo_whose_handler_breaks_before_the_promise_is_answered_by_the_apology(engine: AsyncEngine) -> None:
    inbox, cases = Inbox(engine), Cases(engine)
    await inbox.store([_text(1, "promised"), _text(2, "break")], NOON)
    await _run(engine, inbox, Opens(cases))
    assert [case.message_id for case in await cases.open_of(500_000_001)] == [1]
    assert await cases.is_known(500_000_001, 2)


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


async def test_updates_that_come_again_and_at_the_same_time_are_handled_once(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    one, two, other = _text(1, "one"), _text(2, "two"), _text(3, "other", chat_id=500_000_002)
    await _run(engine, inbox, heard, [[one], [one, two], [two], [other, other], [one], [other]])
    assert sorted(heard.texts) == ["one", "other", "two"]


async def test_updates_of_a_chat_that_wait_are_handled_in_order_however_they_came(
    engine: AsyncEngine,
) -> None:
    inbox, heard = Inbox(engine), Heard()
    await _run(engine, inbox, heard, [[_text(1, "first"), _text(4, "four"), _text(3, "three"), _text(2, "two")]])
    assert heard.texts == ["first", "two", "three", "four"]


class ForgetfulInbox(Inbox):
    """A database whose answer is lost the first time: what it has stored, nobody knows."""

    failures = 1

    async def store(self, updates: Sequence[StoredUpdate], now: datetime) -> list[StoredUpdate]:
        stored = await super().store(updates, now)
        if self.failures:
            self.failures -= 1
            raise OperationalError("COMMIT", None, Exception("connection lost"))
        return stored


async def test_update_whose_storing_is_in_doubt_is_handled_when_it_comes_again(engine: AsyncEngine) -> None:
    inbox, heard = ForgetfulInbox(engine), Heard()
    await _run(engine, inbox, heard, [[_text(1, "one")], [_text(2, "two")]])
    assert sorted(heard.texts) == ["one", "two"]


class Hands:
    """A source that hands over what a test gives it, when it does."""

    def __init__(self) -> None:
        self.take: asyncio.Future[Take] = asyncio.get_running_loop().create_future()

    async def run(self, take: Take) -> None:
        self.take.set_result(take)
        await asyncio.Event().wait()


class Busy(Heard):
    """A handler that is not done with the first it hears before it may go on; the others' updates go through."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = asyncio.Event()

    async def sees_through(self) -> None:
        if len(self.texts) == 1:
            await self.may_go_on.wait()


def _press(update_id: int, data: str, chat_id: int = 500_000_001) -> StoredUpdate:
    person = {"id": chat_id, "is_bot": False, "first_name": "Ana"}
    query = {"id": str(update_id), "from": person, "chat_instance": "1", "data": data}
    return StoredUpdate(update_id, chat_id, Update.de_json({"update_id": update_id, "callback_query": query}).to_json())


async def test_chat_that_is_far_behind_is_read_no_further_and_told_so_once(engine: AsyncEngine) -> None:
    inbox, heard, hands = Inbox(engine), Busy(), Hands()
    async with _taking(engine, inbox, heard, hands) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("so that the bot may write")
        take = await hands.take
        await take([_text(1, "text 1")])
        await _until(lambda: heard.texts == ["text 1"])
        await take([_text(number, f"text {number}") for number in range(2, 302)])
        await take([_text(302, "text 302"), _press(303, "delete:yes"), _text(304, "other", chat_id=500_000_002)])
        await _until(lambda: heard.texts == ["text 1", "other"])
        assert len([update for update in await inbox.unhandled() if update.lane == ana.id]) == 1 + 100 + 1
        heard.may_go_on.set()
        await ana.waits_for(shown(LIBRARY.content.texts("en"), "too-many-messages"))
        await take([_text(305, "after")])
        await _until_handled(inbox, heard, 104)
        told = [message for message in await ana.messages() if message["from"]["is_bot"]]
    assert heard.texts == ["text 1", "other", *(f"text {n}" for n in range(2, 102)), "delete:yes", "after"]
    assert len(told) == 1
    assert await inbox.unhandled() == []


async def test_group_hears_nothing_of_what_breaks_or_floods_there(engine: AsyncEngine) -> None:
    inbox, heard, hands = Inbox(engine), Busy(), Hands()
    async with _taking(engine, inbox, heard, hands) as emulator, open_town(emulator.url) as town:
        take = await hands.take
        await take([_text(1, "break", chat_id=-500_000_001)])
        await _until(lambda: heard.texts == ["break"])
        await take([_text(number, f"text {number}", chat_id=-500_000_001) for number in range(2, 150)])
        heard.may_go_on.set()
        await _until_handled(inbox, heard, 101)
        assert "sendMessage" not in [call["method"] for call in await town.calls()]
    assert await inbox.unhandled() == []


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")
