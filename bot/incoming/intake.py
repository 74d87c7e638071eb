"""Source → inbox → handlers: stored before it is acknowledged, in order per chat, chats side by side."""

import asyncio
import json
import logging
import time
from bisect import insort
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Update
from telegram.error import Forbidden, InvalidToken

from bot.connection.pacing import patiently
from bot.context import LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.delivery import send
from bot.errors import BotError
from bot.faults import until_it_works
from bot.incoming.together import Together
from bot.incoming.updates import Source, kind_of, parsed
from bot.metrics import Metrics
from bot.render.reply import Reply
from bot.storage.inbox import Finished, Inbox, StoredUpdate

_FINISH_WITHIN_S: Final = 10  # when the bot is told to stop; what takes longer is kept
_TIDY_EVERY_S: Final = 60
_SUSPECT_AFTER: Final = 2  # times that the bot ended with an update in hand
_SUSPECT_S: Final = 20  # in hand for longer it only waits, as for Telegram, which may take its time with one chat
_LEFT_AT_ONCE: Final = 100  # of an earlier run: thousands would wait for one of the database's connections in vain
_LONGEST_LANE: Final = 100  # messages of a chat that wait; who sends more than that is told, once the others are read

_log = logging.getLogger(__name__)


class SuspectUpdate(BotError):  # noqa: N818 - it is the update that is suspected
    """An update was in hand so often when the bot ended that it is set aside."""


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
        self._storing = Together[Sequence[StoredUpdate]](self._store)
        self._retrying = Together[int](inbox.retry)
        self._finishing = Together[Finished](lambda those: inbox.finish(those, self._now()))
        self._in_hand: dict[int, float] = {}  # since when, by update_id
        self._struck = set[int]()  # of these, whose handler has failed and may begin anew
        self._lanes: dict[int, list[StoredUpdate]] = {}
        self._suspects = asyncio.Semaphore(1)
        self._left = asyncio.Semaphore(_LEFT_AT_ONCE)
        self._flooded: set[int] = set()  # lanes of which messages were not read
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
            await asyncio.gather(tidying, return_exceptions=True)
            await self._finish()

    async def take(self, updates: Sequence[StoredUpdate]) -> None:
        """Store updates and begin with those that are new.

        Raises:
            SQLAlchemyError: they may not be stored; Telegram has to repeat them, and none is handled twice.
        """
        await self._storing.add(updates)

    async def _store(self, arrivals: Sequence[Sequence[StoredUpdate]]) -> None:
        updates = self._without_floods([update for arrival in arrivals for update in arrival])
        begun = {update.update_id for update in updates} & self._in_hand.keys()  # before any of them may be finished
        unhandled = await self._inbox.store(updates, self._now())
        new = [update for update in unhandled if update.update_id not in begun]
        self._metrics.updates_repeated(len(updates) - len(new))
        self._dispatch(new)

    def _without_floods(self, updates: Sequence[StoredUpdate]) -> list[StoredUpdate]:
        """Leave out what a chat sends that is far behind with its messages already: it would only fill the database."""
        waiting = Counter({lane: len(stored) for lane, stored in self._lanes.items()})
        kept = []
        for update in updates:
            if waiting[update.lane] >= _LONGEST_LANE and "message" in json.loads(update.payload):
                self._flooded.add(update.lane)
                continue
            waiting[update.lane] += 1
            kept.append(update)
        return kept

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
            while waiting or lane in self._flooded:
                if waiting:
                    await self._handle(waiting.pop(0))
                else:
                    await self._tell_unread(lane)
        finally:
            del self._lanes[lane]

    async def _handle(self, stored: StoredUpdate) -> None:
        """See one update through. Whatever it does, the lane goes on."""
        may_wait_for_ever = stored.retries is not None  # what it opened before, where its sender is turned away now
        try:
            await self._process(stored)
        except Forbidden:  # the patient has blocked the bot meanwhile
            with suppress(SQLAlchemyError):
                await self._services.patients.mark_blocked(stored.lane, self._now())
        except InvalidToken as error:  # the bot can say nothing any more: the update stays for the next start
            await self._services.incidents.record(_log, error)
            return
        except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - one update must not end its lane, nor may a library's panic
            incident = await self._services.incidents.record(_log, error)
            await self._tell(stored.lane, "our-fault", _language_of(stored), incident=incident)
            may_wait_for_ever = True  # of a photo that was promised no answer yet, that was the answer
        try:
            if may_wait_for_ever or stored.update_id in self._struck:
                await self._close_unpromised(stored)
                self._struck.discard(stored.update_id)
            finished = Finished(stored.update_id, self._persistence.take_moves(stored.lane))
            await until_it_works(lambda: self._finishing.add(finished))
            self._metrics.update_handled(time.perf_counter() - self._in_hand.pop(stored.update_id))
        except Exception as error:  # noqa: BLE001 - likewise; the update stays for the next start
            await self._services.incidents.record(_log, error)

    async def _process(self, stored: StoredUpdate) -> None:
        if stored.is_suspect:
            raise SuspectUpdate(f"begun anew {stored.retries} times")
        await (self._handled(stored) if stored.retries is None else self._handled_anew(stored))

    async def _handled_anew(self, stored: StoredUpdate) -> None:
        """Handle an update that an earlier run left, at its place for as long as it may be what ends the bot."""
        is_alone = (stored.retries or 0) >= _SUSPECT_AFTER  # or others would be counted with it, and set aside as well
        place = self._suspects if is_alone else self._left
        await place.acquire()
        with ExitStack() as held:
            held.callback(place.release)
            await until_it_works(lambda: self._retrying.add(stored.update_id))
            held.callback(asyncio.get_running_loop().call_later(_SUSPECT_S, held.close).cancel)
            await self._handled(stored)

    async def _handled(self, stored: StoredUpdate) -> None:
        update = parsed(stored, self._application.bot)
        self._metrics.update_begun(kind_of(update))
        await until_it_works(lambda: self._processed(update))

    async def _processed(self, update: Update) -> None:
        try:
            await self._process_once(update)
        except Exception:
            self._struck.add(update.update_id)
            raise

    async def _process_once(self, update: Update) -> None:
        with patiently():  # else what is said before a fault of Telegram would be said again after it
            await self._application.process_update(update)
        async with self._flushing:  # another lane's flush may be carrying this lane's state
            await self._application.update_persistence()
        if (error := self._services.failures.pop(update.update_id, None)) is not None:
            raise error

    async def _close_unpromised(self, stored: StoredUpdate) -> None:
        """Let the photo of an update that was seen through wait no longer, where no answer was promised."""
        if (number := _message_id_in(stored)) is None:
            return
        with suppress(Exception):
            await until_it_works(lambda: self._services.cases.close_unpromised(stored.lane, number, self._now()))

    async def _tell_unread(self, lane: int) -> None:
        self._flooded.discard(lane)
        await self._tell(lane, "too-many-messages")

    async def _tell(self, lane: int, words: str, language_code: str | None = None, **values: str) -> None:
        if lane < 0:  # a group, and groups hear nothing
            return
        with suppress(Exception), patiently():  # who is away is waited for; what can't be said is not said
            texts = await until_it_works(lambda: self._services.texts_of(lane, language_code))  # the id is the person's
            await send(self._application.bot, lane, Reply(texts.say(words, **values)))

    async def _tidy(self) -> None:
        while True:
            with suppress(Exception):  # it is tried again in a minute
                await self._services.bans.tidy(self._now())
                await self._inbox.tidy(self._now())
            await asyncio.sleep(_TIDY_EVERY_S)

    async def _finish(self) -> None:
        await self._storing.drain(_FINISH_WITHIN_S)
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=_FINISH_WITHIN_S)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self._finishing.drain(_FINISH_WITHIN_S)
        with suppress(Exception):
            await self._inbox.tidy(self._now())


def _message_id_in(stored: StoredUpdate) -> int | None:
    """Return the number of the message that came; None where none did, or the update can't be read."""
    with suppress(Exception):
        return int(json.loads(stored.payload)["message"]["message_id"])
    return None


def _language_of(stored: StoredUpdate) -> str | None:
    """Return the language of somebody's Telegram; None where the update does not tell."""
    with suppress(Exception):  # an update that can't be read is apologised for as well
        user = Update.de_json(json.loads(stored.payload)).effective_user
        return user.language_code if user else None
    return None
