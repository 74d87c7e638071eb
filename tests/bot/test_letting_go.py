"""What becomes of the promise of an answer where its photo is let go."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot

from bot import delivery
from bot.render.reply import Reply
from bot.storage.database import open_database
from bot.storage.records import Records
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, open_desk
from tests.bot.promised import DeadlyPool, EndlessPool, answering_at, promised, queue_at, tasks_at
from tests.conversations.stories import shown

TEXTS = LIBRARY.content.by_language["es"]


@pytest.mark.parametrize("button", ["delete:yes:es", "privacy:withdraw-yes"])
@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize("is_again", [False, True])
async def test_promise_goes_or_says_that_it_is_none_any_more(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, button: str, *, is_old: bool, is_again: bool
) -> None:
    """Telegram deletes no message that is older than 48 hours; and the bot may have ended after it had let go."""
    if is_old:
        monkeypatch.setattr("emulator.methods.messages.DELETABLE_S", -60)
    async with open_desk(engine) as desk, open_town(desk.emulator.url) as town:
        eva, kept = await town.newcomer("Eva"), desk.services.cases
        await eva.says("/start")
        await desk.services.patients.speak(eva.id, "es", NOON)
        await desk.services.patients.consent(eva.id, LIBRARY.content.consent_version, NOON)
        await desk.services.patients.register(eva.id, NOON)
        case = await kept.open(eva.id, eva.id, 7, "file", datetime.now(UTC))
        assert case is not None
        promise = await desk.application.bot.send_message(eva.id, shown(TEXTS, "looking"))
        await kept.promise(case.case_id, promise.message_id)
        if is_again:
            await kept.let_go([case.case_id], NOON)
        await desk.presses(eva.id, button)
        assert await kept.open_of(eva.id) == []
        left = [m["text"] for m in await eva.messages() if m["message_id"] == promise.message_id]
        assert left == ([shown(TEXTS, "photo-let-go")] if is_old else [])
        assert "deleteMessage" not in [done.method for done in await desk.presses(eva.id, button)]


async def test_photo_that_was_let_go_is_not_taken_up_by_the_next_start(engine: AsyncEngine) -> None:
    """Which hears only later, from an update begun anew, that its sender wants nothing more."""
    async with open_desk(engine) as desk, open_town(desk.emulator.url) as town:
        case_id = await promised(desk, await town.newcomer("Eva"))
        pool, tasks = EndlessPool(), tasks_at(desk)
        queue = queue_at(desk, pool, tasks)
        queue.start(case_id, 0)
        await asyncio.wait_for(pool.is_in_hand.wait(), 30)
        await tasks.let_go(number for number in (case_id,))
        await queue.stop()
        next_pool = EndlessPool()
        next_queue = queue_at(desk, next_pool)
        await next_queue.resume()
        await asyncio.sleep(1)
        await next_queue.stop()
        assert not next_pool.is_in_hand.is_set()


async def test_nothing_is_remembered_of_a_photo_that_is_let_go_while_it_is_looked_at(engine: AsyncEngine) -> None:
    async with open_desk(engine) as desk, open_town(desk.emulator.url) as town:
        pool = EndlessPool()
        answering, case_id = answering_at(desk, pool), await promised(desk, await town.newcomer("Eva"))
        tasks = tasks_at(desk)
        tasks.start(case_id, lambda: answering.answer_or_apologise(case_id))
        await asyncio.wait_for(pool.is_in_hand.wait(), 30)
        await tasks.let_go([case_id])
        assert answering._tried == {}


@pytest.fixture
async def impatient_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A database that ends a transaction which stands still, as after a minute; SQLite never does."""
    options = "?options=-c%20idle_in_transaction_session_timeout%3D300ms"
    opened = open_database(database_url + options * database_url.startswith("postgresql"))
    yield opened
    await opened.dispose()


async def test_who_is_erased_while_telegram_is_slow_is_sent_no_answer(
    engine: AsyncEngine, impatient_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the operator's command, too, which is another program."""
    edit, is_asked, may_answer = delivery.edit, asyncio.Event(), asyncio.Event()

    async def slow_edit(bot: ExtBot[int], chat_id: int, message_id: int, reply: Reply) -> None:
        is_asked.set()
        await may_answer.wait()
        await edit(bot, chat_id, message_id, reply)

    async with open_desk(impatient_engine) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        await eva.says("/start")
        await desk.services.patients.speak(eva.id, "en", NOON)
        case_id = await promised(desk, eva)
        monkeypatch.setattr(delivery, "edit", slow_edit)
        answering = asyncio.create_task(answering_at(desk, DeadlyPool()).answer_or_apologise(case_id))
        await asyncio.wait_for(is_asked.wait(), 30)
        case = await desk.services.cases.get_open(case_id)
        assert case is not None
        assert case.progress_message_id is not None
        await desk.application.bot.delete_message(eva.id, case.progress_message_id)
        await Records(engine).erase(eva.id, "1", NOON)  # on PostgreSQL it waits until the case is held no longer
        said = await eva.messages()
        may_answer.set()
        await answering
        assert await eva.messages() == said
