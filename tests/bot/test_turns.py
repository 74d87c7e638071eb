"""A user's first photo goes before somebody's tenth; equals go in the order in which they came."""

import asyncio

from bot.turns import Turns


async def test_larger_priority_goes_first_and_equals_in_order() -> None:
    turns, order = Turns(1), list[str]()
    opened = asyncio.Event()
    first = asyncio.create_task(_take(turns, 0, "holder", order, opened))
    await asyncio.sleep(0)
    later = [(-9, "tenth"), (0, "first of A"), (-1, "second"), (0, "first of B")]
    tasks = [asyncio.create_task(_take(turns, priority, name, order, opened)) for priority, name in later]
    await asyncio.sleep(0)
    opened.set()
    await asyncio.gather(first, *tasks)
    assert order == ["holder", "first of A", "first of B", "second", "tenth"]


async def test_as_many_at_once_as_there_are_places() -> None:
    turns, order, opened = Turns(2), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(_take(turns, 0, name, order, opened)) for name in "abc"]
    for _ in range(3):
        await asyncio.sleep(0)
    assert order == ["a", "b"]
    opened.set()
    await asyncio.gather(*tasks)
    assert order == ["a", "b", "c"]


async def test_place_of_whoever_is_cancelled_is_not_lost() -> None:
    turns, order, opened = Turns(1), list[str](), asyncio.Event()
    holder = asyncio.create_task(_take(turns, 0, "holder", order, opened))
    await asyncio.sleep(0)
    waiting, chosen, last = (asyncio.create_task(_take(turns, 0, name, order, opened)) for name in "wcl")
    await asyncio.sleep(0)
    waiting.cancel()
    holder.cancel()
    await asyncio.sleep(0)
    chosen.cancel()  # it may have been let in already
    opened.set()
    await asyncio.gather(holder, waiting, chosen, last, return_exceptions=True)
    assert order[-1] == "l"


async def _take(turns: Turns, priority: int, name: str, order: list[str], opened: asyncio.Event) -> None:
    async with turns.turn(priority):
        order.append(name)
        await opened.wait()
