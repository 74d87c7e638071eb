"""A broadcast and people who are gone: blocked, deleted, banned, erased, the moderator too."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import tables
from bot.storage.audit import Entry
from bot.storage.broadcasts import Broadcasts, drop_waiting
from bot.storage.patients import Patients
from bot.storage.records import Records
from tests.bot.conftest import NOON
from tests.bot.post import Post, open_post
from tests.conversations.stories import shown


@pytest.fixture
async def post(engine: AsyncEngine) -> AsyncIterator[Post]:
    async with open_post(engine) as opened:
        yield opened


async def test_who_blocks_the_bot_is_noted_and_never_written_to_again(post: Post) -> None:
    people = await post.people(2, blocked=1)
    await post.broadcasting().broadcast(await post.start())
    patients = [await Patients(post.engine).get(user_id) for user_id in people]
    assert [patient and patient.blocked_at for patient in patients] == [None, NOON]
    before = await _sends(post, people[1])
    await post.broadcasting().broadcast(await post.start())
    assert await _sends(post, people[1]) == before == 1
    assert post.report().splitlines()[2:] == post.counted(delivered=1, blocked=1, failed=0)


async def test_who_has_deleted_the_account_is_never_written_to_again(post: Post) -> None:
    people = await post.people(2)
    words = "Forbidden: user is deactivated"
    gone = {"kind": "refused", "method": "sendMessage", "status": 403, "description": words, "chat_id": people[1]}
    await post.town.suffers(gone)
    await post.broadcasting().broadcast(await post.start())
    assert post.report().splitlines()[2:] == post.counted(delivered=1, blocked=1, failed=0)
    patient = await Patients(post.engine).get(people[1])
    assert patient is not None
    assert patient.blocked_at == NOON


async def test_who_can_never_be_written_to_ends_as_failed_and_holds_up_nobody(post: Post) -> None:
    broken, *others = await post.people(3)
    await post.town.suffers({"kind": "5xx", "method": "sendMessage", "chat_id": broken})
    await asyncio.wait_for(post.broadcasting().broadcast(await post.start()), 60)
    assert post.times_sent([broken, *others]) == [0, 1, 1]
    assert post.report().splitlines()[2:] == post.counted(delivered=2, blocked=0, failed=1)
    assert await _sends(post, broken) == 5
    assert await _sends(post, post.moderator.id) == 6  # the progress at the start, and anew for each doubt


async def test_who_can_not_even_be_looked_at_ends_as_failed_and_holds_up_nobody(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for waits in ("_WAITS_S", "_LONGER_WAITS_S"):
        monkeypatch.setattr(f"bot.connection.pacing.{waits}", (0.01,))
    monkeypatch.setattr("bot.connection.pacing._LONGEST_WAIT_S", 0.01)
    broken, *others = await post.people(3)
    methods = ("sendMessage", "stopMessageLiveLocation")
    await post.town.suffers(*({"kind": "5xx", "method": method, "chat_id": broken} for method in methods))
    await asyncio.wait_for(post.broadcasting().broadcast(await post.start()), 60)
    assert post.times_sent([broken, *others]) == [0, 1, 1]
    assert post.report().splitlines()[2:] == post.counted(delivered=2, blocked=0, failed=1)


async def test_who_is_banned_or_withdraws_meanwhile_is_not_written_to(post: Post) -> None:
    people = await post.people(60)
    broadcast_id, broadcasting = await post.start(), post.broadcasting()
    broadcasting.start(broadcast_id)
    await post.until_sent(10, people)
    banned, withdrawn = [user_id for user_id in people if not post.said(user_id)][-2:]
    async with post.engine.begin() as connection:
        await drop_waiting(connection, banned)
        is_withdrawn = tables.patients.c.user_id == withdrawn
        await connection.execute(tables.patients.update().where(is_withdrawn).values(consent_version=None))
    await asyncio.gather(*broadcasting._tasks.values())
    assert post.times_sent([banned, withdrawn]) == [0, 0]
    assert post.report().splitlines()[0] == shown(post.texts, "broadcast-done", people=59)
    assert post.report().splitlines()[2:] == post.counted(delivered=58, blocked=0, failed=0, unsent=1)


@pytest.mark.parametrize("goes", ["erased", "withdrawn", "banned"])
async def test_who_goes_while_telegram_slows_their_chat_down_is_not_written_to(
    post: Post, monkeypatch: pytest.MonkeyPatch, goes: str
) -> None:
    """And nobody else waits for that chat."""
    monkeypatch.setattr("bot.broadcasting._LOOK_AGAIN_S", 0.05)
    slow, *others = await post.people(3)
    broadcast_id, broadcasting = await post.start(), post.broadcasting()
    await post.town.suffers({"kind": "429", "method": "sendMessage", "chat_id": slow, "retry_after": 3, "times": 1})
    broadcasting.start(broadcast_id)
    await post.until_sent(2, others)
    if goes == "erased":
        await Records(post.engine).erase(slow, "1", NOON)
    elif goes == "withdrawn":
        await Records(post.engine).withdraw(slow, NOON)
    else:
        async with post.engine.begin() as connection:
            await drop_waiting(connection, slow)
    await asyncio.wait_for(asyncio.gather(*broadcasting._tasks.values()), 30)
    assert post.times_sent([slow, *others]) == [0, 1, 1]
    assert post.report().splitlines()[2:] == post.counted(delivered=2, blocked=0, failed=0)


async def test_telegram_that_slows_down_everybody_is_not_asked_for_each_of_them(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.broadcasting._LOOK_AGAIN_S", 0.05)
    people = await post.people(30)
    broadcast_id, broadcasting = await post.start(), post.broadcasting()
    slow = ({"kind": "429", "method": "sendMessage", "chat_id": one, "retry_after": 60} for one in people)
    await post.town.suffers(*slow)
    broadcasting.start(broadcast_id)
    for _ in range(200):
        await asyncio.sleep(0.1)
        if sum([await _sends(post, one) for one in people]) >= 4:
            break
    await asyncio.sleep(0.5)  # time for many more
    asked = sum([await _sends(post, one) for one in people])
    await Broadcasts(post.engine).cancel(broadcast_id, Entry(post.moderator.id, "broadcast-cancel", NOON))
    await asyncio.wait_for(asyncio.gather(*broadcasting._tasks.values()), 10)
    assert asked <= 7
    assert post.report().splitlines()[2:] == post.counted(delivered=0, blocked=0, failed=0, unsent=30)


async def test_person_who_was_erased_meanwhile_is_not_written_to(post: Post) -> None:
    erased, other = await post.people(2)
    broadcast_id = await post.start()
    async with post.engine.begin() as connection:
        await connection.execute(tables.deliveries.delete().where(tables.deliveries.c.user_id == erased))
    await post.broadcasting().broadcast(broadcast_id)
    assert post.times_sent([erased, other]) == [0, 1]


async def test_moderator_who_is_gone_does_not_stop_it(post: Post) -> None:
    people = await post.people(5)
    broadcast_id = await post.start()
    await post.moderator.blocks()
    await post.broadcasting().broadcast(broadcast_id)
    assert post.times_sent(people) == [1] * 5
    assert await Broadcasts(post.engine).get_open() is None


async def _sends(post: Post, chat_id: int) -> int:
    calls = await post.town.calls()
    return len([call for call in calls if call["method"] == "sendMessage" and call["chat_id"] == chat_id])
