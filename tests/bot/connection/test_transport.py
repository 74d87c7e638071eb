"""Requests to Telegram, against servers that answer, hang, cut off and never take up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TypeAlias

import pytest
from aiohttp import web
from telegram import InputFile
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import InvalidToken, NetworkError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.connection.reach import failure_kind
from bot.connection.transport import Terms, Transport
from bot.faults import FileNotThere, is_transient
from tests.serving import serving

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
HASTY = Terms(connections=2, connection_s=0.2, connect_s=0.2, read_s=0.2, write_s=0.2)
PATIENT = Terms(connections=2, connection_s=5, connect_s=5, read_s=5, write_s=5)


@asynccontextmanager
async def asking(answer: Answer, limits: Terms = PATIENT) -> AsyncIterator[tuple[Transport, str]]:
    """A transport, and the address of a server that answers so."""
    application = web.Application(client_max_size=2**26)
    application.router.add_route("*", "/", answer)
    async with serving(application) as url:
        transport = Transport(limits)
        await transport.initialize()
        try:
            yield transport, f"{url}/"
        finally:
            await transport.shutdown()


def said(**values: object) -> RequestData:
    """What python-telegram-bot hands over."""
    return RequestData([RequestParameter.from_input(name, value) for name, value in values.items()])


async def test_words_and_answers_arrive() -> None:
    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        return web.json_response({"text": form["text"], "chat_id": form["chat_id"]}, status=418)

    async with asking(answer) as (transport, url):
        status, body = await transport.do_request(url, "POST", said(text="¿Qué es? & = %", chat_id=7))
    assert status == 418
    assert transport.parse_json_payload(body) == {"text": "¿Qué es? & = %", "chat_id": "7"}


async def test_files_arrive_beside_words() -> None:
    async def answer(request: web.Request) -> web.Response:
        form = await request.post()
        photo = form["photo"]
        assert isinstance(photo, web.FileField)
        words = f"{photo.filename} {form.get('caption')!s} "
        return web.Response(body=words.encode() + photo.file.read())

    async with asking(answer) as (transport, url):
        sent = said(photo=InputFile(b"\xff\xd8" * 600_000, filename="Lesión 1.jpg"), caption="año")
        _, body = await transport.do_request(url, "POST", sent)
    assert body == "Lesión 1.jpg año ".encode() + b"\xff\xd8" * 600_000


async def test_answer_that_does_not_come_times_out() -> None:
    is_over = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        await is_over.wait()
        return web.Response()

    async with asking(answer, HASTY) as (transport, url):
        for sent in (None, said(text="a")):
            with pytest.raises(TimedOut):
                await transport.do_request(url, "POST" if sent else "GET", sent)
        is_over.set()


async def test_download_that_comes_drop_by_drop_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b".")
                await asyncio.sleep(0.05)
        return response

    monkeypatch.setattr("bot.connection.transport._DOWNLOADED_WITHIN_S", 0.5)
    async with asking(answer, replace(PATIENT, connection_s=0.5, connect_s=0.5)) as (transport, url):
        with pytest.raises(TimedOut):
            await transport.do_request(url, "GET")


async def test_request_says_itself_how_long_its_answer_may_take() -> None:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response(text="late")

    async with asking(answer, replace(HASTY, connection_s=5, connect_s=5)) as (transport, url):
        assert await transport.do_request(url, "POST", said(text="a"), read_timeout=10) == (200, b"late")


async def test_upload_that_nobody_reads_times_out() -> None:
    is_over = asyncio.Event()

    async def never_reads(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await is_over.wait()
        writer.transport.abort()
        all_gone.release()

    all_gone = asyncio.Semaphore(0)
    server = await asyncio.start_server(never_reads, "127.0.0.1", 0, limit=1024)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    transport, upload = Transport(HASTY), said(photo=InputFile(b"\0" * 2**25, filename="large.jpg"))
    await transport.initialize()
    with pytest.raises(TimedOut):
        await transport.do_request(url, "POST", upload, write_timeout=0.2)
    is_over.set()
    await all_gone.acquire()
    await transport.shutdown()
    server.close()


async def test_more_requests_than_connections_wait_for_one() -> None:
    inside, most = 0, 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.05)
        inside -= 1
        return web.Response()

    async with asking(answer) as (transport, url):
        await asyncio.gather(*(transport.do_request(url, "GET") for _ in range(6)))
    assert most == PATIENT.connections


async def test_connection_that_is_cut_or_refused_is_a_fault_of_the_network() -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with asking(answer) as (transport, url):
        with pytest.raises(NetworkError) as cut:
            await transport.do_request(url, "POST", said(text="a"))
        with pytest.raises(NetworkError) as refused:
            await transport.do_request("http://127.0.0.1:1/", "POST", said(text="a"))
    for error in (cut.value, refused.value):
        assert not isinstance(error, TimedOut)
        assert "Client" in str(error) or "Server" in str(error)


async def test_error_does_not_tell_the_address_which_holds_the_token() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"nonsense\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    transport = Transport(PATIENT)
    await transport.initialize()
    with pytest.raises(NetworkError) as caught:
        await transport.do_request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot1:secret/getMe", "GET")
    assert "secret" not in str(caught.value)
    await transport.shutdown()
    server.close()


async def test_requests_go_by_the_proxy_that_is_named() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.headers['Host']} by {request.headers.get('Proxy-Authorization', '')}")

    async with asking(answer) as (_, proxy):
        transport = Transport(replace(PATIENT, proxy=proxy.replace("//", "//Ana:secret@")))
        await transport.initialize()
        status, body = await transport.do_request("http://telegram.invalid/", "GET")
        await transport.shutdown()
    assert (status, body) == (200, b"telegram.invalid by Basic QW5hOnNlY3JldA==")


async def test_transport_opens_again_after_it_was_closed() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async with asking(answer) as (transport, url):
        await transport.initialize()
        await transport.shutdown()
        with pytest.raises(RuntimeError, match="not open"):
            await transport.do_request(url, "GET")
        await transport.initialize()
        assert await transport.do_request(url, "GET", read_timeout=DefaultValue(None)) == (200, b"ok")


@pytest.mark.parametrize("said", [b"<html>busy</html>", b"\xff", b"[]", b"null", b"1"])
def test_answer_that_is_no_json_object_is_a_fault_that_may_pass(said: bytes) -> None:
    with pytest.raises(NetworkError) as caught:
        Transport.parse_json_payload(said)
    assert is_transient(caught.value)
    assert failure_kind(caught.value) == "5xx"
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 502])
async def test_refusal_in_other_words_than_telegrams_is_a_fault_that_may_pass(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>who are you?</html>")

    async with asking(answer) as (transport, url):
        with pytest.raises(NetworkError) as caught:
            await transport.post(url, said(text="a"))
    assert is_transient(caught.value)
    assert "html" not in str(caught.value)


def test_broken_letter_does_not_break_an_answer() -> None:
    assert Transport.parse_json_payload(b'{"ok": true, "result": "\xff"}') == {"ok": True, "result": "\ufffd"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 502])
async def test_file_that_something_else_than_telegram_refuses_may_come_later(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>who are you?</html>")

    async with asking(answer) as (transport, url):
        with pytest.raises(NetworkError) as caught:
            await transport.retrieve(url)
    assert is_transient(caught.value)


@pytest.mark.parametrize(("status", "expected"), [(404, FileNotThere), (401, InvalidToken)])
async def test_file_that_is_gone_is_no_wrong_token(status: int, expected: type[Exception]) -> None:
    async def answer(_: web.Request) -> web.Response:
        words = "Not Found" if status == 404 else "Unauthorized"
        return web.json_response({"ok": False, "error_code": status, "description": words}, status=status)

    async with asking(answer) as (transport, url):
        with pytest.raises(expected):
            await transport.retrieve(url)
