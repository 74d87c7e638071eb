"""A photo in whose hands two processes die: its sender is told, an owner too, and the next photo is answered."""

import asyncio
import io
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from bot.content import Content
from emulator.objects import Message
from emulator.person import Person, open_town
from tests.conversations.audiences import until
from tests.conversations.service import PHOTOS, BotProcess, emulator_in_thread
from tests.conversations.stories import first_line, register, rows
from tests.conversations.test_photos import is_answer

OWNER_ID = 600_000_001
SET_ASIDE_WITHIN_S = 120
OPEN_CASES = "SELECT count(*) FROM cases WHERE file_id IS NOT NULL"
IN_HAND = "A worker ended with a photo in hand"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes through /proc"),
    pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs a second process that is ready for the photo"),
    pytest.mark.usefixtures("_on_sqlite"),  # where the processes are the bot's own
]


async def test_photo_that_two_processes_die_of_is_set_aside_and_the_next_is_answered(
    tmp_path: Path, content: Content
) -> None:
    texts = content.texts("en")
    settings = {"OWNER_IDS": str(OWNER_ID), "WORKERS": "2"}
    with emulator_in_thread() as emulator, BotProcess(emulator, tmp_path, **settings) as bot:
        bot.start()
        async with open_town(emulator.url) as town:
            owner, eva = await town.newcomer("Olga", id=OWNER_ID), await town.newcomer("Eva")
            await register(owner, "en")
            await register(eva, "en")
            await _until_set_aside(bot, eva, tmp_path)
            assert bot.log.count(IN_HAND) >= 2
            await eva.waits_for(first_line(texts, "declined-set-aside"))
            await owner.waits_for(first_line(texts, "alert-set-aside"))
            photo = await eva.sends_photo(PHOTOS / "ham10000_nv_ISIC_0028441.jpg")
            await eva.waits_for(lambda message: is_answer(message) and _answers(message, photo), 45)
            await until(lambda: rows(tmp_path, OPEN_CASES) == [(0,)])  # an answer shows before its case is closed
        assert bot.stop() == 0
    assert "Incident" not in bot.log


def _answers(message: Message, photo: Message) -> bool:
    """Whether this message is about that one, and not about a photo that was faster than its kill."""
    return bool(message["reply_to_message"]["message_id"] == photo["message_id"])


async def _until_set_aside(bot: BotProcess, sender: Person, data_dir: Path) -> None:
    """Kill whoever has the photo, twice; where the second was faster than the kill, another photo is sent."""
    deadline, photo = time.monotonic() + SET_ASIDE_WITHIN_S, _slow_photo()
    while await _outcome_of(bot, sender, photo, data_dir) != "set_aside":
        assert time.monotonic() < deadline, bot.log


async def _outcome_of(bot: BotProcess, sender: Person, photo: bytes, data_dir: Path) -> str:
    """What becomes of a photo while each process that is ready for it, and takes it up, is killed."""
    ready = await _ready_ones(bot.pid)
    await sender.sends_document(("slow.jpg", photo))
    newest = "SELECT outcome FROM cases WHERE outcome IS NOT NULL AND case_id > ?"
    known = rows(data_dir, "SELECT coalesce(max(case_id), 0) FROM cases WHERE outcome IS NOT NULL")[0][0]
    while not (found := rows(data_dir, newest, known)):
        for process_id in (await _busy(ready))[:1]:
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
            ready.remove(process_id)
    return str(found[0][0])


async def _ready_ones(parent: int) -> list[int]:
    """The children of the bot, once they have started and do nothing."""
    for _ in range(SET_ASIDE_WITHIN_S):
        children = _children(parent)
        if not await _busy(children, for_s=0.5) and len(children) >= 2:
            return children
    raise AssertionError("the processes never came to rest")


async def _busy(processes: list[int], for_s: float = 0.1) -> list[int]:
    """Those that have worked in the time that this took."""
    before = {process_id: _cpu_ticks(process_id) for process_id in processes}
    await asyncio.sleep(for_s)
    return [process_id for process_id in processes if _cpu_ticks(process_id) > before[process_id] + 1]


def _children(parent: int) -> list[int]:
    found = [path.read_text(encoding="ascii").split() for path in Path(f"/proc/{parent}/task").glob("*/children")]
    return sorted(int(process_id) for some in found for process_id in some)


def _cpu_ticks(process_id: int) -> int:
    try:
        return int(Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11])
    except OSError:  # it is gone, or goes while it is read
        return 0


def _slow_photo() -> bytes:
    """A picture within the limits that takes long to decode."""
    picture = io.BytesIO()
    Image.effect_noise((6_000, 6_000), 50).save(picture, "JPEG", quality=30, progressive=True)
    return picture.getvalue()
