"""Consent is given to the text under which the button stood, or not at all."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content import load_content
from bot.delivery import formatted
from bot.render.questions import Step, agreement, question
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, ROOT, Desk, open_desk

SAM = 500_000_001
TEXTS = LIBRARY.content.texts("en")
OTHER = load_content(ROOT / "content", retention_days=30)  # its text is another, and so is its version


async def versions(desk: Desk) -> list[str | None]:
    return [row.consent_version for row in (await desk.rows())["patients"]]


@pytest.mark.parametrize("data", [f"reg:1:{agreement(OTHER)}", "reg:1:agree"])
@pytest.mark.parametrize("is_registered", [True, False])
async def test_button_below_another_text_shows_the_one_of_today(
    engine: AsyncEngine, data: str, *, is_registered: bool
) -> None:
    async with open_desk(engine) as desk:
        desk.newcomer(SAM)
        await desk.services.patients.speak(SAM, "en", NOON)
        if is_registered:
            await desk.services.patients.register(SAM, NOON)
        desk.stands(SAM, Step.CONSENT)
        said = [one.text for one in await desk.presses(SAM, data) if one.text]
        shown = question(Step.CONSENT, LIBRARY.content, TEXTS, "Robin").markdown
        changed = TEXTS.say("consent-changed" if is_registered else "consent-outdated")
        assert said == [formatted(changed)[0], formatted(shown)[0]]
        assert await versions(desk) == [None]
        await desk.presses(SAM, f"reg:1:{agreement(LIBRARY.content)}")
        assert await versions(desk) == [LIBRARY.content.consent_version]


@on_one_database  # nothing is written
@pytest.mark.parametrize(
    ("step", "answer"),
    [
        pytest.param(Step.NAME, "=Ana\u202e\0", id="a typed name"),
        (Step.NAME, "Ana"),
        (Step.AGE, "12"),
        (Step.CONSENT, "no"),
        (Step.SKIN_TYPE, "III"),
        (Step.SKIN_TYPE, "7"),
        (Step.LANGUAGE, "xx"),
    ],
)
async def test_button_that_the_question_does_not_have_asks_it_again(
    engine: AsyncEngine, step: Step, answer: str
) -> None:
    async with open_desk(engine) as desk:
        desk.newcomer(SAM)
        await desk.services.patients.speak(SAM, "en", NOON)
        desk.stands(SAM, step)
        await desk.presses(SAM, "nonsense")
        before = await desk.rows()
        said = [one.text for one in await desk.presses(SAM, f"reg:{int(step)}:{answer}") if one.text]
        assert said == [formatted(question(step, LIBRARY.content, TEXTS, "Robin").markdown)[0]]
        assert await desk.rows() == before
