"""How a photo ends that no process survives; and that one case is answered by one worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot

from bot.cases import Answering
from bot.errors import SlowedDown
from bot.looking import Seen
from bot.machines import add_tasks
from bot.parts import alerts_to, answering_on, instruments
from bot.queues import InProcess
from bot.settings import Settings
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance
from bot.storage.tables import cases, incidents
from bot.transport import Terms, Transport
from bot.workers import SET_ASIDE, Workers
from emulator.person import Person, open_town
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, ROOT, Desk, open_desk
from tests.conversations.stories import shown

OWNER_ID = 600_000_001
TEXTS = LIBRARY.content.by_language["en"]
PHOTO = ROOT / "tests" / "photos" / "ham10000_nv_ISIC_0028441.jpg"
CAN_NOT_FETCH = {
    "kind": "refused",
    "method": "getFile",
    "description": "Bad Request: wrong file_id or the file is temporarily unavailable",
}
NOTHING_THERE = {"kind": "refused", "method": "file", "status": 404, "description": "Not Found"}
TERMS = Terms(connections=4, connection_s=5, connect_s=5, read_s=5, write_s=5)


class DeadlyPool:
    """Stands in for processes that all end with this photo; test_workers.py has how they do."""

    count = 1

    async def see(self, *_: object) -> Seen:
        return Seen(None, None, SET_ASIDE)


class BrokenPool(DeadlyPool):
    """Stands in for processes that a bug keeps from looking at photos."""

    async def see(self, *_: object) -> Seen:
        raise ValueError("a bug")


class EndlessPool(DeadlyPool):
    """Stands in for processes with which the whole bot ends: nobody hears of them any more."""

    def __init__(self) -> None:
        self.is_in_hand = asyncio.Event()

    async def see(self, *_: object) -> Seen:
        self.is_in_hand.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


async def _answered(engine: AsyncEngine, pool: DeadlyPool, ends: int = 0) -> tuple[list[str], list[str], str]:
    """Return what the sender of a photo and the owner then read, and how the case ended.

    Args:
        engine: an empty database.
        pool: looks at the photo.
        ends: how often the bot ends before with the photo in hand.
    """
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        owner, eva = await town.newcomer("Olga", id=OWNER_ID), await town.newcomer("Eva")
        await owner.says("/start")
        case_id = await _promised(desk, eva)
        for _ in range(ends):
            await _end_with_the_photo_in_hand(desk)
        answering = _answering(desk, pool)
        for _ in range(2):  # a job that comes again finds the case closed
            await answering.answer_or_apologise(case_id, is_again=ends > 0)
        told = [str(message["text"]) for message in await eva.messages() if "text" in message]
        alarms = [str(message["text"]) for message in (await owner.messages())[1:]]
        assert str(eva.id) not in "".join(alarms)
        async with engine.connect() as connection:
            return told, alarms, (await connection.execute(cases.select())).one().outcome


async def _promised(desk: Desk, person: Person, minutes_ago: float = 0) -> int:
    """Let somebody have sent a photo and been promised its answer; return the case's number."""
    photo = await person.sends_photo(PHOTO)
    file_id, sent_at = photo["photo"][-1]["file_id"], datetime.now(UTC) - timedelta(minutes=minutes_ago)
    case = await desk.services.cases.open(person.id, person.id, photo["message_id"], file_id, sent_at)
    assert case is not None
    await desk.services.cases.promise(
        case.case_id, (await desk.application.bot.send_message(person.id, "Looking")).message_id
    )
    return case.case_id


def _answering(desk: Desk, pool: DeadlyPool, bot: ExtBot[Any] | None = None) -> Answering:
    settings = Settings(bot_token=desk.emulator.token, owner_ids=frozenset({OWNER_ID}), _env_file=None)
    by, bot = instruments(settings, desk.engine), bot or desk.application.bot
    alerts = alerts_to(settings, desk.engine, bot, LIBRARY, by.metrics)
    return answering_on(desk.engine, alerts, bot, LIBRARY, cast("Workers", pool), by)


async def _end_with_the_photo_in_hand(desk: Desk) -> None:
    """Let a bot start, take up what an earlier one left, and end with it."""
    pool = EndlessPool()
    incidents, maintenance = Incidents(desk.engine, lambda: NOON), Maintenance(desk.engine)
    queue = InProcess(_answering(desk, pool), desk.services.cases, incidents, maintenance)
    await queue.resume()
    await asyncio.wait_for(pool.is_in_hand.wait(), 30)
    await queue.stop()


async def test_photo_that_ends_workers_is_set_aside_its_sender_told_and_an_owner(engine: AsyncEngine) -> None:
    told, (alarm,), outcome = await _answered(engine, DeadlyPool())
    assert told == [f"{shown(TEXTS, 'declined-set-aside')}\n\n{shown(TEXTS, 'declined-red-flags')}"]
    assert alarm.startswith("A photo was set aside:")
    assert outcome == "set_aside"


async def test_first_photo_that_is_set_aside_rises_from_nothing(engine: AsyncEngine) -> None:
    """Else Prometheus, which asks now and then, sees a count that begins at 1 and no rise."""
    async with open_desk(engine, OWNER_ID) as desk:
        counts = _answering(desk, DeadlyPool())._metrics.text().decode()
        assert 'lentigo_photos_total{outcome="set_aside"} 0.0' in counts


@pytest.mark.parametrize(
    ("minutes_ago", "is_erased", "is_promise_gone", "pointers"),
    [(4, False, False, 0), (6, False, False, 1), (6, True, False, 0), (6, False, True, 0)],
)
async def test_answer_that_comes_late_is_pointed_out(
    engine: AsyncEngine, minutes_ago: int, pointers: int, *, is_erased: bool, is_promise_gone: bool
) -> None:
    """It takes the place of a message, and of that Telegram tells nobody."""
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        if not is_erased:
            await desk.services.patients.speak(eva.id, "en", NOON)
        case_id, answering = await _promised(desk, eva, minutes_ago), _answering(desk, DeadlyPool())
        if is_promise_gone:
            case = await desk.services.cases.get_open(case_id)
            assert case is not None
            assert case.progress_message_id is not None
            await desk.application.bot.delete_message(eva.id, case.progress_message_id)
        for _ in range(2):
            await answering.answer_or_apologise(case_id)
        answer, *after = (await eva.messages())[-1 - pointers :]
        assert answer["text"].startswith(shown(TEXTS, "declined-set-aside"))
        assert [(one["text"], one["reply_to_message"]["message_id"]) for one in after] == pointers * [
            (shown(TEXTS, "answered-late"), answer["message_id"])
        ]


async def test_photo_that_fails_gets_an_apology_and_when_to_see_a_doctor_without_one(engine: AsyncEngine) -> None:
    (told,), alarms, outcome = await _answered(engine, BrokenPool())
    before, after = shown(TEXTS, "our-fault", incident="|").split("|")
    assert told.startswith(before)
    assert told.endswith(after)
    assert (alarms, outcome) == ([], "failed")


async def test_photo_with_which_the_bot_ends_again_and_again_is_not_looked_at_for_ever(
    engine: AsyncEngine,
) -> None:
    (told,), (alarm,), outcome = await _answered(engine, BrokenPool(), ends=7)
    assert told.startswith(shown(TEXTS, "declined-set-aside"))
    assert alarm.startswith("A photo was set aside:")
    assert outcome == "set_aside"


async def test_photo_that_was_in_hand_a_few_times_is_looked_at_anew(engine: AsyncEngine) -> None:
    (_,), alarms, outcome = await _answered(engine, BrokenPool(), ends=6)
    assert (alarms, outcome) == ([], "failed")  # it was looked at


async def test_photo_whose_chat_is_slowed_down_is_answered_after_that(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva, kept = await town.newcomer("Eva"), desk.services.cases
        case_id = await _promised(desk, eva)
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 1, "times": 2})
        queue = InProcess(_answering(desk, DeadlyPool()), kept, Incidents(engine, lambda: NOON), Maintenance(engine))
        queue.start(case_id, 0)
        await eva.waits_for(shown(TEXTS, "declined-set-aside"), 30)
        await queue.stop()
        assert [call["status"] for call in await town.calls()].count(429) == 2
        async with engine.connect() as connection:
            assert (await connection.execute(cases.select())).one().retries == 0


async def test_chat_that_is_slowed_down_hears_nothing_more_until_it_may(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        first, second = await _promised(desk, eva), await _promised(desk, eva)
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 30})
        answering = _answering(desk, DeadlyPool())
        for case_id in (first, second, first):
            with pytest.raises(SlowedDown):
                await answering.answer_or_apologise(case_id)
        assert [call["status"] for call in await town.calls()].count(429) == 1


async def test_apology_that_is_slowed_down_is_of_one_incident(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        case_id = await _promised(desk, eva)
        await town.suffers({"kind": "429", "method": "editMessageText", "retry_after": 1, "times": 1})
        answering = _answering(desk, BrokenPool())
        with pytest.raises(SlowedDown) as slowed:
            await answering.answer_or_apologise(case_id)
        await asyncio.sleep(slowed.value.wait_s)
        await answering.answer_or_apologise(case_id)
        async with engine.connect() as connection:
            assert len((await connection.execute(incidents.select())).all()) == 1


async def test_photo_that_can_neither_be_answered_nor_apologised_for_is_closed(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva, kept = await town.newcomer("Eva"), desk.services.cases
        file_id = (await eva.sends_photo(PHOTO))["photo"][-1]["file_id"]
        nobody = eva.id + 1_000
        case = await kept.open(nobody, nobody, 1, file_id, NOON)
        assert case is not None
        await kept.promise(case.case_id, 2)
        await _answering(desk, BrokenPool()).answer_or_apologise(case.case_id)
        async with engine.connect() as connection:
            assert (await connection.execute(cases.select())).one().outcome == "undeliverable"


async def test_photos_that_were_in_hand_are_looked_at_one_by_one_so_that_the_guilty_one_is_known(
    engine: AsyncEngine,
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town:
        eva = await town.newcomer("Eva")
        kept = desk.services.cases
        for _ in range(2):
            await kept.retry(await _promised(desk, eva))
        pool = EndlessPool()
        queue = InProcess(_answering(desk, pool), kept, Incidents(engine, lambda: NOON), Maintenance(engine))
        await queue.resume()
        await asyncio.wait_for(pool.is_in_hand.wait(), 30)
        await asyncio.sleep(0.5)  # for the other one to come as far
        await queue.stop()
        async with engine.connect() as connection:
            retries = [row.retries for row in await connection.execute(cases.select().order_by(cases.c.case_id))]
        assert sorted(retries) == [1, 2]


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


@asynccontextmanager
async def _bot_at(desk: Desk) -> AsyncIterator[ExtBot[Any]]:
    """A bot that asks Telegram as the real one does."""
    url, file_url = f"{desk.emulator.url}/bot", f"{desk.emulator.url}/file/bot"
    bot: ExtBot[Any] = ExtBot(desk.emulator.token, url, file_url, request=Transport(TERMS))
    async with bot:
        yield bot


@pytest.mark.parametrize("fault", [CAN_NOT_FETCH, NOTHING_THERE])
async def test_photo_that_telegram_can_not_fetch_just_now_is_fetched_later(
    engine: AsyncEngine, fault: dict[str, object]
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town, _bot_at(desk) as bot:
        eva = await town.newcomer("Eva")
        case_id, answering = await _promised(desk, eva), _answering(desk, DeadlyPool(), bot)
        await town.suffers({**fault, "times": 1})
        with pytest.raises(SlowedDown):
            await answering.answer_or_apologise(case_id)
        await answering.answer_or_apologise(case_id)
        await eva.waits_for(shown(TEXTS, "declined-set-aside"))


@pytest.mark.parametrize("fault", [CAN_NOT_FETCH, NOTHING_THERE])
async def test_photo_that_telegram_never_can_fetch_is_asked_for_again(
    engine: AsyncEngine, fault: dict[str, object]
) -> None:
    async with open_desk(engine, OWNER_ID) as desk, open_town(desk.emulator.url) as town, _bot_at(desk) as bot:
        eva = await town.newcomer("Eva")
        case_id, answering = await _promised(desk, eva), _answering(desk, DeadlyPool(), bot)
        await town.suffers(fault)
        waited_s = 0.0
        for _ in range(5):
            with pytest.raises(SlowedDown) as slowed:
                await answering.answer_or_apologise(case_id)
            waited_s += slowed.value.wait_s
        assert 60 <= waited_s <= 180
        await answering.answer_or_apologise(case_id)
        await eva.waits_for(shown(TEXTS, "declined-gone"))
        async with engine.connect() as connection:
            assert (await connection.execute(cases.select())).one().outcome == "gone"
