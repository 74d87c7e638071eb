"""Webhooks: updates brought to the bot, in order, until it takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import Conflict

from emulator.person import Town
from emulator.settings import Settings
from tests.emulator.asking import Ask, emulator_with, until_called
from tests.serving import serving


class Receiver:
    """A bot's web server that notes what is brought to it, and refuses as often as told."""

    def __init__(self) -> None:
        self.url = ""
        self.refusals = 0
        self.attempts: list[tuple[str | None, str, dict[str, Any]]] = []
        self.arrived = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.attempts.append((secret, request.headers["Content-Type"], await request.json()))
        self.arrived.set()
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        return web.Response()

    async def waits_for(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            while len(self.attempts) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return [update for _, _, update in self.attempts]

    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, _, update in self.attempts]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with serving(app) as url:
        receiver.url = f"{url}/hook"
        yield receiver


def emulator_retrying(unit_s: float = 0.01) -> AbstractAsyncContextManager[tuple[Town, Bot]]:
    """An emulator with this unit of waits between attempts; its people and its bot."""
    return emulator_with(Settings(webhook_retry_s=unit_s))


async def test_update_is_brought_with_the_secret_as_plain_json(receiver: Receiver) -> None:
    async with emulator_retrying() as (town, bot):
        await bot.set_webhook(receiver.url, secret_token="s3cret")
        await (await town.newcomer()).says("hello")
        await receiver.waits_for(1)
    ((secret, content_type, update),) = receiver.attempts
    assert (secret, content_type, update["message"]["text"]) == ("s3cret", "application/json", "hello")


async def test_what_waited_before_the_webhook_is_brought_too(receiver: Receiver) -> None:
    async with emulator_retrying() as (town, bot):
        await (await town.newcomer()).says("early")
        await bot.set_webhook(receiver.url)
        await receiver.waits_for(1)
        assert receiver.texts() == ["early"]


async def test_refused_update_comes_again_before_later_ones_of_its_chat(receiver: Receiver) -> None:
    receiver.refusals = 3
    async with emulator_retrying() as (town, bot):
        await bot.set_webhook(receiver.url)
        ana = await town.newcomer()
        await ana.says("one")
        await ana.says("two")
        await receiver.waits_for(5)
        assert receiver.texts() == ["one", "one", "one", "one", "two"]
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
        assert info.last_error_date is not None


async def test_refusal_of_one_chat_holds_up_no_other(receiver: Receiver) -> None:
    async with emulator_retrying(unit_s=60) as (town, bot):
        receiver.refusals = 2
        await bot.set_webhook(receiver.url)
        await (await town.newcomer("Ana")).says("stuck")
        await receiver.waits_for(2)
        await (await town.newcomer("Sam")).says("free")
        await receiver.waits_for(3)
        assert receiver.texts() == ["stuck", "stuck", "free"]


async def test_unreachable_webhook_is_told_of() -> None:
    async with emulator_retrying() as (town, bot):
        await bot.set_webhook("http://127.0.0.1:9/hook")
        await (await town.newcomer()).says("hello?")
        async with asyncio.timeout(5):
            while not (info := await bot.get_webhook_info()).last_error_message:
                pass
        assert info.last_error_message == "Connection refused"
        assert info.pending_update_count == 1


async def test_polling_is_a_conflict_while_a_webhook_is_set(receiver: Receiver) -> None:
    async with emulator_retrying() as (town, bot):
        polling = asyncio.create_task(bot.get_updates(timeout=20))
        await until_called(town, "getUpdates")
        await bot.set_webhook(receiver.url)
        with pytest.raises(Conflict, match="terminated by setWebhook request"):
            await polling
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


async def test_pending_updates_can_be_dropped(receiver: Receiver) -> None:
    async with emulator_retrying() as (town, bot):
        await (await town.newcomer()).says("old")
        await bot.set_webhook(receiver.url, drop_pending_updates=True, allowed_updates=["message"])
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count, info.max_connections) == (receiver.url, 0, 40)
        assert info.allowed_updates == ("message",)
        await bot.delete_webhook()
        assert (await bot.get_webhook_info()).url == ""


async def test_duplicate_update_is_brought_twice(receiver: Receiver) -> None:
    async with emulator_retrying() as (town, bot):
        await town.suffers({"kind": "duplicate_update", "method": "webhook", "times": 1})
        await bot.set_webhook(receiver.url)
        await (await town.newcomer()).says("again")
        first, second = await receiver.waits_for(2)
        assert first == second


@pytest.mark.parametrize(
    ("url", "secret", "complaint"),
    [
        ("http://example.org/hook", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://example.org:8082/hook", "", "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ("https://example.org:port/hook", "", "invalid webhook URL specified"),
        ("ftp://example.org/hook", "", "invalid webhook URL specified"),
        ("https://example.org/hook", "with space", "secret token contains unallowed characters"),
    ],
)
async def test_bad_webhook_is_refused(ask: Ask, url: str, secret: str, complaint: str) -> None:
    refusal = await ask("setWebhook", url=url, secret_token=secret)
    assert refusal["description"] == f"Bad Request: {complaint}"
    assert (await ask("getWebhookInfo"))["result"]["url"] == ""


@pytest.mark.parametrize("port", ["", ":80", ":88", ":443", ":8443"])
async def test_webhook_on_one_of_four_ports_is_taken(ask: Ask, port: str) -> None:
    assert (await ask("setWebhook", url=f"https://example.org{port}/hook"))["ok"] is True


async def test_presses_stand_in_another_line_than_messages(receiver: Receiver) -> None:
    async with emulator_retrying(unit_s=1) as (town, bot):
        ana = await town.newcomer("Ana")
        await ana.says("/start")
        buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
        await bot.send_message(ana.id, "?", reply_markup=buttons)
        await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)
        await bot.set_webhook(receiver.url)
        receiver.refusals = 2
        await ana.presses("Yes")
        await receiver.waits_for(2)
        await ana.says("while the press waits to be brought again")
        taken = await receiver.waits_for(4)
    assert ["callback_query" in update for update in taken] == [True, True, False, True]


async def test_webhook_that_is_moved_is_not_followed(receiver: Receiver) -> None:
    times = 0

    async def moved(_request: web.Request) -> web.Response:
        nonlocal times
        times += 1
        return web.Response(status=307, headers={"Location": receiver.url})

    app = web.Application()
    app.router.add_post("/old", moved)
    async with serving(app) as url, emulator_retrying(unit_s=60) as (town, bot):
        await bot.set_webhook(f"{url}/old")
        await (await town.newcomer("Ana")).says("/start")
        async with asyncio.timeout(5):
            while not (info := await bot.get_webhook_info()).last_error_message or times < 2:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.01)
    assert info.last_error_message == "Wrong response from the webhook: 307 Temporary Redirect"
    assert receiver.attempts == []
