"""/feedback where there is somebody to read it, and where there is nobody."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.ext import ExtBot

from bot.delivery import formatted, send
from bot.render.questions import Open
from bot.render.reply import Reply
from bot.storage.audit import Audit, Entry
from bot.storage.feedback import Feedback
from bot.storage.records import Records
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, Desk, open_desk

SAM, OWNER = 500_000_001, 600_000_001


async def _asked(desk: Desk, language: str) -> list[str]:
    """What the bot says when a patient sends /feedback and writes on."""
    desk.newcomer(SAM, language)
    patients, moment = desk.services.patients, datetime(2026, 11, 1, tzinfo=UTC)
    await patients.speak(SAM, language, moment)
    await patients.consent(SAM, desk.services.content.consent_version, moment)
    await patients.register(SAM, moment)
    done = await desk.hears(SAM, text="/feedback") + await desk.hears(SAM, text="I wait since Monday")
    return [one.text for one in done if one.chat_id == SAM]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_where_nobody_reads_messages_none_is_taken(engine: AsyncEngine, language: str) -> None:
    texts = LIBRARY.content.by_language[language]
    async with open_desk(engine) as desk:
        said = await _asked(desk, language)
        assert said == [formatted(texts.say(name))[0] for name in ("feedback-nobody", "sent-text")]
        assert not (await desk.rows())["feedback"]


async def test_where_there_is_an_owner_it_is_taken(engine: AsyncEngine) -> None:
    texts = LIBRARY.content.by_language["en"]
    async with open_desk(engine, OWNER) as desk:
        said = await _asked(desk, "en")
        assert said == [formatted(texts.say(name))[0] for name in ("ask-feedback", "feedback-sent")]
        assert len((await desk.rows())["feedback"]) == 1


async def test_location_closes_the_question_so_that_later_words_are_no_feedback(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER) as desk:
        await _asked(desk, "en")
        await desk.hears(SAM, text="/feedback")
        await desk.hears(SAM, location={"latitude": 47.8, "longitude": 13.05})
        said = [one.text for one in await desk.hears(SAM, text="It bleeds and will not stop") if one.chat_id == SAM]
        assert said == [formatted(LIBRARY.content.by_language["en"].say("sent-text"))[0]]
        assert len((await desk.rows())["feedback"]) == 1


SENT = {
    "photo": {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 600, "height": 450}]},
    "file": {"document": {"file_id": "f", "file_unique_id": "u", "file_name": "letter.pdf"}},
    "location": {"location": {"latitude": 47.8, "longitude": 13.05}},
}


@pytest.mark.parametrize("kind", SENT)
@pytest.mark.parametrize("language", ["en", "es"])
async def test_whatever_closes_the_question_says_that_nothing_was_sent(
    engine: AsyncEngine, language: str, kind: str
) -> None:
    closed = formatted(LIBRARY.content.by_language[language].say("feedback-closed"))[0]
    sent: Any = SENT[kind]
    async with open_desk(engine, OWNER) as desk:
        await _asked(desk, language)
        await desk.hears(SAM, text="/feedback")
        said = [done for _ in range(3) for done in await desk.hears(SAM, **sent, media_group_id="album")]
        assert [one.text for one in said].count(closed) == 1
        assert len((await desk.rows())["feedback"]) == 1


@pytest.mark.parametrize("question", [Open.PLACE, Open.NAME])
async def test_photo_that_closes_another_question_says_nothing_of_moderators(
    engine: AsyncEngine, question: Open
) -> None:
    sent: Any = SENT["photo"]
    async with open_desk(engine, OWNER) as desk:
        await _asked(desk, "en")
        desk.stands(SAM, question)
        assert len([one for one in await desk.hears(SAM, **sent) if one.chat_id == SAM]) == 1


@pytest.mark.parametrize("words", ["It is slow", "It is\n\nslow"])
async def test_words_behind_the_command_are_taken_at_once(engine: AsyncEngine, words: str) -> None:
    async with open_desk(engine, OWNER) as desk:
        await _asked(desk, "en")
        said = await desk.hears(SAM, text=f"/feedback  {words}")
        sent = formatted(LIBRARY.content.by_language["en"].say("feedback-sent"))[0]
        assert [one.text for one in said if one.chat_id == SAM] == [sent]
        assert await desk.services.feedback.waiting_count() == 2
        assert (await desk.services.feedback.waiting(2))[-1].text == words


async def test_too_many_words_behind_the_command_are_asked_for_again(engine: AsyncEngine) -> None:
    async with open_desk(engine, OWNER) as desk:
        await _asked(desk, "en")
        said = [one for one in await desk.hears(SAM, text=f"/feedback {'x' * 5000}") if one.chat_id == SAM]
        assert "too long" in said[0].text
        said = [one for one in await desk.hears(SAM, text="shorter") if one.chat_id == SAM]
        assert said[0].text.startswith("Thank you")


@pytest.mark.parametrize(("written_at", "told"), [(1_000_000_000, 1), (4_000_000_000, 0)])
async def test_moderators_are_told_of_what_comes_again_after_a_kill_and_not_of_what_is_repeated(
    engine: AsyncEngine, written_at: int, told: int
) -> None:
    """The bot may have ended between keeping a message and telling of it: then it was written before it was kept."""
    async with open_desk(engine, OWNER) as desk:
        desk.newcomer(OWNER)
        await _asked(desk, "en")
        await desk.services.beside.stop()
        desk.stands(SAM, Open.FEEDBACK)
        await desk.hears(SAM, text="I wait since Monday", date=written_at)
        await desk.services.beside.stop()
        assert [one.chat_id for one in desk.recorder.done].count(OWNER) == told
        assert len((await desk.rows())["feedback"]) == 1


@pytest.mark.parametrize("is_answered", [True, False])
async def test_putting_aside_leaves_a_colleagues_answer(engine: AsyncEngine, *, is_answered: bool) -> None:
    """It may come in the very moment: what the handler read before is not written back."""
    feedback = Feedback(engine)
    number = await feedback.add(SAM, "I wait", NOON)
    assert number is not None
    if is_answered:
        await feedback.close(number, "We know.", Entry(OWNER, "inbox-answer", NOON))
    assert await feedback.put_aside(number, Entry(OWNER, "inbox-aside", NOON)) is not is_answered
    message = await feedback.get(number)
    assert message is not None
    assert (message.answer, message.answered_at) == ("We know." if is_answered else None, NOON)


async def test_answer_to_what_was_erased_meanwhile_names_nobody(engine: AsyncEngine) -> None:
    feedback = Feedback(engine)
    number = await feedback.add(SAM, "I wait", NOON)
    assert number is not None
    await Records(engine).erase(SAM, "1", NOON)
    await feedback.close(number, "We know.", Entry(OWNER, "inbox-answer", NOON, SAM))
    (entry,) = await Audit(engine).page(10)
    assert (entry.action, entry.subject) == ("inbox-answer", None)


async def test_moderators_chat_that_is_slowed_down_holds_up_no_patient(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write, told = asyncio.Event(), asyncio.Event()

    async def slow(bot: ExtBot[int], chat_id: int, reply: Reply, reply_to: int | None = None) -> None:
        if chat_id == OWNER:
            await may_write.wait()
        await send(bot, chat_id, reply, reply_to)
        if chat_id == OWNER:
            told.set()

    monkeypatch.setattr("bot.handlers.access.send", slow)
    async with open_desk(engine, OWNER) as desk, asyncio.timeout(30):
        desk.newcomer(OWNER)
        assert formatted(LIBRARY.content.texts("en").say("feedback-sent"))[0] in await _asked(desk, "en")
        may_write.set()
        await told.wait()
        assert OWNER in {one.chat_id for one in desk.recorder.done}
