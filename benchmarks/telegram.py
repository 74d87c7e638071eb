"""The emulator in a process of its own, with what people sent before the bot was started; it limits nobody.

It keeps the bot's pictures as they come. Telegram makes sizes of them, on machines of its own: on these cores, those of
11 pictures a second would take most of one.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

import uvloop

import emulator.files
from benchmarks.measuring import ROOT
from emulator import contents, people
from emulator.files import Upload
from emulator.photos import Jpeg
from emulator.server import running_emulator
from emulator.settings import Limits, Settings
from emulator.world import World

FIRST_ID: Final = 700_000_001
PHOTO: Final = ROOT / "tests" / "photos" / "ham10000_nv_ISIC_0028441.jpg"
_STARTED_WITHIN_S: Final = 60
_MANY: Final = 1e9


@dataclass(frozen=True, slots=True)
class Sent:
    """What people sent before the bot was started: everybody one, then everybody the next.

    Attributes:
        people: how many there are; their ids grow from FIRST_ID.
        each: how many messages each sent.
        text: what each says; a photo where it is empty.
    """

    people: int
    each: int
    text: str = ""

    @property
    def user_ids(self) -> range:
        """Who they are."""
        return range(FIRST_ID, FIRST_ID + self.people)


@dataclass(frozen=True, slots=True)
class Telegram:
    """What stands in for Telegram.

    Attributes:
        url: the bot's TELEGRAM_API_URL.
        token: the bot's BOT_TOKEN.
        pid: the number of its process.
    """

    url: str
    token: str
    pid: int


@contextmanager
def telegram(sent: Sent) -> Iterator[Telegram]:
    """An emulator for the length of the block."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, sent), daemon=True)
    process.start()
    try:
        if not here.poll(_STARTED_WITHIN_S):
            raise TimeoutError("the emulator does not start")
        url, token = here.recv()
        yield Telegram(url, token, process.pid or 0)
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, sent: Sent) -> None:
    uvloop.run(_serve_until_ended(pipe, sent))


async def _serve_until_ended(pipe: Connection, sent: Sent) -> None:
    settings = Settings(limits=Limits(_MANY, _MANY, _MANY))
    async with running_emulator(settings=settings) as running:
        await _send(running.world, sent)
        emulator.files.photo_sizes = _as_it_comes  # type: ignore[attr-defined]
        pipe.send((running.url, running.token))
        await asyncio.Event().wait()


async def _send(world: World, sent: Sent) -> None:
    if sent.text:
        content = contents.text_content(sent.text)
    else:
        upload = Upload(PHOTO.name, await asyncio.to_thread(PHOTO.read_bytes))
        (content,) = await contents.file_contents(world, ["photo"], [upload], {})
    users = [world.accounts.add_user({"id": user_id, "first_name": "Sam"}) for user_id in sent.user_ids]
    for _ in range(sent.each):
        for user in users:
            people.send(world, user, people.chat_of(world, user["id"], None), [dict(content)])


def _as_it_comes(content: bytes, max_sides_sum_px: float = 0) -> list[Jpeg]:  # noqa: ARG001 - as the emulator's
    return [Jpeg(1280, 960, content)]
