"""What the operator's machines ask over HTTP: /healthz, /readyz and /metrics."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import SettingsError
from bot.health import DATABASE, OK, Health
from bot.metrics import Metrics

CLOSED_AFTER_S: Final = (
    75  # a connection whose next request is not there, or not to the end of its headers; nginx gives up after 60
)


@asynccontextmanager
async def serving_operator(host: str, port: int, health: Health, metrics: Metrics) -> AsyncIterator[None]:
    """Serve the operator's pages while the block runs; port 0 serves nothing.

    Raises:
        SettingsError: the address can't be had.
    """
    if port == 0:
        yield
        return
    application = web.Application()

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"process": OK})

    async def ready(_: web.Request) -> web.Response:
        report = await health.report()
        return web.json_response(report, status=200 if set(report.values()) <= {OK} else 503)

    async def counts(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    application.add_routes([web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", counts)])
    runner = web.AppRunner(application, access_log=None, keepalive_timeout=CLOSED_AFTER_S)
    async with listening(runner, host, port, "WEB"):
        yield


@contextmanager
def serving_without_database(host: str, port: int) -> Iterator[None]:
    """Serve the operator's pages beside a block that waits for PostgreSQL, where no event loop runs yet.

    Raises:
        SettingsError: the address can't be had.
    """

    async def is_not_there() -> bool:
        return False

    metrics = Metrics()
    metrics.show_dependencies({DATABASE: False})
    pages = serving_operator(host, port, Health({DATABASE: is_not_there}), metrics)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(pages.__aenter__(), loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(pages.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@asynccontextmanager
async def listening(runner: web.BaseRunner, host: str, port: int, what: str) -> AsyncIterator[None]:
    """Listen while the block runs.

    Args:
        runner: serves.
        host: the address.
        port: its port.
        what: the settings' names begin with it.

    Raises:
        SettingsError: the address can't be had.
    """
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        name = f"{what}_HOST" if isinstance(error, socket.gaierror) else f"{what}_PORT"
        raise SettingsError(f"{name}: {host}:{port} can't be had ({error.strerror or error}).") from error
    try:
        yield
    finally:
        await runner.cleanup()
