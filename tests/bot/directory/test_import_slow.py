"""A file of the directory that Telegram does not bring: who sent it hears of it, and goes on."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import TimedOut

from bot.delivery import formatted
from tests.bot.desk import Desk, open_desk, own_library

OLGA = 71
HEADER = "name,latitude,longitude"


async def document_of(desk: Desk) -> dict[str, object]:
    """Return a file as a message has it, which Telegram knows."""
    rows = f"{HEADER}\nDr. Slow,64.1,-21.9\n".encode()
    kept = (await desk.application.bot.send_document(OLGA, rows, filename="list.csv")).document
    assert kept is not None
    return kept.to_dict()


@pytest.mark.parametrize("caption", ["Chamber", None], ids=["source in the caption", "source asked for"])
async def test_file_that_does_not_come_is_told_of_and_may_be_sent_again(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, caption: str | None
) -> None:
    async with open_desk(engine, OLGA, library=own_library()) as desk:
        desk.newcomer(OLGA)
        texts = desk.services.content.texts("en")
        document = await document_of(desk)
        await desk.presses(OLGA, "dir:import")
        if caption is None:
            await desk.hears(OLGA, document=document)

        async def never_comes(*_: object, **__: object) -> bytes:
            raise TimedOut

        with monkeypatch.context() as slow:
            slow.setattr(desk.recorder, "retrieve", never_comes)
            told = await desk.hears(
                OLGA, **({"document": document, "caption": caption} if caption else {"text": "Chamber"})
            )
        assert formatted(texts.say("directory-file-slow"))[0] in told[-1].text
        told = await desk.hears(OLGA, document=document, caption="Chamber")
        counts = {"added": 1, "updated": 0, "unchanged": 0}
        assert formatted(texts.say("directory-imported", attribution="Chamber", **counts))[0] in told[-1].text
