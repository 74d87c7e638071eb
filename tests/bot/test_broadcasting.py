"""A broadcast on its way: everybody once, whatever happens, and a report that adds up."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Chat, Message, PhotoSize

from bot.handlers.moderation import broadcast
from bot.render.reply import Reply, length
from bot.storage.audit import Entry
from bot.storage.broadcasts import Announcement, Broadcast, Broadcasts
from bot.storage.patients import Patients
from emulator.objects import JsonObject
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY
from tests.bot.post import Post, open_post
from tests.bot.test_broadcasts import MODERATOR, NEWS, add_patients
from tests.conversations.stories import shown
from tests.emulator.pictures import picture


@pytest.fixture
async def post(engine: AsyncEngine) -> AsyncIterator[Post]:
    async with open_post(engine) as opened:
        yield opened


async def test_everybody_gets_it_once_and_the_report_adds_up(post: Post) -> None:
    people = await post.people(12, blocked=2)
    stranger = (await post.town.newcomer(id=4711)).id  # never wrote to this bot: there is no such chat
    await add_patients(post.engine, [stranger])
    await post.broadcasting().broadcast(await post.start())
    assert post.times_sent(people) == [1] * 10 + [0] * 2
    assert (post.said(people[0])[0]["text"], post.said(people[0])[0]["entities"]) == (NEWS.text, NEWS.entities)
    assert post.report().splitlines()[0] == shown(post.texts, "broadcast-done", people=13)
    assert post.report().splitlines()[2:] == post.counted(delivered=10, blocked=2, failed=1)
    known = [await Patients(post.engine).get(user_id) for user_id in people]
    assert [one and one.blocked_at for one in known] == [None] * 10 + [NOON] * 2  # who is then left alone
    assert len(post.said(post.moderator.id)) == 1
    assert await Broadcasts(post.engine).get_open() is None


async def test_picture_keeps_its_caption(post: Post) -> None:
    (user_id,) = await post.people(1)
    sent = await post.bot.send_photo(post.moderator.id, picture(40, 30))
    news = Announcement(NEWS.text, NEWS.entities, sent.photo[-1].file_id)
    await post.broadcasting().broadcast(await post.start(news))
    (message,) = post.said(user_id)
    assert (message["caption"], message["caption_entities"]) == (NEWS.text, NEWS.entities)
    assert message["photo"][-1]["file_id"] == sent.photo[-1].file_id


@on_one_database
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "reset", "method": "sendMessage", "every": 5, "after": True},
        {"kind": "reset", "method": "sendMessage", "every": 5},
        {"kind": "5xx", "method": "sendMessage", "every": 5, "after": True},
        {"kind": "half_body", "method": "sendMessage", "every": 5},
        {"kind": "429", "method": "sendMessage", "every": 5, "retry_after": 0},
        {"kind": "reset", "method": "stopMessageLiveLocation", "every": 2},
        {"kind": "reset", "method": "editMessageText", "times": 2},
    ],
    ids=lambda fault: f"{'late-' * fault.get('after', False)}{fault['kind']}-{fault['method']}",
)
async def test_everybody_gets_it_once_in_spite_of(post: Post, fault: JsonObject) -> None:
    people = await post.people(20, blocked=1)
    lost: JsonObject = {"kind": "reset", "method": "sendMessage", "every": 7, "times": 2, "after": True}
    await post.town.suffers(fault, lost)
    await post.broadcasting().broadcast(await post.start())
    assert post.times_sent(people) == [1] * 19 + [0]
    assert post.report().splitlines()[2:] == post.counted(delivered=19, blocked=1, failed=0)


async def test_message_that_arrived_before_the_bot_was_killed_is_not_sent_again(post: Post) -> None:
    arrived, lost = await post.people(2)
    broadcast_id, broadcasts = await post.start(), Broadcasts(post.engine)
    before = await post.bot.send_message(post.moderator.id, "…")
    for user_id in (arrived, lost):
        await broadcasts.claim(broadcast_id, user_id, before.message_id)
    await post.bot.send_message(arrived, NEWS.text)
    await post.broadcasting().broadcast(broadcast_id)
    assert post.times_sent([arrived, lost]) == [1, 1]
    assert post.report().splitlines()[2:] == post.counted(delivered=2, blocked=0, failed=0)


async def test_what_a_patient_wrote_meanwhile_is_not_taken_for_the_message(post: Post) -> None:
    (user_id,) = await post.people(1)
    broadcast_id, latest = await post.start(), (await post.moderator.messages())[-1]["message_id"]
    await Broadcasts(post.engine).claim(broadcast_id, user_id, latest)
    await (await post.town.newcomer(id=user_id)).says("hello?")
    await post.broadcasting().broadcast(broadcast_id)
    assert post.times_sent([user_id]) == [1]


async def test_doubts_of_an_earlier_run_are_settled_before_the_bot_writes_to_anybody(post: Post) -> None:
    (user_id,) = await post.people(1)
    broadcast_id, broadcasts = await post.start(), Broadcasts(post.engine)
    before = await post.bot.send_message(post.moderator.id, "…")
    await broadcasts.claim(broadcast_id, user_id, before.message_id)
    await post.town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 0.5, "times": 1})
    broadcasting = post.broadcasting()
    await broadcasting.resume()
    await post.bot.send_message(user_id, "an answer")
    await asyncio.gather(*broadcasting._tasks.values())
    assert sorted(message["text"] for message in post.said(user_id)) == [NEWS.text, "an answer"]
    assert post.report().splitlines()[2:] == post.counted(delivered=1, blocked=0, failed=0)


@pytest.mark.parametrize("status", [401, 502], ids=["for good", "passing"])
async def test_start_of_the_bot_does_not_wait_for_ever(
    post: Post, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    await post.start()
    await post.town.suffers({"kind": "5xx", "method": "sendMessage", "status": status})
    monkeypatch.setattr("bot.broadcasting._SETTLED_WITHIN_S", 0.2)
    broadcasting = post.broadcasting()
    await asyncio.wait_for(broadcasting.resume(), 5)
    await broadcasting.stop()


async def test_bot_that_was_stopped_goes_on_where_it_was(post: Post) -> None:
    people = await post.people(60)
    broadcast_id, first = await post.start(), post.broadcasting()
    first.start(broadcast_id)
    await post.until_sent(25, people)
    await first.stop()
    assert sum(post.times_sent(people)) < 60
    second = post.broadcasting()
    await second.resume()
    await asyncio.gather(*second._tasks.values())
    assert post.times_sent(people) == [1] * 60
    assert post.report().splitlines()[2:] == post.counted(delivered=60, blocked=0, failed=0)
    assert len(post.said(post.moderator.id)) == 1


async def test_it_goes_on_though_the_database_is_locked_at_the_start(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, faults = Broadcasts.get_open, [OperationalError("SELECT", {}, Exception("database is locked"))]

    async def locked(broadcasts: Broadcasts) -> Broadcast | None:
        if faults:
            raise faults.pop()
        return await find(broadcasts)

    (user_id,) = await post.people(1)
    await post.start()
    monkeypatch.setattr(Broadcasts, "get_open", locked)
    broadcasting = post.broadcasting()
    await broadcasting.resume()
    await asyncio.gather(*broadcasting._tasks.values())
    assert post.times_sent([user_id]) == [1]


async def test_everybody_gets_it_once_though_the_clock_jumps(post: Post) -> None:
    people, hour = await post.people(60, blocked=2), timedelta(hours=1)
    clock = cycle([NOON, NOON + hour, NOON - hour])
    broadcast_id, first = await post.start(), post.broadcasting(lambda: next(clock))
    first.start(broadcast_id)
    await post.until_sent(25, people)
    await first.stop()
    second = post.broadcasting(lambda: NOON - hour)  # it ends before it began
    await second.resume()
    await asyncio.gather(*second._tasks.values())
    assert post.times_sent(people) == [1] * 58 + [0] * 2
    assert post.report().splitlines()[2:] == post.counted(delivered=58, blocked=2, failed=0)
    assert await Broadcasts(post.engine).get_open() is None


async def test_cancelled_broadcast_reports_who_got_nothing(post: Post) -> None:
    people = await post.people(60)
    broadcast_id, broadcasting = await post.start(), post.broadcasting()
    broadcasting.start(broadcast_id)
    await post.until_sent(10, people)
    await Broadcasts(post.engine).cancel(broadcast_id, Entry(post.moderator.id, "broadcast-cancel", NOON))
    await asyncio.gather(*broadcasting._tasks.values())
    sent = sum(post.times_sent(people))
    assert 10 <= sent < 60
    assert max(post.times_sent(people)) == 1
    assert post.report().splitlines()[0] == shown(post.texts, "broadcast-cancelled", people=60)
    assert post.report().splitlines()[2:] == post.counted(delivered=sent, blocked=0, failed=0, unsent=60 - sent)


@on_one_database
async def test_patients_have_room_beside_it(post: Post) -> None:
    people = await post.people(50)
    began = time.monotonic()
    await post.broadcasting().broadcast(await post.start())
    assert time.monotonic() - began > 1.4  # 20 at once, then 20 a second
    assert post.times_sent(people) == [1] * 50


async def test_error_that_will_not_pass_is_told_and_the_broadcast_can_go_on(post: Post) -> None:
    people = await post.people(6)
    broadcast_id, broadcasting = await post.start(), post.broadcasting()
    await post.town.suffers({"kind": "5xx", "method": "sendMessage", "status": 401, "every": 3, "times": 1})
    for _ in range(2):
        broadcasting.start(broadcast_id)
        await asyncio.gather(*broadcasting._tasks.values())
    told = [message["text"] for message in post.said(post.moderator.id)]
    assert any(text.startswith(shown(post.texts, "broadcast-interrupted", incident="·")[:20]) for text in told)
    assert post.times_sent(people) == [1] * 6


@pytest.mark.parametrize("sign", ["x", "🩺"])
def test_caption_that_a_bot_may_not_send_is_refused_with_its_length_as_telegram_counts(sign: str) -> None:
    texts, chat = LIBRARY.content.texts("en"), Chat(MODERATOR, Chat.PRIVATE)
    photo, longest = [PhotoSize("file", "unique", 40, 30)], "x" * (1024 - length(sign)) + sign
    long, short = (Message(1, NOON, chat, photo=photo, caption=words) for words in (f"{longest}x", longest))
    refusal = broadcast._refusal(long, texts)
    assert refusal == Reply(texts.say("broadcast-too-long", limit=1024, length=1025))
    assert broadcast._refusal(short, texts) is None
