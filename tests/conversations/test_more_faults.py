"""A locked database, a full disk, a flood, a photo that is gone: the patient gets their answer, once."""

import asyncio
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.content import Content
from emulator.person import Person, Town, open_town
from emulator.server import RunningEmulator
from tests.conversations.audiences import until
from tests.conversations.service import PHOTOS, BotProcess, emulator_in_thread
from tests.conversations.stories import enrol, first_line, heading, rows, shown
from tests.conversations.test_photos import is_answer

LESION = PHOTOS / "ham10000_nv_ISIC_0028441.jpg"


@dataclass
class Clinic:
    """A bot of its own, with a registered patient."""

    emulator: RunningEmulator
    bot: BotProcess
    data_dir: Path
    town: Town
    eva: Person


@pytest.fixture
async def clinic(tmp_path: Path, content: Content) -> AsyncIterator[Clinic]:
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path) as bot:
        await asyncio.to_thread(bot.start)
        async with open_town(emulator.url) as town:
            eva = await town.newcomer("Eva")
            enrol(tmp_path, [eva.id], "en", content)
            yield Clinic(emulator, bot, tmp_path, town, eva)
        assert bot._process is None or bot.stop() == 0, bot.log


async def _is_answered_once(person: Person, photo_id: int, within_s: float) -> bool:
    await person.waits_for(is_answer, within_s)
    answers = [message for message in await person.messages() if is_answer(message)]
    return [answer["reply_to_message"]["message_id"] for answer in answers] == [photo_id]


@pytest.mark.usefixtures("_on_sqlite")
async def test_photo_that_comes_while_the_database_is_locked_is_answered_once(clinic: Clinic) -> None:
    with closing(sqlite3.connect(clinic.data_dir / "lentigo.db", timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        photo = await clinic.eva.sends_photo(LESION)
        await until(lambda: "again in" in clinic.bot.log)
        other.execute("ROLLBACK")
    assert await _is_answered_once(clinic.eva, photo["message_id"], 60)
    assert rows(clinic.data_dir, "SELECT count(*) FROM incidents") == [(0,)], clinic.bot.log


@pytest.mark.usefixtures("_on_sqlite")
@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit of another process")
async def test_photo_that_comes_while_the_disk_is_full_is_answered_once_it_has_room(clinic: Clinic) -> None:
    with _full_disk(clinic.bot):
        photo = await clinic.eva.sends_photo(LESION)
        await asyncio.sleep(3)
        assert rows(clinic.data_dir, "SELECT count(*) FROM cases") == [(0,)]
    assert await _is_answered_once(clinic.eva, photo["message_id"], 60)


async def test_flood_of_one_chat_fills_no_database_and_holds_up_nobody(clinic: Clinic, content: Content) -> None:
    flooder = await clinic.town.newcomer("Flo")
    await asyncio.gather(*(flooder.says("/help") for _ in range(300)))
    began = time.monotonic()
    await clinic.eva.says("/help")
    await clinic.eva.waits_for(heading(content.texts("en"), "help"), 60)
    took_s = time.monotonic() - began
    waiting = rows(clinic.data_dir, "SELECT count(*) FROM inbox WHERE handled_at IS NULL AND lane = ?", flooder.id)
    assert 0 < waiting[0][0] <= 101, took_s  # one of them in hand: Eva was answered before the flood was over
    clinic.bot.kill()  # else it would see the flood through


async def test_photo_that_telegram_no_longer_knows_is_asked_for_again(clinic: Clinic, content: Content) -> None:
    texts = content.texts("en")
    unknown = {"kind": "refused", "method": "getFile", "description": "Bad Request: invalid file_id"}
    await clinic.town.suffers({"kind": "delay", "method": "getFile", "delay_s": 1, "times": 1}, unknown)
    await clinic.eva.sends_photo(LESION)
    progress = await clinic.eva.waits_for(shown(texts, "looking"))
    declined = await clinic.eva.waits_for(first_line(texts, "declined-gone"), 30)
    assert declined["message_id"] == progress["message_id"]
    await clinic.town.suffers()
    await clinic.eva.sends_photo(LESION)
    await clinic.eva.waits_for(is_answer, 60)
    assert await _outcomes(clinic) == [("gone", None), ("assessed", None)]


async def _outcomes(clinic: Clinic) -> list[tuple[object, ...]]:
    """What became of each photo, once nothing is open; a case is closed a moment after its answer was sent."""
    for _ in range(100):
        found = rows(clinic.data_dir, "SELECT outcome, file_id FROM cases ORDER BY case_id")
        if all(outcome for outcome, _ in found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"open: {found}")


@contextmanager
def _full_disk(bot: BotProcess) -> Iterator[None]:
    """Let the bot write to no file beyond its first bytes."""
    assert bot._process is not None
    before = resource.prlimit(bot._process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot._process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(bot._process.pid, resource.RLIMIT_FSIZE, before)
