"""/inbox with two moderators: a patient does not get two answers that nobody wanted."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person
from tests.conversations.service import Service
from tests.conversations.stories import first_line, has_button, shown
from tests.conversations.test_inbox import (
    WORDS,
    _empty_inbox,  # noqa: F401 - a fixture
    answered,
    answers_in,
    number_of,
    read,
    reader,  # noqa: F401 - a fixture
    waiting,  # noqa: F401 - a fixture
)

Condition: TypeAlias = Callable[[Message], bool]


def is_question(message: Message) -> bool:
    return has_button(message, "inbox:send:")


def in_any_language(content: Content, message_id: str) -> Condition:
    """Whether this is said: the language of an owner who never registered is not known but while they write."""
    words = [shown(texts, message_id) for texts in content.by_language.values()]
    return lambda message: any(one in message["text"] for one in words)


@pytest.fixture
async def both_answered(
    reader: Person,  # noqa: F811
    boss: Person,
    waiting: Person,  # noqa: F811
    texts: Texts,
    content: Content,
) -> tuple[int, Message]:
    """Let one moderator answer while the other one types; returns the number, and what the other one is asked."""
    first, second = await read(reader), await read(boss)
    await boss.presses(texts.plain("button-answer"), second)
    await boss.waits_for(shown(texts, "ask-feedback-answer", number=number_of(second)))
    await reader.says("Yes, do.", reply_to=first)
    await waiting.waits_for(answered(texts, "Yes, do."))
    changed = await boss.waits_for(in_any_language(content, "inbox-answered-by-colleague"))
    assert (changed["message_id"], changed["text"].endswith(WORDS)) == (second["message_id"], True)
    await boss.says("No, never.")
    asked = await boss.waits_for(is_question)
    assert asked["text"].startswith(shown(texts, "inbox-answered-meanwhile", number=number_of(second)))
    assert "\n\nYes, do.\n\n" in asked["text"]
    return number_of(second), asked


async def test_second_answer_is_held_back_and_sent_only_if_wanted(
    both_answered: tuple[int, Message],
    boss: Person,
    waiting: Person,  # noqa: F811
    texts: Texts,
    content: Content,
    service: Service,
) -> None:
    number, asked = both_answered
    assert answers_in(service, waiting) == [("Yes, do.", True)]
    await boss.presses(texts.plain("button-inbox-send"), asked)
    done = await boss.waits_for(shown(texts, "inbox-answered", number=number))
    assert done["message_id"] == asked["message_id"]
    await waiting.waits_for(answered(texts, "No, never."))
    assert answers_in(service, waiting) == [("No, never.", True)]


async def test_second_answer_can_be_discarded(
    both_answered: tuple[int, Message],
    boss: Person,
    waiting: Person,  # noqa: F811
    texts: Texts,
    content: Content,
    service: Service,
) -> None:
    number, asked = both_answered
    await boss.presses(texts.plain("button-inbox-drop"), asked)
    done = await boss.waits_for(shown(texts, "inbox-dropped", number=number))
    assert done["message_id"] == asked["message_id"]
    assert answers_in(service, waiting) == [("Yes, do.", True)]
    assert [m for m in await waiting.messages() if "No, never." in m["text"]] == []


async def test_answer_that_is_held_back_is_not_sent_to_who_is_erased(
    both_answered: tuple[int, Message],
    boss: Person,
    waiting: Person,  # noqa: F811
    texts: Texts,
    content: Content,
) -> None:
    number, asked = both_answered
    await waiting.says("/delete")
    await waiting.waits_for(shown(texts, "delete-question"))
    await waiting.presses(texts.plain("button-delete-yes"))
    await waiting.waits_for(first_line(texts, "deleted"))
    blanked = next(m for m in await boss.messages() if m["message_id"] == asked["message_id"])
    assert in_any_language(content, "inbox-blanked")(blanked)
    await boss.forges(blanked, f"inbox:send:{number}")
    await boss.waits_for(shown(texts, "inbox-gone"))


async def test_question_that_is_gone_is_answered_by_a_new_message(
    both_answered: tuple[int, Message],
    boss: Person,
    waiting: Person,  # noqa: F811
    texts: Texts,
    content: Content,
) -> None:
    number, asked = both_answered
    await boss.presses(texts.plain("button-inbox-send"), asked, is_gone=True)
    told = await boss.waits_for(shown(texts, "inbox-words-gone", number=number))
    assert told["message_id"] > asked["message_id"]
