"""What becomes of a photo that is one too many, late, repeated, or out of order."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram.error import Forbidden

from bot.delivery import formatted
from bot.limits import Limits, PhotoRules
from bot.render import answer
from bot.render.questions import Step
from bot.storage.audit import Entry
from bot.storage.cases import Cases
from bot.storage.maintenance import Mode
from bot.storage.patients import Patient, Patients
from bot.storage.tables import patients
from bot.storage.traffic import Traffic
from inference.classes import LesionClass
from inference.decoding import MAX_BYTES
from tests.bot.desk import LIBRARY, Desk, Done, open_desk
from tests.conversations.stories import button

SAM, EVA = 500_000_001, 500_000_002
EN, ES = LIBRARY.content.by_language["en"], LIBRARY.content.by_language["es"]
RULES = PhotoRules(per_hour=3, per_day=5, in_hand=4)
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 600, "height": 450}]


@pytest.fixture
def begun() -> list[tuple[int, int]]:
    """Cases and priorities of the photos that work was begun on."""
    return []


@pytest.fixture
async def desk(engine: AsyncEngine, begun: list[tuple[int, int]]) -> AsyncIterator[Desk]:
    async with open_desk(engine) as opened:
        services = replace(
            opened.services,
            limits=Limits(Traffic(engine), RULES),
            answer_soon=lambda case_id, priority: begun.append((case_id, priority)),
        )
        opened.application.bot_data["services"] = opened.services = services
        for user_id, texts in ((SAM, EN), (EVA, ES)):
            opened.newcomer(user_id, texts.language)
            await _enrol(engine, user_id, texts.language)
        yield opened


async def _enrol(engine: AsyncEngine, user_id: int, language: str) -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    values = {"user_id": user_id, "language": language, "consent_version": EN.consent_version, "is_adult": True}
    async with engine.begin() as connection:
        await connection.execute(patients.insert().values(**values, registered_at=moment, created_at=moment))


async def _case_count(desk: Desk, user_id: int) -> int:
    async with desk.engine.connect() as connection:
        query = sa.text("SELECT count(*) FROM cases WHERE user_id = :user_id")
        return int(await connection.scalar(query, {"user_id": user_id}) or 0)


async def _sends(desk: Desk, user_id: int, **more: object) -> list[Done]:
    now: dict[str, object] = {"date": int(datetime.now(UTC).timestamp())}
    return await desk.hears(user_id, "private", photo=PHOTO, **(now | more))


async def test_largest_size_of_a_photo_is_taken(desk: Desk) -> None:
    sizes = [
        {"file_id": f"{side}", "file_unique_id": f"{side}", "width": side, "height": side} for side in (90, 320, 800)
    ]
    await desk.hears(SAM, photo=sizes)
    assert [case.file_id for case in (await desk.rows())["cases"]] == ["800"]


@pytest.mark.parametrize(("more_bytes", "count"), [(0, 1), (1, 0)])
async def test_file_is_taken_for_an_image_by_its_ending_too_up_to_what_telegram_hands_over(
    desk: Desk, more_bytes: int, count: int
) -> None:
    kind = {"file_name": "IMG_0001.HEIC", "mime_type": "application/octet-stream", "file_size": MAX_BYTES + more_bytes}
    (said,) = await desk.hears(SAM, document={"file_id": "d", "file_unique_id": "v"} | kind)
    assert await _case_count(desk, SAM) == count
    assert said.text.startswith(formatted(EN.say("looking-late" if count else "declined-too-large"))[0].strip())


async def test_photo_of_somebody_who_can_be_promised_nothing_is_not_kept_in_hand(
    desk: Desk, begun: list[tuple[int, int]]
) -> None:
    desk.emulator.world.accounts.set_blocked(SAM, is_blocked=True)
    with suppress(Forbidden):
        await _sends(desk, SAM)
    assert [(case.outcome, case.file_id) for case in (await desk.rows())["cases"]] == [("undeliverable", None)]
    assert begun == []


async def test_photo_over_the_limit_gets_the_time_to_wait_and_leaves_no_case(desk: Desk) -> None:
    for user_id, words in ((SAM, "in 60 minutes"), (EVA, "dentro de 60 minutos")):
        for _ in range(3):
            await _sends(desk, user_id)
        async with desk.engine.begin() as connection:
            await connection.execute(sa.text("UPDATE cases SET outcome = 'assessed', file_id = NULL"))
        (refusal,) = await _sends(desk, user_id)
        assert words in refusal.text
        assert await _case_count(desk, user_id) == 3


async def test_reminder_that_could_not_be_given_is_given_when_the_update_is_handled_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Patient:
        raise OperationalError("SELECT", {}, Exception("away"))

    stranger = 500_000_003
    desk.newcomer(stranger)
    desk.stands(stranger, Step.LANGUAGE)
    with monkeypatch.context() as patched:
        patched.setattr(Patients, "get", away)
        with pytest.raises(OperationalError):
            await _sends(desk, stranger, media_group_id="album")
    desk.numbers = count(next(desk.numbers) - 1)  # as intake does: the same update
    said = [one.text for one in await _sends(desk, stranger, media_group_id="album")]
    assert said[0].startswith(formatted(EN.say("photo-too-early"))[0])
    assert await _sends(desk, stranger, media_group_id="album") == []


async def test_album_over_the_limit_is_spoken_of_once(desk: Desk) -> None:
    said = [done for _ in range(10) for done in await _sends(desk, SAM, media_group_id="album")]
    assert [done.text == EN.say("looking") for done in said] == [True, True, True, False]
    assert await _case_count(desk, SAM) == 3


async def test_words_under_a_photo_that_is_sent_as_a_file_are_said_to_be_unread(desk: Desk) -> None:
    image = {"file_id": "d", "file_unique_id": "v", "file_name": "mole.png", "mime_type": "image/png"}
    *_, last = await desk.hears(SAM, document=image, caption="it bleeds")
    assert last.text == formatted(EN.say("sent-caption"))[0]


async def test_words_under_a_file_that_is_declined_are_said_to_be_unread_too(desk: Desk) -> None:
    report = {"file_id": "f", "file_unique_id": "u", "file_name": "report.pdf", "mime_type": "application/pdf"}
    huge = {"file_id": "f", "file_unique_id": "u", "file_name": "spot.jpg", "file_size": 10**8}
    for user_id, texts, doctor in ((SAM, EN, "a doctor or a laboratory"), (EVA, ES, "un médico o un laboratorio")):
        for document, code in ((report, "declined-unreadable"), (huge, "declined-too-large")):
            said = [one.text for one in await desk.hears(user_id, document=document, caption="The laboratory wrote …")]
            assert said[0].startswith(formatted(texts.say(code))[0])
            assert said[1:] == [formatted(texts.say("sent-caption"))[0]]
            assert doctor in said[1]
            assert len(await desk.hears(user_id, document=document)) == 1


async def test_words_under_a_photo_are_said_to_be_unread_with_when_not_to_wait(desk: Desk) -> None:
    for user_id, texts in ((SAM, EN), (EVA, ES)):
        said = [done.text for done in await _sends(desk, user_id, caption="it bleeds")]
        assert said == [formatted(texts.say(name))[0] for name in ("looking", "sent-caption")]
    assert await _case_count(desk, SAM) == 1


async def test_words_under_an_album_are_said_to_be_unread_once_and_what_is_refused_of_it_is_told_too(
    desk: Desk,
) -> None:
    said = [done.text for _ in range(5) for done in await _sends(desk, SAM, media_group_id="album", caption="help")]
    unread = formatted(EN.say("sent-caption"))[0]
    assert said[:2] == [EN.say("looking"), unread]
    assert said[2:4] == [EN.say("looking")] * 2
    (refusal,) = said[4:]
    assert "in 60 minutes" in refusal
    said = [done.text for done in await _sends(desk, SAM, media_group_id="another", caption="help")]
    assert unread in said


async def test_words_under_a_photo_are_said_to_be_unread_when_its_update_is_handled_again(
    desk: Desk, begun: list[tuple[int, int]]
) -> None:
    for _ in range(2):
        desk.numbers = count(77)
        said = await _sends(desk, SAM, message_id=7, caption="help", media_group_id="album")
    assert [done.text for done in said] == [formatted(EN.say("sent-caption"))[0]]
    assert await _case_count(desk, SAM) == 1
    assert len(begun) == 2


async def test_each_photo_of_a_user_has_a_lower_priority_and_another_users_first_the_highest(
    desk: Desk, begun: list[tuple[int, int]]
) -> None:
    for user_id in (SAM, SAM, EVA, SAM):
        await _sends(desk, user_id)
    assert [priority for _, priority in begun] == [0, -1, 0, -2]


async def test_repeated_update_of_a_photo_that_was_taken_is_not_counted_twice(desk: Desk) -> None:
    for _ in range(6):
        await _sends(desk, SAM, message_id=7)
    assert await _case_count(desk, SAM) == 1
    (looking,) = await _sends(desk, SAM, message_id=8)
    assert looking.text == EN.say("looking")


async def test_photo_is_promised_its_answer_once_though_the_database_goes_away_in_between(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, failures = Cases.promise, [2]

    async def busy(kept: Cases, case_id: int, progress_message_id: int) -> None:
        if failures[0]:
            failures[0] -= 1
            raise OperationalError("UPDATE cases", {}, Exception("away"))
        await record(kept, case_id, progress_message_id)

    monkeypatch.setattr(Cases, "promise", busy)
    for _ in range(2):  # where the first did not end well, intake begins anew
        desk.numbers = count(77)
        with suppress(OperationalError):
            await _sends(desk, SAM, message_id=7)
    told = [m["text"] for m in desk.emulator.world.messages.of_chat(SAM)]
    assert told == [EN.say("looking")]


async def test_repeated_update_of_a_photo_that_filled_the_limit_is_answered_all_the_same(
    desk: Desk, begun: list[tuple[int, int]]
) -> None:
    for message_id in (7, 8, 9, 9):
        said = await _sends(desk, SAM, message_id=message_id)
    assert said == []
    assert len(begun) == 4


async def test_full_queue_refuses_and_says_when_to_come_again(desk: Desk) -> None:
    for user_id in (SAM, SAM, SAM, EVA):
        await _sends(desk, user_id)
    (refusal,) = await _sends(desk, EVA)
    assert "dentro de 1 minuto" in refusal.text
    assert await _case_count(desk, EVA) == 1


async def test_full_queue_during_maintenance_promises_no_time(desk: Desk) -> None:
    entry = Entry(SAM, "maintenance on", datetime.now(UTC))
    await desk.services.maintenance.begin(Mode.WAIT, entry)
    for user_id in (SAM, SAM, SAM, EVA):
        await _sends(desk, user_id)
    (refusal,) = await _sends(desk, EVA)
    assert refusal.text.startswith("En este momento no puedo mirar fotos")


async def test_photo_that_lay_at_telegram_for_twenty_hours_is_answered_with_a_word_about_it(
    desk: Desk, begun: list[tuple[int, int]]
) -> None:
    sent = int((datetime.now(UTC) - timedelta(hours=20)).timestamp())
    (promise,) = await _sends(desk, SAM, date=sent)
    assert promise.text == EN.say("looking-late")
    assert len(begun) == 1


async def test_photo_whose_message_is_gone_is_answered_without_it(desk: Desk) -> None:
    (promise,) = await _sends(desk, SAM, message_id=123_456)  # Telegram knows no such message
    assert promise.text == EN.say("looking")


@pytest.mark.parametrize("sent_at", [1_780_000_000, 0], ids=["old", "no-longer-shown-to-bots"])
async def test_button_of_months_ago_gets_its_answer(desk: Desk, sent_at: int) -> None:
    said = await desk.presses(SAM, "explain:nv", date=sent_at)  # Telegram no longer knows the press
    explanation, _ = formatted(answer.explanation(LesionClass.NV, EN).markdown)
    assert explanation in [done.text for done in said]


@pytest.mark.parametrize("sent_at", [1_780_000_000, 0], ids=["old", "no-longer-shown-to-bots"])
async def test_button_of_a_registration_that_is_long_over_says_that_it_is_old(desk: Desk, sent_at: int) -> None:
    said = await desk.presses(SAM, button(Step.SKIN_TYPE, "skip"), date=sent_at)
    assert formatted(EN.say("old-button"))[0] in [done.text for done in said]


async def test_photos_in_the_wrong_order_are_each_answered_and_neither_counts_as_known(
    desk: Desk, begun: list[tuple[int, int]]
) -> None:
    late, early = await _sends(desk, SAM, message_id=20), await _sends(desk, SAM, message_id=10)
    assert [done.text for done in (*late, *early)] == [EN.say("looking")] * 2
    assert [priority for _, priority in begun] == [0, -1]


async def test_group_that_becomes_a_supergroup_hears_nothing_and_breaks_nothing(desk: Desk) -> None:
    assert await desk.hears(SAM, "group", migrate_to_chat_id=-1_000_500_000_001) == []
    assert await desk.hears(SAM, "supergroup", migrate_from_chat_id=-SAM) == []
    assert await _case_count(desk, SAM) == 0


async def test_clock_that_jumps_between_photos_keeps_nobody_out(desk: Desk) -> None:
    begun_at = datetime.now(UTC)
    clock = [begun_at]
    desk.services = desk.application.bot_data["services"] = replace(desk.services, now=lambda: clock[0])
    for jump in (timedelta(), timedelta(hours=1), timedelta(hours=-1), timedelta()):
        clock[0] = begun_at + jump
        await _sends(desk, SAM)
    assert await _case_count(desk, SAM) == 4
