"""Bans hold, end, and outlive an erasure without saying whose they are."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Audit, Entry
from bot.storage.bans import Ban, Bans
from bot.storage.database import migrate, open_database, truncate_write_ahead_log
from bot.storage.records import Records
from bot.storage.sealed import new_key
from bot.storage.tables import audit
from bot.storage.tables import bans as table
from tests.bot.conftest import NOON
from tests.postgres import Cluster

MODERATOR, PATIENT, OTHER = 1001, 512_345_678, 512_345_679
DAY = timedelta(days=1)
YEAR, MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'lentigo.db'}"
    else:
        cluster = request.getfixturevalue("postgres")
        assert isinstance(cluster, Cluster)
        yield (url := cluster.fresh(is_migrated=False))
        cluster.drop(url)


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


async def test_ban_that_has_ended_is_not_lifted_once_more(engine: AsyncEngine) -> None:
    bans = await banned(engine, days=7)
    await bans.lift(PATIENT, Entry(MODERATOR, "unban", NOON + 7 * DAY, PATIENT))
    assert [entry.action for entry in await Audit(engine).page(9)] == ["ban"]
    await bans.lift(PATIENT, Entry(MODERATOR, "unban", NOON + 6 * DAY, PATIENT))
    assert [entry.action for entry in await Audit(engine).page(9)] == ["unban", "ban"]


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
    assert await Bans(engine).of(PATIENT, NOON) == Ban("", YEAR, None)
    await truncate_write_ahead_log(engine)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for trace in (b"shouting", str(PATIENT).encode(), PATIENT.to_bytes(4, "big")):
        assert trace not in kept


async def test_no_moment_of_a_ban_that_outlives_an_erasure_stands_in_the_audit(engine: AsyncEngine) -> None:
    """Else it would tell the alias, and with it all that moderators did about the person."""
    bans = await banned(engine, days=7)
    for _ in range(2):  # erasing is repeated where it was cut off
        await Records(engine).erase(PATIENT, "1", NOON)
        assert await bans.of(PATIENT, NOON) == Ban("", YEAR, MIDNIGHT)
    async with engine.connect() as connection:
        assert list(await connection.scalars(sa.select(audit.c.at))) == [NOON]
    assert await bans.of(PATIENT, NOON + 7 * DAY) is not None
    assert await bans.of(PATIENT, MIDNIGHT) is None


@pytest.mark.parametrize("keys", [(), (new_key(),)], ids=["plain", "sealed"])
@pytest.mark.parametrize("days", [0, 7])
async def test_update_takes_the_moments_from_bans_of_people_who_were_erased_before(
    unmigrated_url: str, keys: tuple[str, ...], days: int
) -> None:
    await asyncio.to_thread(migrate, unmigrated_url, "0006")
    engine = open_database(unmigrated_url, keys)
    bans = await banned(engine, days=days)
    async with engine.begin() as connection:
        await connection.execute(table.update().values(reason=""))
    await bans.ban(OTHER, "shouted at everybody", NOON + 7 * DAY, Entry(MODERATOR, "ban", NOON, OTHER))
    await asyncio.to_thread(migrate, unmigrated_url)
    assert await bans.of(PATIENT, NOON) == Ban("", YEAR, MIDNIGHT if days else None)
    assert await bans.of(OTHER, NOON) == Ban("shouted at everybody", NOON, NOON + 7 * DAY)
    await engine.dispose()


async def test_clock_that_jumps_moves_the_end_of_a_ban_as_far_and_ends_none_for_good(engine: AsyncEngine) -> None:
    bans, hour = await banned(engine, days=7), timedelta(hours=1)
    await banned(engine, OTHER)
    for now in (NOON + hour, NOON - hour, NOON):
        await bans.tidy(now)
        assert await bans.among([PATIENT, OTHER], now) == {PATIENT, OTHER}
    assert await bans.of(PATIENT, NOON + 7 * DAY - hour) is not None
    await bans.tidy(NOON + 7 * DAY)  # the clock is an hour ahead
    assert await bans.among([PATIENT, OTHER], NOON + 7 * DAY - hour) == {OTHER}
