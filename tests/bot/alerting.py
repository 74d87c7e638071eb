"""What tests of alerts begin with: owners who note what they are told, and a clock that is moved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from telegram.error import TelegramError

from bot.alerts import Alerts
from bot.content import Texts
from bot.delivery import formatted
from bot.metrics import Metrics
from bot.storage.notes import Notes
from bot.storage.patients import Patient, Patients
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from telegram.ext import ExtBot

ENGLISH, SPANISH = 1, 2


@dataclass
class Telegram:
    """Notes who is sent what; refuses while it has an error."""

    sent: list[tuple[int, str]] = field(default_factory=list)
    error: TelegramError | None = None

    async def send_message(self, chat_id: int, text: str, **_: object) -> None:
        if self.error:
            raise self.error
        self.sent.append((chat_id, text))

    def taken(self) -> list[str]:
        """What the first owner was sent since the last time."""
        texts = [text for chat_id, text in self.sent if chat_id == ENGLISH]
        self.sent.clear()
        return texts


@dataclass
class Clock:
    """The time, which a test moves."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def goes_on(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


class People(Patients):
    """Two owners, who speak different languages."""

    async def get(self, user_id: int) -> Patient | None:
        return cast("Patient", type("Owner", (), {"language": "es" if user_id == SPANISH else "en"}))


def alerts_on(
    notes: Notes, telegram: Telegram, clock: Clock, owners: Sequence[int] = (ENGLISH,), metrics: Metrics | None = None
) -> Alerts:
    return Alerts(
        bot=cast("ExtBot[int]", telegram),
        owner_ids=frozenset(owners),
        patients=People(cast("AsyncEngine", None)),
        library=LIBRARY,
        notes=notes,
        metrics=metrics or Metrics(),
        now=clock,
    )


def words(name: str, texts: Texts | None = None, /, **figures: float | str) -> str:
    """A message as it is shown."""
    return formatted((texts or LIBRARY.content.texts("en")).say(name, **figures))[0]
