"""Every kind of person around one desk: who looks after the bot, who uses it, and who may not, or not yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import Entry
from tests.bot.conftest import NOON
from tests.bot.desk import Desk, open_desk

OWNER, MODERATOR, PATIENT, BANNED, UNREGISTERED, STRANGER = range(700_000_001, 700_000_007)
EVERYBODY = {OWNER, MODERATOR, PATIENT, BANNED, UNREGISTERED, STRANGER}
REGISTERED = {OWNER, MODERATOR, PATIENT, BANNED}


@asynccontextmanager
async def open_desk_for_all(engine: AsyncEngine) -> AsyncIterator[Desk]:
    """A desk at which each kind of person has been before."""
    async with open_desk(engine, OWNER) as desk:
        for person in EVERYBODY:
            desk.newcomer(person)
        services = desk.services
        for person in REGISTERED:
            await desk.registers(person)
            await services.patients.note_name(person, f"robin_{person}")
        await services.patients.speak(UNREGISTERED, "en", NOON)
        await services.patients.note_name(UNREGISTERED, f"robin_{UNREGISTERED}")
        await services.moderators.grant(MODERATOR, Entry(OWNER, "grant", NOON, MODERATOR))
        until = services.now() + timedelta(days=1)
        await services.bans.ban(BANNED, "shouting", until, Entry(OWNER, "ban", NOON, BANNED))
        yield desk
