"""Whom a moderator's command means where it is a reply, too: what was written names them, or nobody."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import formatted
from tests.bot.conftest import on_one_database
from tests.bot.desk import LIBRARY, Desk, open_desk

pytestmark = on_one_database

OWNER, BEHIND, NAMED = 600_000_001, 500_000_001, 500_000_002
UNKNOWN = 500_000_009
TEXTS = LIBRARY.content.texts("en")


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        for person in (OWNER, BEHIND, NAMED):
            await desk.registers(person, has_consent=False)
            await desk.services.patients.note_name(person, f"robin_{person}")
        yield desk


def forwarded(person: int) -> dict[str, Any]:
    """A message of somebody, as a moderator has forwarded it."""
    user = {"id": person, "is_bot": False, "first_name": "Robin"}
    origin = {"type": "user", "date": 1_795_000_000, "sender_user": user}
    return ordinary() | {"forward_origin": origin}


def ordinary() -> dict[str, Any]:
    """A message behind which nobody stands."""
    return {"message_id": 1, "date": 1_795_000_000, "chat": {"id": OWNER, "type": "private"}, "text": "Hello"}


async def said(desk: Desk, words: str, replied_to: dict[str, Any]) -> str:
    """What the owner reads first."""
    return next(one.text for one in await desk.hears(OWNER, text=words, reply_to_message=replied_to) if one.text)


def how(command: str) -> str:
    return formatted(TEXTS.say(f"{command}-how"))[0]


@pytest.mark.parametrize("word", ["@troll", str(UNKNOWN), "0"])
@pytest.mark.parametrize("command", ["ban", "unban", "user", "grant", "revoke", "audit"])
async def test_word_that_names_nobody_is_not_whoever_is_behind_the_reply(desk: Desk, command: str, word: str) -> None:
    answer = await said(desk, f"/{command} {word} spam", forwarded(BEHIND))
    assert str(BEHIND) not in answer
    kept = await desk.rows()
    assert (kept["bans"], BEHIND in {row.user_id for row in kept["moderators"]}) == ([], False)
    if word != str(UNKNOWN) or command == "ban":
        assert answer.startswith(how(command))


async def test_number_behind_grant_is_the_id(desk: Desk) -> None:
    await said(desk, f"/grant {UNKNOWN}", forwarded(BEHIND))
    assert [row.user_id for row in (await desk.rows())["moderators"]] == [UNKNOWN]


@pytest.mark.parametrize("word", [str(NAMED), f"@robin_{NAMED}"])
async def test_who_is_named_is_banned_and_not_who_is_behind_the_reply(desk: Desk, word: str) -> None:
    await said(desk, f"/ban {word} 7d spam", forwarded(BEHIND))
    assert await desk.services.bans.of(BEHIND, desk.services.now()) is None
    held = await desk.services.bans.of(NAMED, desk.services.now())
    assert held is not None
    assert held.reason == "spam"


async def test_unknown_id_is_banned_in_a_reply_to_nobody_in_particular(desk: Desk) -> None:
    await said(desk, f"/ban {UNKNOWN} 7d spam", ordinary())
    held = await desk.services.bans.of(UNKNOWN, desk.services.now())
    assert held is not None
    assert held.reason == "spam"


async def test_reason_alone_is_for_who_is_behind_the_reply(desk: Desk) -> None:
    await said(desk, "/ban 7d spam", forwarded(BEHIND))
    held = await desk.services.bans.of(BEHIND, desk.services.now())
    assert held is not None
    assert held.reason == "spam"
