"""The operator's pages, and the webhook that is looked after."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot

from bot.connection.pacing import Pacing
from bot.connection.reach import Reach
from bot.errors import SettingsError
from bot.health import Health, Probe
from bot.incoming.webhook import Door, Webhook
from bot.metrics import Metrics
from bot.parts import health_of
from bot.storage.incidents import Incidents
from bot.storage.server import wait_for_server
from bot.web import serving_operator, serving_without_database
from emulator.server import running_emulator
from tests.bot.conftest import NOON
from tests.serving import free_port


def answering(*, is_up: bool) -> Probe:
    async def answers() -> bool:
        return is_up

    return answers


async def breaks() -> bool:
    raise ConnectionRefusedError


async def hangs() -> bool:
    await asyncio.Event().wait()
    return True


@pytest.mark.parametrize(
    ("probe", "word", "status"),
    [
        (answering(is_up=True), "ok", 200),
        (answering(is_up=False), "down", 503),
        (breaks, "ConnectionRefusedError", 503),
        (hangs, "TimeoutError", 503),
    ],
)
async def test_readiness_names_each_dependency_within_its_time(probe: Probe, word: str, status: int) -> None:
    health, port = Health({"database": answering(is_up=True), "telegram": probe}, within_s=0.1), free_port()
    async with serving_operator("127.0.0.1", port, health, Metrics()):
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/readyz") as answer:
            assert (answer.status, await answer.json()) == (status, {"database": "ok", "telegram": word})
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"process": "ok"})
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            assert "process_start_time_seconds" in await answer.text()


async def test_telegram_is_not_there_before_it_was_heard_and_a_standby_does_not_blame_it(engine: AsyncEngine) -> None:
    reach = Reach(Metrics())
    async with running_emulator() as emulator:
        bot: ExtBot[int] = ExtBot(emulator.token, base_url=f"{emulator.url}/bot", rate_limiter=Pacing(reach))
        health = health_of(engine, bot, reach, {"workers": answering(is_up=True)})
        health.stands_by = True
        assert await health.report() == {"database": "ok", "workers": "ok", "leads": "down"}
        health.stands_by = False
        assert await health.report() == {"database": "ok", "telegram": "down", "workers": "ok"}
        await bot.initialize()
        assert await health.report() == {"database": "ok", "telegram": "ok", "workers": "ok"}
        await bot.shutdown()


async def test_port_zero_serves_nothing() -> None:
    async with serving_operator("127.0.0.1", 0, Health({}), Metrics()):
        pass


@pytest.mark.parametrize(("host", "name"), [("127.0.0.1", "WEB_PORT"), ("no such host", "WEB_HOST")])
async def test_address_that_cannot_be_had_is_named(host: str, name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=name):
            async with serving_operator(host, port, Health({}), Metrics()):
                pass


@pytest.fixture
async def brought(engine: AsyncEngine) -> AsyncIterator[tuple[ExtBot[int], Webhook, str]]:
    """A bot at an emulator, and its webhook."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    async with running_emulator() as emulator:
        bot: ExtBot[int] = ExtBot(emulator.token, base_url=f"{emulator.url}/bot", rate_limiter=Pacing())
        async with bot:
            door = Door(url, "a-secret-of-this-test", port=port, path="/hook")
            yield bot, Webhook(bot, door, Metrics(), Incidents(engine, lambda: NOON)), url


async def test_webhook_that_somebody_removes_is_set_again_and_stays_at_the_end(
    brought: tuple[ExtBot[int], Webhook, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bot, webhook, url = brought
    monkeypatch.setattr("bot.incoming.webhook._CHECK_EVERY_S", 0.05)
    caplog.set_level(logging.INFO, "bot")
    running = asyncio.create_task(webhook.run(lambda _: asyncio.sleep(0)))
    await _is_set(bot, url)
    await bot.delete_webhook()
    await _is_set(bot, url)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections) == (url, 40)
    assert set(info.allowed_updates or ()) == {"message", "callback_query", "my_chat_member"}
    assert "Somebody has changed the webhook, or its secret; it is set again" in caplog.messages
    assert "a-secret-of-this-test" not in json.dumps(caplog.messages)


async def _is_set(bot: ExtBot[int], url: str) -> None:
    async with asyncio.timeout(5):
        while (await bot.get_webhook_info()).url != url:
            pass


async def test_pages_answer_while_the_start_waits_for_the_database_and_leave_their_port() -> None:
    port = free_port()
    with serving_without_database("127.0.0.1", port):
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/healthz") as answer:
            assert (answer.status, await answer.json()) == (200, {"process": "ok"})
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/readyz") as answer:
            assert (answer.status, await answer.json()) == (503, {"database": "down"})
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/metrics") as answer:
            assert 'lentigo_dependency_up{dependency="database"} 0.0' in await answer.text()
        with pytest.raises(SettingsError, match="WEB_PORT"), serving_without_database("127.0.0.1", port):
            pass
    async with serving_operator("127.0.0.1", port, Health({}), Metrics()):
        pass


def test_only_a_server_that_is_away_is_waited_for_with_something_done_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done, away = [], iter([True, True, False, False])

    @contextmanager
    def meanwhile() -> Iterator[None]:
        done.append("begun")
        yield
        done.append("ended")

    monkeypatch.setattr("bot.storage.server._is_away", lambda _: next(away))
    monkeypatch.setattr("time.sleep", lambda _: done.append("waited"))
    for _ in range(2):
        wait_for_server("postgresql+psycopg://nowhere/x", meanwhile)
    assert done == ["begun", "waited", "waited", "ended"]
