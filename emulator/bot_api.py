"""The Bot API over HTTP: who asks, what for, and what goes wrong on the way."""

import logging
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from emulator.errors import BotApiError, too_many_requests
from emulator.faults import Fault, FaultSchedule
from emulator.limits import SendingLimits
from emulator.methods import HANDLERS
from emulator.objects import JsonObject
from emulator.requests import Params, checked, method_name, read_request
from emulator.world import World

_SENDING = frozenset(name for name in HANDLERS if name.startswith(("send", "forward", "copy"))) - {"sendChatAction"}
_REFUSALS = ("delay", "429", "5xx", "refused", "reset")
_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]{35}")
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Call:
    """One request of the bot, for the call log.

    Args:
        at: when it came, in seconds since 1970.
        status: the answer's HTTP status; None while there is no answer, and for ever if the connection was dropped.
    """

    at: float
    method: str
    params: Params = field(default_factory=lambda: Params({}))
    status: int | None = None

    @property
    def body(self) -> JsonObject:
        """The call's JSON."""
        chat_id = self.params.values.get("chat_id")
        number = int(chat_id) if chat_id and str(chat_id).lstrip("-").isdecimal() else chat_id
        described: JsonObject = {"at": self.at, "method": self.method, "chat_id": number, "status": self.status}
        unknown = list(self.params.unknown)
        return described | ({"unknown_parameters": unknown} if unknown else {})


@dataclass(frozen=True, slots=True)
class BotApi:
    """Answers the bot."""

    world: World
    limits: SendingLimits
    faults: FaultSchedule
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=100_000))

    def routes(self) -> list[web.RouteDef]:
        """Where the bot asks."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self.answer),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self.download),
        ]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one method call."""
        return await self._answered(request, Call(self.world.clock(), request.match_info["method"]), self._result)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send a file that the bot asked for by the path from getFile."""
        return await self._answered(request, Call(self.world.clock(), "file"), self._file)

    async def _answered(
        self, request: web.Request, call: Call, work: Callable[[web.Request, Call], Awaitable[web.Response]]
    ) -> web.StreamResponse:
        self.calls.append(call)
        try:
            self._check_token(request.match_info["token"])
            response = await work(request, call)
            await self._suffer(call, is_after=True)
            call.status = response.status
        except BotApiError as error:
            call.status = error.status
            return web.json_response(error.body, status=error.status)
        except ConnectionResetError:
            return _dropped(request)
        except Exception:
            _logger.exception("%s failed", call.method)
            call.status = 500
            return web.json_response(BotApiError(500, "Internal Server Error").body, status=500)
        half = self.faults.striking(call.method, "half_body", chat_id=call.params.text("chat_id"))
        return await _half_sent(request, response) if half else response

    def _check_token(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise BotApiError(404, "Not Found")
        if token != self.world.accounts.token:
            raise BotApiError(401, "Unauthorized")

    async def _result(self, request: web.Request, call: Call) -> web.Response:
        method = call.method = method_name(call.method)
        raw, uploads = await read_request(request)
        call.params = Params(raw)
        await self._suffer(call, is_after=False)
        params = call.params = checked(method, raw, uploads)
        self._check_speed(method, params)
        result = await HANDLERS[method](self.world, params)
        if method == "getUpdates" and result and self.faults.striking(method, "duplicate_update"):
            self.world.updates.repeats += 1
        return web.json_response({"ok": True, "result": result})

    async def _file(self, request: web.Request, call: Call) -> web.Response:
        await self._suffer(call, is_after=False)
        file = self.world.files.at(request.match_info["path"])
        if file is None:
            raise BotApiError(404, "Not Found")
        return web.Response(body=self.world.files.content(file), content_type="application/octet-stream")

    async def _suffer(self, call: Call, *, is_after: bool) -> None:
        chat_id = call.params.text("chat_id")
        for fault in self.faults.striking(call.method, *_REFUSALS, chat_id=chat_id, is_after=is_after):
            await _strike(fault, self.faults)

    def _check_speed(self, method: str, params: Params) -> None:
        is_edit = method.startswith("editMessage")
        if not is_edit and method not in _SENDING:
            return
        chat_id = params.text("chat_id")
        number = int(chat_id) if chat_id.lstrip("-").isdecimal() else 0
        messages = len(params.json("media")) if method == "sendMediaGroup" else 1
        wait_s = self.limits.retry_after_s(number, messages, time.monotonic(), is_edit=is_edit)
        if wait_s:
            raise too_many_requests(wait_s)


async def _strike(fault: Fault, schedule: FaultSchedule) -> None:
    if fault.kind == "delay":
        await schedule.hold(fault)
    elif fault.kind == "429":
        raise too_many_requests(fault.retry_after)
    elif fault.kind == "5xx":
        raise BotApiError(fault.status or 502, _REASONS.get(fault.status or 502, "Unavailable"))
    elif fault.kind == "refused":
        migrated = {"migrate_to_chat_id": fault.migrate_to_chat_id} if fault.migrate_to_chat_id else None
        raise BotApiError(fault.status or 400, fault.description, migrated)
    else:
        raise ConnectionResetError("dropped on purpose")


def _dropped(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def _half_sent(request: web.Request, whole: web.Response) -> web.StreamResponse:
    body = bytes(whole.body) if isinstance(whole.body, bytes | bytearray) else b""
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()  # what was written still goes out
    return response
