"""One question tells what three did."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry
from bot.storage.bans import Bans
from bot.storage.moderators import Moderators, Role
from bot.storage.patients import Patients
from bot.storage.visitors import Visitor, Visitors
from tests.bot.conftest import NOON

OWNER, MO, ANA, STRANGER = 600_000_001, 512_345_670, 512_345_671, 512_345_672


@pytest.fixture
def visitors(engine: AsyncEngine) -> Visitors:
    return Visitors(engine, Moderators(engine, {OWNER}), Bans(engine))


async def test_stranger_is_nobody(visitors: Visitors) -> None:
    assert await visitors.get(STRANGER, NOON) == Visitor(None, Role.NOBODY, None)


async def test_it_says_what_each_table_says(engine: AsyncEngine, visitors: Visitors) -> None:
    moderators, bans, patients = Moderators(engine, {OWNER}), Bans(engine), Patients(engine)
    for user_id in (MO, ANA):
        await patients.speak(user_id, "es", NOON)
        await bans.ban(user_id, "spam", NOON + timedelta(days=1), Entry(OWNER, "ban", NOON))
    await moderators.grant(MO, Entry(OWNER, "grant", NOON))
    assert await visitors.get(ANA, NOON) == Visitor(await patients.get(ANA), Role.NOBODY, await bans.of(ANA, NOON))
    assert (await visitors.get(ANA, NOON + timedelta(days=2))).ban is None
    assert await visitors.get(MO, NOON) == Visitor(await patients.get(MO), Role.MODERATOR, None)
    assert await visitors.get(OWNER, NOON) == Visitor(None, Role.OWNER, None)
