"""Maintenance: what it holds up, what it leaves alone, and what goes on when it ends."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Audit, Entry
from bot.storage.cases import Cases
from bot.storage.maintenance import Maintenance, Mode, Pause
from tests.bot.conftest import NOON

SECOND = timedelta(seconds=1)


def by(details: str, seconds: int = 0) -> Entry:
    return Entry(1, "maintenance", NOON + seconds * SECOND, details=details)


async def test_it_is_off_until_it_is_switched_on(engine: AsyncEngine) -> None:
    maintenance = Maintenance(engine)
    assert await maintenance.pause() is None
    assert await maintenance.waiting_count() == 0
    await maintenance.begin(Mode.WAIT, by("wait"))
    assert await Maintenance(engine).pause() == Pause(Mode.WAIT, NOON)  # as after a restart


async def test_switching_to_what_it_is_changes_and_notes_nothing(engine: AsyncEngine) -> None:
    maintenance = Maintenance(engine)
    assert await maintenance.end(by("off")) is None
    await maintenance.begin(Mode.REFUSE, by("refuse"))
    await maintenance.begin(Mode.REFUSE, by("refuse", 5))
    assert [entry.details for entry in await Audit(engine).page(9)] == ["refuse"]


async def test_every_switch_is_noted(engine: AsyncEngine) -> None:
    maintenance = Maintenance(engine)
    await maintenance.begin(Mode.WAIT, by("wait"))
    await maintenance.begin(Mode.REFUSE, by("refuse", 1))
    await maintenance.end(by("off", 2))
    assert [(e.action, e.details) for e in await Audit(engine).page(9)] == [
        ("maintenance", "off"),
        ("maintenance", "refuse"),
        ("maintenance", "wait"),
    ]


async def test_photos_from_before_are_not_held_and_later_ones_are(engine: AsyncEngine) -> None:
    maintenance, cases = Maintenance(engine), Cases(engine)
    await cases.open(7, 7, 1, "file", NOON - SECOND)
    await maintenance.begin(Mode.WAIT, by("wait"))
    await cases.open(7, 7, 2, "file", NOON + SECOND)
    assert await maintenance.waiting_count() == 1
    await asyncio.wait_for(maintenance.wait_for_end(NOON - SECOND), 5)


async def test_photos_that_wait_go_on_waiting_when_new_ones_are_refused(engine: AsyncEngine) -> None:
    maintenance, cases = Maintenance(engine), Cases(engine)
    await maintenance.begin(Mode.WAIT, by("wait"))
    await cases.open(7, 7, 1, "file", NOON + SECOND)
    await maintenance.begin(Mode.REFUSE, by("refuse", 5))
    assert await maintenance.waiting_count() == 1
    assert await maintenance.end(by("off", 6)) == 1


@pytest.mark.parametrize("switched_on", ["before", "meanwhile"])
async def test_whoever_waits_goes_on_when_it_ends(engine: AsyncEngine, switched_on: str) -> None:
    maintenance = Maintenance(engine)
    await maintenance.begin(Mode.WAIT, by("wait"))
    waiting = [asyncio.create_task(maintenance.wait_for_end(NOON + SECOND)) for _ in range(5)]
    if switched_on == "meanwhile":  # the state is read at the very moment when it changes
        await asyncio.sleep(0)
    else:
        done, _ = await asyncio.wait(waiting, timeout=0.3)
        assert not done
    await maintenance.end(by("off", 2))
    await asyncio.wait_for(asyncio.gather(*waiting), 5)


async def test_whoever_waits_goes_on_though_the_answer_to_its_end_was_lost(engine: AsyncEngine) -> None:
    """The moderator's press is handled again then, and finds that it is off."""
    maintenance = Maintenance(engine)
    await maintenance.begin(Mode.WAIT, by("wait"))
    waiting = asyncio.create_task(maintenance.wait_for_end(NOON + SECOND))
    await asyncio.wait([waiting], timeout=0.3)
    await Maintenance(engine).end(by("off", 2))  # all that is known of it is in the database
    assert not (await asyncio.wait([waiting], timeout=0.1))[0]
    assert await maintenance.end(by("off", 2)) is None
    await asyncio.wait_for(waiting, 5)


async def test_second_maintenance_does_not_hold_what_waited_for_the_first(engine: AsyncEngine) -> None:
    maintenance = Maintenance(engine)
    await maintenance.begin(Mode.WAIT, by("wait"))
    first = asyncio.create_task(maintenance.wait_for_end(NOON + SECOND))
    await maintenance.end(by("off", 2))
    await maintenance.begin(Mode.WAIT, by("wait", 3))
    await asyncio.wait_for(first, 5)
    second = asyncio.create_task(maintenance.wait_for_end(NOON + 4 * SECOND))
    await maintenance.end(by("off", 5))
    await asyncio.wait_for(second, 5)


async def test_photo_after_the_clock_jumped_waits_for_the_end_of_maintenance_at_most(engine: AsyncEngine) -> None:
    maintenance, cases, hour = Maintenance(engine), Cases(engine), timedelta(hours=1)
    await maintenance.begin(Mode.WAIT, by("wait"))
    await cases.open(7, 7, 1, "file", NOON - hour)  # set back: it counts as one from before
    await cases.open(7, 7, 2, "file", NOON + hour)
    await asyncio.wait_for(maintenance.wait_for_end(NOON - hour), 5)
    waiting = asyncio.create_task(maintenance.wait_for_end(NOON + hour))
    assert await maintenance.waiting_count() == 1
    assert await maintenance.end(Entry(1, "maintenance", NOON - hour, details="off")) == 1
    await asyncio.wait_for(waiting, 5)
    assert await maintenance.pause() is None


async def test_maintenance_that_began_before_the_clock_was_set_back_can_be_ended_and_begun_anew(
    engine: AsyncEngine,
) -> None:
    maintenance, hour = Maintenance(engine), timedelta(hours=1)
    await maintenance.begin(Mode.WAIT, by("wait"))
    await maintenance.end(Entry(1, "maintenance", NOON - hour, details="off"))
    await maintenance.begin(Mode.WAIT, Entry(1, "maintenance", NOON - hour, details="wait"))
    pause = await maintenance.pause()
    assert pause is not None
    assert pause.holds(NOON - hour)
