"""Whoever came and never chose a language, so that nothing tells who they are, is forgotten like the others."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.render.questions import Step
from bot.storage import tables
from bot.storage.audit import Audit, Entry
from bot.storage.conversations import Move, write_move
from bot.storage.drafts import Drafts
from bot.storage.inbox import Finished, Inbox, StoredUpdate
from bot.storage.moderators import Moderators
from bot.storage.patients import Patients
from bot.storage.retention import Retention
from tests.bot.conftest import NOON
from tests.bot.test_retention import DAY, DEADLINES, MODERATOR, OWNER, PATIENT, UNFINISHED

STRANGER = 999


async def patient_and_moderator(engine: AsyncEngine) -> None:
    """Let somebody be registered, and somebody else have a role and nothing else."""
    await Patients(engine).speak(PATIENT, "en", NOON)
    await Patients(engine).register(PATIENT, NOON)
    await Moderators(engine, {OWNER}).grant(MODERATOR, Entry(OWNER, "grant", NOON))


@pytest.mark.parametrize(("who", "left"), [(PATIENT, 1), (MODERATOR, 1), (OWNER, 1), (STRANGER, 0)])
async def test_who_chose_no_language_is_forgotten_and_nobody_else(engine: AsyncEngine, who: int, left: int) -> None:
    await patient_and_moderator(engine)
    await Drafts(engine).put(who, {"clinic": "north"})
    await Audit(engine).record(Entry(OWNER, "user", NOON, who))  # somebody looked who this is
    async with engine.begin() as connection:
        await write_move(connection, Move("dialogue", (who, who), Step.LANGUAGE), NOON)
    erasing = Retention(engine, DEADLINES)

    async def rows() -> list[int]:
        of_whom = tables.aliases.c.user_id == who
        counts = [sa.select(sa.func.count()).select_from(table) for table in (tables.conversations, tables.drafts)]
        counts.append(sa.select(sa.func.count()).select_from(tables.aliases).where(of_whom))
        async with engine.connect() as connection:
            return [await connection.scalar(count) or 0 for count in counts]

    await erasing.erase_due(NOON + UNFINISHED, {OWNER})
    assert await rows() == [1, 1, 1]
    erased = await erasing.erase_due(NOON + UNFINISHED + DAY, {OWNER})
    assert await rows() == [left, left, left]
    assert erased == ({} if left else {"conversations": 1})


async def test_draft_of_who_was_never_asked_anything_is_forgotten(engine: AsyncEngine) -> None:
    """As the invitation of somebody who follows a clinic's link and blocks the bot before its first question."""
    await patient_and_moderator(engine)
    erasing, inbox, drafts = Retention(engine, DEADLINES), Inbox(engine), Drafts(engine)
    for who in (PATIENT, MODERATOR, OWNER, STRANGER):
        await drafts.put(who, {"clinic": "north"})
    people = enumerate((PATIENT, MODERATOR, OWNER, STRANGER), 1)
    await inbox.store([StoredUpdate(number, who, "{}") for number, who in people], NOON)
    assert await erasing.erase_due(NOON, {OWNER}) == {}  # what they sent is in hand: the question may come
    await inbox.finish([Finished(number) for number in range(1, 5)], NOON)
    assert await erasing.erase_due(NOON, {OWNER}) == {"drafts": 4}


async def test_invitation_stays_while_the_first_question_is_open(engine: AsyncEngine) -> None:
    await Inbox(engine).store([StoredUpdate(1, STRANGER, "{}")], NOON)
    await Drafts(engine).put(STRANGER, {"clinic": "north"})
    await Inbox(engine).finish([Finished(1, [Move("dialogue", (STRANGER, STRANGER), Step.LANGUAGE)])], NOON)
    assert await Retention(engine, DEADLINES).erase_due(NOON + UNFINISHED, {OWNER}) == {}
    assert await Drafts(engine).get(STRANGER) == {"clinic": "north"}
