"""The emulator as a running server: the Bot API, the control API and the chat page on one port."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from emulator.bot_api import BotApi
from emulator.control import ControlApi, only_from_here
from emulator.faults import FaultSchedule
from emulator.files import MAX_UPLOAD_BYTES
from emulator.limits import SendingLimits
from emulator.objects import MAX_ALBUM
from emulator.settings import Settings
from emulator.webhooks import webhook_deliveries
from emulator.world import World, open_world

PAGE = Path(__file__).with_name("page")
_FORM_ROOM_BYTES = 1024 * 1024
_MAX_BODY_BYTES = MAX_ALBUM * MAX_UPLOAD_BYTES + _FORM_ROOM_BYTES
_PORTS_TO_TRY = 100
_SHUTDOWN_S = 2


@dataclass(frozen=True, slots=True)
class RunningEmulator:
    """A server that answers.

    Args:
        url: its address, such as ``http://127.0.0.1:8080``: the bot's TELEGRAM_API_URL, and the chat page's.
        token: the bot's BOT_TOKEN.
        world: what it knows, for tests that look inside.
    """

    url: str
    token: str
    world: World


@asynccontextmanager
async def running_emulator(
    *, host: str = "127.0.0.1", port: int = 0, state: Path | None = None, settings: Settings | None = None
) -> AsyncIterator[RunningEmulator]:
    """An emulator for the length of the block.

    Args:
        host: the address to listen on.
        port: where to listen; the next free port if it is taken, any free port for 0.
        state: the file that keeps everything; None to forget it at the end.
        settings: the emulated Telegram's constants.
    """
    world = open_world(state, settings or Settings())
    listener = _listener(host, port)
    runner = web.AppRunner(_application(world), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield RunningEmulator(_url(host, listener.getsockname()[1]), world.accounts.token, world)
    finally:
        world.close()
        await runner.cleanup()
        world.store.close()


def _application(world: World) -> web.Application:
    application = web.Application(middlewares=[only_from_here], client_max_size=_MAX_BODY_BYTES)
    faults = FaultSchedule()
    bot_api = BotApi(world, SendingLimits(world.settings.limits), faults)
    application.add_routes(bot_api.routes())
    application.add_routes(ControlApi(world, bot_api).routes())
    application.router.add_get("/", _page)
    if PAGE.is_dir():
        application.router.add_static("/page", PAGE)
        application.on_response_prepare.append(_ask_before_reusing)

    async def deliveries(_: web.Application) -> AsyncIterator[None]:
        async with webhook_deliveries(world, faults):
            yield

    application.cleanup_ctx.append(deliveries)
    return application


async def _ask_before_reusing(_request: web.Request, response: web.StreamResponse) -> None:
    """After an upgrade a browser must not mix old modules with new ones."""
    response.headers.setdefault("Cache-Control", "no-cache")


async def _page(_request: web.Request) -> web.StreamResponse:
    index = PAGE / "index.html"
    if not index.is_file():
        return web.Response(text="The Bot API emulator is running; its chat page is not installed.\n")
    return web.FileResponse(index, headers={"Cache-Control": "no-cache"})


def _url(host: str, port: int) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return f"http://127.0.0.1:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + _PORTS_TO_TRY if port else 1):
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()
        except OSError:
            listener.close()
        else:
            return listener
    raise OSError(f"no free port from {port} to {port + _PORTS_TO_TRY - 1} on {host}")
