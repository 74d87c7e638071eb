"""An incident is kept by its number, and nothing of what it was about."""

import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.incidents import MAX_FRAMES, Frame, frames_of, place
from bot.storage import tables
from bot.storage.incidents import KEPT, Incidents
from inference.decoding import decode
from inference.errors import UnreadableImage
from tests.bot.conftest import NOON
from tests.bot.desk import Desk, open_desk

OWNER = 600_000_001


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    logger, handler = logging.getLogger("tests.incidents"), logging.StreamHandler(stream)
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER) as desk:
        desk.newcomer(OWNER)
        yield desk


def fail(words: str) -> None:
    raise ValueError(words)


def failure(words: str = "a secret") -> Exception:
    try:
        fail(words)
    except ValueError as error:
        return error
    raise AssertionError


async def test_incident_is_found_by_the_number_that_the_patient_is_told(
    engine: AsyncEngine, log: tuple[logging.Logger, io.StringIO]
) -> None:
    incidents = Incidents(engine, lambda: NOON)
    number = await incidents.record(log[0], failure())
    assert re.fullmatch("[0-9A-F]{6}", number)
    found = await incidents.get(number)
    assert found is not None
    assert (found.incident_id, found.happened_at, found.kind) == (number, NOON, "ValueError")
    assert found.frames[-1].file.endswith("tests/bot/test_incidents.py")
    assert found.frames[-1].function == "fail"
    assert await incidents.get("000000") is None
    assert number in log[1].getvalue()
    assert "Traceback" in log[1].getvalue()


async def test_what_the_error_says_is_not_kept(engine: AsyncEngine, log: tuple[logging.Logger, io.StringIO]) -> None:
    await Incidents(engine, lambda: NOON).record(log[0], failure("Ana, 987654321, has a mole"))
    async with engine.connect() as connection:
        rows = str((await connection.execute(sa.select(tables.incidents))).all())
    assert "Ana" not in rows
    assert "987654321" not in rows
    assert str(Path.home()) not in rows
    assert str(Path(__file__).parents[2]) not in rows


async def test_last_two_hundred_are_kept(engine: AsyncEngine, log: tuple[logging.Logger, io.StringIO]) -> None:
    moments = iter(NOON + timedelta(seconds=number) for number in range(KEPT + 3))
    incidents = Incidents(engine, lambda: next(moments))
    numbers = [await incidents.record(log[0], failure()) for _ in range(KEPT + 3)]
    assert await incidents.count() == KEPT
    assert [one.incident_id for one in await incidents.latest(2)] == numbers[:-3:-1]
    assert [one.incident_id for one in await incidents.latest(2, offset=2)] == numbers[-3:-5:-1]
    assert [await incidents.get(number) for number in numbers[:3]] == [None] * 3


async def test_clock_that_was_ahead_hides_no_incident_and_counts_none(
    engine: AsyncEngine, log: tuple[logging.Logger, io.StringIO]
) -> None:
    ahead = Incidents(engine, lambda: NOON + timedelta(days=300))
    for _ in range(KEPT):
        await ahead.record(log[0], failure())
    incidents = Incidents(engine, lambda: NOON)
    number = await incidents.record(log[0], failure())
    assert await incidents.get(number) is not None
    assert await incidents.count() == KEPT
    assert await incidents.count_since(NOON - timedelta(hours=1)) == 1


async def test_broken_database_hides_nothing(engine: AsyncEngine, log: tuple[logging.Logger, io.StringIO]) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE incidents"))
    number = await Incidents(engine, lambda: NOON).record(log[0], failure())
    assert f"Incident {number}: ValueError" in log[1].getvalue()


def test_error_without_a_way_has_no_frames() -> None:
    assert frames_of(ValueError()) == ()
    assert place(()) is None


def test_place_is_the_last_line_of_this_project() -> None:
    try:
        decode(b"no photo")
    except UnreadableImage as error:
        frames = frames_of(error)
    where = place(frames)
    assert where is not None
    assert where.file == "inference/decoding.py"
    library = Frame("telegram/ext/application.py", 3, "run")
    assert place((Frame("bot/cases.py", 1, "a"), Frame("bot/cases.py", 2, "b"), library)) == Frame(
        "bot/cases.py", 2, "b"
    )
    assert place((library,)) == library


def test_of_a_long_way_the_end_is_kept() -> None:
    def deep(levels: int) -> None:
        if levels == 0:
            raise ValueError
        deep(levels - 1)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - where, not what
        deep(100)
    assert len(frames_of(caught.value)) == MAX_FRAMES


def test_files_of_libraries_are_named_without_the_operators_folders() -> None:
    try:
        sa.make_url("::")
    except sa.exc.ArgumentError as error:
        frames = frames_of(error)
    assert frames[-1].file.startswith("sqlalchemy/")


async def test_page_that_is_gone_by_now_shows_the_last_there_is(
    desk: Desk, log: tuple[logging.Logger, io.StringIO]
) -> None:
    number = await desk.services.incidents.record(log[0], failure())
    shown = {one.text for one in await desk.presses(OWNER, "errors:1") if one.text}
    assert [number in text for text in shown] == [True]
    assert [entry.details for entry in await desk.services.audit.page(9)] == ["page=1"]
