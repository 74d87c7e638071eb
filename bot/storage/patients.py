"""Who is registered, and what they agreed to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.audit import drop_aliases
from bot.storage.tables import drafts, patients
from bot.storage.writing import insert_unless_there, take_turn


@dataclass(frozen=True, slots=True)
class Patient:
    """A person who uses the bot; fields are None until they were asked.

    Attributes:
        user_id: Telegram's number.
        language: a folder of content/.
        consent_version: the version of the consent text that was agreed to.
        first_name: what to be called by.
        skin_type: Fitzpatrick 1 to 6; None also when the question was skipped.
        registered_at: when the last question was answered.
        username: at Telegram, in small letters and without @, as it was when the person last wrote.
        invited_by: the code of a clinic in content/clinics.toml.
        blocked_at: since when the person blocks the bot; None while they don't.
    """

    user_id: int
    language: str
    consent_version: str | None
    first_name: str | None
    skin_type: int | None
    registered_at: datetime | None
    username: str | None = None
    invited_by: str | None = None
    blocked_at: datetime | None = None

    @property
    def is_registered(self) -> bool:
        """Whether every question was answered."""
        return self.registered_at is not None


_COLUMNS = [patients.c[name] for name in Patient.__slots__]
_BY_ID: Final = sa.select(*_COLUMNS).where(patients.c.user_id == sa.bindparam("user_id"))


class Patients:
    """The patients' table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, user_id: int) -> Patient | None:
        """Return the patient, registered or on the way to it."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_BY_ID, {"user_id": user_id})
            row = rows.one_or_none()
        return Patient(*row) if row else None

    async def by_username(self, username: str) -> Patient | None:
        """Return who has this name at Telegram, with or without @; capitals make no difference."""
        query = sa.select(*_COLUMNS).where(patients.c.username == username.removeprefix("@").lower())
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Patient(*row) if row else None

    async def page(self, count: int, offset: int = 0) -> list[Patient]:
        """Return patients, those who came last first, also those on the way to be registered."""
        query = sa.select(*_COLUMNS).order_by(patients.c.created_at.desc(), patients.c.user_id)
        async with self._engine.connect() as connection:
            return [Patient(*row) for row in await connection.execute(query.limit(count).offset(offset))]

    async def count(self) -> int:
        """Return how many there are."""
        async with self._engine.connect() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(patients)) or 0)

    async def speak(self, user_id: int, language: str, now: datetime) -> None:
        """Record the language; the first thing that is known of anybody."""
        async with self._engine.begin() as connection:
            first = insert_unless_there(connection, patients)
            await connection.execute(first.values(user_id=user_id, language=language, created_at=now))
            is_theirs = patients.c.user_id == user_id
            await connection.execute(patients.update().where(is_theirs).values(language=language))

    async def consent(self, user_id: int, version: str, now: datetime) -> None:
        """Record that the text of this version was agreed to."""
        await self._set(user_id, consent_version=version, consented_at=now)

    async def confirm_adult(self, user_id: int) -> None:
        """Record that the person says to be 18 or older."""
        await self._set(user_id, is_adult=True)

    async def call(self, user_id: int, first_name: str) -> None:
        """Record what to call the patient by."""
        await self._set(user_id, first_name=first_name)

    async def set_skin_type(self, user_id: int, skin_type: int | None) -> None:
        """Record the Fitzpatrick skin type, 1 to 6, or None."""
        await self._set(user_id, skin_type=skin_type)

    async def note_name(self, user_id: int, username: str | None) -> None:
        """Record the person's name at Telegram, and that they don't block the bot: they have just written.

        A name is one person's at a time: whoever had it before has it no more.
        """
        async with self._engine.begin() as connection:
            name = username and username.lower()  # capitals make no difference at Telegram
            is_theirs = patients.c.user_id == user_id
            if name is not None:
                await take_turn(connection, f"name {name}")
                is_taken = (patients.c.username == name) & ~is_theirs
                await connection.execute(patients.update().where(is_taken).values(username=None))
            await connection.execute(patients.update().where(is_theirs).values(username=name, blocked_at=None))

    async def mark_blocked(self, user_id: int, now: datetime | None) -> None:
        """Record since when the person blocks the bot; None ends it."""
        await self._set(user_id, blocked_at=now)

    async def note_invitation(self, user_id: int, clinic: str) -> None:
        """Record which clinic invited the person."""
        await self._set(user_id, invited_by=clinic)

    async def register(self, user_id: int, now: datetime) -> None:
        """Record that every question was answered; the first date stays."""
        async with self._engine.begin() as connection:
            await connection.execute(
                patients.update()
                .where(patients.c.user_id == user_id, patients.c.registered_at.is_(None))
                .values(registered_at=now)
            )

    async def forget(self, user_id: int) -> None:
        """Erase what is known of somebody who does not register."""
        async with self._engine.begin() as connection:
            for table in (drafts, patients):
                await connection.execute(table.delete().where(table.c.user_id == user_id))
            await drop_aliases(connection, [user_id])

    async def _set(self, user_id: int, **values: object) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(patients.update().where(patients.c.user_id == user_id).values(**values))
