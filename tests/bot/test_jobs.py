"""What a worker's queue tells of a photo that comes to it again."""

import asyncio
from typing import Any

from procrastinate import App
from procrastinate.testing import InMemoryConnector

from bot.errors import SlowedDown
from bot.machines import add_tasks


async def test_job_that_comes_back_is_known_as_one_that_was_in_hand() -> None:
    app, answered = App(connector=InMemoryConnector()), list[tuple[Any, ...]]()

    async def answer(case_id: int, priority: int, *, is_again: bool) -> None:
        answered.append((case_id, priority, is_again))
        if not is_again:
            raise ValueError("it ends")

    add_tasks(app, answer)
    async with app.open_async():
        await app.configure_task("answer", priority=-3).defer_async(case_id=7)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
    assert answered == [(7, -3, False), (7, -3, True)]


async def test_job_of_a_chat_that_is_slowed_down_comes_back_later_as_one_that_nobody_ended_with() -> None:
    app, answered = App(connector=InMemoryConnector()), list[tuple[Any, ...]]()

    async def answer(case_id: int, priority: int, *, is_again: bool) -> None:
        answered.append((case_id, priority, is_again))
        if len(answered) == 1:
            raise SlowedDown(0.5)

    add_tasks(app, answer)
    async with app.open_async():
        await app.configure_task("answer", priority=-3, queueing_lock="case-7").defer_async(case_id=7)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
        assert len(answered) == 1
        await asyncio.sleep(1.1)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
    assert answered == [(7, -3, False), (7, -3, False)]
