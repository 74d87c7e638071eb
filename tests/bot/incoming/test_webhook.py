"""The webhook hears Telegram and nobody else, and says that it has an update once it has."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from telegram.error import InvalidToken
from telegram.ext import ExtBot

from bot.connection.pacing import Pacing
from bot.errors import SettingsError
from bot.incoming.webhook import Door, Webhook
from bot.metrics import Metrics
from bot.storage.inbox import StoredUpdate
from bot.storage.incidents import Incidents
from tests.bot.taking import until
from tests.serving import serving

SECRET = "a-secret-that-telegram-shows"
DOOR = Door("https://example.org/bots/lentigo", SECRET, path="/bots/lentigo")
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
TOKEN = "500000001:AAF4k3-t0ken_for_tests_0123456789ab"
ANA = {"id": 500_000_001, "is_bot": False, "first_name": "Ana"}
CHAT = {"id": 500_000_001, "type": "private", "first_name": "Ana"}
MESSAGE = {"message_id": 1, "date": 1_795_000_000, "chat": CHAT, "from": ANA, "text": "hello"}
UPDATE: dict[str, Any] = {"update_id": 7, "message": MESSAGE}


@dataclass
class Taken:
    """What was stored; fails first as often as told, with this error."""

    updates: list[StoredUpdate] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def __call__(self, updates: Sequence[StoredUpdate]) -> None:
        if self.failures:
            raise self.failures.pop()
        self.updates += updates


class Recorded(Incidents):
    """Incidents that are only remembered."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    async def record(self, log: logging.Logger, error: BaseException) -> str:
        self.kinds.append(type(error).__name__)
        return "0A0A0A"


@asynccontextmanager
async def listening(taken: Taken, door: Door = DOOR) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    bot: ExtBot[int] = ExtBot(TOKEN, rate_limiter=Pacing())
    webhook = Webhook(bot, door, Metrics(), Recorded())
    async with TestClient(TestServer(webhook.application(taken))) as client:
        yield client


async def bring(
    client: TestClient[web.Request, web.Application], body: object = UPDATE, **headers: str
) -> ClientResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post(DOOR.path, data=data, headers=HEADERS | headers)


async def test_update_is_acknowledged_once_it_is_stored() -> None:
    taken = Taken()
    async with listening(taken) as client:
        assert (await bring(client)).status == 200
    (update,) = taken.updates
    assert (update.update_id, update.lane, json.loads(update.payload)["message"]["text"]) == (7, 500_000_001, "hello")


async def test_update_that_cannot_be_read_is_taken_too_else_it_would_hold_up_its_chat() -> None:
    taken = Taken()
    async with listening(taken) as client:
        answer = await client.post(DOOR.path, data=b'{"update_id": 7, "message": {"chat": 8}}', headers=HEADERS)
    assert (answer.status, [(update.update_id, update.lane) for update in taken.updates]) == (200, [(7, -7)])


@pytest.mark.parametrize(
    "error", [OperationalError("INSERT", None, Exception("away")), TimeoutError(), KeyError("bug")]
)
async def test_update_that_cannot_be_stored_is_asked_for_again(error: Exception) -> None:
    taken = Taken(failures=[error])
    async with listening(taken) as client:
        assert (await bring(client)).status == 503
        assert (await bring(client)).status == 200
    assert len(taken.updates) == 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", DOOR.path, {}, b"", 405),
        ("PUT", DOOR.path, {}, b"{}", 405),
        ("POST", "/", {}, b"{}", 404),
        ("POST", "/bots", {}, b"{}", 404),
        ("POST", f"{DOOR.path}/", {}, b"{}", 404),
        ("POST", DOOR.path, {"X-Telegram-Bot-Api-Secret-Token": ""}, b"{}", 403),
        ("POST", DOOR.path, {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]}, b"{}", 403),
        ("POST", DOOR.path, {"X-Telegram-Bot-Api-Secret-Token": f"{SECRET}é"}, b"{}", 403),
        ("POST", DOOR.path, {"Content-Type": "text/plain"}, b"{}", 415),
        ("POST", DOOR.path, {"Content-Type": "application/x-www-form-urlencoded"}, b"{}", 415),
        ("POST", DOOR.path, {"Content-Encoding": "gzip"}, b"{}", 415),
        ("POST", DOOR.path, {}, b" " * (2**20 + 1), 413),
        ("POST", DOOR.path, {}, b"", 400),
        ("POST", DOOR.path, {}, b"{", 400),
        ("POST", DOOR.path, {}, b"[]", 400),
        ("POST", DOOR.path, {}, b"null", 400),
        ("POST", DOOR.path, {}, b"\xff\xfe\x00", 400),
        ("POST", DOOR.path, {}, b"[" * 500_000, 400),
        ("POST", DOOR.path, {}, b'{"update_id":' + b"9" * 5000 + b"}", 400),
        ("POST", DOOR.path, {}, b"{}", 400),
        ("POST", DOOR.path, {}, b'{"update_id": "7"}', 400),
        ("POST", DOOR.path, {}, b'{"update_id": true}', 400),
        ("POST", DOOR.path, {}, b'{"update_id": 7, "message": {"from": {"id": "Ana"}, "chat": {"id": 1}}}', 400),
        ("POST", DOOR.path, {}, b'{"update_id": 7, "callback_query": {"message": {"chat": {"id": "Ana"}}}}', 400),
        ("POST", DOOR.path, {}, b'{"update_id": 0}', 400),
        ("POST", DOOR.path, {}, b'{"update_id": 9223372036854775808}', 400),
    ],
)
async def test_whatever_is_no_update_from_telegram_is_refused(
    method: str, path: str, headers: dict[str, str], body: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    taken = Taken()
    async with listening(taken) as client:
        answer = await client.request(method, path, data=io.BytesIO(body), headers=HEADERS | headers)
        assert (answer.status, await answer.read()) == (status, b"")
        assert (await bring(client)).status == 200
    assert len(taken.updates) == 1
    assert [record for record in caplog.records if record.name.startswith("bot")] == []


async def test_body_without_a_length_is_cut_off_at_the_cap() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 2**16

    async with listening(Taken()) as client:
        assert (await client.post(DOOR.path, data=endless(), headers=HEADERS)).status == 413


@pytest.mark.parametrize("path", ["/b{o}ts/.*", "/Fotos de piel/ñ", "/"])
async def test_any_path_may_be_listened_at(path: str) -> None:
    taken = Taken()
    async with listening(taken, replace(DOOR, path=path)) as client:
        assert (await client.post(path, json=UPDATE, headers=HEADERS)).status == 200
        assert (await client.post("/elsewhere", json=UPDATE, headers=HEADERS)).status == 404
    assert len(taken.updates) == 1


@pytest.mark.parametrize(
    ("networks", "header", "forwarded", "status"),
    [
        ("127.0.0.0/8", "", "", 200),
        ("149.154.160.0/20", "", "", 403),
        ("149.154.160.0/20", "", "149.154.161.7", 403),  # anybody could say so
        ("149.154.160.0/20", "X-Forwarded-For", "149.154.161.7", 200),
        ("149.154.160.0/20", "X-Forwarded-For", "198.51.100.9, 149.154.161.7", 200),
        ("149.154.160.0/20", "X-Forwarded-For", "149.154.161.7, 198.51.100.9", 403),
        ("149.154.160.0/20", "X-Forwarded-For", "::ffff:149.154.161.7", 200),
        ("149.154.160.0/20", "X-Forwarded-For", "Telegram", 403),
        ("149.154.160.0/20", "X-Forwarded-For", "", 403),
    ],
)
async def test_updates_come_from_allowed_networks_only(networks: str, header: str, forwarded: str, status: int) -> None:
    door = replace(DOOR, networks=frozenset({ip_network(networks)}), client_header=header)
    async with listening(Taken(), door) as client:
        assert (await bring(client, **({"X-Forwarded-For": forwarded} if forwarded else {}))).status == status


async def test_token_that_was_revoked_ends_the_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.incoming.webhook._CHECK_EVERY_S", 0.1)
    async with telegram_that_says({"setWebhook": [TRUE]}, (401, "Unauthorized")) as (webhook, _):
        with pytest.raises(InvalidToken):
            await asyncio.wait_for(webhook.run(Taken()), 10)


NO_NAMES = (400, "Bad Request: bad webhook: Failed to resolve host: Temporary failure in name resolution")
OVERTAKEN = (409, "Conflict: terminated by other setWebhook")
NO_TLS = (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
TRUE, NO_WEBHOOK = True, {"url": "", "has_custom_certificate": False, "pending_update_count": 0}


@asynccontextmanager
async def telegram_that_says(
    answers: dict[str, list[object]], at_last: object
) -> AsyncIterator[tuple[Webhook, Recorded]]:
    """A webhook at a Telegram that gives these answers to a method, one after the other, and then this one.

    A refusal is its status and its words; everything else is what comes of it.
    """
    me = {"id": 1, "is_bot": True, "first_name": "Lentigo", "username": "lentigo_bot"}
    answers["getMe"] = [me]

    async def answer(request: web.Request) -> web.Response:
        left = answers.get(request.match_info["method"], [])
        said = left.pop(0) if left else at_last
        if isinstance(said, tuple):
            status, words = said
            return web.json_response({"ok": False, "error_code": status, "description": words}, status=status)
        return web.json_response({"ok": True, "result": said})

    telegram = web.Application()
    telegram.router.add_post(f"/bot{TOKEN}/{{method}}", answer)
    recorded = Recorded()
    async with serving(telegram) as url, ExtBot(TOKEN, base_url=f"{url}/bot", rate_limiter=Pacing()) as bot:
        yield Webhook(bot, replace(DOOR, port=0), Metrics(), recorded), recorded


@pytest.mark.parametrize("refusal", [NO_NAMES, OVERTAKEN])
async def test_refusal_that_passes_does_not_end_the_start(refusal: tuple[int, str]) -> None:
    """Telegram can't look up the host for the moment, or somebody else sets a webhook in the same one."""
    answers: dict[str, list[object]] = {"setWebhook": [refusal, refusal, TRUE]}
    async with telegram_that_says(answers, TRUE) as (webhook, _):
        running = asyncio.create_task(webhook.run(Taken()))
        await until(lambda: not answers["setWebhook"])
        await asyncio.sleep(0.1)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_address_that_telegram_refuses_is_a_wrong_setting_at_the_start() -> None:
    async with telegram_that_says({"setWebhook": [NO_TLS]}, TRUE) as (webhook, _):
        with pytest.raises(SettingsError, match=r"WEBHOOK_URL: Telegram refuses it \(.*https url"):
            await asyncio.wait_for(webhook.run(Taken()), 10)


async def test_refusal_while_the_bot_runs_is_an_incident_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.incoming.webhook._CHECK_EVERY_S", 0.02)
    answers: dict[str, list[object]] = {
        "setWebhook": [TRUE, NO_NAMES, NO_TLS, TRUE],
        "getWebhookInfo": [NO_WEBHOOK, NO_WEBHOOK, NO_WEBHOOK],
    }
    async with telegram_that_says(answers, NO_WEBHOOK | {"url": DOOR.url}) as (webhook, recorded):
        running = asyncio.create_task(webhook.run(Taken()))
        await until(lambda: not answers["setWebhook"])
        await asyncio.sleep(0.1)
        assert not running.done()
        assert recorded.kinds == ["UnresolvedHostError", "BadRequest"]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_secret_is_not_shown() -> None:
    assert SECRET not in repr(DOOR)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(sorted(MESSAGE)), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("message", "callback_query", "my_chat_member", "edited_message", "poll", "update_id", "inline_query")
MUTATED = st.builds(
    lambda changes, part: UPDATE | changes | {"message": MESSAGE | part},
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3),
    st.dictionaries(
        st.sampled_from([*MESSAGE, "photo", "location", "entities", "reply_to_message", "forward_origin"]), JSON
    ),
)
BODIES = (
    st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | MUTATED.map(lambda value: json.dumps(value).encode())
)


@pytest.fixture
def looping() -> Iterator[asyncio.Runner]:
    """An event loop for many examples: to open a bot for each takes a second."""
    logging.disable(logging.CRITICAL)
    with asyncio.Runner() as runner:
        yield runner
    logging.disable(logging.NOTSET)


def test_no_body_ends_in_an_error_of_ours(looping: asyncio.Runner) -> None:
    taken, stack = Taken(), AsyncExitStack()
    client = looping.run(stack.enter_async_context(listening(taken)))

    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(body=BODIES, media_type=st.sampled_from(["application/json", "text/html", ";"]), is_known=st.booleans())
    def is_answered(body: bytes, media_type: str, *, is_known: bool) -> None:
        taken.updates.clear()
        headers = {"Content-Type": media_type} | ({} if is_known else {"X-Telegram-Bot-Api-Secret-Token": "x"})
        status = looping.run(bring(client, body, **headers)).status
        assert status == 200 or 400 <= status < 500
        assert bool(taken.updates) == (status == 200)
        assert all(update.payload.isascii() for update in taken.updates)

    is_answered()
    looping.run(stack.aclose())
