"""Updates are taken in once, and handled in order, whatever comes how often."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Update

from bot.incoming.updates import Take
from bot.storage.conversations import Conversations
from bot.storage.inbox import Finished, Inbox, StoredUpdate
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY
from tests.bot.taking import Heard, run, taking, text, until, until_handled
from tests.conversations.stories import shown


class StubbornInbox(Inbox):
    """A database that is busy the first times it is to remember that something was handled."""

    failures = 2

    async def finish(self, those: Sequence[Finished], now: datetime) -> None:
        if self.failures:
            self.failures -= 1
            raise OperationalError("UPDATE inbox", None, Exception("database is locked"))
        await super().finish(those, now)


@pytest.mark.parametrize("inbox_kind", [Inbox, StubbornInbox])
async def test_updates_of_a_chat_are_handled_once_in_order(engine: AsyncEngine, inbox_kind: type[Inbox]) -> None:
    inbox, heard = inbox_kind(engine), Heard()
    await inbox.store([text(number, f"text {number}") for number in range(1, 6)], NOON)
    await run(engine, inbox, heard)
    assert heard.texts == [f"text {number}" for number in range(1, 6)]
    assert await inbox.unhandled() == []


async def test_conversation_stands_where_its_last_update_left_it(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([text(1, "one"), text(2, "two"), text(3, "other", chat_id=500_000_002)], NOON)
    await run(engine, inbox, heard)
    states = await Conversations(engine).all("talk")
    assert set(states) == {(500_000_001, 500_000_001), (500_000_002, 500_000_002)}


async def test_updates_that_come_again_and_at_the_same_time_are_handled_once(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    one, two, other = text(1, "one"), text(2, "two"), text(3, "other", chat_id=500_000_002)
    await run(engine, inbox, heard, [[one], [one, two], [two], [other, other], [one], [other]])
    assert sorted(heard.texts) == ["one", "other", "two"]


async def test_updates_of_a_chat_that_wait_are_handled_in_order_however_they_came(
    engine: AsyncEngine,
) -> None:
    inbox, heard = Inbox(engine), Heard()
    await run(engine, inbox, heard, [[text(1, "first"), text(4, "four"), text(3, "three"), text(2, "two")]])
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
    await run(engine, inbox, heard, [[text(1, "one")], [text(2, "two")]])
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
    async with taking(engine, inbox, heard, hands) as emulator, open_town(emulator.url) as town:
        ana = await town.newcomer("Ana", id=500_000_001)
        await ana.says("so that the bot may write")
        take = await hands.take
        await take([text(1, "text 1")])
        await until(lambda: heard.texts == ["text 1"])
        await take([text(number, f"text {number}") for number in range(2, 302)])
        await take([text(302, "text 302"), _press(303, "delete:yes:en"), text(304, "other", chat_id=500_000_002)])
        await until(lambda: heard.texts == ["text 1", "other"])
        assert len([update for update in await inbox.unhandled() if update.lane == ana.id]) == 1 + 100 + 1
        heard.may_go_on.set()
        await ana.waits_for(shown(LIBRARY.content.texts("en"), "too-many-messages"))
        await take([text(305, "after")])
        await until_handled(inbox, heard, 104)
        told = [message for message in await ana.messages() if message["from"]["is_bot"]]
    assert heard.texts == ["text 1", "other", *(f"text {n}" for n in range(2, 102)), "delete:yes:en", "after"]
    assert len(told) == 1
    assert await inbox.unhandled() == []


async def test_group_hears_nothing_of_what_breaks_or_floods_there(engine: AsyncEngine) -> None:
    inbox, heard, hands = Inbox(engine), Busy(), Hands()
    async with taking(engine, inbox, heard, hands) as emulator, open_town(emulator.url) as town:
        take = await hands.take
        await take([text(1, "break", chat_id=-500_000_001)])
        await until(lambda: heard.texts == ["break"])
        await take([text(number, f"text {number}", chat_id=-500_000_001) for number in range(2, 150)])
        heard.may_go_on.set()
        await until_handled(inbox, heard, 101)
        assert "sendMessage" not in [call["method"] for call in await town.calls()]
    assert await inbox.unhandled() == []
