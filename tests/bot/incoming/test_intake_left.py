"""What becomes of updates that an earlier run left, and of what a stop leaves to the next."""

import asyncio
import gc
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.inbox import Inbox
from bot.storage.incidents import Incidents
from tests.bot.conftest import NOON
from tests.bot.taking import Brings, Heard, run, taking, text, until


class Meets(Heard):
    """A handler that sees for a second whether another of it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.are_two, self.have_met = asyncio.Barrier(2), False

    async def sees_through(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.are_two.wait()
                self.have_met = True


@pytest.mark.parametrize(("ends", "have_met"), [(1, True), (2, False)])
async def test_updates_with_which_the_bot_ended_again_are_handled_one_by_one(
    engine: AsyncEngine, ends: int, *, have_met: bool
) -> None:
    """So that the guilty one is known, and no other is set aside with it."""
    inbox, heard = Inbox(engine), Meets()
    await inbox.store([text(1, "one"), text(2, "other", 500_000_002)], NOON)
    for _ in range(ends):
        await inbox.retry([1, 2])
    await run(engine, inbox, heard)
    assert (sorted(heard.texts), heard.have_met) == (["one", "other"], have_met)


async def test_suspect_update_is_set_aside_and_erased(engine: AsyncEngine) -> None:
    inbox, heard = Inbox(engine), Heard()
    await inbox.store([text(1, "poison"), text(2, "after")], NOON)
    for _ in range(7):
        await inbox.retry([1])
    await run(engine, inbox, heard)
    assert heard.texts == ["after"]
    assert await inbox.unhandled() == []


class Waits(Heard):
    """A handler that waits for Telegram without end, as where it slows a chat down."""

    async def sees_through(self) -> None:
        if self.texts == ["slow"]:
            await asyncio.Event().wait()


@pytest.mark.parametrize("ends", [1, 2])
async def test_chat_that_telegram_slows_down_does_not_hold_up_what_an_earlier_run_left_of_others(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, ends: int
) -> None:
    monkeypatch.setattr("bot.incoming.intake._SUSPECT_S", 0.2)
    monkeypatch.setattr("bot.incoming.intake._FINISH_WITHIN_S", 0.2)
    monkeypatch.setattr("bot.incoming.intake._LEFT_AT_ONCE", 1)
    inbox, heard = Inbox(engine), Waits()
    await inbox.store([text(1, "slow"), text(2, "other", 500_000_002), text(3, "third", 500_000_003)], NOON)
    for _ in range(ends):
        await inbox.retry([1, 2, 3])
    async with taking(engine, inbox, heard, Brings([])):
        await until(lambda: heard.texts == ["slow", "other", "third"])
    assert [update.update_id for update in await inbox.unhandled()][:1] == [1]


class Crowded(Heard):
    """A handler that notes how many of it run at most."""

    running = most = 0

    async def sees_through(self) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.05)
        self.running -= 1


async def test_updates_that_an_earlier_run_left_are_not_all_begun_at_once(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.incoming.intake._LEFT_AT_ONCE", 3)
    inbox, heard = Inbox(engine), Crowded()
    await inbox.store([text(number, f"text {number}", 500_000_000 + number) for number in range(1, 11)], NOON)
    await run(engine, inbox, heard)
    assert (len(heard.texts), heard.most) == (10, 3)


class LockedAtTheStart(Inbox):
    """A database that somebody else has to themselves as the bot starts; notes how many are counted at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.counted: list[int] = []

    async def retry(self, update_ids: Sequence[int]) -> None:
        self.counted.append(len(update_ids))
        if len(self.counted) == 1:
            raise OperationalError("UPDATE inbox", None, Exception("database is locked"))
        await super().retry(update_ids)


async def test_updates_that_an_earlier_run_left_are_handled_though_the_database_is_locked_at_the_start(
    engine: AsyncEngine,
) -> None:
    inbox, heard = LockedAtTheStart(engine), Heard()
    await inbox.store([text(number, f"text {number}", 500_000_000 + number) for number in range(1, 31)], NOON)
    await run(engine, inbox, heard)
    assert sorted(heard.texts) == sorted(f"text {number}" for number in range(1, 31))
    assert await Incidents(engine, lambda: NOON).latest(9) == []
    assert inbox.counted[0] == 30  # together: thousands would wait for one another, and for a connection in vain


class Asks(Heard):
    """A handler that writes, and then asks something that takes long, in one transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self.engine = engine

    async def sees_through(self) -> None:
        count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT count(*) FROM n"
        async with self.engine.begin() as connection:
            await connection.execute(sa.text("UPDATE inbox SET retries = 0"))
            self.texts.append("asks")
            await connection.execute(sa.text(f"{count} UNION ALL SELECT 1"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_stop_in_the_middle_of_a_transaction_leaves_the_database_to_others(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.incoming.intake._FINISH_WITHIN_S", 0.05)
    inbox, heard = Inbox(engine), Asks(engine)
    await inbox.store([text(1, "hello")], NOON)
    gc.disable()
    try:
        async with taking(engine, inbox, heard, Brings([])):
            await until(lambda: "asks" in heard.texts)
        with closing(sqlite3.connect(engine.url.database or "", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
    finally:
        gc.enable()
