"""A broadcast: who is meant, claimed once, and nothing kept when it is over."""

import asyncio
from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import tables
from bot.storage.audit import Audit, Entry
from bot.storage.broadcasts import Announcement, Broadcasts, Counts, Outcome, State, drop_waiting
from bot.storage.drafts import Drafts
from bot.storage.moderators import Moderators
from tests.bot.conftest import NOON

MODERATOR = 900
NEWS = Announcement("We are closed on Friday.", [{"type": "bold", "offset": 7, "length": 6}])


async def add_patients(engine: AsyncEngine, user_ids: Iterable[int], **values: object) -> None:
    row = {"language": "en", "consent_version": "1", "registered_at": NOON, "created_at": NOON} | values
    async with engine.begin() as connection:
        await connection.execute(tables.patients.insert(), [row | {"user_id": user_id} for user_id in user_ids])


async def start(
    engine: AsyncEngine,
    language: str | None = None,
    news: Announcement = NEWS,
    banned: frozenset[int] = frozenset(),
    moderator_id: int = MODERATOR,
) -> int:
    await Drafts(engine).put(moderator_id, {"kind": "broadcast"})
    by = Entry(moderator_id, "broadcast", NOON)
    broadcast_id = await Broadcasts(engine).start(news, language, "en", banned, by)
    assert broadcast_id is not None
    return broadcast_id


async def test_registered_people_who_consent_are_meant_by_their_language(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2])
    await add_patients(engine, [3], language="es")
    await add_patients(engine, [4], registered_at=None)
    await add_patients(engine, [5], consent_version=None)
    assert await Broadcasts(engine).audience() == {1: "en", 2: "en", 3: "es"}
    broadcast_id = await start(engine, "en")
    assert await Broadcasts(engine).waiting(broadcast_id, 10) == [1, 2]


async def test_banned_people_are_left_out_and_who_blocks_the_bot_counts_at_once(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2, 3])
    await add_patients(engine, [4], blocked_at=NOON)
    broadcast_id = await start(engine, banned=frozenset({2}))
    broadcasts = Broadcasts(engine)
    assert await broadcasts.waiting(broadcast_id, 10) == [1, 3]
    assert await broadcasts.counts(broadcast_id) == Counts(blocked=1, unsent=2)


@pytest.mark.parametrize("lost", [{"registered_at": None}, {"consent_version": None}])
async def test_who_withdraws_before_their_turn_is_not_claimed_and_counts_as_unsent(
    engine: AsyncEngine, lost: dict[str, None]
) -> None:
    await add_patients(engine, [1, 2])
    broadcast_id, broadcasts = await start(engine), Broadcasts(engine)
    async with engine.begin() as connection:
        await connection.execute(tables.patients.update().where(tables.patients.c.user_id == 1).values(lost))
    assert not await broadcasts.claim(broadcast_id, 1, 40)
    assert await broadcasts.waiting(broadcast_id, 10) == [2]
    assert await broadcasts.counts(broadcast_id) == Counts(unsent=2)


async def test_who_is_dropped_gets_nothing_and_no_longer_counts(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2, 3, 4])
    broadcast_id, broadcasts = await start(engine), Broadcasts(engine)
    for user_id in (2, 3):
        await broadcasts.claim(broadcast_id, user_id, 40)
    await broadcasts.settle(broadcast_id, 3, Outcome.DELIVERED)
    async with engine.begin() as connection:
        for user_id in (1, 2, 3):
            await drop_waiting(connection, user_id)
    await broadcasts.settle(broadcast_id, 2, Outcome.WAITING)  # it was in doubt, and has not arrived
    assert not await broadcasts.claim(broadcast_id, 1, 40)
    assert await broadcasts.waiting(broadcast_id, 10) == [4]
    assert await broadcasts.counts(broadcast_id) == Counts(delivered=1, unsent=1)


async def test_draft_is_sent_once_however_often_send_is_pressed(engine: AsyncEngine) -> None:
    await add_patients(engine, [1])
    broadcast_id, broadcasts = await start(engine), Broadcasts(engine)
    by = Entry(MODERATOR, "broadcast", NOON)
    assert await broadcasts.start(NEWS, None, "en", frozenset(), by) is None
    await broadcasts.end(broadcast_id, NOON)
    assert await broadcasts.start(NEWS, None, "en", frozenset(), by) is None


async def test_of_many_presses_at_once_one_starts(engine: AsyncEngine) -> None:
    await add_patients(engine, [1])
    for moderator_id in range(900, 920):
        await Drafts(engine).put(moderator_id, {"kind": "broadcast"})
    entries = [Entry(moderator_id, "broadcast", NOON) for moderator_id in range(900, 920)] * 2
    starts = [Broadcasts(engine).start(NEWS, None, "en", frozenset(), by) for by in entries]
    assert len([number for number in await asyncio.gather(*starts) if number is not None]) == 1


async def test_second_broadcast_waits_for_the_first_and_its_draft_stays(engine: AsyncEngine) -> None:
    broadcast_id, drafts = await start(engine), Drafts(engine)
    await drafts.put(901, {"kind": "broadcast"})
    by = Entry(901, "broadcast", NOON)
    assert await Broadcasts(engine).start(NEWS, None, "en", frozenset(), by) is None
    assert await drafts.get(901) == {"kind": "broadcast"}
    await Broadcasts(engine).end(broadcast_id, NOON)
    assert await Broadcasts(engine).start(NEWS, None, "en", frozenset(), by) not in {None, broadcast_id}


async def test_cancelled_broadcast_claims_nobody_and_is_cancelled_once(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2])
    broadcast_id, broadcasts = await start(engine), Broadcasts(engine)
    assert await broadcasts.claim(broadcast_id, 1, 40)
    by = Entry(MODERATOR, "broadcast-cancel", NOON)
    assert [await broadcasts.cancel(broadcast_id, by) for _ in range(2)] == [True, False]
    assert not await broadcasts.claim(broadcast_id, 2, 40)
    assert await broadcasts.waiting(broadcast_id, 10) == []
    assert await broadcasts.in_doubt(broadcast_id) == [(1, 40)]


async def test_role_that_is_taken_away_stops_what_its_holder_sends(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2])
    moderators, broadcasts = Moderators(engine, frozenset()), Broadcasts(engine)
    for moderator_id in (MODERATOR, MODERATOR + 1):
        await moderators.grant(moderator_id, Entry(7, "grant", NOON, moderator_id))
    broadcast_id = await start(engine)
    await moderators.revoke(MODERATOR + 1, Entry(7, "revoke", NOON, MODERATOR + 1))
    assert await broadcasts.waiting(broadcast_id, 10) == [1, 2]
    await moderators.revoke(MODERATOR, Entry(7, "revoke", NOON, MODERATOR))
    assert not await broadcasts.claim(broadcast_id, 1, 40)
    assert await broadcasts.waiting(broadcast_id, 10) == []
    running = await broadcasts.get_open()  # it is still to be reported
    assert running is not None
    assert running.state is State.CANCELLED


async def test_what_somebody_sends_who_is_no_owner_any_more_is_stopped(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2])
    broadcast_id, broadcasts = await start(engine), Broadcasts(engine)
    await Moderators(engine, frozenset({MODERATOR})).stop_former()
    assert await broadcasts.waiting(broadcast_id, 10) == [1, 2]
    await Moderators(engine, frozenset({MODERATOR + 1})).stop_former()
    assert await broadcasts.waiting(broadcast_id, 10) == []


async def test_nobody_is_claimed_twice(engine: AsyncEngine) -> None:
    await add_patients(engine, [1])
    broadcast_id, broadcasts = await start(engine), Broadcasts(engine)
    assert [await broadcasts.claim(broadcast_id, 1, 40) for _ in range(2)] == [True, False]
    await broadcasts.settle(broadcast_id, 1, Outcome.DELIVERED)
    assert not await broadcasts.claim(broadcast_id, 1, 40)
    assert await broadcasts.in_doubt(broadcast_id) == []


async def test_what_was_said_and_to_whom_is_erased_when_it_is_over(engine: AsyncEngine) -> None:
    await add_patients(engine, [1])
    broadcast_id = await start(engine, "en")
    await Broadcasts(engine).end(broadcast_id, NOON)
    async with engine.connect() as connection:
        row = (await connection.execute(sa.select(tables.broadcasts))).one()
        assert (row.text, row.entities, row.state, row.ended_at) == ("", [], State.DONE, NOON)
        assert (await connection.execute(sa.select(tables.deliveries))).all() == []


async def test_audit_says_how_many_and_not_what(engine: AsyncEngine) -> None:
    await add_patients(engine, [1, 2])
    await start(engine, "en")
    (entry,) = await Audit(engine).page(10)
    assert (entry.action, entry.actor_id, entry.details) == ("broadcast", MODERATOR, "language=en, people=2")
