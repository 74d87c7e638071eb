"""What the operator's machines ask over HTTP: /healthz."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import SettingsError


@asynccontextmanager
async def serving_health(host: str, port: int, engine: AsyncEngine) -> AsyncIterator[None]:
    """Serve /healthz while the block runs; port 0 serves nothing.

    Raises:
        SettingsError: the address can't be had.
    """
    if port == 0:
        yield
        return
    application = web.Application()

    async def health(_: web.Request) -> web.Response:
        return await _health(engine)

    application.router.add_get("/healthz", health)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        name = "WEB_HOST" if isinstance(error, socket.gaierror) else "WEB_PORT"
        raise SettingsError(f"{name}: {host}:{port} can't be had ({error.strerror or error}).") from error
    try:
        yield
    finally:
        await runner.cleanup()


async def _health(engine: AsyncEngine) -> web.Response:
    try:
        async with engine.connect() as connection:
            await connection.execute(sa.select(1))
    except SQLAlchemyError as error:
        return web.json_response({"database": type(error).__name__}, status=503)
    return web.json_response({"database": "ok"})
