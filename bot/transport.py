"""Requests to Telegram over aiohttp: they cost a third of the processor time that they take over httpx."""

import io
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_UPLOAD_WITHIN_S: Final = 20.0
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_UNSET: Final = BaseRequest.DEFAULT_NONE


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests at once, and for how long each of their parts may take.

    Attributes:
        connections: requests at once.
        connection_s: until a connection is free.
        connect_s: until Telegram has taken up a new one.
        read_s: between two parts of an answer.
        write_s: for a request that uploads nothing.
    """

    connections: int
    connection_s: float
    connect_s: float
    read_s: float
    write_s: float


class Transport(BaseRequest):
    """What python-telegram-bot sends requests with."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long an answer may take, unless a request says so, s."""
        return self._limits.read_s

    async def initialize(self) -> None:
        """Open a session, unless one is open."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._limits.connections)
            has_proxy = bool(getproxies())  # whether one is to be looked for, which takes a turn of a thread each time
            no_cookies = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connector, trust_env=has_proxy, cookie_jar=no_cookies)

    async def shutdown(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = _UNSET,
        write_timeout: object = _UNSET,
        connect_timeout: object = _UNSET,
        pool_timeout: object = _UNSET,
    ) -> tuple[int, bytes]:
        """Send one request; returns the status of the answer and what it says.

        Raises:
            TimedOut: a part of it took too long.
            NetworkError: there was no answer.
        """
        if self._session is None or self._session.closed:
            raise RuntimeError("The transport is not open.")
        limits = self._limits
        body = _body(request_data)
        is_upload = isinstance(body, aiohttp.FormData)
        usual_s = _UPLOAD_WITHIN_S if is_upload else limits.write_s
        connect_s, read_s = _given(connect_timeout, limits.connect_s), _given(read_timeout, limits.read_s)
        until_connected_s = _given(pool_timeout, limits.connection_s) + connect_s
        timeout = aiohttp.ClientTimeout(
            total=until_connected_s + _given(write_timeout, usual_s) + read_s if body else None,
            connect=until_connected_s,
            sock_connect=connect_s,
            sock_read=read_s,
        )
        try:
            async with self._session.request(
                method, url, data=body, headers=None if is_upload else _FORM, timeout=timeout, allow_redirects=False
            ) as answer:
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


def _body(data: RequestData | None) -> aiohttp.FormData | bytes | None:
    if data is None:
        return None
    if not data.multipart_data:
        return data.url_encoded_parameters().encode()
    form = aiohttp.FormData(data.json_parameters)
    for name, (file_name, content, kind) in data.multipart_data.items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content  # sent in pieces, not in one go
        form.add_field(name, file, filename=file_name, content_type=kind)
    return form


def _given(timeout_s: object, usual_s: float) -> float:
    return timeout_s if isinstance(timeout_s, int | float) else usual_s
