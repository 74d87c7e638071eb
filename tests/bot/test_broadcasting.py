"""A broadcast on its way: everybody once, whatever happens, and a report that adds up."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Chat, Message, PhotoSize
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.broadcasting import Broadcasting
from bot.content import Texts
from bot.handlers.moderation import broadcast
from bot.library import Library
from bot.pacing import Pacing
from bot.render import Reply
from bot.storage import tables
from bot.storage.audit import Entry
from bot.storage.broadcasts import Announcement, Broadcasts, drop_waiting
from bot.storage.incidents import Incidents
from bot.storage.patients import Patients
from emulator.objects import JsonObject
from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator, running_emulator
from tests.bot.conftest import NOON
from tests.bot.test_broadcasts import MODERATOR, NEWS, add_patients, start
from tests.conversations.service import ROOT
from tests.conversations.stories import shown
from tests.emulator.pictures import picture

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where it takes seconds


@dataclass(frozen=True, slots=True)
class Post:
    """A bot that broadcasts, and the emulated people around it."""

    emulator: RunningEmulator
    town: Town
    bot: ExtBot[int]
    engine: AsyncEngine
    moderator: Person
    texts: Texts
    library: Library

    def broadcasting(self, now: Callable[[], datetime] = lambda: NOON) -> Broadcasting:
        """As after a start of the bot."""
        return Broadcasting(
            bot=self.bot,
            broadcasts=Broadcasts(self.engine),
            patients=Patients(self.engine),
            library=self.library,
            incidents=Incidents(self.engine, lambda: NOON),
            now=now,
        )

    async def people(self, count: int, blocked: int = 0) -> list[int]:
        """Registered patients, of whom the last ones block the bot, which does not know it yet."""
        accounts = self.emulator.world.accounts
        user_ids = [accounts.add_user({})["id"] for _ in range(count)]
        for user_id in user_ids:
            accounts.note_written(user_id)
        for user_id in user_ids[count - blocked :]:
            accounts.set_blocked(user_id, is_blocked=True)
        await add_patients(self.engine, user_ids)
        return user_ids

    async def start(self, news: Announcement = NEWS) -> int:
        """The moderator presses Send."""
        return await start(self.engine, news=news, moderator_id=self.moderator.id)

    def said(self, user_id: int) -> list[JsonObject]:
        """What the bot has sent to somebody."""
        return [m for m in self.emulator.world.messages.of_chat(user_id) if m["from"]["is_bot"]]

    def times_sent(self, user_ids: Iterable[int]) -> list[int]:
        """How often each of them got a message."""
        return [len(self.said(user_id)) for user_id in user_ids]

    async def until_sent(self, count: int, user_ids: Iterable[int]) -> None:
        """Wait until so many messages have arrived."""
        for _ in range(1000):
            if sum(self.times_sent(user_ids)) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{sum(self.times_sent(user_ids))} of {count} messages arrived")

    def report(self) -> str:
        """The moderator's last message."""
        return str(self.said(self.moderator.id)[-1]["text"])

    def counted(self, **counts: int) -> list[str]:
        """The lines of a report."""
        return [shown(self.texts, f"broadcast-{name}", count=count) for name, count in counts.items()]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library(ROOT / "content", ROOT / "models")


@pytest.fixture
async def post(engine: AsyncEngine, library: Library) -> AsyncIterator[Post]:
    async with running_emulator() as emulator, open_town(emulator.url) as town:
        bot: ExtBot[int] = ExtBot(
            emulator.token,
            base_url=f"{emulator.url}/bot",
            base_file_url=f"{emulator.url}/file/bot",
            request=HTTPXRequest(connection_pool_size=16, httpx_kwargs={"verify": False}),
            rate_limiter=Pacing(),
        )
        async with bot:
            moderator = await town.newcomer("Mo")
            await moderator.says("/broadcast")
            yield Post(emulator, town, bot, engine, moderator, library.content.texts("en"), library)


async def test_everybody_gets_it_once_and_the_report_adds_up(post: Post) -> None:
    people = await post.people(12, blocked=2)
    stranger = (await post.town.newcomer(id=4711)).id  # never wrote to this bot: there is no such chat
    await add_patients(post.engine, [stranger])
    await post.broadcasting().broadcast(await post.start())
    assert post.times_sent(people) == [1] * 10 + [0] * 2
    assert (post.said(people[0])[0]["text"], post.said(people[0])[0]["entities"]) == (NEWS.text, NEWS.entities)
    assert post.report().splitlines()[0] == shown(post.texts, "broadcast-done", people=13)
    assert post.report().splitlines()[2:] == post.counted(delivered=10, blocked=2, failed=1)
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


async def _sends(post: Post, chat_id: int) -> int:
    calls = await post.town.calls()
    return len([call for call in calls if call["method"] == "sendMessage" and call["chat_id"] == chat_id])


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


async def test_moderator_who_is_gone_does_not_stop_it(post: Post) -> None:
    people = await post.people(5)
    broadcast_id = await post.start()
    await post.moderator.blocks()
    await post.broadcasting().broadcast(broadcast_id)
    assert post.times_sent(people) == [1] * 5
    assert await Broadcasts(post.engine).get_open() is None


async def test_person_who_was_erased_meanwhile_is_not_written_to(post: Post) -> None:
    erased, other = await post.people(2)
    broadcast_id = await post.start()
    async with post.engine.begin() as connection:
        await connection.execute(tables.deliveries.delete().where(tables.deliveries.c.user_id == erased))
    await post.broadcasting().broadcast(broadcast_id)
    assert post.times_sent([erased, other]) == [0, 1]


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


def test_caption_that_a_bot_may_not_send_is_refused_with_its_length(library: Library) -> None:
    texts, chat = library.content.texts("en"), Chat(MODERATOR, Chat.PRIVATE)
    photo = [PhotoSize("file", "unique", 40, 30)]
    long, short = (Message(1, NOON, chat, photo=photo, caption="x" * length) for length in (1025, 1024))
    refusal = broadcast._refusal(long, texts)
    assert refusal == Reply(texts.say("broadcast-too-long", limit=1024, length=1025))
    assert broadcast._refusal(short, texts) is None
