"""What a patient wrote is blanked in the moderators' chats, whatever happens at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.connection.pacing import Pacing
from bot.delivery import formatted, replace
from bot.render.reply import Reply
from bot.retention import Erasing
from bot.storage.audit import Entry
from bot.storage.feedback import Feedback
from bot.storage.moderators import Moderators, Role
from bot.storage.records import Erasure, Records
from bot.storage.retention import Deadlines, Retention
from emulator.person import open_town
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, Desk, open_desk

OWNER, MODERATOR, SAM = 600_000_001, 600_000_002, 500_000_001
REVOKES, DAY = f"/revoke {MODERATOR}", timedelta(days=1)
WORDS = "I wait since Monday"
BLANKED = formatted(LIBRARY.content.texts("en").say("inbox-blanked"))[0]


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    """A desk with a moderator, and a message in the inbox."""
    async with open_desk(engine, OWNER) as desk:
        for person in (OWNER, MODERATOR, SAM):
            await desk.registers(person, has_consent=False)
        await desk.services.moderators.grant(MODERATOR, Entry(OWNER, "grant", NOON, MODERATOR))
        await desk.services.feedback.add(SAM, WORDS, NOON)
        yield desk


def last_said(desk: Desk, chat_id: int) -> str:
    """What the message says that was changed last."""
    return [one.text for one in desk.recorder.done if (one.chat_id, one.method) == (chat_id, "editMessageText")][-1]


async def test_message_that_is_erased_while_it_is_shown_is_blanked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    note_copy = Feedback.note_copy

    async def noted(self: Feedback, *place: int) -> bool:
        is_noted = await note_copy(self, *place)
        await desk.presses(SAM, "delete:yes:en")
        return is_noted

    monkeypatch.setattr(Feedback, "note_copy", noted)
    await desk.hears(OWNER, text="/inbox")
    assert last_said(desk, OWNER) == BLANKED


async def test_message_that_is_shown_while_it_is_erased_is_blanked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.hears(OWNER, text="/inbox")
    ((chat_id, message_id),) = await desk.services.feedback.copies_of(SAM)
    erase = Records.erase

    async def erased(
        self: Records, user_id: int, request: str, now: datetime, *, is_moderator: bool = False
    ) -> Erasure:
        await replace(desk.application.bot, chat_id, message_id, Reply(WORDS))
        return await erase(self, user_id, request, now, is_moderator=is_moderator)

    monkeypatch.setattr(Records, "erase", erased)
    await desk.presses(SAM, "delete:yes:en")
    assert last_said(desk, OWNER) == BLANKED


async def test_answer_that_telegram_wants_later_is_not_sent_to_who_is_erased_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def waits(_: float) -> None:
        await desk.presses(SAM, "delete:yes:en")

    monkeypatch.setattr(desk.application.bot, "_rate_limiter", Pacing())
    monkeypatch.setattr("bot.handlers.moderation.answering.asyncio", SimpleNamespace(sleep=waits), raising=False)
    await desk.presses(OWNER, "inbox:answer:1")
    async with open_town(desk.emulator.url) as town:
        slow = {"kind": "429", "method": "sendMessage", "chat_id": SAM, "retry_after": 1, "times": 1}
        await town.suffers(slow)
        done = await desk.hears(OWNER, text="Call us")
    assert done[-1].text == formatted(LIBRARY.content.texts("en").say("inbox-gone"))[0]
    assert [one.text for one in done if one.chat_id == SAM and "Call us" in one.text] == []


async def test_what_a_moderator_is_shown_while_the_role_goes_is_blanked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke = Moderators.revoke

    async def revoked(self: Moderators, user_id: int, by: Entry) -> None:
        await desk.hears(MODERATOR, text="/inbox")
        await revoke(self, user_id, by)

    monkeypatch.setattr(Moderators, "revoke", revoked)
    await desk.hears(OWNER, text=REVOKES)
    await desk.services.beside.stop()
    assert last_said(desk, MODERATOR) == BLANKED
    assert (await desk.rows())["feedback_copies"] == []


async def test_what_a_moderator_is_shown_after_the_role_went_is_blanked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_copy = Feedback.note_copy

    async def noted(self: Feedback, *place: int) -> bool:
        await desk.hears(OWNER, text=REVOKES)
        return await note_copy(self, *place)

    monkeypatch.setattr(Feedback, "note_copy", noted)
    await desk.hears(MODERATOR, text="/inbox")
    await desk.services.beside.stop()
    assert last_said(desk, MODERATOR) == BLANKED
    assert (await desk.rows())["feedback_copies"] == []


async def test_revoking_that_was_cut_off_is_finished_by_the_next(desk: Desk) -> None:
    await desk.hears(MODERATOR, text="/inbox")
    await desk.services.moderators.revoke(MODERATOR, Entry(OWNER, "revoke", NOON, MODERATOR))
    await desk.hears(OWNER, text=REVOKES)
    await desk.services.beside.stop()
    assert last_said(desk, MODERATOR) == BLANKED


async def many_copies(desk: Desk, count: int) -> None:
    """Let the moderator have been shown the message so often."""
    for message_id in range(count):
        assert await desk.services.feedback.note_copy(1, MODERATOR, message_id)


@pytest.mark.parametrize("is_by_button", [False, True])
async def test_owner_does_not_wait_until_all_is_blanked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, is_by_button: bool
) -> None:
    may_go_on, blanked = asyncio.Event(), list[int]()

    async def slow(_: object, _chat_id: int, message_id: int, *_more: object, **_and: object) -> None:
        await may_go_on.wait()
        blanked.append(message_id)

    monkeypatch.setattr("bot.blanking.replace", slow)
    await many_copies(desk, 50)
    async with asyncio.timeout(5):
        await (desk.presses(OWNER, f"user:revoke:{MODERATOR}") if is_by_button else desk.hears(OWNER, text=REVOKES))
    assert await desk.services.moderators.role(MODERATOR) is Role.NOBODY
    may_go_on.set()
    await desk.services.beside.stop()
    assert sorted(blanked) == list(range(50))
    assert (await desk.rows())["feedback_copies"] == []


async def test_blanking_that_was_cut_off_goes_on_where_it_was_with_the_next_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    blanked = list[int]()

    async def noted(_: object, _chat_id: int, message_id: int, *_more: object, **_and: object) -> None:
        if len(blanked) == 30:
            raise asyncio.CancelledError  # the bot is stopped
        blanked.append(message_id)

    await desk.hears(OWNER, text="/inbox")
    monkeypatch.setattr("bot.blanking.replace", noted)
    await many_copies(desk, 50)
    await desk.hears(OWNER, text=REVOKES)
    await desk.services.beside.stop()
    assert len((await desk.rows())["feedback_copies"]) == 1 + 30
    blanked.clear()
    erasing = Erasing(desk.application.bot, desk.services, Retention(desk.engine, Deadlines(DAY, DAY)))
    monkeypatch.setattr("bot.retention._EVERY", timedelta())
    await erasing.turn()
    assert len(blanked) == 30
    assert [row.chat_id for row in (await desk.rows())["feedback_copies"]] == [OWNER]


async def test_who_is_made_a_moderator_again_is_left_what_they_are_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def slow(*_: object, **_and: object) -> None:
        has_begun.set()
        await may_go_on.wait()

    monkeypatch.setattr("bot.blanking.replace", slow)
    await many_copies(desk, 50)
    await desk.hears(OWNER, text=REVOKES)
    await asyncio.wait_for(has_begun.wait(), 30)
    await desk.hears(OWNER, text=f"/grant {MODERATOR}")
    may_go_on.set()
    await desk.services.beside.stop()
    assert len((await desk.rows())["feedback_copies"]) == 30


async def test_owner_who_is_none_any_more_leaves_nothing_of_others_behind(desk: Desk) -> None:
    await desk.hears(OWNER, text="/inbox")
    desk.services.moderators.owner_ids = frozenset()
    done = await desk.presses(OWNER, "delete:yes:en")
    assert (OWNER, BLANKED) in [(one.chat_id, one.text) for one in done]
