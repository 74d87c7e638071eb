"""Writes that come while others are under way: written in one go, and none spoiled by another."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import OperationalError

from bot.incoming.together import Together

BUSY = OperationalError("INSERT", None, Exception("database is locked"))


class Slow:
    """What writes, one transaction at a time; words in capitals it refuses."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []
        self.is_busy = False

    async def __call__(self, words: Sequence[str]) -> None:
        await asyncio.sleep(0.01)
        self.transactions.append(list(words))
        if self.is_busy:
            raise BUSY
        if any(word.isupper() for word in words):
            raise ValueError("refused")


async def test_what_comes_meanwhile_is_written_in_one_go_and_in_order() -> None:
    slow = Slow()
    together = Together[str](slow)
    first = asyncio.create_task(together.add("a"))
    await asyncio.sleep(0)
    await asyncio.gather(first, *(together.add(word) for word in "bcd"))
    assert slow.transactions == [["a"], ["b", "c", "d"]]


async def test_nobody_is_told_before_their_own_is_written() -> None:
    slow = Slow()
    together = Together[str](slow)
    first = asyncio.create_task(together.add("a"))
    await asyncio.sleep(0)
    second = asyncio.create_task(together.add("b"))
    await first
    assert not second.done()
    await second
    assert slow.transactions[-1] == ["b"]


async def test_one_that_is_refused_spoils_none_of_the_others() -> None:
    slow = Slow()
    together = Together[str](slow)
    outcomes = await asyncio.gather(*(together.add(word) for word in ("a", "b", "C", "d")), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), ValueError, type(None)]
    assert slow.transactions[1:] == [["a"], ["b"], ["C"], ["d"]]


async def test_database_that_is_busy_is_not_asked_once_for_everybody() -> None:
    slow = Slow()
    slow.is_busy = True
    together = Together[str](slow)
    outcomes = await asyncio.gather(*(together.add(word) for word in "abc"), return_exceptions=True)
    assert outcomes == [BUSY] * 3
    assert slow.transactions == [["a", "b", "c"]]
    slow.is_busy = False
    await together.add("a")


async def test_who_goes_away_holds_up_nobody_and_drain_waits_for_all() -> None:
    slow = Slow()
    together = Together[str](slow)
    tasks = [asyncio.create_task(together.add(word)) for word in "ab"]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await together.drain(5)
    assert slow.transactions == [["a", "b"]]
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    await tasks[1]


async def test_who_drains_in_vain_spoils_no_write() -> None:
    slow = Slow()
    together = Together[str](slow)
    adding = asyncio.create_task(together.add("a"))
    await asyncio.sleep(0)
    await together.drain(0)
    assert not adding.done()
    await adding
    await together.add("b")
    assert slow.transactions == [["a"], ["b"]]
