"""The Bot API over HTTP: who asks, what for, and what goes wrong on the way."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from emulator.errors import BotApiError, too_many_requests
from emulator.faults import Fault, FaultSchedule
from emulator.limits import SendingLimits
from emulator.methods import HANDLERS
from emulator.objects import Json, JsonObject
from emulator.requests import Params, checked, method_name, read_request
from emulator.world import World

_SENDING = frozenset(name for name in HANDLERS if name.startswith(("send", "forward", "copy"))) - {"sendChatAction"}
_LOST = ConnectionResetError("dropped on purpose")


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot, for the call log."""

    at: float
    method: str
    chat_id: str | None
    status: int
    unknown: tuple[str, ...] = ()

    @property
    def body(self) -> JsonObject:
        """The call's JSON."""
        chat_id = int(self.chat_id) if self.chat_id and self.chat_id.lstrip("-").isdecimal() else self.chat_id
        described: JsonObject = {"at": self.at, "method": self.method, "chat_id": chat_id, "status": self.status}
        return described | ({"unknown_parameters": list(self.unknown)} if self.unknown else {})


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
        asked = request.match_info["method"]
        params = Params({})
        try:
            self._check_token(request)
            method = method_name(asked)
            raw, uploads = await read_request(request)
            params = Params(raw)
            await self._delay_or_refuse(method)
            params = checked(method, raw, uploads)
            result = await self._result(method, params)
        except BotApiError as error:
            self._log(asked, params, error.status)
            return web.json_response(error.body, status=error.status)
        except ConnectionResetError:
            self._log(asked, params, 0)
            return _dropped(request)
        self._log(method, params, 200)
        return await self._finish(request, method, web.json_response({"ok": True, "result": result}))

    async def _result(self, method: str, params: Params) -> Json:
        self._check_speed(method, params)
        result = await HANDLERS[method](self.world, params)
        if self.faults.striking(method, *(["duplicate_update"] if method == "getUpdates" and result else [])):
            self.world.updates.repeats += 1
        return result

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Send a file that the bot asked for by the path from getFile."""
        try:
            self._check_token(request)
            await self._delay_or_refuse("file")
        except BotApiError as error:
            self._log("file", Params({}), error.status)
            return web.json_response(error.body, status=error.status)
        except ConnectionResetError:
            self._log("file", Params({}), 0)
            return _dropped(request)
        file = self.world.files.at(request.match_info["path"])
        if file is None:
            self._log("file", Params({}), 404)
            return web.json_response(BotApiError(404, "Not Found").body, status=404)
        self._log("file", Params({}), 200)
        body = self.world.files.content(file)
        return await self._finish(request, "file", web.Response(body=body, content_type="application/octet-stream"))

    def _check_token(self, request: web.Request) -> None:
        if request.match_info["token"] != self.world.accounts.token:
            raise BotApiError(401, "Unauthorized")

    def _log(self, method: str, params: Params, status: int) -> None:
        chat_id = params.values.get("chat_id")
        shown = None if chat_id is None else str(chat_id)
        self.calls.append(Call(self.world.clock(), method, shown, status, params.unknown))

    async def _delay_or_refuse(self, method: str) -> None:
        for fault in self.faults.striking(method, "delay", "429", "5xx", "reset"):
            await _strike(fault)

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

    async def _finish(self, request: web.Request, method: str, response: web.Response) -> web.StreamResponse:
        half = self.faults.striking(method, "half_body")
        return await _half_sent(request, response) if half else response


async def _strike(fault: Fault) -> None:
    if fault.kind == "delay":
        await asyncio.sleep(fault.delay_s)
    elif fault.kind == "429":
        raise too_many_requests(fault.retry_after)
    elif fault.kind == "5xx":
        raise BotApiError(
            fault.status, {500: "Internal Server Error", 502: "Bad Gateway"}.get(fault.status, "Unavailable")
        )
    else:
        raise _LOST


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
