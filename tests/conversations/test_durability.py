"""kill -9 at random moments: every photo has exactly one answer."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.content import Content
from bot.render.questions import Step
from emulator.objects import Message
from emulator.person import Person, open_town
from emulator.server import RunningEmulator
from tests.conversations.service import PHOTOS, BotProcess, emulator_in_thread
from tests.conversations.stories import asks, button, enrol, rows, shown
from tests.conversations.test_photos import is_answer

USERS, PHOTOS_EACH = 8, 3
KILLS = 3  # fewer than make a photo suspect; `make chaos` has many
SEED = 20261123
ALL_ANSWERED_WITHIN_S = 90


async def test_every_photo_has_exactly_one_answer_after_kills(tmp_path: Path, content: Content) -> None:
    rng = random.Random(SEED)
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
        sent, people = await _send_photos_while_killing(emulator, bot, tmp_path, content, rng)
        async with open_town(emulator.url) as town:
            for person in [await town.newcomer(id=person_id) for person_id in people]:
                await _wait_until_answered(person, sent[person.id])
                answers = Counter(_answered_photo(m) for m in await person.messages() if is_answer(m))
                assert answers == Counter(sent[person.id])
        await _wait_until_closed(tmp_path)
        assert bot.stop() == 0
    assert rows(tmp_path, "SELECT outcome, count(*) FROM cases GROUP BY 1") == [("assessed", USERS * PHOTOS_EACH)]
    assert rows(tmp_path, "SELECT count(*) FROM inbox WHERE handled_at IS NULL") == [(0,)]


async def _wait_until_closed(data_dir: Path) -> None:
    """The last answer is seen a moment before its case is closed."""
    for _ in range(100):
        if not rows(data_dir, "SELECT case_id FROM cases WHERE outcome IS NULL"):
            return
        await asyncio.sleep(0.1)


async def _send_photos_while_killing(
    emulator: RunningEmulator, bot: BotProcess, data_dir: Path, content: Content, rng: random.Random
) -> tuple[dict[int, list[int]], list[int]]:
    await asyncio.to_thread(bot.start)
    async with open_town(emulator.url) as town:
        people = [await town.newcomer(f"Patient {number}") for number in range(USERS)]
        enrol(data_dir, [person.id for person in people], "en", content)
        waiting = [person for person in people for _ in range(PHOTOS_EACH)]
        rng.shuffle(waiting)
        sent: dict[int, list[int]] = {person.id: [] for person in people}
        for _ in range(KILLS):
            for _ in range(len(people) * PHOTOS_EACH // KILLS):
                person = waiting.pop()
                photo = await person.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
                sent[person.id].append(photo["message_id"])
                await asyncio.sleep(rng.uniform(0, 0.3))
            await asyncio.sleep(rng.uniform(0, 0.6))
            bot.kill()
            await asyncio.to_thread(bot.start)
    return sent, [person.id for person in people]


async def _wait_until_answered(person: Person, photos: list[int]) -> None:
    for _ in range(ALL_ANSWERED_WITHIN_S * 5):
        answered = {_answered_photo(message) for message in await person.messages() if is_answer(message)}
        if answered >= set(photos):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"photos without an answer: {set(photos) - answered}")


def _answered_photo(message: Message) -> int:
    return int(message["reply_to_message"]["message_id"])


async def test_words_whose_arrival_is_not_known_at_a_kill_come_twice_and_the_deed_is_done_once(tmp_path: Path) -> None:
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
        bot.start()
        async with open_town(emulator.url) as town:
            ana = await town.newcomer("Ana")
            await town.suffers({"kind": "delay", "method": "sendMessage", "delay_s": 30, "times": 1, "after": True})
            await ana.says("/start")
            await ana.waits_for(asks(Step.LANGUAGE))
            bot.kill()
            bot.start()
            await _until(lambda: _count(ana, asks(Step.LANGUAGE)), 2)
            await ana.presses(button(Step.LANGUAGE, "en"))
            await ana.waits_for(asks(Step.CONSENT))
            assert await _count(ana, asks(Step.CONSENT)) == 1
        assert bot.stop() == 0
    assert len(rows(tmp_path, "SELECT state FROM conversations")) == 1


async def test_answer_may_come_twice_where_its_promise_was_deleted_and_the_bot_killed_in_between(
    tmp_path: Path, content: Content
) -> None:
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
        bot.start()
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Eva")
            enrol(tmp_path, [eva.id], "en", content)
            unheard = {"kind": "delay", "method": "sendPhoto", "delay_s": 30, "times": 1, "after": True}
            await town.suffers({"kind": "delay", "method": "getFile", "delay_s": 15, "times": 1}, unheard)
            photo = await eva.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
            await eva.deletes(await eva.waits_for(shown(content.texts("en"), "looking")))
            await town.suffers(unheard)
            await eva.waits_for(is_answer, 45)
            bot.kill()
            bot.start()
            await _until(lambda: _count(eva, is_answer), 2)
            answers = [_answered_photo(message) for message in await eva.messages() if is_answer(message)]
            assert answers == [photo["message_id"]] * 2
        await _wait_until_closed(tmp_path)
        assert bot.stop() == 0
    assert rows(tmp_path, "SELECT outcome, count(*) FROM cases GROUP BY 1") == [("assessed", 1)]


async def _count(person: Person, is_it: Callable[[Message], bool]) -> int:
    return sum(map(is_it, await person.messages()))


async def _until(counting: Callable[[], Awaitable[int]], count: int) -> None:
    for _ in range(300):
        if (found := await counting()) >= count:
            break
        await asyncio.sleep(0.2)
    assert found == count
