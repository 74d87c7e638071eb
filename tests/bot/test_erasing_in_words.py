"""Words erase nothing and withdraw nothing, and whoever answers so a question that only a button answers is told."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render.questions import Open, Step
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, Desk, Done, open_desk
from tests.bot.test_place_meanwhile import ASKED, SAM, goes_on, reaches
from tests.conversations.stories import shown

pytestmark = on_one_database
TEXTS = LIBRARY.content.texts("en")
NONCE = "0" * 32
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 600, "height": 450}]
each_step = pytest.mark.parametrize("step", list(Step))
each_way = pytest.mark.parametrize("way", ["/delete", "delete:ask"])
each_word = pytest.mark.parametrize("words", ["yes", "sí", "Yes, erase everything", "40"])


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine) as desk:
        desk.newcomer(SAM)
        yield desk


async def registers(desk: Desk, language: str = "en") -> None:
    await desk.services.patients.speak(SAM, language, NOON)
    await desk.services.patients.consent(SAM, desk.services.content.consent_version, NOON)
    await desk.services.patients.register(SAM, NOON)


async def asks_to_erase(desk: Desk, way: str = "/delete") -> list[Done]:
    return await (desk.hears(SAM, text=way) if way.startswith("/") else desk.presses(SAM, way))


def texts_of(said: list[Done]) -> list[str]:
    return [one.text for one in said if one.text]


NOT_ERASED = f"{shown(TEXTS, 'delete-not-yet')}\n\n{shown(TEXTS, 'delete-question')}"
NOT_WITHDRAWN = f"{shown(TEXTS, 'withdraw-not-yet')}\n\n{shown(TEXTS, 'withdraw-question')}"


@each_step
@each_way
@each_word
async def test_words_in_the_registration_erase_nothing_and_say_so(desk: Desk, step: Step, way: str, words: str) -> None:
    await reaches(desk, step)
    await asks_to_erase(desk, way)
    before = await desk.rows()
    assert texts_of(await desk.hears(SAM, text=words)) == [NOT_ERASED]
    assert texts_of(await desk.hears(SAM, text=words)) == [NOT_ERASED]
    assert await desk.rows() == before


@each_step
async def test_who_keeps_everything_goes_on_with_the_registration(desk: Desk, step: Step) -> None:
    await reaches(desk, step)
    await asks_to_erase(desk)
    kept, *_, again = texts_of(await desk.presses(SAM, f"delete:no:{NONCE}:en"))
    assert kept == shown(TEXTS, "delete-cancelled")
    assert again.startswith(shown(TEXTS, "still-open"))
    assert ASKED[step] in again
    await goes_on(desk, step)


@each_step
async def test_button_erases_in_the_middle_of_the_registration_after_words_too(desk: Desk, step: Step) -> None:
    await reaches(desk, step)
    await asks_to_erase(desk)
    await desk.hears(SAM, text="yes")
    await desk.presses(SAM, f"delete:yes:{NONCE}:en")
    assert (await desk.rows())["patients"] == []
    (said,) = await desk.hears(SAM, text="yes")
    assert said.text == shown(TEXTS, "register-first")


@each_step
async def test_buttons_of_the_registration_work_while_the_erasure_is_asked_about(desk: Desk, step: Step) -> None:
    await reaches(desk, step)
    await asks_to_erase(desk)
    await goes_on(desk, step)


async def test_dermatologist_is_found_between_the_erasure_and_the_registration(desk: Desk) -> None:
    await reaches(desk, Step.AGE)
    await asks_to_erase(desk)
    await desk.hears(SAM, text="/dermatologist")
    await asks_to_erase(desk)
    assert texts_of(await desk.hears(SAM, text="yes")) == [NOT_ERASED]
    *_, again = texts_of(await desk.hears(SAM, location={"latitude": 47.8, "longitude": 13.05}))
    assert ASKED[Step.AGE] in again
    await goes_on(desk, Step.AGE)


async def test_cancel_erases_what_was_answered_also_while_the_erasure_is_asked_about(desk: Desk) -> None:
    await reaches(desk, Step.NAME)
    await asks_to_erase(desk)
    assert texts_of(await desk.hears(SAM, text="/cancel")) == [shown(TEXTS, "registration-cancelled")]
    assert (await desk.rows())["patients"] == []


@pytest.mark.parametrize("language", ["en", "es"])
async def test_words_of_a_patient_erase_nothing_and_say_so_in_their_language(desk: Desk, language: str) -> None:
    await registers(desk, language)
    await asks_to_erase(desk)
    said = texts_of(await desk.hears(SAM, text="yes"))
    texts = LIBRARY.content.texts(language)
    assert said == [f"{shown(texts, 'delete-not-yet')}\n\n{shown(texts, 'delete-question')}"]
    assert len((await desk.rows())["patients"]) == 1


async def test_words_of_a_stranger_and_forwarded_ones_erase_nothing_either(desk: Desk) -> None:
    await asks_to_erase(desk)
    origin = {"type": "hidden_user", "sender_user_name": "Eva", "date": 1_795_000_000}
    assert texts_of(await desk.hears(SAM, text="yes")) == [NOT_ERASED]
    assert texts_of(await desk.hears(SAM, text="yes", forward_origin=origin)) == [NOT_ERASED]


async def test_words_to_an_erasure_are_no_feedback(desk: Desk) -> None:
    await registers(desk)
    desk.stands(SAM, Open.FEEDBACK)
    await asks_to_erase(desk)
    assert texts_of(await desk.hears(SAM, text="yes")) == [NOT_ERASED]
    assert (await desk.rows())["feedback"] == []


@pytest.mark.parametrize("ending", [f"delete:no:{NONCE}:en", "/cancel", "photo"])
async def test_words_after_the_erasure_was_asked_about_are_words_again(desk: Desk, ending: str) -> None:
    await registers(desk)
    await asks_to_erase(desk)
    if ending == "photo":
        await desk.hears(SAM, photo=PHOTO)
    else:
        await asks_to_erase(desk, ending)
    assert texts_of(await desk.hears(SAM, text="yes")) == [shown(TEXTS, "sent-text")]


async def test_words_withdraw_nothing_and_say_so(desk: Desk) -> None:
    await registers(desk)
    await desk.presses(SAM, "privacy:withdraw")
    before = await desk.rows()
    assert texts_of(await desk.hears(SAM, text="yes")) == [NOT_WITHDRAWN]
    assert await desk.rows() == before
    await desk.presses(SAM, "privacy:withdraw-yes")
    assert [row.consent_version for row in (await desk.rows())["patients"]] == [None]
    assert texts_of(await desk.hears(SAM, text="yes")) == [shown(TEXTS, "sent-without-consent")]


async def test_words_after_the_way_back_from_a_withdrawal_are_words_again(desk: Desk) -> None:
    await registers(desk)
    await desk.presses(SAM, "privacy:withdraw")
    await desk.presses(SAM, "privacy:show")
    assert texts_of(await desk.hears(SAM, text="yes")) == [shown(TEXTS, "sent-text")]


async def test_old_button_of_an_erasure_leaves_another_question_open(desk: Desk) -> None:
    await registers(desk)
    desk.stands(SAM, Open.NAME)
    await desk.presses(SAM, f"delete:no:{NONCE}:en")
    await desk.hears(SAM, text="Ana")
    assert [row.first_name for row in (await desk.rows())["patients"]] == ["Ana"]
