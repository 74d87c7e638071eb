"""Updates as Telegram's JSON: whose they are, and asking for them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import InvalidToken
from telegram.ext import ExtBot

from bot.connection.reach import Reach
from bot.connection.transport import Terms, Transport
from bot.incoming.polling import Polling
from bot.incoming.updates import stored
from bot.metrics import Metrics
from bot.storage.inbox import StoredUpdate
from bot.storage.incidents import Incidents
from emulator.person import open_town
from emulator.server import running_emulator
from tests.bot.conftest import NOON
from tests.emulator.asking import bot_of
from tests.serving import serving

TOKEN = "1:a"
ME = {"id": 1, "is_bot": True, "first_name": "Lentigo", "username": "lentigo_bot"}
ANA, GROUP = {"id": 500_000_001}, {"id": -100_000_001}
TERMINATED = {"description": "Conflict: terminated by other setWebhook"}
Asked: TypeAlias = list[dict[str, str]]

TERMS = Terms(connections=4, connection_s=5, connect_s=5, read_s=5, write_s=5)


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"message": {"chat": GROUP, "from": ANA}}, GROUP["id"]),
        ({"callback_query": {"from": ANA, "message": {"chat": GROUP}}}, GROUP["id"]),
        ({"callback_query": {"from": ANA, "inline_message_id": "1"}}, ANA["id"]),
        ({"my_chat_member": {"chat": ANA, "from": ANA}}, ANA["id"]),
        ({"poll": {"id": "1"}}, -7),
        ({}, -7),
        ({"message": None}, -7),
        ({"message": [ANA]}, -7),
        ({"message": {"chat": ANA["id"]}}, -7),
        ({"message": {"chat": {"id": "x"}}}, -7),
        ({"callback_query": {"from": ANA, "message": None}}, ANA["id"]),
    ],
)
def test_update_goes_into_the_lane_of_its_chat(update: Mapping[str, Any], lane: int) -> None:
    assert stored({"update_id": 7, **update}).lane == lane


@asynccontextmanager
async def telegram_that_says(answers: list[web.Response], is_quiet: asyncio.Event) -> AsyncIterator[tuple[Any, Asked]]:
    """A bot, and what it asked getUpdates; after the answers there is silence."""
    asked: Asked = []

    async def answer(request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method != "getUpdates":
            return web.json_response({"ok": True, "result": ME if method == "getMe" else True})
        asked.append({name: str(value) for name, value in (await request.post()).items()})
        if answers:
            return answers.pop(0)
        is_quiet.set()
        await is_over.wait()
        return web.json_response({"ok": True, "result": []})

    is_over = asyncio.Event()
    application = web.Application()
    application.router.add_post(f"/bot{TOKEN}/{{method}}", answer)
    async with serving(application) as url:
        at = f"{url}/bot"
        bot: ExtBot[Any] = ExtBot(TOKEN, base_url=at, get_updates_request=Transport(TERMS), request=Transport(TERMS))
        await bot.initialize()
        try:
            yield bot, asked
        finally:
            is_over.set()
            await bot.shutdown()


def polling(bot: ExtBot[Any], engine: AsyncEngine) -> Polling:
    return Polling(bot, Reach(Metrics()), Incidents(engine, lambda: NOON))


def brought(*updates: Mapping[str, Any]) -> web.Response:
    """An answer of getUpdates."""
    return web.json_response({"ok": True, "result": updates})


async def test_update_that_cannot_be_read_holds_up_no_other_and_is_acknowledged(engine: AsyncEngine) -> None:
    taken: list[StoredUpdate] = []

    async def take(updates: Sequence[StoredUpdate]) -> None:
        taken.extend(updates)

    odd: Mapping[str, Any] = {"update_id": 1, "message": {"chat": ANA, "text": 5, "entities": "none"}}
    good: Mapping[str, Any] = {"update_id": 2, "message": {"chat": ANA, "text": "hello"}}
    is_quiet = asyncio.Event()
    async with telegram_that_says([brought(odd, good)], is_quiet) as (bot, asked):
        running = asyncio.create_task(polling(bot, engine).run(take))
        await asyncio.wait_for(is_quiet.wait(), 10)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert [(update.update_id, update.lane) for update in taken] == [(1, ANA["id"]), (2, ANA["id"])]
    assert [question["offset"] for question in asked] == ["0", "3"]
    assert asked[0]["allowed_updates"] == '["message", "callback_query", "my_chat_member"]'


@pytest.mark.parametrize("status", [401, 404])
async def test_token_that_was_revoked_ends_the_asking(status: int, engine: AsyncEngine) -> None:
    async def take(_: Sequence[StoredUpdate]) -> None:
        raise AssertionError("there is nothing to take")

    refused = web.json_response({"ok": False, "error_code": status, "description": "Unauthorized"}, status=status)
    async with telegram_that_says([refused], asyncio.Event()) as (bot, _):
        with pytest.raises(InvalidToken):
            await asyncio.wait_for(polling(bot, engine).run(take), 10)


async def test_webhook_that_somebody_else_sets_is_removed_again_and_told(engine: AsyncEngine) -> None:
    is_taken, is_asking = asyncio.Event(), asyncio.Event()

    async def take(updates: Sequence[StoredUpdate]) -> None:
        (is_taken if is_asking.is_set() else is_asking).set()

    async with running_emulator() as emulator, open_town(emulator.url) as town, bot_of(emulator) as stranger:
        at = f"{emulator.url}/bot"
        bot: ExtBot[Any] = ExtBot(
            emulator.token, base_url=at, get_updates_request=Transport(TERMS), request=Transport(TERMS)
        )
        await bot.initialize()
        running = asyncio.create_task(polling(bot, engine).run(take))
        eva = await town.newcomer("Eva")
        await eva.says("hello")
        await asyncio.wait_for(is_asking.wait(), 10)
        await stranger.set_webhook("http://127.0.0.1:9/elsewhere")
        await eva.says("are you there?")
        await asyncio.wait_for(is_taken.wait(), 20)
        assert (await stranger.get_webhook_info()).url == ""
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await bot.shutdown()
    assert "Conflict" in {incident.kind for incident in await Incidents(engine, lambda: NOON).latest(9)}


async def test_webhook_that_somebody_else_changes_in_the_same_moment_does_not_end_the_asking(
    engine: AsyncEngine,
) -> None:
    is_taken = asyncio.Event()

    async def take(_: Sequence[StoredUpdate]) -> None:
        is_taken.set()

    async with running_emulator() as emulator, open_town(emulator.url) as town:
        at = f"{emulator.url}/bot"
        bot: ExtBot[Any] = ExtBot(
            emulator.token, base_url=at, get_updates_request=Transport(TERMS), request=Transport(TERMS)
        )
        await bot.initialize()
        await town.suffers({"kind": "refused", "method": "deleteWebhook", "status": 409, "times": 2} | TERMINATED)
        running = asyncio.create_task(polling(bot, engine).run(take))
        await (await town.newcomer("Eva")).says("hello")
        await asyncio.wait_for(is_taken.wait(), 10)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await bot.shutdown()
