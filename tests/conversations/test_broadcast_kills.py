"""A broadcast to hundreds of people through kill -9, refusals and lost answers: everybody once, counts right."""

import asyncio
import random
from pathlib import Path

from bot.content import Content
from emulator.person import open_town
from emulator.settings import Settings
from emulator.world import open_world
from tests.conversations.audiences import counted, data, people_who_wrote, previewed, reported, until
from tests.conversations.service import BotProcess, emulator_in_thread
from tests.conversations.stories import enrol, rows

USERS, BLOCKED, KILLS = 240, 12, 2
MODERATOR = 600_000_101
SEED = 20261124


async def test_everybody_gets_it_once_in_spite_of_kills_refusals_and_lost_answers(
    tmp_path: Path, content: Content
) -> None:
    rng, people = random.Random(SEED), range(700_000_001, 700_000_001 + USERS)
    blocked = rng.sample(people, BLOCKED)
    people_who_wrote(tmp_path, people, blocked)
    with (
        emulator_in_thread(state=tmp_path / "telegram.db") as emulator,
        BotProcess(emulator, tmp_path, OWNER_IDS=str(MODERATOR)) as bot,
    ):
        bot.start()
        enrol(tmp_path, people, "en", content, known_blocked=blocked[: BLOCKED // 2])
        async with open_town(emulator.url) as town:
            owner = await town.newcomer("Olga", id=MODERATOR)
            preview = await previewed(owner, content, "We are closed on Friday.")
            await town.suffers(
                {"kind": "429", "method": "sendMessage", "every": 30, "retry_after": 1},
                {"kind": "reset", "method": "sendMessage", "every": 36, "after": True},
                {"kind": "reset", "method": "sendMessage", "every": 58},
            )
            await owner.presses(data(preview, "broadcast:send"))
            for kill in range(1, KILLS + 1):
                await _until_done(tmp_path, USERS * kill // (KILLS + 1))
                await asyncio.sleep(rng.uniform(0, 0.2))
                bot.kill()
                await asyncio.to_thread(bot.start)
            report = await reported(owner, content, people=USERS, timeout_s=90)
            assert report == counted(content, delivered=USERS - BLOCKED, blocked=BLOCKED, failed=0)
            await until(lambda: not rows(tmp_path, "SELECT 1 FROM broadcasts WHERE ended_at IS NULL"))
            statuses = [call["status"] for call in await town.calls() if call["method"] == "sendMessage"]
            assert statuses.count(429) > 5
            assert statuses.count(None) > 5
        assert bot.stop() == 0
    times = _times_received(tmp_path, people)
    assert times == {user_id: 0 if user_id in blocked else 1 for user_id in people}
    assert rows(tmp_path, "SELECT count(*) FROM deliveries") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM patients WHERE blocked_at IS NOT NULL") == [(BLOCKED,)]
    assert "Incident" not in bot.log


def _times_received(data_dir: Path, user_ids: range) -> dict[int, int]:
    world = open_world(data_dir / "telegram.db", Settings())
    times = {user_id: len(world.messages.of_chat(user_id)) for user_id in user_ids}
    world.store.close()
    return times


async def _until_done(data_dir: Path, count: int) -> None:
    done = "SELECT count(*) FROM deliveries WHERE outcome NOT IN ('waiting', 'sending')"
    await until(lambda: rows(data_dir, done)[0][0] >= count)
