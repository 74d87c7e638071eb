"""Bans hold, end, and outlive an erasure without saying whose they are."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry
from bot.storage.bans import Ban, Bans
from bot.storage.database import truncate_write_ahead_log
from bot.storage.records import Records
from tests.bot.conftest import NOON

MODERATOR, PATIENT, OTHER = 1001, 512_345_678, 512_345_679
DAY = timedelta(days=1)


async def banned(engine: AsyncEngine, user_id: int = PATIENT, days: int = 0) -> Bans:
    bans = Bans(engine)
    until = NOON + timedelta(days=days) if days else None
    await bans.ban(user_id, "shouting", until, Entry(MODERATOR, "ban", NOON, user_id))
    return bans


async def test_ban_holds_for_one_person_until_its_end(engine: AsyncEngine) -> None:
    bans = await banned(engine, days=7)
    assert await bans.of(PATIENT, NOON) == Ban("shouting", NOON, NOON + timedelta(days=7))
    assert await bans.of(OTHER, NOON) is None
    assert await bans.of(PATIENT, NOON + 7 * DAY) is None


async def test_ban_for_good_ends_only_when_it_is_lifted(engine: AsyncEngine) -> None:
    bans = await banned(engine)
    assert await bans.of(PATIENT, NOON + 10_000 * DAY) is not None
    await bans.lift(PATIENT, Entry(MODERATOR, "unban", NOON, PATIENT))
    assert await bans.of(PATIENT, NOON) is None


async def test_second_ban_takes_the_place_of_the_first(engine: AsyncEngine) -> None:
    bans = await banned(engine, days=7)
    await bans.ban(PATIENT, "again", None, Entry(MODERATOR, "ban", NOON, PATIENT))
    assert await bans.of(PATIENT, NOON) == Ban("again", NOON, None)


async def test_banned_people_are_found_among_others(engine: AsyncEngine) -> None:
    bans = await banned(engine)
    assert await bans.among([OTHER, PATIENT], NOON) == {PATIENT}
    assert await Bans(engine).among([OTHER], NOON) == frozenset()


async def test_bans_that_ended_are_forgotten_and_the_others_are_not(engine: AsyncEngine) -> None:
    bans = await banned(engine, days=7)
    await banned(engine, OTHER)
    await bans.tidy(NOON + 7 * DAY)
    assert (await bans.of(PATIENT, NOON), await bans.of(OTHER, NOON)) == (None, Ban("shouting", NOON, None))


async def test_first_bans_of_all_have_one_key_however_many_come_at_once(engine: AsyncEngine) -> None:
    people = range(PATIENT, PATIENT + 8)
    await asyncio.gather(*(banned(engine, person) for person in people))
    assert await Bans(engine).among(people, NOON) == set(people)


async def test_ban_outlives_an_erasure_without_id_and_reason(engine: AsyncEngine, tmp_path: Path) -> None:
    await banned(engine)
    await Records(engine).erase(PATIENT, "1", NOON)
    assert await Bans(engine).of(PATIENT, NOON) == Ban("", NOON, None)
    await truncate_write_ahead_log(engine)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for trace in (b"shouting", str(PATIENT).encode(), PATIENT.to_bytes(4, "big")):
        assert trace not in kept


async def test_clock_that_jumps_moves_the_end_of_a_ban_as_far_and_ends_none_for_good(engine: AsyncEngine) -> None:
    bans, hour = await banned(engine, days=7), timedelta(hours=1)
    await banned(engine, OTHER)
    for now in (NOON + hour, NOON - hour, NOON):
        await bans.tidy(now)
        assert await bans.among([PATIENT, OTHER], now) == {PATIENT, OTHER}
    assert await bans.of(PATIENT, NOON + 7 * DAY - hour) is not None
    await bans.tidy(NOON + 7 * DAY)  # the clock is an hour ahead
    assert await bans.among([PATIENT, OTHER], NOON + 7 * DAY - hour) == {OTHER}
