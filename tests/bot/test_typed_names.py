"""What is typed where a name is asked for, and is most likely none."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render.questions import Open, Step
from tests.bot.conftest import NOON, on_one_database
from tests.bot.desk import LIBRARY, Desk, open_desk
from tests.conversations.stories import shown

pytestmark = on_one_database
SAM = 500_000_001
each_language = pytest.mark.parametrize("language", ["en", "es"])
each_word = pytest.mark.parametrize("words", ["911", "sangra", "suicide", "cáncer", "🙂"])


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine) as desk:
        desk.newcomer(SAM)
        yield desk


async def names(desk: Desk) -> list[str | None]:
    """What Sam is called."""
    return [row.first_name for row in (await desk.rows())["patients"]]


@each_language
async def test_age_that_is_sent_twice_is_no_name(desk: Desk, language: str) -> None:
    texts = LIBRARY.content.texts(language)
    await desk.services.patients.speak(SAM, language, NOON)
    desk.stands(SAM, Step.AGE)
    (asked,) = await desk.hears(SAM, text="40")
    assert asked.text == shown(texts, "ask-name")
    (asked,) = await desk.hears(SAM, text="40")
    assert asked.text == shown(texts, "name-asked", name="40")
    assert await names(desk) == [None]


@each_language
@pytest.mark.parametrize("typed", ["121", "400", "1980"])
async def test_age_that_nobody_reaches_is_asked_for_again(desk: Desk, language: str, typed: str) -> None:
    texts = LIBRARY.content.texts(language)
    await desk.services.patients.speak(SAM, language, NOON)
    desk.stands(SAM, Step.AGE)
    (asked,) = await desk.hears(SAM, text=typed)
    assert asked.text.startswith(shown(texts, "press-a-button"))
    (asked,) = await desk.hears(SAM, text="40")
    assert asked.text == shown(texts, "ask-name")


@each_language
@each_word
async def test_word_that_may_be_no_name_is_asked_about_with_whom_to_call(desk: Desk, language: str, words: str) -> None:
    texts = LIBRARY.content.texts(language)
    await desk.services.patients.speak(SAM, language, NOON)
    desk.stands(SAM, Step.NAME)
    (asked,) = await desk.hears(SAM, text=words)
    assert asked.text == shown(texts, "name-taken", name=words)
    assert "112" in asked.text
    assert await names(desk) == [None]


@each_language
@each_word
async def test_it_is_asked_about_in_the_settings_too(desk: Desk, language: str, words: str) -> None:
    texts = LIBRARY.content.texts(language)
    await desk.services.patients.speak(SAM, language, NOON)
    await desk.services.patients.register(SAM, NOON)
    desk.stands(SAM, Open.NAME)
    (asked,) = await desk.hears(SAM, text=words)
    assert asked.text == shown(texts, "name-taken", name=words)
    assert await names(desk) == [None]
