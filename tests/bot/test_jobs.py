"""What a worker's queue tells of a photo that comes to it again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.sql import queries
from procrastinate.testing import InMemoryConnector
from psycopg import OperationalError

from bot.errors import SlowedDown
from bot.machines import add_task, queue_app, take_over
from bot.parts import meanwhile
from tests.postgres import Cluster


async def test_job_that_comes_back_is_known_as_one_that_was_in_hand() -> None:
    app, answered = App(connector=InMemoryConnector()), list[tuple[Any, ...]]()

    async def answer(case_id: int, priority: int, *, is_again: bool) -> None:
        answered.append((case_id, priority, is_again))
        if not is_again:
            raise ValueError("it ends")

    add_task(app, answer)
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

    add_task(app, answer)
    async with app.open_async():
        await app.configure_task("answer", priority=-3, queueing_lock="case-7").defer_async(case_id=7)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
        assert len(answered) == 1
        await asyncio.sleep(1.1)
        await app.run_worker_async(wait=False, install_signal_handlers=False)
    assert answered == [(7, -3, False), (7, -3, False)]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_what_a_dead_worker_had_in_hand_is_put_back_once_whatever_this_machines_clock_says(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    monkeypatch.setattr("procrastinate.utils.utcnow", lambda: datetime.now(UTC) + timedelta(hours=hours))
    async with queue_app(postgres.fresh()).open_async() as app:
        await app.configure_task("answer", queueing_lock="case-7").defer_async(case_id=7)
        worker_id = await app.job_manager.register_worker()
        assert await app.job_manager.fetch_job(None, worker_id)
        long_ago = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 min'"
        await app.connector.execute_query_async(long_ago)
        async with meanwhile(take_over(app, 0.05), take_over(app, 0.05)), asyncio.timeout(30):
            while await _state_of_the_job(app) == ("doing", 0):
                pass
            await asyncio.sleep(0.2)  # the other one comes, too
        assert await _state_of_the_job(app) == ("todo", 1)
        assert await app.job_manager.fetch_job(None, await app.job_manager.register_worker())  # it is due


@pytest.mark.parametrize("is_done", [False, True], ids=["before it is done", "after it is done"])
@pytest.mark.parametrize(("ends_with", "states"), [("retry_job", [("todo", 2)]), ("finish_job", [])])
async def test_job_is_ended_though_the_database_goes_away_just_then(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch, ends_with: str, states: list[tuple[str, int]], *, is_done: bool
) -> None:
    """Or it would stay in hand for as long as its worker lives."""
    monkeypatch.setattr("bot.machines._AGAIN_AFTER_S", 0.05)

    async def answer(case_id: int, priority: int, *, is_again: bool) -> None:
        if ends_with == "retry_job":
            raise ValueError(f"a bug {case_id} {priority} {is_again}")

    async with queue_app(postgres.fresh()).open_async() as app:
        add_task(app, answer)
        execute, cuts = app.connector.execute_query_async, [True]

        async def cut(query: str, **values: object) -> None:
            is_cut = query == queries[ends_with] and any(cuts)
            if not is_cut or is_done:
                await execute(query, **values)
            if is_cut:
                cuts.clear()
                raise ConnectorException from OperationalError("the connection is lost")

        monkeypatch.setattr(app.connector, "execute_query_async", cut)
        await app.configure_task("answer", queueing_lock="case-7").defer_async(case_id=7)
        await app.run_worker_async(wait=False, install_signal_handlers=False, delete_jobs="always")
        assert cuts == []
        rows = await app.connector.execute_query_all_async("SELECT status, attempts FROM procrastinate_jobs")
        assert [(row["status"], row["attempts"]) for row in rows] == states


async def _state_of_the_job(app: App) -> tuple[str, int]:
    row = await app.connector.execute_query_one_async("SELECT status, attempts FROM procrastinate_jobs")
    return row["status"], row["attempts"]
