"""/feedback and /inbox: a patient writes, a moderator answers through the bot."""

from collections.abc import Iterator

import pytest

from bot.content import Content, Texts
from emulator.objects import Message
from emulator.person import Person, Town
from tests.conversations.audiences import until
from tests.conversations.service import Service
from tests.conversations.stories import enrol, first_line, has_button, heading, rows, shown
from tests.conversations.test_people import is_card
from tests.conversations.test_settings import kept

WORDS = """The *bot* is_slow [really](tg://user?id=1)

1. `waits`
2) > 5 min
# and <b>no</b> answer
- 100 % ~~sure~~ \\o/"""


@pytest.fixture(autouse=True)
def _empty_inbox(service: Service) -> Iterator[None]:
    def empty() -> None:
        for table in ("feedback_copies", "feedback"):
            rows(service.data_dir, f"DELETE FROM {table}")  # noqa: S608

    empty()
    yield
    empty()


@pytest.fixture
async def reader(moderator: Person, texts: Texts) -> Person:
    """A moderator who has written, so that the bot may write to them."""
    await moderator.says("/inbox")
    await moderator.waits_for(shown(texts, "inbox-empty"))
    return moderator


@pytest.fixture
def waiting(writer: Person, service: Service) -> Person:
    """A patient whose message waits in the inbox."""
    put(service, writer, WORDS)
    return writer


def put(service: Service, patient: Person, words: str) -> None:
    """Let somebody have written a message, of which no moderator was told."""
    columns = "(user_id, text, sent_at) VALUES (?, ?, '2026-11-23 12:00:00.000000')"
    rows(service.data_dir, f"INSERT INTO feedback {columns}", patient.id, words)


async def write(patient: Person, texts: Texts, words: str = WORDS) -> None:
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    await patient.says(words)
    await patient.waits_for(shown(texts, "feedback-sent"))


async def read(reader: Person) -> Message:
    """The message that waits longest."""
    await reader.says("/inbox")
    return await reader.waits_for(is_item)


def is_item(message: Message) -> bool:
    return has_button(message, "inbox:answer:")


def number_of(item: Message) -> int:
    return int(item["reply_markup"]["inline_keyboard"][0][0]["callback_data"].rpartition(":")[2])


def answered(texts: Texts, answer: str, question: str = WORDS) -> str:
    """What the patient gets."""
    return "\n\n".join(
        [
            *(shown(texts, "feedback-answer"), answer, shown(texts, "feedback-was"), question),
            shown(texts, "feedback-write-back"),
        ]
    )


def answers_in(service: Service, patient: Person) -> list[tuple[str | None, bool]]:
    query = "SELECT answer, answered_at IS NOT NULL FROM feedback WHERE user_id = ?"
    return [(answer, bool(is_closed)) for answer, is_closed in rows(service.data_dir, query, patient.id)]


async def test_message_is_shown_as_it_was_written_and_answered_by_a_reply(
    reader: Person, patient: Person, texts: Texts, service: Service
) -> None:
    await write(patient, texts)
    news = await reader.waits_for(shown(texts, "inbox-news", count=1))
    assert "slow" not in news["text"]
    item = await read(reader)
    assert item["text"].endswith(f"\n\n{WORDS}")
    assert f" · {texts.language} · " in item["text"].splitlines()[0]
    assert {entity["type"] for entity in item["entities"]} == {"bold"}
    answer = "We *know*.\n\n- it is_slow\n> sorry"
    await reader.says(answer, reply_to=item)
    await reader.waits_for(shown(texts, "inbox-answered", number=number_of(item)))
    told = await patient.waits_for(shown(texts, "feedback-answer"))
    assert told["text"] == answered(texts, answer)
    assert answers_in(service, patient) == [(answer, True)]
    await reader.says("/inbox")
    await reader.waits_for(shown(texts, "inbox-empty"))


async def test_moderators_read_the_news_in_their_language_and_only_the_news(
    reader: Person, town: Town, content: Content, texts: Texts, service: Service
) -> None:
    author = await town.newcomer("Eva")
    enrol(service.data_dir, [author.id], "en", content)
    await write(author, content.texts("en"), "one")
    await reader.waits_for(shown(texts, "inbox-news", count=1))
    await write(author, content.texts("en"), "two")
    await reader.waits_for(shown(texts, "inbox-news", count=2))
    assert " · en · " in (await read(reader))["text"].splitlines()[0]


async def test_answer_by_button(reader: Person, waiting: Person, texts: Texts) -> None:
    item = await read(reader)
    await reader.presses(texts.plain("button-answer"), item)
    await reader.waits_for(shown(texts, "ask-feedback-answer", number=number_of(item)))
    await reader.says("We know.")
    await reader.waits_for(shown(texts, "inbox-answered", number=number_of(item)))
    await waiting.waits_for(answered(texts, "We know."))
    await reader.says("Nice.")
    await reader.waits_for(shown(texts, "sent-text"))


async def test_answer_can_be_thought_better_of(reader: Person, waiting: Person, texts: Texts, service: Service) -> None:
    item = await read(reader)
    await reader.presses(texts.plain("button-answer"), item)
    await reader.waits_for(shown(texts, "ask-feedback-answer", number=number_of(item)))
    await reader.says("/cancel")
    await reader.waits_for(shown(texts, "cancelled"))
    await reader.says("Never mind.")
    await reader.waits_for(shown(texts, "sent-text"))
    assert answers_in(service, waiting) == [(None, False)]


async def test_reply_answers_the_question_that_the_button_asked(
    reader: Person, waiting: Person, texts: Texts, service: Service
) -> None:
    item = await read(reader)
    await reader.presses(texts.plain("button-answer"), item)
    await reader.waits_for(shown(texts, "ask-feedback-answer", number=number_of(item)))
    await reader.says("We know.", reply_to=item)
    await reader.waits_for(shown(texts, "inbox-answered", number=number_of(item)))
    await reader.says("Lunch?")
    await reader.waits_for(shown(texts, "sent-text"))
    assert answers_in(service, waiting) == [("We know.", True)]


async def test_message_is_put_aside(reader: Person, waiting: Person, texts: Texts, service: Service) -> None:
    item = await read(reader)
    await reader.presses(texts.plain("button-put-aside"), item)
    changed = await reader.waits_for(shown(texts, "inbox-aside", number=number_of(item)))
    assert changed["message_id"] == item["message_id"]
    assert answers_in(service, waiting) == [(None, True)]
    await reader.says("We know.", reply_to=item)
    done = await reader.waits_for(shown(texts, "inbox-answered", number=number_of(item)))
    assert shown(texts, "inbox-closed-already") in done["text"]
    await waiting.waits_for(answered(texts, "We know."))


async def test_message_leads_to_who_wrote_it(reader: Person, waiting: Person, texts: Texts) -> None:
    item = await read(reader)
    await reader.presses(texts.plain("button-who"), item)
    card = await reader.waits_for(shown(texts, "user-heading", id=str(waiting.id)))
    assert shown(texts, "user-feedback", count=1) in card["text"]
    await reader.says("/user", reply_to=item)
    await reader.waits_for(shown(texts, "user-heading", id=str(waiting.id)))
    await reader.says("/ban 1d spam", reply_to=item)
    assert "spam" in (await reader.waits_for(is_card))["text"]


async def test_message_that_is_too_long_is_asked_again(patient: Person, texts: Texts, service: Service) -> None:
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    for words in ("x" * 2001, "🙂" * 1001):
        await patient.says(words)
        await patient.waits_for(shown(texts, "feedback-long", most=2000))
    await patient.says("🙂" * 1000)
    await patient.waits_for(shown(texts, "feedback-sent"))
    assert answers_in(service, patient) == [(None, False)]


async def test_answer_that_is_too_long_is_asked_again_and_the_longest_fits(
    reader: Person, writer: Person, texts: Texts, service: Service
) -> None:
    put(service, writer, "🙂" * 1000)
    item = await read(reader)
    assert item["text"].endswith("🙂" * 1000)
    await reader.says("x" * 1901, reply_to=item)
    await reader.waits_for(shown(texts, "inbox-long", most=1900))
    await reader.presses(texts.plain("button-answer"), item)
    await reader.waits_for(shown(texts, "ask-feedback-answer", number=number_of(item)))
    await reader.says("🙃" * 951)
    await reader.waits_for(shown(texts, "inbox-long", most=1900))
    await reader.says("🙃" * 950)
    await reader.waits_for(shown(texts, "inbox-answered", number=number_of(item)))
    await writer.waits_for(answered(texts, "🙃" * 950, "🙂" * 1000))


async def test_sixth_message_waits_until_one_is_settled(
    reader: Person, patient: Person, texts: Texts, sam: Person, service: Service
) -> None:
    for number in range(5):
        put(service, patient, f"message {number}")
    put(service, sam, "another")
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "feedback-many", count=5))
    await patient.says("message 5")
    await patient.waits_for(shown(texts, "sent-text"))
    await reader.says("/inbox")
    await reader.waits_for(shown(texts, "inbox-more", count=1))
    items = [message for message in await reader.messages() if is_item(message)]
    assert [item["text"].splitlines()[-1] for item in items] == [f"message {number}" for number in range(5)]
    await reader.presses(texts.plain("button-put-aside"), items[0])
    await reader.waits_for(shown(texts, "inbox-aside", number=number_of(items[0])))
    await write(patient, texts, "message 5")


async def test_same_message_sent_twice_waits_once(patient: Person, texts: Texts, service: Service) -> None:
    await write(patient, texts)
    await write(patient, texts)
    assert answers_in(service, patient) == [(None, False)]


async def test_feedback_can_be_left(patient: Person, texts: Texts, service: Service) -> None:
    await patient.says("/feedback")
    await patient.waits_for(shown(texts, "ask-feedback"))
    await patient.says("/cancel")
    await patient.waits_for(shown(texts, "cancelled"))
    assert answers_in(service, patient) == []


async def test_patient_who_blocked_the_bot_can_not_be_answered(
    reader: Person, waiting: Person, texts: Texts, service: Service
) -> None:
    item = await read(reader)
    await waiting.blocks()
    await until(lambda: kept(service, waiting, "blocked_at") is not None)
    await reader.says("We know.", reply_to=item)
    await reader.waits_for(shown(texts, "inbox-unheard", number=number_of(item)))
    assert answers_in(service, waiting) == [("We know.", True)]


async def test_block_that_nobody_noticed_is_found_by_the_answer(
    reader: Person, waiting: Person, texts: Texts, service: Service
) -> None:
    item = await read(reader)
    await waiting.blocks()
    await until(lambda: kept(service, waiting, "blocked_at") is not None)
    rows(service.data_dir, "UPDATE patients SET blocked_at = NULL WHERE user_id = ?", waiting.id)
    await reader.says("We know.", reply_to=item)
    await reader.waits_for(shown(texts, "inbox-unheard", number=number_of(item)))
    assert kept(service, waiting, "blocked_at") is not None


async def test_message_that_its_sender_erased_is_gone(reader: Person, waiting: Person, texts: Texts) -> None:
    item = await read(reader)
    await reader.presses(texts.plain("button-answer"), item)
    await reader.waits_for(shown(texts, "ask-feedback-answer", number=number_of(item)))
    await waiting.says("/delete")
    await waiting.waits_for(shown(texts, "delete-question"))
    await waiting.presses(texts.plain("button-delete-yes"))
    await waiting.waits_for(first_line(texts, "deleted"))
    blanked = next(m for m in await reader.messages() if m["message_id"] == item["message_id"])
    assert (blanked["text"], "reply_markup" in blanked) == (shown(texts, "inbox-blanked"), False)
    await reader.says("We know.")
    await reader.waits_for(shown(texts, "inbox-gone"))
    await reader.says("We know.", reply_to=blanked)
    await reader.waits_for(shown(texts, "inbox-gone"))
    for deed in ("answer", "aside"):
        await reader.forges(blanked, f"inbox:{deed}:{number_of(item)}")
        await reader.waits_for(shown(texts, "inbox-gone"))
    await reader.says("/inbox")
    await reader.waits_for(shown(texts, "inbox-empty"))


async def test_second_moderator_learns_that_the_first_has_answered(
    reader: Person, boss: Person, waiting: Person, texts: Texts
) -> None:
    first, second = await read(reader), await read(boss)
    await reader.says("We know.", reply_to=first)
    await waiting.waits_for(answered(texts, "We know."))
    await reader.waits_for(shown(texts, "inbox-answered", number=number_of(first)))  # by now it is noted, too
    await boss.presses(f"inbox:answer:{number_of(second)}", second)  # its words may be another language's by now
    asked = await boss.waits_for(shown(texts, "ask-feedback-answer", number=number_of(second)))
    assert asked["text"].startswith(shown(texts, "inbox-closed-already"))
    await boss.says("We do, really.")
    await boss.waits_for(shown(texts, "inbox-closed-already"))
    await waiting.waits_for(answered(texts, "We do, really."))


async def test_reply_to_anything_else_is_no_answer(reader: Person, texts: Texts) -> None:
    await reader.says("/help")
    help_ = await reader.waits_for(heading(texts, "moderators"))
    await reader.says("We know.", reply_to=help_)
    await reader.waits_for(shown(texts, "sent-text"))
