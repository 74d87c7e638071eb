"""What owners are told without asking: what is wrong, seldom enough to be read, and that it is over."""

import asyncio
import json
import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.content import Texts
from bot.delivery import send
from bot.library import Library
from bot.metrics import Metrics
from bot.render.reply import Reply
from bot.storage.notes import Notes
from bot.storage.patients import Patients

AT_MOST_EVERY: Final = timedelta(hours=1)
REMIND_EVERY: Final = timedelta(hours=6)  # while it lasts: a night has two
NOTED_WITHIN_S: Final = 5  # the database may be what is wrong

_log = logging.getLogger(__name__)


class AlertKind(StrEnum):
    """What owners are told of; the value is part of the database, of the metrics and of the texts' names."""

    INCIDENTS = "incidents"
    QUEUE_LONG = "queue-long"
    QUEUE_OLD = "queue-old"
    SET_ASIDE = "set-aside"
    DATABASE_AWAY = "database-away"
    TELEGRAM_AWAY = "telegram-away"
    SERVICE_AWAY = "service-away"
    DISK_FULL = "disk-full"
    BACKUP_OLD = "backup-old"
    BACKUP_NONE = "backup-none"
    MODEL_CHANGED = "model-changed"


@dataclass(frozen=True, slots=True)
class AlertState:
    """What owners know about one kind.

    Attributes:
        told_at: when they were told last; aware UTC, ISO 8601.
        suppressed: how often it has happened since, without a word.
        is_on: whether it lasts.
        is_told: whether they know that.
        figures: of the last that was not told.
    """

    told_at: str = ""
    suppressed: int = 0
    is_on: bool = False
    is_told: bool = False
    figures: dict[str, float | str] | None = None

    def is_quiet(self, now: datetime, pause: timedelta = AT_MOST_EVERY) -> bool:
        """Whether owners were told so lately that they are left alone; a clock set back ends that."""
        return bool(self.told_at) and timedelta() <= now - datetime.fromisoformat(self.told_at) < pause


class Alerts:
    """Writes to the owners; never raises for what is broken on the way."""

    def __init__(
        self,
        *,
        bot: ExtBot[int],
        owner_ids: AbstractSet[int],
        patients: Patients,
        library: Library,
        notes: Notes,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._bot = bot
        self._owner_ids = sorted(owner_ids)
        self._patients = patients
        self._library = library
        self._notes = notes
        self._metrics = metrics
        metrics.expect_alerts(AlertKind)
        self._now = now
        self._known: dict[AlertKind, AlertState] = {}
        self._unwritten: set[AlertKind] = set()  # what is known of these the database does not know
        self._languages: dict[int, str | None] = {}
        self._turn = asyncio.Lock()

    async def tell(self, kind: AlertKind, **figures: float | str) -> None:
        """Tell of something that has happened; what happens again within the hour is counted and told later."""
        async with self._turn:
            state = await self._state(kind)
            await self._say_or_count(kind, state, figures)

    async def begin(self, kind: AlertKind, **figures: float | str) -> None:
        """Tell of something that lasts; to be repeated while it does."""
        async with self._turn:
            state = await self._state(kind)
            if not state.is_on:
                await self._say_or_count(kind, replace(state, is_on=True), figures)
            elif not state.is_quiet(self._now(), REMIND_EVERY if state.is_told else AT_MOST_EVERY):
                await self._say_or_count(kind, _without_this(state), figures)

    async def end(self, kind: AlertKind) -> None:
        """Tell that something is over, where owners believe that it lasts."""
        async with self._turn:
            state = await self._state(kind)
            if state.is_on and (not state.is_told or await self._is_sent(f"alert-over-{kind}", {})):
                await self._note(kind, replace(state, is_on=False, is_told=False, suppressed=0))

    async def catch_up(self) -> None:
        """Tell of what was only counted, once its hour is over."""
        for kind in AlertKind:
            async with self._turn:
                state = await self._state(kind)
                if state.suppressed and not state.is_on and not state.is_quiet(self._now()):
                    await self._say_or_count(kind, _without_this(state), state.figures or {})

    async def _say_or_count(self, kind: AlertKind, state: AlertState, figures: dict[str, float | str]) -> None:
        now = self._now()
        if state.is_quiet(now) or not await self._is_sent(f"alert-{kind}", figures, state.suppressed):
            await self._note(kind, replace(state, suppressed=state.suppressed + 1, figures=figures))
            return
        self._metrics.alert_sent(kind)
        await self._note(kind, AlertState(now.isoformat(), is_on=state.is_on, is_told=state.is_on))

    async def _is_sent(self, message: str, figures: dict[str, float | str], suppressed: int = 0) -> bool:
        """Write to every owner; returns False where Telegram was out of reach for all of them."""
        _log.warning("Alert: %s", message.removeprefix("alert-"))
        reached = [await self._is_reached(owner, message, figures, suppressed) for owner in self._owner_ids]
        return any(reached) or not reached

    async def _is_reached(self, owner: int, message: str, figures: dict[str, float | str], suppressed: int) -> bool:
        texts = await self._texts_for(owner)
        words = texts.say(message, **figures)
        if suppressed:
            words = f"{words}\n\n{texts.say('alert-again', count=suppressed)}"
        try:
            await send(self._bot, owner, Reply(words))
        except (BadRequest, Forbidden):  # an owner who has no chat with the bot is not reached by asking again
            return True
        except TelegramError as error:
            _log.warning("An owner can't be told (%s)", type(error).__name__)
            return False
        return True

    async def _texts_for(self, owner: int) -> Texts:
        with suppress(SQLAlchemyError, OSError):
            async with asyncio.timeout(NOTED_WITHIN_S):
                patient = await self._patients.get(owner)
                self._languages[owner] = patient.language if patient else None
        return self._library.content.texts(self._languages.get(owner))

    async def _state(self, kind: AlertKind) -> AlertState:
        """Return what owners know; another process may have told them meanwhile."""
        if kind in self._unwritten:
            await self._note(kind, self._known[kind])
        with suppress(SQLAlchemyError, OSError):
            async with asyncio.timeout(NOTED_WITHIN_S):
                noted = await self._notes.get(_name(kind))
            if noted is not None and kind not in self._unwritten:
                self._known[kind] = AlertState(**json.loads(noted))
        return self._known.get(kind, AlertState())

    async def _note(self, kind: AlertKind, state: AlertState) -> None:
        self._known[kind] = state
        self._unwritten.add(kind)
        with suppress(SQLAlchemyError, OSError):
            async with asyncio.timeout(NOTED_WITHIN_S):
                await self._notes.write(_name(kind), json.dumps(asdict(state)))
            self._unwritten.discard(kind)


def _name(kind: AlertKind) -> str:
    return f"alert-{kind}"


def _without_this(state: AlertState) -> AlertState:
    """Return a state in which the one that is told now is not counted as one more."""
    return replace(state, suppressed=max(0, state.suppressed - 1))
