"""Whatever a bot sends, it gets an answer of the Bot API: never a failure of the emulator."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import contents, people
from emulator.errors import BotApiError
from emulator.files import Upload
from emulator.methods import HANDLERS
from emulator.objects import JsonObject
from emulator.requests import METHODS, checked
from emulator.settings import Settings
from emulator.world import World, open_world

ANSWERED_AT_ONCE = sorted(set(HANDLERS) - {"getUpdates"})
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "x"]), inner),
    max_leaves=5,
)
BUTTON = st.fixed_dictionaries({"text": JUNK}, optional={"callback_data": JUNK, "url": JUNK})
MEDIA = st.fixed_dictionaries(
    {"type": st.sampled_from(["photo", "document"]), "media": st.just("attach://file") | JUNK},
    optional={"caption": JUNK, "parse_mode": JUNK, "caption_entities": JUNK},
)
ENTITY = st.fixed_dictionaries(
    {"type": st.sampled_from(["bold", "text_mention", "text_link"]), "offset": JUNK, "length": JUNK},
    optional={"user": JUNK, "url": JUNK},
)
KNOWN = {
    "chat_id": st.just("500000001"),
    "from_chat_id": st.just("500000001"),
    "message_id": st.sampled_from([1, 2]),
    "entities": st.lists(ENTITY, max_size=2),
    "reply_parameters": st.fixed_dictionaries({"message_id": JUNK | st.just(1)}),
    "reply_markup": st.fixed_dictionaries({"inline_keyboard": st.lists(st.lists(BUTTON | JUNK))})
    | st.fixed_dictionaries({"keyboard": st.lists(st.lists(BUTTON | JUNK)), "input_field_placeholder": JUNK})
    | st.fixed_dictionaries({"force_reply": JUNK, "input_field_placeholder": JUNK}),
    "scope": st.fixed_dictionaries(
        {"type": st.sampled_from(["chat", "chat_member"]), "chat_id": JUNK, "user_id": JUNK}
    ),
    "action": st.sampled_from(["typing", "dancing"]),
    "message_ids": st.lists(JUNK | st.just(1), min_size=1),
}
NEVER_SENT = {"drop_pending_updates"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Somebody who wrote, and an answer of the bot."""
    opened = open_world(None, Settings())
    ana = opened.accounts.add_user({"first_name": "Ana"})
    chat = people.chat_of(opened, ana["id"], None)
    people.send(opened, ana, chat, [contents.text_content("hello")])
    opened.messages.save(opened.new_message(chat, opened.accounts.bot, {"text": "hi"}))
    yield opened
    opened.store.close()


def _value(method: str, name: str) -> st.SearchStrategy[object]:
    if name == "media":
        return MEDIA if method == "editMessageMedia" else st.lists(MEDIA, min_size=2, max_size=3)
    return KNOWN.get(name, JUNK) | JUNK


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, JsonObject]:
    method = draw(st.sampled_from(ANSWERED_AT_ONCE))
    table = METHODS[method]
    sent = [name for name, row in table.items() if row["required"] or name in KNOWN or draw(st.booleans())]
    return method, {name: draw(_value(method, name)) for name in sent if name not in NEVER_SENT}


@given(requests())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_request_is_answered_or_refused(world: World, request_: tuple[str, JsonObject]) -> None:
    method, raw = request_

    async def answer() -> int:
        try:
            params = checked(method, raw, {"file": Upload("a.txt", b"text")})
            await HANDLERS[method](world, params)
        except BotApiError as error:
            return error.status
        return 200

    assert asyncio.run(answer()) in {200, 400}


def test_every_method_of_the_table_has_a_handler() -> None:
    assert set(METHODS) == set(HANDLERS)
