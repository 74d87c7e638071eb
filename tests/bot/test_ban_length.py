"""/ban in one line: only a length that can be read bans at once, and only whoever asks for it bans for good."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery import formatted
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, Desk, Done, open_desk

OWNER, RUDE = 600_000_001, 500_000_029
TEXTS = LIBRARY.content.texts("en")


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        for person in (OWNER, RUDE):
            desk.newcomer(person)
        yield desk


async def held(desk: Desk) -> tuple[timedelta | None, str] | None:
    """For how long the person is banned, None for good, and why; None where they are not."""
    ban = await desk.services.bans.of(RUDE, desk.services.now())
    return (ban.until - ban.banned_at if ban.until else None, ban.reason) if ban else None


async def presses_length(desk: Desk, command: str, days: int) -> list[Done]:
    """Press a button of the question that replies to a command."""
    head = {"message_id": 1, "date": 1_795_000_000, "chat": {"id": OWNER, "type": "private"}}
    return await desk.presses(OWNER, f"ban:{RUDE}:{days}", reply_to_message=head | {"text": command})


@pytest.mark.parametrize(
    ("words", "days", "reason"),
    [
        ("7d spam", 7, "spam"),
        ("2W spam", 14, "spam"),
        ("7d, spam", 7, "spam"),
        ("7d 3 warnings ignored", 7, "3 warnings ignored"),
        ("for good spam", None, "spam"),
        ("“For good” spam", None, "spam"),
        ("para siempre spam", None, "spam"),
    ],
)
async def test_length_that_can_be_read_bans_at_once(desk: Desk, words: str, days: int | None, reason: str) -> None:
    await desk.hears(OWNER, text=f"/ban {RUDE} {words}")
    assert await held(desk) == (days and timedelta(days=days), reason)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("for 7 days", "for 7 days"),
        ("una semana", "una semana"),
        ("Siempre insulta", "Siempre insulta"),
        ("7 days spam", "7 days spam"),
        ("3 warnings ignored", "3 warnings ignored"),
        ("0d spam", "spam"),
        ("12h spam", "spam"),
        ("1000d spam", "spam"),
    ],
)
async def test_reason_without_a_length_that_can_be_read_is_kept_until_a_button_says_for_how_long(
    desk: Desk, words: str, reason: str
) -> None:
    command = f"/ban {RUDE} {words}"
    (asked,) = await desk.hears(OWNER, text=command)
    assert await held(desk) is None
    assert formatted(TEXTS.say("ban-reason-kept", reason=reason))[0] in asked.text
    (told,) = [one for one in await presses_length(desk, command, 7) if one.chat_id == RUDE]
    assert await held(desk) == (timedelta(days=7), reason)
    assert reason in told.text


@pytest.mark.parametrize("begun", ["/ban", f"/ban {RUDE}", f"/ban {RUDE} spam", f"user:ban:{RUDE}"])
async def test_reason_typed_behind_the_question_for_how_long_reaches_nobody_who_was_to_be_answered(
    desk: Desk, begun: str
) -> None:
    number = await desk.services.feedback.add(RUDE, "I wait since Monday", NOON)
    await desk.presses(OWNER, f"inbox:answer:{number}")
    await (desk.hears(OWNER, text=begun) if begun.startswith("/") else desk.presses(OWNER, begun))
    heard = await desk.hears(OWNER, text="Sends advertisements")
    assert [one.text for one in heard if one.chat_id == RUDE] == []
    assert await desk.services.feedback.waiting_count() == 1


@pytest.mark.parametrize("word", ["0d", "12h", "1000d", "7"])
async def test_length_that_is_none_is_named_with_those_that_are(desk: Desk, word: str) -> None:
    (asked,) = await desk.hears(OWNER, text=f"/ban {RUDE} {word} spam")
    assert formatted(TEXTS.say("ban-length-unread", word=word, most=999))[0] in asked.text
    assert formatted(TEXTS.say("ban-how-long", id=str(RUDE)))[0] in asked.text


@pytest.mark.parametrize("reason", ["spam " * 101, "spam " * 700], ids=len)
async def test_reason_that_is_too_long_without_a_length_is_asked_for_again_after_the_length(
    desk: Desk, reason: str
) -> None:
    (asked,) = await desk.hears(OWNER, text=f"/ban {RUDE} {reason}")
    long, how_long, why = (
        formatted(TEXTS.say(name, **values))[0]
        for name, values in (
            ("ban-reason-long", {"most": 500}),
            ("ban-how-long", {"id": str(RUDE)}),
            ("ask-ban-reason", {"id": str(RUDE)}),
        )
    )
    assert asked.text == f"{long}\n\n{how_long}"
    assert why in {one.text for one in await desk.presses(OWNER, f"ban:{RUDE}:7")}
    await desk.hears(OWNER, text="spam")
    assert await held(desk) == (timedelta(days=7), "spam")


async def test_length_that_is_none_and_without_end_is_named_by_its_beginning(desk: Desk) -> None:
    (asked,) = await desk.hears(OWNER, text=f"/ban {RUDE} {'9' * 3000} spam")
    assert formatted(TEXTS.say("ban-length-unread", word=f"{'9' * 20}…", most=999))[0] in asked.text


async def test_length_that_is_none_without_a_reason_is_followed_by_the_question_why(desk: Desk) -> None:
    command = f"/ban {RUDE} 12h"
    (asked,) = await desk.hears(OWNER, text=command)
    assert formatted(TEXTS.say("ban-length-unread", word="12h", most=999))[0] in asked.text
    why = formatted(TEXTS.say("ask-ban-reason", id=str(RUDE)))[0]
    assert why in {one.text for one in await presses_length(desk, command, 7)}
    await desk.hears(OWNER, text="spam")
    assert await held(desk) == (timedelta(days=7), "spam")


@pytest.mark.parametrize(
    ("words", "length", "days"), [("7d", "7 days", 7), ("2w", "14 days", 14), ("for good", "For good", None)]
)
async def test_length_without_a_reason_is_kept_and_only_the_reason_is_asked_for(
    desk: Desk, words: str, length: str, days: int | None
) -> None:
    (asked,) = await desk.hears(OWNER, text=f"/ban {RUDE} {words}")
    kept, why = (
        formatted(TEXTS.say(name, **values))[0]
        for name, values in (("ban-length-kept", {"length": length}), ("ask-ban-reason", {"id": str(RUDE)}))
    )
    assert asked.text == f"{kept}\n\n{why}"
    assert await held(desk) is None
    await desk.hears(OWNER, text="spam")
    assert await held(desk) == (days and timedelta(days=days), "spam")


async def test_length_for_a_moderator_asks_for_no_reason(desk: Desk) -> None:
    (said,) = await desk.hears(OWNER, text=f"/ban {OWNER} 7d")
    assert said.text == TEXTS.plain("ban-moderator")


async def test_reason_that_was_deleted_before_the_length_is_asked_for(desk: Desk) -> None:
    await desk.hears(OWNER, text=f"/ban {RUDE} una semana")
    await desk.presses(OWNER, f"ban:{RUDE}:7")
    assert await held(desk) is None
    await desk.hears(OWNER, text="spam")
    assert await held(desk) == (timedelta(days=7), "spam")


@pytest.mark.parametrize("language", ["en", "es"])
def test_explanation_names_the_words_for_good(language: str) -> None:
    texts = LIBRARY.content.texts(language)
    assert texts.plain("user-ban-good") in texts.plain("ban-how")
