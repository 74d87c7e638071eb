"""Who looks for a dermatologist in the middle of the registration finds one, and their place in it again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.directory.places import Place
from bot.errors import PlaceNamesUnavailable
from bot.render.questions import Step
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, Desk, Done, open_desk
from tests.conversations.stories import button, heading, shown

pytestmark = on_one_database
SAM = 500_000_001
HERE = {"latitude": 47.8, "longitude": 13.05}
PHOTO: list[dict[str, Any]] = [{"file_id": "f", "file_unique_id": "u", "width": 600, "height": 450}]
TEXTS = LIBRARY.content.texts("en")
each_step = pytest.mark.parametrize("step", list(Step))
each_way = pytest.mark.parametrize("way", ["/dermatologist", "find"])


class _Gazetteer:
    """Knows one town."""

    can_find = True

    async def find(self, name: str, _language: str) -> Place | None:
        if name == "Away":
            raise PlaceNamesUnavailable
        return Place("Salzburg", 47.8, 13.05) if name == "Salzburg" else None


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine) as desk:
        places: Any = _Gazetteer()
        desk.services = replace(desk.services, places=places)
        desk.application.bot_data["services"] = desk.services
        desk.newcomer(SAM)
        yield desk


async def reaches(desk: Desk, step: Step) -> None:
    """Let Sam stand at a question, with what is answered before it."""
    patients = desk.services.patients
    if step > Step.LANGUAGE:
        await patients.speak(SAM, "en", NOON)
    if step > Step.CONSENT:
        await patients.consent(SAM, desk.services.content.consent_version, NOON)
    if step > Step.AGE:
        await patients.confirm_adult(SAM)
    if step > Step.NAME:
        await patients.call(SAM, "Robin")
    desk.stands(SAM, step)


async def asks_for_the_place(desk: Desk, way: str) -> list[Done]:
    return await (desk.hears(SAM, text=way) if way.startswith("/") else desk.presses(SAM, way))


ANSWERS = {
    Step.LANGUAGE: "en",
    Step.CONSENT: "agree",
    Step.AGE: "adult",
    Step.NAME: "keep",
    Step.SKIN_TYPE: "skip",
}
NEXT = {
    Step.LANGUAGE: heading(TEXTS, "consent"),
    Step.CONSENT: shown(TEXTS, "ask-age"),
    Step.AGE: shown(TEXTS, "ask-name"),
    Step.NAME: shown(TEXTS, "ask-skin-type").splitlines()[0],
    Step.SKIN_TYPE: shown(TEXTS, "registered", name="Robin").splitlines()[0],
}
ASKED = {
    Step.LANGUAGE: shown(TEXTS, "ask-language"),
    Step.CONSENT: heading(TEXTS, "consent"),
    Step.AGE: shown(TEXTS, "ask-age").splitlines()[0],
    Step.NAME: shown(TEXTS, "ask-name").splitlines()[0],
    Step.SKIN_TYPE: shown(TEXTS, "ask-skin-type").splitlines()[0],
}


async def goes_on(desk: Desk, step: Step) -> None:
    """The button of the question does what it did before."""
    said = await desk.presses(SAM, button(step, ANSWERS[step]))
    assert any(one.text.startswith(NEXT[step]) for one in said), said


@each_step
@each_way
async def test_question_of_the_registration_is_asked_again_below_the_list(desk: Desk, step: Step, way: str) -> None:
    await reaches(desk, step)
    *_, asked = await asks_for_the_place(desk, way)
    assert asked.text == shown(TEXTS, "ask-place")
    *_, found, again = await desk.hears(SAM, text="Salzburg")
    assert shown(TEXTS, "found-check-first") in found.text
    assert again.text.startswith(shown(TEXTS, "still-open"))
    assert ASKED[step] in again.text
    await goes_on(desk, step)


@each_step
async def test_location_of_who_asked_for_it_brings_the_question_again_too(desk: Desk, step: Step) -> None:
    await reaches(desk, step)
    await asks_for_the_place(desk, "/dermatologist")
    *_, again = await desk.hears(SAM, location=HERE)
    assert ASKED[step] in again.text
    await goes_on(desk, step)


@each_step
async def test_buttons_of_the_registration_work_while_the_place_is_asked_for(desk: Desk, step: Step) -> None:
    await reaches(desk, step)
    await asks_for_the_place(desk, "/dermatologist")
    await goes_on(desk, step)


async def test_button_of_another_question_does_nothing_while_the_place_is_asked_for(desk: Desk) -> None:
    await reaches(desk, Step.NAME)
    await asks_for_the_place(desk, "/dermatologist")
    before = await desk.rows()
    await desk.presses(SAM, button(Step.AGE, "younger"))
    assert await desk.rows() == before


@pytest.mark.parametrize(("name", "said"), [("Atlantis", "place-unknown"), ("Away", "places-unavailable")])
async def test_place_that_is_not_found_is_asked_for_again(desk: Desk, name: str, said: str) -> None:
    await reaches(desk, Step.AGE)
    await asks_for_the_place(desk, "/dermatologist")
    assert [one.text for one in await desk.hears(SAM, text=name)] == [shown(TEXTS, said)]
    *_, again = await desk.hears(SAM, text="Salzburg")
    assert ASKED[Step.AGE] in again.text


@each_step
async def test_cancel_erases_what_was_answered_also_while_the_place_is_asked_for(desk: Desk, step: Step) -> None:
    """As the consent text promises."""
    await reaches(desk, step)
    await asks_for_the_place(desk, "/dermatologist")
    (said,) = await desk.hears(SAM, text="/cancel")
    is_known = step > Step.LANGUAGE
    assert said.text == shown(TEXTS, "registration-cancelled" if is_known else "cancelled")
    assert (await desk.rows())["patients"] == []


async def test_cancel_of_a_registration_that_stands_nowhere_erases_it_too(desk: Desk) -> None:
    await reaches(desk, Step.SKIN_TYPE)
    desk.stands(SAM, None)
    (said,) = await desk.hears(SAM, text="/cancel")
    assert said.text == shown(TEXTS, "registration-cancelled")
    assert (await desk.rows())["patients"] == []


async def test_photo_while_the_place_is_asked_for_is_too_early_and_brings_the_question(desk: Desk) -> None:
    await reaches(desk, Step.AGE)
    await asks_for_the_place(desk, "/dermatologist")
    (said,) = await desk.hears(SAM, photo=PHOTO)
    assert said.text.startswith(shown(TEXTS, "photo-too-early"))
    assert ASKED[Step.AGE] in said.text
    await goes_on(desk, Step.AGE)


async def test_start_while_the_place_is_asked_for_repeats_the_question(desk: Desk) -> None:
    await reaches(desk, Step.AGE)
    await asks_for_the_place(desk, "/dermatologist")
    (said,) = await desk.hears(SAM, text="/start")
    assert said.text == shown(TEXTS, "ask-age")
    await goes_on(desk, Step.AGE)


async def test_name_in_doubt_is_still_there_after_the_list(desk: Desk) -> None:
    await reaches(desk, Step.NAME)
    await desk.hears(SAM, text="Mary Ann")
    await asks_for_the_place(desk, "/dermatologist")
    await desk.hears(SAM, text="Salzburg")
    await desk.presses(SAM, button(Step.NAME, "meant"))
    assert [row.first_name for row in (await desk.rows())["patients"]] == ["Mary Ann"]


async def test_renewal_of_the_consent_is_asked_again_too(desk: Desk) -> None:
    for step in Step:
        await reaches(desk, step)
    await desk.services.patients.register(SAM, NOON)
    desk.stands(SAM, Step.CONSENT)
    await asks_for_the_place(desk, "/dermatologist")
    *_, again = await desk.hears(SAM, text="Salzburg")
    assert ASKED[Step.CONSENT] in again.text
    await asks_for_the_place(desk, "/dermatologist")
    (said,) = await desk.hears(SAM, text="/cancel")
    assert said.text == shown(TEXTS, "cancelled")
    assert len((await desk.rows())["patients"]) == 1
