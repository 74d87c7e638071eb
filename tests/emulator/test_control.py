"""The control API: who may use it, and what it shows."""

import asyncio
import json

import aiohttp
import pytest
from telegram import Bot, ReplyKeyboardMarkup, ReplyParameters

from emulator.objects import JsonObject
from emulator.person import Person, RefusedError, Town, open_town
from emulator.server import RunningEmulator, running_emulator


async def _posted(emulator: RunningEmulator, path: str, body: object) -> tuple[int, JsonObject]:
    async with aiohttp.ClientSession(emulator.url) as session, session.post(path, json=body) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_other_web_sites_are_kept_out(emulator: RunningEmulator, headers: dict[str, str]) -> None:
    async with aiohttp.ClientSession(emulator.url, headers=headers) as session:
        async with session.get("/control/users") as seen:
            assert seen.status == 403
        async with session.post("/control/users", json={"first_name": "Eve"}) as done:
            assert done.status == 403
            assert "error" in await done.json()


async def test_own_page_may_use_it(emulator: RunningEmulator) -> None:
    headers = {"Origin": emulator.url, "Sec-Fetch-Site": "same-origin"}
    async with (
        aiohttp.ClientSession(emulator.url, headers=headers) as session,
        session.get("/control/users") as seen,
    ):
        assert seen.status == 200


async def test_everything_that_happens_is_streamed(emulator: RunningEmulator, ana: Person, bot: Bot) -> None:
    start = (await ana.chat())["seq"]
    events: list[JsonObject] = []
    async with (
        aiohttp.ClientSession(emulator.url) as session,
        session.get(f"/control/users/{ana.id}/stream?after={start}") as stream,
        asyncio.timeout(5),
    ):
        assert stream.content_type == "text/event-stream"
        await ana.says("hello")
        await bot.send_message(ana.id, "hi")
        while len(events) < 2:
            line = (await stream.content.readline()).decode()
            events.extend([json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else [])
    assert [(event["type"], event["message"]["text"]) for event in events] == [("message", "hello"), ("message", "hi")]
    assert [event["seq"] for event in events] == [start + 1, start + 2]


async def test_events_wait_until_something_happens(ana: Person, bot: Bot) -> None:
    await ana.says("well?")
    waiting = asyncio.create_task(ana.waits_for("at last", timeout_s=5))
    await asyncio.wait([waiting], timeout=0.1)
    await bot.send_message(ana.id, "at last")
    assert (await waiting)["text"] == "at last"


async def test_people_see_only_their_own_chats(ana: Person, town: Town, bot: Bot) -> None:
    sam = await town.newcomer("Sam")
    await sam.says("hello")
    await bot.send_message(ana.id, "for Ana")
    with pytest.raises(AssertionError, match="Sam waited"):
        await sam.waits_for("for Ana", timeout_s=0.05)


async def test_same_event_is_not_waited_for_twice(ana: Person, bot: Bot) -> None:
    for title in ("first", "second"):
        await bot.send_venue(ana.id, 47.8, 13.04, title, "Street")
    titles = {(await ana.waits_for(lambda message: "venue" in message))["venue"]["title"] for _ in range(2)}
    assert titles == {"first", "second"}


async def test_what_came_before_the_last_deed_does_not_count(ana: Person, bot: Bot) -> None:
    await bot.send_message(ana.id, "old answer")
    await ana.says("and now?")
    with pytest.raises(AssertionError, match="old answer"):
        await ana.waits_for("old answer", timeout_s=0.05)


async def test_deeds_of_nobody_are_refused(emulator: RunningEmulator) -> None:
    assert await _posted(emulator, "/control/users/42/messages", {"text": "hi"}) == (
        404,
        {"error": "There is no user 42."},
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": " "},
        {"text": "x" * 4097},
        {"location": {"latitude": 91, "longitude": 0}},
        {"location": {"latitude": 1}},
        {"venue": {"latitude": 1, "longitude": 1, "title": "x"}},
        {"contact": {"first_name": "Eva"}},
        {"fields": {}},
        {"fields": "poll"},
        {"fields": {"message_id": 1}},
        {"text": "hi", "chat_id": -1},
        ["text"],
    ],
)
async def test_impossible_messages_are_refused(emulator: RunningEmulator, ana: Person, body: object) -> None:
    status, answer = await _posted(emulator, f"/control/users/{ana.id}/messages", body)
    assert status in {400, 404}
    assert answer["error"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/control/groups", {"title": "Empty"}),
        ("/control/groups", {"member_ids": [42]}),
        ("/control/users/{id}/press", {"message_id": "one"}),
        ("/control/users/{id}/react", {"message_id": 999, "emoji": "👍"}),
        ("/control/users/{id}/files", {"kind": "photo"}),
    ],
)
async def test_impossible_deeds_are_refused(
    emulator: RunningEmulator, ana: Person, path: str, body: dict[str, object]
) -> None:
    status, answer = await _posted(emulator, path.format(id=ana.id), body)
    assert status in {400, 404}
    assert answer["error"]


async def test_refusal_of_what_is_not_there_is_a_sentence_too(emulator: RunningEmulator) -> None:
    assert await _posted(emulator, "/control/nonsense", {}) == (404, {"error": "Not Found."})
    assert await _posted(emulator, "/control/calls", {}) == (405, {"error": "Method Not Allowed."})


@pytest.mark.parametrize(
    ("kinds", "count"),
    [("voice", 2), (["photo", "document"], 2), ("document", 11), (["video", "video"], 3), ("video", 0)],
)
async def test_album_has_at_most_ten_files_that_go_together(ana: Person, kinds: str | list[str], count: int) -> None:
    with pytest.raises(RefusedError, match="two to ten"):
        await ana.sends_files(kinds, [("a.bin", b"a")] * count)


async def test_forged_button_reaches_the_bot(emulator: RunningEmulator, ana: Person, bot: Bot) -> None:
    message = await bot.send_message(ana.id, "no buttons here")
    body = {"message_id": message.message_id, "callback_data": "made-up", "forge": True}
    status, _ = await _posted(emulator, f"/control/users/{ana.id}/press", body)
    assert status == 200
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.data == "made-up"


async def test_people_edit_only_their_own_messages(ana: Person, bot: Bot) -> None:
    await bot.send_message(ana.id, "mine")
    shown = await ana.waits_for("mine")
    with pytest.raises(RefusedError, match="only their own"):
        await ana.edits(shown, "hers")


async def test_deleted_message_is_gone_for_the_bot_too(ana: Person, bot: Bot) -> None:
    message = await ana.says("secret")
    await ana.deletes(message)
    assert (await ana.waits_for_event("deleted_message"))["message_id"] == message["message_id"]
    assert all(m["text"] != "secret" for m in await ana.messages())


async def test_message_that_somebody_deletes_on_their_own_side_is_there_for_the_bot(
    ana: Person, bot: Bot, emulator: RunningEmulator
) -> None:
    told = await bot.send_message(ana.id, "Looking…")
    shown = await ana.waits_for("Looking…")
    await ana.reacts(shown, "👍")
    await ana.deletes(shown, is_one_sided=True)
    assert (await ana.waits_for_event("deleted_message"))["message_id"] == told.message_id
    since = emulator.world.events.seq
    edited = await bot.edit_message_text("Result", ana.id, told.message_id)
    assert not isinstance(edited, bool)
    assert edited.text == "Result"
    assert await bot.set_message_reaction(ana.id, told.message_id, "🔥")
    chat = await ana.chat()
    assert ([message["text"] for message in chat["messages"]], chat["reactions"]) == (["/start"], {})
    assert await bot.delete_message(ana.id, told.message_id)
    assert emulator.world.events.after(since, ana.id) == []
    with pytest.raises(RefusedError, match="There is no message"):
        await ana.deletes(shown, is_one_sided=True)


async def test_cleared_chat_is_empty_for_its_person_and_full_for_the_bot(ana: Person, bot: Bot, town: Town) -> None:
    keyboard = ReplyKeyboardMarkup([["Where?"]])
    told = await bot.send_message(ana.id, "Looking…")
    await bot.send_message(ana.id, "Where are you?", reply_markup=keyboard)
    sam = await town.newcomer("Sam")
    await sam.says("/start")
    await ana.clears_the_chat()
    chat = await ana.chat()
    assert (chat["messages"], chat["reply_keyboard"]) == ([], None)
    assert len(await sam.messages()) == 1
    assert await bot.edit_message_text("Result", ana.id, told.message_id)
    await bot.send_message(ana.id, "Anything else?", reply_parameters=ReplyParameters(told.message_id))
    await ana.waits_for("Anything else?")
    assert [message["text"] for message in await ana.messages()] == ["Anything else?"]
    await ana.clears_the_chat()
    assert await ana.messages() == []


async def test_nobody_deletes_on_their_own_side_in_a_group(ana: Person, town: Town) -> None:
    group = await town.group("Skin", ana)
    message = await ana.says("/help", chat_id=group)
    with pytest.raises(RefusedError, match="only in private chats"):
        await ana.deletes(message, is_one_sided=True)


async def test_two_emulators_run_side_by_side() -> None:
    async with running_emulator() as one, running_emulator() as other:
        assert one.url != other.url
        assert one.token != other.token
        async with open_town(one.url) as town, open_town(other.url) as elsewhere:
            await town.newcomer()
            assert await elsewhere.everybody() == []


async def test_port_that_is_taken_gives_the_next_free_one() -> None:
    async with running_emulator() as one:
        port = int(one.url.rpartition(":")[2])
        async with running_emulator(port=port) as other:
            assert int(other.url.rpartition(":")[2]) > port
