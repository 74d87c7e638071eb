"""Source → inbox → handlers: stored before it is acknowledged, in order per chat, chats side by side."""

import asyncio
import json
import logging
import time
from bisect import insort
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Update
from telegram.error import Forbidden

from bot.context import LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.delivery import send
from bot.errors import BotError
from bot.faults import until_it_works
from bot.metrics import Metrics
from bot.render import Reply
from bot.storage.inbox import Inbox, StoredUpdate
from bot.updates import Source, kind_of

_FINISH_WITHIN_S: Final = 10  # when the bot is told to stop; what takes longer is kept
_TIDY_EVERY_S: Final = 60

_log = logging.getLogger(__name__)


class SuspectUpdate(BotError):  # noqa: N818 - it is the update that is suspected
    """An update was in hand so often when the bot ended that it is set aside."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Updates that came together, and whoever waits until they are stored."""

    updates: Sequence[StoredUpdate]
    is_stored: asyncio.Future[None]

    def tell(self, error: Exception | None) -> None:
        """Wake who waits, unless they have gone."""
        if self.is_stored.done():
            return
        if error is None:
            self.is_stored.set_result(None)
        else:
            self.is_stored.set_exception(error)


class Intake:
    """Takes updates in and sees each of them through its handler once."""

    def __init__(
        self,
        *,
        application: LentigoApplication,
        inbox: Inbox,
        persistence: SqlPersistence,
        services: Services,
        source: Source,
        metrics: Metrics,
    ) -> None:
        self._application = application
        self._inbox = inbox
        self._persistence = persistence
        self._services = services
        self._source = source
        self._metrics = metrics
        self._now = services.now
        self._arrivals: list[_Arrival] = []
        self._storing: asyncio.Task[None] | None = None
        self._in_hand: dict[int, float] = {}  # since when, by update_id
        self._lanes: dict[int, list[StoredUpdate]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing = asyncio.Lock()

    async def run(self) -> None:
        """Handle what an earlier run left, then take updates until cancelled; what is in hand is finished or kept."""
        tidying = asyncio.create_task(self._tidy())
        try:
            self._dispatch(await until_it_works(self._inbox.unhandled))
            await self._source.run(self.take)
        finally:
            tidying.cancel()
            await self._finish()

    async def take(self, updates: Sequence[StoredUpdate]) -> None:
        """Store updates and begin with those that are new; what comes meanwhile is stored together, in one go.

        Raises:
            SQLAlchemyError: they may not be stored; Telegram has to repeat them, and none is handled twice.
        """
        arrival = _Arrival(updates, asyncio.get_running_loop().create_future())
        self._arrivals.append(arrival)
        if self._storing is None:
            self._storing = asyncio.create_task(self._store())
        await arrival.is_stored

    async def _store(self) -> None:
        while self._arrivals:
            arrivals, self._arrivals = self._arrivals, []
            error = await self._stored_together([update for arrival in arrivals for update in arrival.updates])
            for arrival in arrivals:
                arrival.tell(error)
        self._storing = None

    async def _stored_together(self, updates: Sequence[StoredUpdate]) -> Exception | None:
        begun = {update.update_id for update in updates} & self._in_hand.keys()  # before any of them may be finished
        try:
            unhandled = await self._inbox.store(updates, self._now())
        except Exception as error:  # noqa: BLE001 - it is raised to everybody who waits
            return error
        new = [update for update in unhandled if update.update_id not in begun]
        self._metrics.updates_repeated(len(updates) - len(new))
        self._dispatch(new)
        return None

    def _dispatch(self, updates: Sequence[StoredUpdate]) -> None:
        for update in updates:
            self._in_hand[update.update_id] = time.perf_counter()
            if (lane := self._lanes.get(update.lane)) is not None:
                insort(lane, update, key=lambda waiting: waiting.update_id)  # a webhook may bring a later one first
                continue
            self._lanes[update.lane] = [update]
            task = asyncio.create_task(self._run_lane(update.lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, lane: int) -> None:
        waiting = self._lanes[lane]
        try:
            while waiting:
                await self._handle(waiting.pop(0))
        finally:
            del self._lanes[lane]

    async def _handle(self, stored: StoredUpdate) -> None:
        """See one update through. Whatever it does, the lane goes on."""
        try:
            await self._process(stored)
        except Forbidden:  # the patient has blocked the bot meanwhile
            with suppress(SQLAlchemyError):
                await self._services.patients.mark_blocked(stored.lane, self._now())
        except Exception as error:  # noqa: BLE001 - one update must not end its lane
            await self._apologise(stored, await self._services.incidents.record(_log, error))
        try:
            moves = self._persistence.take_moves(stored.lane)
            await until_it_works(lambda: self._inbox.finish(stored.update_id, moves, self._now()))
            self._metrics.update_handled(time.perf_counter() - self._in_hand.pop(stored.update_id))
        except Exception as error:  # noqa: BLE001 - likewise; the update stays for the next start
            await self._services.incidents.record(_log, error)

    async def _process(self, stored: StoredUpdate) -> None:
        if stored.is_suspect:
            raise SuspectUpdate(f"begun anew {stored.retries} times")
        if stored.retries is not None:
            await self._inbox.retry(stored.update_id)
        update = Update.de_json(json.loads(stored.payload), self._application.bot)
        self._metrics.update_begun(kind_of(update))
        await until_it_works(lambda: self._process_once(update))

    async def _process_once(self, update: Update) -> None:
        await self._application.process_update(update)
        async with self._flushing:  # another lane's flush may be carrying this lane's state
            await self._application.update_persistence()
        if (error := self._services.failures.pop(update.update_id, None)) is not None:
            raise error

    async def _apologise(self, stored: StoredUpdate, incident: str) -> None:
        with suppress(Exception):
            texts = await self._services.texts_of(stored.lane)  # a private chat has its person's id
            await send(self._application.bot, stored.lane, Reply(texts.say("our-fault", incident=incident)))

    async def _tidy(self) -> None:
        while True:
            with suppress(Exception):  # it is tried again in a minute
                await self._services.bans.tidy(self._now())
                await self._inbox.tidy(self._now())
            await asyncio.sleep(_TIDY_EVERY_S)

    async def _finish(self) -> None:
        if self._storing is not None:
            await self._storing
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=_FINISH_WITHIN_S)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        with suppress(Exception):
            await self._inbox.tidy(self._now())
