"""Requests to Telegram over aiohttp: they cost a third of the processor time that they take over httpx."""

import io
import json
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.faults import FileNotThere

_UPLOAD_WITHIN_S: Final = 20.0
_DOWNLOADED_WITHIN_S: Final = 60.0  # the largest file that Telegram gives, of 20 MB, at 2.7 Mbit/s
_KEPT_OPEN_S: Final = 5  # a connection that is not used; later, the other side may have closed it
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_UNSET: Final = BaseRequest.DEFAULT_NONE


@dataclass(frozen=True, slots=True)
class Terms:
    """How many requests at once, for how long each of their parts may take, and which way they go.

    Attributes:
        connections: requests at once.
        connection_s: until a connection is free.
        connect_s: until Telegram has taken up a new one.
        read_s: between two parts of an answer.
        write_s: for a request that uploads nothing. A request that takes longer than its parts together is given up.
        proxy: the address of the proxy that takes requests on; None where there is none.
    """

    connections: int
    connection_s: float
    connect_s: float
    read_s: float
    write_s: float
    proxy: str | None = None


class Transport(BaseRequest):
    """What python-telegram-bot sends requests with."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long an answer may take, unless a request says so, s."""
        return self._terms.read_s

    async def initialize(self) -> None:
        """Open a session, unless one is open."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._terms.connections, keepalive_timeout=_KEPT_OPEN_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._terms.proxy,
            )

    async def shutdown(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return what an answer says.

        Raises:
            NetworkError: it is no JSON, as of a proxy that answers in Telegram's place: that may pass.
        """
        with suppress(ValueError):
            answer = json.loads(payload.decode("utf-8", "replace"))
            if isinstance(answer, dict):
                return answer
        raise NetworkError("An answer that is no JSON object")

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
            NetworkError: there was no answer, or one that refuses in words that are not Telegram's.
            FileNotThere: so says Telegram; to python-telegram-bot any 404 is a wrong token.
        """
        if self._session is None or self._session.closed:
            raise RuntimeError("The transport is not open.")
        terms = self._terms
        body = _body(request_data)
        is_upload = isinstance(body, aiohttp.FormData)
        usual_s = _UPLOAD_WITHIN_S if is_upload else terms.write_s
        connect_s, read_s = _given(connect_timeout, terms.connect_s), _given(read_timeout, terms.read_s)
        until_connected_s = _given(pool_timeout, terms.connection_s) + connect_s
        timeout = aiohttp.ClientTimeout(
            total=until_connected_s + (_given(write_timeout, usual_s) + read_s if body else _DOWNLOADED_WITHIN_S),
            connect=until_connected_s,
            sock_connect=connect_s,
            sock_read=read_s,
        )
        try:
            async with self._session.request(
                method, url, data=body, headers=None if is_upload else _FORM, timeout=timeout, allow_redirects=False
            ) as answer:
                status, said = answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from error  # its words may name the address, with the token
        if status >= HTTPStatus.BAD_REQUEST:
            self.parse_json_payload(said)  # or else python-telegram-bot takes a proxy's 403 for Telegram's own
        if status == HTTPStatus.NOT_FOUND and method == "GET":
            raise FileNotThere
        return status, said


def _body(data: RequestData | None) -> aiohttp.FormData | bytes | None:
    if data is None:
        return None
    if not data.multipart_data:
        return data.url_encoded_parameters().encode()
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)  # else ó in a file's name is %C3%B3
    for name, (file_name, content, kind) in data.multipart_data.items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content  # sent in pieces, not in one go
        form.add_field(name, file, filename=file_name, content_type=kind)
    return form


def _given(timeout_s: object, usual_s: float) -> float:
    return timeout_s if isinstance(timeout_s, int | float) else usual_s
