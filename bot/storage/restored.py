"""What a database that was brought back must not go on with: time has passed since it was saved.

The database whose place it takes knows what has happened since: who was erased or withdrew, who got or lost a role or a
ban. That is taken over where the one is certainly what the other has become. From a database that has begun anew, or
was itself brought back from an older backup, everybody is missing whom it has never known, and nothing is taken.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BackupError, SealedValueError
from bot.storage.broadcasts import cancel_those
from bot.storage.cases import ASSESSED
from bot.storage.database import open_database
from bot.storage.facts import fact, known_server_key, write_fact
from bot.storage.notes import LOOKED_AT
from bot.storage.records import NO_ASSESSMENT, erase_rows, withdraw_from
from bot.storage.rotation import missing_key
from bot.storage.tables import aliases, bans, cases, drafts, erasures, moderators, patients
from bot.storage.writing import insert_unless_there

_ORIGIN: Final = "restored_from"  # a fact: a number that no other restore has, and the sum of the backup's file
_TAKEN_OVER: Final = (moderators, bans, erasures)
_BLANKED: Final = {  # what of somebody's health may be erased, while they and their photos stay
    cases.c.case_id: ((cases.c.outcome == ASSESSED) & cases.c.top_class.is_(None), NO_ASSESSMENT),
    patients.c.user_id: (patients.c.skin_type.is_(None), {"skin_type": sa.null()}),
}


@dataclass(frozen=True, slots=True)
class State:
    """How far a database has come: whether another one has become of it.

    Attributes:
        key: of its fingerprints; None before there was one.
        origin: of which restore it is; None of none.
        looked_at: when the service was looked at last; None where that is not known.
    """

    key: bytes | None
    origin: str | None
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a database knew whose place a backup takes.

    Attributes:
        state: how far it had come.
        consents: whether each person consented; who is erased and begins again is another one, by the moment.
        blanked: the photos and people, by their number's column, whose health data is erased or was never given.
        named: who has an alias in the audit.
        rows: of the tables that are taken over whole.
    """

    state: State
    consents: Mapping[tuple[int, datetime], bool]
    blanked: Mapping[sa.Column[int], Sequence[int]]
    named: AbstractSet[int]
    rows: Mapping[sa.Table, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Restoration:
    """What became of a backup as it was brought back.

    Attributes:
        cancelled: how many broadcasts it leaves off with.
        knows_since: whether it was told what had happened since it was saved; the next two are 0 where not.
        erased: how many people, who were no longer there.
        withdrawn: of how many the health data, as they had withdrawn their consent; who has agreed again since, and
            whose is erased all the same, is not counted.
    """

    cancelled: int
    knows_since: bool
    erased: int = 0
    withdrawn: int = 0


def replaced(url: str, keys: Sequence[str]) -> Replaced | None:
    """Return what a database knows that is about to be replaced; None where it can't be read, or has other tables."""
    try:
        return asyncio.run(_replaced(url, keys))
    except (SQLAlchemyError, SealedValueError, ValueError):
        return None


def leave_off(url: str, keys: Sequence[str], before: Replaced | None, file_sum: str, now: datetime) -> Restoration:
    """Take over what has happened since, and cancel what was being sent to many, as they may have it by now.

    Args:
        url: of the database that was brought back, and up to date.
        keys: ENCRYPTION_KEYS.
        before: the database whose place it takes; None where there is none that can be read.
        file_sum: SHA-256 of the backup's file.
        now: aware UTC.

    Raises:
        BackupError: the backup is sealed with a key that is missing.
    """
    return asyncio.run(_leave_off(url, keys, before, file_sum, now))


async def _replaced(url: str, keys: Sequence[str]) -> Replaced:
    engine = open_database(url, keys)
    try:
        async with engine.connect() as connection:
            blanked = {
                number: (await connection.scalars(sa.select(number).where(is_blank))).all()
                for number, (is_blank, _) in _BLANKED.items()
            }
            rows = {table: (await connection.execute(sa.select(table))).mappings().all() for table in _TAKEN_OVER}
            return Replaced(
                await _state(connection),
                await _consents(connection),
                blanked,
                frozenset(await connection.scalars(sa.select(aliases.c.user_id))),
                {table: [dict(row) for row in found] for table, found in rows.items()},
            )
    finally:
        await engine.dispose()


async def _leave_off(
    url: str, keys: Sequence[str], before: Replaced | None, file_sum: str, now: datetime
) -> Restoration:
    engine = open_database(url, keys)
    try:
        async with engine.begin() as connection:
            if name := await missing_key(engine, connection):
                raise BackupError(f"The backup is sealed with key {name}, which ENCRYPTION_KEYS lacks.")
            saved = await _state(connection)
            knows_since = before is not None and _is_later(before.state, saved, file_sum)
            counts = await _take_over(connection, before, now) if before is not None and knows_since else (0, 0)
            await write_fact(connection, LOOKED_AT, None)  # else the service would have been away since the backup
            await write_fact(connection, _ORIGIN, f"{secrets.token_hex(8)} {file_sum}")
            return Restoration(await cancel_those(connection, sa.true()), knows_since, *counts)
    finally:
        await engine.dispose()


def _is_later(before: State, saved: State, file_sum: str) -> bool:
    """Whether the database that is replaced has become of the saved one; in doubt it has not."""
    if before.key is None or before.key != saved.key:
        return False  # it began anew
    if before.origin is not None and before.origin.endswith(file_sum):
        return True  # it was brought back from the same file
    if before.origin != saved.origin:
        return False  # one of them was brought back from another file in between
    return saved.looked_at is None or (before.looked_at is not None and before.looked_at >= saved.looked_at)


async def _state(connection: AsyncConnection) -> State:
    looked_at = await fact(connection, LOOKED_AT)
    return State(
        await known_server_key(connection),
        await fact(connection, _ORIGIN),
        datetime.fromisoformat(looked_at) if looked_at else None,
    )


async def _consents(connection: AsyncConnection) -> Mapping[tuple[int, datetime], bool]:
    columns = patients.c.user_id, patients.c.created_at, patients.c.consent_version
    rows = await connection.execute(sa.select(*columns))
    return {(row.user_id, row.created_at): row.consent_version is not None for row in rows}


async def _take_over(connection: AsyncConnection, before: Replaced, now: datetime) -> tuple[int, int]:
    """Do again what was done since; returns how many people were erased, and how many had withdrawn."""
    restored = await _consents(connection)
    erased = [user_id for user_id, begun_at in restored if (user_id, begun_at) not in before.consents]
    for user_id in erased:
        await erase_rows(connection, user_id, now, is_moderator=user_id in before.named)
    withdrawn = [one[0] for one, consents in restored.items() if consents and not before.consents.get(one, True)]
    for user_id in withdrawn:
        await withdraw_from(connection, user_id, now)
    await _blank_again(connection, before)
    still = [row["user_id"] for row in before.rows[moderators]]
    former = set(await connection.scalars(sa.select(moderators.c.user_id))) - set(still)
    await connection.execute(drafts.delete().where(drafts.c.user_id.in_(former)))  # what they had begun
    for table in (moderators, bans):
        await connection.execute(table.delete())
    for table, rows in before.rows.items():
        for row in rows:
            await connection.execute(insert_unless_there(connection, table).values(row))
    return len(erased), len(withdrawn)


async def _blank_again(connection: AsyncConnection, before: Replaced) -> None:
    """Erase the health data that was erased since: who withdrew may have agreed again, with nothing of it."""
    for number, ids in before.blanked.items():
        _, nothing = _BLANKED[number]
        again = number.table.update().where(number == sa.bindparam("blank")).values(nothing)
        if ids:
            await connection.execute(again, [{"blank": one} for one in ids])
