"""How requests are read: bodies of every kind, wrong parameters refused by name."""

import json
from urllib.parse import urlencode

import aiohttp
import pytest

from emulator.person import Person, Town
from emulator.server import RunningEmulator
from tests.emulator.asking import Ask


@pytest.mark.parametrize(
    ("headers", "encode"),
    [
        ({"Content-Type": "application/json"}, json.dumps),
        ({"Content-Type": "application/x-www-form-urlencoded"}, urlencode),
    ],
    ids=["json", "form"],
)
async def test_bodies_of_both_kinds_are_read_alike(
    emulator: RunningEmulator, ana: Person, headers: dict[str, str], encode: object
) -> None:
    assert callable(encode)
    body = encode({"chat_id": ana.id, "text": "hi", "protect_content": "true", "reply_markup": '{"force_reply":true}'})
    url = f"{emulator.url}/bot{emulator.token}/sendMessage"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        answer = await response.json()
    assert answer["ok"] is True
    assert answer["result"]["text"] == "hi"
    assert answer["result"]["has_protected_content"] is True


async def test_parameters_in_the_address_count_too(emulator: RunningEmulator, ana: Person) -> None:
    url = f"{emulator.url}/bot{emulator.token}/SENDMESSAGE?chat_id={ana.id}&text=hi"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        answer = await response.json()
    assert answer["result"]["text"] == "hi"


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMessage", {"text": "x"}, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": "x"}, "Bad Request: chat not found"),
        ("sendVenue", {"chat_id": 1, "latitude": 1, "longitude": 1}, 'Bad Request: parameter "title" is required'),
        (
            "sendLocation",
            {"chat_id": 1, "latitude": "north"},
            'Bad Request: parameter "latitude" must be of type Float',
        ),
        ("getUpdates", {"timeout": "soon"}, 'Bad Request: parameter "timeout" must be of type Integer'),
        ("getUpdates", {"allowed_updates": "message"}, 'Bad Request: can\'t parse parameter "allowed_updates" as JSON'),
        ("getUpdates", {"allowed_updates": {}}, 'Bad Request: parameter "allowed_updates" must be an Array'),
        ("sendPhoto", {"chat_id": 1}, "Bad Request: there is no photo in the request"),
        ("deleteMessage", {"chat_id": 1}, "Bad Request: message identifier is not specified"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "protect_content": "maybe"},
            'Bad Request: parameter "protect_content" must be of type Boolean',
        ),
    ],
)
async def test_wrong_parameter_is_refused_by_name(
    ask: Ask, method: str, params: dict[str, object], description: str
) -> None:
    answer = await ask(method, **params)
    assert answer == {"ok": False, "error_code": 400, "description": description}


async def test_unknown_method_is_refused_by_name(ask: Ask) -> None:
    answer = await ask("sendGame", chat_id=1)
    assert answer == {"ok": False, "error_code": 404, "description": "Not Found: method sendGame not found"}


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [(f"1:{'x' * 35}", 401, "Unauthorized"), ("1:wrong", 404, "Not Found"), ("x" * 37, 404, "Not Found")],
    ids=["of another", "short", "without a number"],
)
async def test_wrong_token_is_unauthorized_and_what_is_none_is_not_found(
    emulator: RunningEmulator, token: str, status: int, description: str
) -> None:
    async with aiohttp.ClientSession(emulator.url) as session:
        method = await session.get(f"/bot{token}/getMe")
        file = await session.get(f"/file/bot{token}/photos/file_1.jpg")
        assert [method.status, file.status] == [status, status]
        assert (await method.json())["description"] == description


async def test_unknown_parameters_are_ignored_but_noted(ask: Ask, ana: Person, town: Town) -> None:
    assert (await ask("sendMessage", chat_id=ana.id, text="hi", colour="red"))["ok"] is True
    call = (await town.calls())[-1]
    assert (call["method"], call["chat_id"], call["status"]) == ("sendMessage", ana.id, 200)
    assert call["unknown_parameters"] == ["colour"]


async def test_broken_json_body_is_refused(emulator: RunningEmulator) -> None:
    url = f"{emulator.url}/bot{emulator.token}/getMe"
    json_headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=json_headers) as session, session.post(url, data="{") as response:
        assert (await response.json())["error_code"] == 400


async def test_failure_of_the_emulator_itself_is_a_500_in_the_log(
    emulator: RunningEmulator, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.world.store.run("DROP TABLE commands")
    answer = await ask("getMyCommands")
    assert answer == {"ok": False, "error_code": 500, "description": "Internal Server Error"}
    assert "getMyCommands failed" in caplog.text


async def test_refused_requests_stand_in_the_call_log(ask: Ask, town: Town) -> None:
    await ask("sendMessage", chat_id=1, text="x")
    await ask("nonsense")
    calls = [(call["method"], call["status"]) for call in await town.calls()]
    assert calls == [("sendMessage", 400), ("nonsense", 404)]
