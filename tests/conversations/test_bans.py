"""/ban and /unban: told with the reason, and what stays a banned person's right."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person, Town
from tests.conversations.service import Service
from tests.conversations.stories import first_line, has_button, heading, how, rows, shown
from tests.conversations.test_people import is_card
from tests.conversations.test_photos import LESION

REASON = "Insulted *people*, and <others>"


def is_ban(texts: Texts, reason: str = REASON) -> Callable[[Message], bool]:
    """The message that tells of a ban: not until when, and not the card that quotes it."""
    said = shown(texts, "banned", until="UNTIL", reason=reason)

    def tells_ban(message: Message) -> bool:
        begin, end = said.split("UNTIL")
        text = message.get("text", "")
        return bool(text.startswith(begin) and text.endswith(end))

    return tells_ban


async def ban(moderator: Person, person: Person, reason: str = REASON, length: str = "for good") -> Message:
    await moderator.says(f"/ban {person.id} {length} {reason}")
    return await moderator.waits_for(lambda message: has_button(message, "user:unban:"))


def until_of(service: Service, reason: str) -> list[object]:
    """In how many days the bans with a reason end."""
    found = rows(service.data_dir, "SELECT banned_at, until FROM bans WHERE reason = ?", reason)
    spans = [[moment and datetime.fromisoformat(str(moment)) for moment in ban] for ban in found]
    return [until and round((until - banned_at) / timedelta(days=1), 3) for banned_at, until in spans]


@pytest.mark.parametrize(("length", "days"), [("7d", 7), ("2W", 14), ("for good", None), ("para siempre", None)])
async def test_banned_person_reads_why_and_until_when(
    moderator: Person, writer: Person, texts: Texts, service: Service, length: str, days: int | None
) -> None:
    reason = f"{REASON} {texts.language} {length}"
    card = await ban(moderator, writer, reason, length)
    told = await writer.waits_for(is_ban(texts, reason))
    assert until_of(service, reason) == [days]
    for_good = shown(texts, "user-banned", until=texts.plain("user-ban-good"), reason=reason)
    assert (for_good in card["text"]) == (days is None)
    assert reason in card["text"]
    assert (texts.plain("ban-for-good") in told["text"]) == (days is None)
    assert re.search(r"UTC|2026", told["text"]) or days is None
    assert "/privacy" in told["text"]


async def test_banned_person_is_told_whatever_they_send(
    moderator: Person, writer: Person, texts: Texts, town: Town
) -> None:
    await writer.says("/settings")
    old = await writer.waits_for(lambda message: has_button(message, "settings:"))
    await ban(moderator, writer)
    for send in (
        lambda: writer.says("hello"),
        lambda: writer.says("/start"),
        lambda: writer.says("/ban 1 7d why"),
        lambda: writer.sends_photo(LESION),
        lambda: writer.sends_document(("notes.txt", b"notes")),
        lambda: writer.shares_location(47.8, 13.0),
        lambda: writer.sends_album([LESION] * 3),
    ):
        await send()
        await writer.waits_for(is_ban(texts))
    await writer.presses("settings:name", old)
    assert (await writer.waits_for_event("callback_answer"))["text"] == texts.plain("banned-button")
    told = [message for message in await writer.messages() if is_ban(texts)(message)]
    assert len(told) == 8  # one at the ban, and one for the album


async def test_banned_person_keeps_their_rights(moderator: Person, writer: Person, texts: Texts) -> None:
    await ban(moderator, writer)
    await writer.says("/help")
    await writer.waits_for(heading(texts, "help"))
    await writer.says("/privacy")
    await writer.waits_for(heading(texts, "privacy"))
    await writer.presses(texts.plain("button-withdraw"))
    await writer.waits_for(shown(texts, "withdraw-question"))
    await writer.presses(texts.plain("button-withdraw-yes"))
    await writer.waits_for(shown(texts, "consent-withdrawn"))
    await writer.says("/export")
    exported = await writer.waits_for(lambda message: "document" in message)
    assert REASON.encode() in await writer.downloads(exported["document"]["file_id"])
    await writer.says("/delete")
    await writer.waits_for(shown(texts, "delete-question"))
    await writer.presses(texts.plain("button-delete-yes"))
    receipt = await writer.waits_for(first_line(texts, "deleted"))
    assert shown(texts, "deleted-keeps-ban") in receipt["text"]
    await writer.says("/start")
    await writer.waits_for(is_ban(texts, texts.plain("ban-no-reason")))


async def test_ban_is_made_with_buttons(moderator: Person, writer: Person, texts: Texts, service: Service) -> None:
    reason = f"{REASON} with buttons {texts.language}"
    await moderator.says(f"/user {writer.id}")
    await moderator.waits_for(is_card)
    await moderator.presses(texts.plain("button-ban"))
    question = await moderator.waits_for(shown(texts, "ban-how-long", id=str(writer.id)))
    await moderator.presses(texts.plain("ban-days", days=30), question)
    asked = await moderator.waits_for(shown(texts, "ask-ban-reason", id=str(writer.id)))
    assert asked["message_id"] == question["message_id"]
    await moderator.says(reason)
    card = await moderator.waits_for(lambda message: has_button(message, "user:unban:"))
    await writer.waits_for(is_ban(texts, reason))
    assert until_of(service, reason) == [30]
    await moderator.presses(texts.plain("button-unban"))
    assert (await moderator.waits_for_event("callback_answer"))["text"] == texts.plain("unbanned")
    free = await moderator.waits_for(lambda message: has_button(message, "user:ban:"))
    assert free["message_id"] == card["message_id"]
    await writer.waits_for(shown(texts, "you-are-unbanned"))
    await writer.says("hello")
    await writer.waits_for(shown(texts, "sent-text"))


async def test_ban_can_be_thought_better_of(moderator: Person, writer: Person, texts: Texts) -> None:
    await moderator.says(f"/ban {writer.id}")
    await moderator.waits_for(shown(texts, "ban-how-long", id=str(writer.id)))
    await moderator.presses(texts.plain("button-ban-good"))
    await moderator.waits_for(shown(texts, "ask-ban-reason", id=str(writer.id)))
    await moderator.says("/cancel")
    await moderator.waits_for(shown(texts, "cancelled"))
    await moderator.says("spam")
    await moderator.waits_for(shown(texts, "sent-text"))
    await writer.says("hello")
    await writer.waits_for(shown(texts, "sent-text"))


async def test_reason_that_is_too_long_is_asked_again(
    moderator: Person, writer: Person, texts: Texts, service: Service
) -> None:
    reason = texts.language * 250
    await moderator.says(f"/ban {writer.id} 2w {reason}!")
    for _ in range(2):
        await moderator.waits_for(shown(texts, "ban-reason-long", most=500))
        await moderator.says(f"{reason}!")
    await moderator.waits_for(shown(texts, "ban-reason-long", most=500))
    await moderator.says(reason)
    await moderator.waits_for(lambda message: has_button(message, "user:unban:"))
    await writer.waits_for(is_ban(texts, reason))
    assert until_of(service, reason) == [14]


async def test_length_that_can_not_be_read_is_asked_for_and_the_reason_kept(
    moderator: Person, writer: Person, texts: Texts, service: Service
) -> None:
    reason = f"una semana {REASON} {texts.language}"
    await moderator.says(f"/ban {writer.id} {reason}")
    asked = await moderator.waits_for(shown(texts, "ban-reason-kept", reason=reason))
    assert until_of(service, reason) == []
    await moderator.presses(texts.plain("ban-days", days=7), asked)
    card = await moderator.waits_for(lambda message: has_button(message, "user:unban:"))
    assert card["message_id"] == asked["message_id"]
    await writer.waits_for(is_ban(texts, reason))
    assert until_of(service, reason) == [7]


@pytest.mark.parametrize(
    "words", ["", "@nobody_of_this_name 7d spam", "4242 5h spam", "4242 0d spam", "4242 1000d spam"]
)
async def test_wrong_use_is_explained_and_bans_nobody(moderator: Person, texts: Texts, words: str) -> None:
    await moderator.says(f"/ban {words}")
    word = words.split()[1] if words.startswith("4242") else None
    explained = shown(texts, "ban-length-unread", word=word, most=999) if word else how(texts, "ban")
    await moderator.waits_for(explained)
    await moderator.says("/user 4242")
    await moderator.waits_for(lambda message: has_button(message, "user:ban:4242"))


async def test_ban_ends_by_itself(moderator: Person, writer: Person, texts: Texts, service: Service) -> None:
    reason = f"spam {writer.id}"
    await ban(moderator, writer, reason, "1d")
    rows(service.data_dir, "UPDATE bans SET until = '2026-11-01 12:00:00.000000' WHERE reason = ?", reason)
    await writer.says("hello")
    await writer.waits_for(shown(texts, "sent-text"))
    await moderator.says(f"/unban {writer.id}")
    await moderator.waits_for(shown(texts, "unban-nobody"))
    await moderator.says(f"/user {writer.id}")
    assert reason not in (await moderator.waits_for(is_card))["text"]
    await ban(moderator, writer, f"{reason} again")
    await writer.waits_for(is_ban(texts, f"{reason} again"))


async def test_later_ban_takes_the_place_of_the_earlier_one(
    moderator: Person, writer: Person, texts: Texts, service: Service
) -> None:
    for reason in (f"first {writer.id}", f"second {writer.id}"):
        await ban(moderator, writer, reason)
        await writer.waits_for(is_ban(texts, reason))
    assert rows(service.data_dir, "SELECT reason FROM bans WHERE reason LIKE ?", f"% {writer.id}") == [(reason,)]


async def test_moderators_and_owners_are_not_banned(
    moderator: Person, boss: Person, writer: Person, texts: Texts, service: Service
) -> None:
    await moderator.says("/ban 4242")
    question = await moderator.waits_for(lambda message: has_button(message, "ban:4242:"))
    for person in (boss, moderator):
        await moderator.says(f"/ban {person.id} 7d mutiny")
        await moderator.waits_for(shown(texts, "ban-moderator"))
        await moderator.forges(question, f"user:ban:{person.id}")
        await moderator.waits_for(shown(texts, "ban-moderator"))
    await moderator.forges(question, f"ban:{boss.id}:7")
    await moderator.waits_for(shown(texts, "ask-ban-reason", id=str(boss.id)))
    await moderator.says("mutiny")
    await moderator.waits_for(shown(texts, "ban-moderator"))
    assert rows(service.data_dir, "SELECT 1 FROM bans WHERE reason = 'mutiny'") == []


async def test_unban_is_told_where_somebody_can_be_told(moderator: Person, writer: Person, texts: Texts) -> None:
    await ban(moderator, writer)
    await moderator.says(f"/unban {writer.id}")
    await moderator.waits_for(shown(texts, "unbanned"))
    await writer.waits_for(shown(texts, "you-are-unbanned"))
    await moderator.says("/ban 4242 for good spam")
    await moderator.waits_for(lambda message: has_button(message, "user:unban:4242"))
    await moderator.says("/unban 4242")
    await moderator.waits_for(shown(texts, "unbanned-unheard"))
    await moderator.says("/unban")
    await moderator.waits_for(how(texts, "unban"))


async def test_stranger_is_told_in_the_language_of_their_telegram(
    moderator: Person, town: Town, content: Content, texts: Texts
) -> None:
    stranger = await town.newcomer("Eva", language_code=texts.language)
    await ban(moderator, stranger)
    await stranger.says("/start")
    await stranger.waits_for(is_ban(texts))
