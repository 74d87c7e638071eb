"""The webhook waits for nobody who takes their time."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from telegram.ext import ExtBot

from bot.connection.pacing import Pacing
from bot.incoming import webhook
from bot.incoming.webhook import Webhook
from bot.metrics import Metrics
from bot.web import listening as served
from tests.bot.incoming.test_webhook import DOOR, HEADERS, TOKEN, UPDATE, Recorded, Taken, bring, listening


async def test_body_that_comes_too_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_BODY_WITHIN_S", 0.2)

    async def slow() -> AsyncIterator[bytes]:
        for byte in json.dumps(UPDATE).encode():
            yield bytes([byte])
            await asyncio.sleep(0.05)

    taken = Taken()
    async with listening(taken) as client:
        assert (await client.post(DOOR.path, data=slow(), headers=HEADERS)).status == 408
        assert (await bring(client)).status == 200
    assert len(taken.updates) == 1


@pytest.mark.parametrize("begun", [b"", f"POST {DOOR.path} HTTP/1.1\r\nHost: x\r\nX-A: ".encode()])
async def test_connection_whose_headers_do_not_come_to_an_end_is_closed(
    monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(webhook, "CLOSED_AFTER_S", 0.5)
    bot: ExtBot[int] = ExtBot(TOKEN, rate_limiter=Pacing())
    runner = Webhook(bot, DOOR, Metrics(), Recorded()).runner(Taken())
    async with served(runner, "127.0.0.1", 0, "WEBHOOK"):
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(begun)
        for _ in range(20):  # a byte now and then does not keep it open
            await asyncio.sleep(0.05)
            if begun and not reader.at_eof():
                writer.write(b"a")
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
