"""What Telegram is told at the start, what is said of what it could not bring, and whom a proxy is believed to name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, cast

import pytest
from multidict import CIMultiDict
from telegram import WebhookInfo

from bot.incoming.updates import ALLOWED_UPDATES
from bot.incoming.webhook import Webhook
from bot.metrics import Metrics
from emulator.settings import Settings
from tests.bot.conftest import NOON
from tests.bot.incoming.test_webhook import DOOR, HEADERS, SECRET, UPDATE, Recorded, Taken, listening
from tests.bot.taking import until
from tests.emulator.asking import emulator_with
from tests.serving import free_port

if TYPE_CHECKING:
    from telegram.ext import ExtBot


@dataclass
class Telegram:
    """Is told of a webhook, and says when it could not bring an update: at these moments; the last one stays."""

    moments: list[datetime]
    said: list[dict[str, object]] = field(default_factory=list)
    asked: int = 0

    async def set_webhook(self, url: str, **more: object) -> None:
        self.said.append({"url": url, **more})

    async def get_webhook_info(self) -> WebhookInfo:
        self.asked += 1
        failed_at = self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]
        return WebhookInfo(DOOR.url, False, 0, failed_at, "Connection refused")  # noqa: FBT003 - Telegram's order


@asynccontextmanager
async def running_at(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr("bot.incoming.webhook._CHECK_EVERY_S", 0.02)
    webhook = Webhook(cast("ExtBot[int]", telegram), replace(DOOR, port=0), Metrics(), Recorded())
    running = asyncio.create_task(webhook.run(Taken()))
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_came_while_the_bot_was_away_is_still_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram([NOON])
    async with running_at(telegram, monkeypatch):
        await until(lambda: bool(telegram.said))
    (said,) = telegram.said
    assert said["drop_pending_updates"] is False
    assert (said["url"], said["secret_token"], said["allowed_updates"]) == (DOOR.url, SECRET, ALLOWED_UPDATES)


async def test_each_failure_of_telegrams_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    telegram = Telegram([NOON, NOON, NOON, NOON + timedelta(minutes=1)])
    async with running_at(telegram, monkeypatch):
        await until(lambda: telegram.asked > 5)
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == ["Telegram could not bring an update: Connection refused"] * 2


async def test_webhook_that_somebody_sets_without_the_secret_is_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.incoming.webhook._CHECK_EVERY_S", 0.02)
    port = free_port()
    url = f"http://127.0.0.1:{port}{DOOR.path}"
    taken = Taken()
    async with emulator_with(Settings(webhook_retry_s=0.02)) as (town, bot):
        webhook = Webhook(cast("ExtBot[int]", bot), replace(DOOR, url=url, port=port), Metrics(), Recorded())
        running = asyncio.create_task(webhook.run(taken))
        patient = await town.newcomer()
        await patient.says("before")
        await until(lambda: len(taken.updates) == 1)
        await bot.set_webhook(url)
        await patient.says("after")
        await until(lambda: len(taken.updates) == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize(
    ("named", "status"),
    [(["149.154.161.7", "198.51.100.9"], 403), (["198.51.100.9", "149.154.161.7"], 200)],
)
async def test_of_several_headers_that_name_the_sender_only_the_proxys_own_counts(
    named: list[str], status: int
) -> None:
    """The others came with the request: anybody could say so."""
    networks = frozenset({ip_network("149.154.160.0/20")})
    headers = CIMultiDict([*HEADERS.items(), *(("X-Forwarded-For", one) for one in named)])
    async with listening(Taken(), replace(DOOR, networks=networks, client_header="X-Forwarded-For")) as client:
        assert (await client.post(DOOR.path, json=UPDATE, headers=headers)).status == status
