"""What every handler can reach."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from telegram.ext import Application, CallbackContext, ExtBot

from bot.beside import Beside
from bot.content import Content, Texts
from bot.directory.dermatologists import Dermatologist
from bot.directory.places import Places
from bot.library import Library
from bot.limits import Limits
from bot.menus import Menus
from bot.storage.audit import Audit
from bot.storage.bans import Bans
from bot.storage.broadcasts import Broadcast, Broadcasts
from bot.storage.cases import Cases
from bot.storage.directory import Directory
from bot.storage.drafts import Drafts
from bot.storage.feedback import Feedback
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance
from bot.storage.moderators import Moderators
from bot.storage.patients import Patients
from bot.storage.records import Records
from bot.storage.statistics import Statistics
from bot.storage.visitors import Visitor, Visitors


@dataclass(frozen=True, slots=True)
class Services:
    """The services of the bot, chosen in app.py.

    Attributes:
        answer_soon: has a case answered, by its number and priority, and returns at once; larger goes first.
        let_go: ends the work on cases; nothing is sent for them any more.
        broadcast_soon: has a broadcast sent, by its number, or reported where it was cancelled, and returns at once.
        beside: takes what nobody is to wait for.
        now: aware UTC.
        started_at: since when the bot runs.
        has_own_mix: whether the operator has set how common the classes are.
        menus: shows people their commands.
        failures: what went wrong in the handling of an update, by update_id, until intake picks it up.
    """

    patients: Patients
    cases: Cases
    records: Records
    drafts: Drafts
    feedback: Feedback
    broadcasts: Broadcasts
    moderators: Moderators
    bans: Bans
    visitors: Visitors
    audit: Audit
    incidents: Incidents
    maintenance: Maintenance
    statistics: Statistics
    library: Library
    limits: Limits
    directory: Directory
    places: Places
    answer_soon: Callable[[int, int], None]
    let_go: Callable[[Iterable[int]], Awaitable[None]]
    broadcast_soon: Callable[[int], None]
    beside: Beside
    now: Callable[[], datetime]
    started_at: datetime
    has_own_mix: bool = False
    menus: Menus = field(default_factory=Menus)
    failures: dict[int, Exception] = field(default_factory=dict)

    @property
    def content(self) -> Content:
        """The texts, as they were last read."""
        return self.library.content

    @property
    def dermatologists(self) -> tuple[Dermatologist, ...]:
        """The dermatologists, as they were last read."""
        return self.library.dermatologists

    async def texts_of(self, user_id: int, language_code: str | None = None) -> Texts:
        """Return the texts in the language that somebody chose, else in that of their Telegram, else in English."""
        patient = await self.patients.get(user_id)
        return self.content.texts(patient.language if patient else language_code)

    async def resume_broadcast(self) -> Broadcast | None:
        """Return the broadcast that is not over, and have it go on: an error may have ended it, or kept it secret."""
        broadcast = await self.broadcasts.get_open()
        if broadcast is not None:
            self.broadcast_soon(broadcast.broadcast_id)
        return broadcast


class Context(CallbackContext[ExtBot[int], dict[Any, Any], dict[Any, Any], dict[str, Services]]):
    """A CallbackContext that knows the services, and who wrote.

    Attributes:
        visitor: who the gate found it to be; what the handler changes does not show here.
    """

    visitor: Visitor | None = None

    @property
    def services(self) -> Services:
        """The services of the bot."""
        return self.bot_data["services"]


LentigoApplication: TypeAlias = Application[
    ExtBot[int], Context, dict[Any, Any], dict[Any, Any], dict[str, Services], None
]
