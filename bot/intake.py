"""Polling → inbox → handlers: stored before it is acknowledged, in order per chat, chats side by side."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Update
from telegram.error import Forbidden, InvalidToken, TelegramError

from bot.context import LentigoApplication, Services
from bot.conversations import SqlPersistence
from bot.delivery import send
from bot.errors import BotError
from bot.faults import until_it_works
from bot.render import Reply
from bot.storage.inbox import Inbox, StoredUpdate

ALLOWED_UPDATES: Final = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
_POLL_TIMEOUT_S: Final = 30
_LONGEST_WAIT_S: Final = 30
_FINISH_WITHIN_S: Final = 10  # when the bot is told to stop; what takes longer is kept
_TIDY_EVERY_S: Final = 60

_log = logging.getLogger(__name__)


class SuspectUpdate(BotError):  # noqa: N818 - it is the update that is suspected
    """An update was in hand so often when the bot ended that it is set aside."""


class Intake:
    """Takes updates in and sees each of them through its handler once."""

    def __init__(
        self,
        application: LentigoApplication,
        inbox: Inbox,
        persistence: SqlPersistence,
        services: Services,
    ) -> None:
        self._application = application
        self._inbox = inbox
        self._persistence = persistence
        self._services = services
        self._now = services.now
        self._lanes: dict[int, deque[StoredUpdate]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing = asyncio.Lock()

    async def run(self) -> None:
        """Handle what an earlier run left, then poll until cancelled; what is in hand then is finished or kept."""
        tidying = asyncio.create_task(self._tidy())
        try:
            self._dispatch(await until_it_works(self._inbox.unhandled))
            await self._poll()
        finally:
            tidying.cancel()
            await self._finish()

    async def _poll(self) -> None:
        offset, wait_s = 0, 1.0
        while True:
            try:
                updates = await self._application.bot.get_updates(
                    offset, timeout=_POLL_TIMEOUT_S, allowed_updates=ALLOWED_UPDATES
                )
            except InvalidToken:
                raise
            except TelegramError as error:  # away, busy, or answering what is no JSON
                _log.warning("Telegram can't be asked for updates (%s); again in %.0f s", type(error).__name__, wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                continue
            wait_s = 1.0
            if updates:
                stored = [_stored(update) for update in updates]
                self._dispatch(await until_it_works(partial(self._inbox.store, stored, self._now())))
                offset = updates[-1].update_id + 1  # the next request acknowledges what is stored by now

    def _dispatch(self, updates: Sequence[StoredUpdate]) -> None:
        for update in updates:
            if (lane := self._lanes.get(update.lane)) is not None:
                lane.append(update)
                continue
            self._lanes[update.lane] = deque([update])
            task = asyncio.create_task(self._run_lane(update.lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, lane: int) -> None:
        waiting = self._lanes[lane]
        try:
            while waiting:
                await self._handle(waiting.popleft())
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
        except Exception as error:  # noqa: BLE001 - likewise; the update stays for the next start
            await self._services.incidents.record(_log, error)

    async def _process(self, stored: StoredUpdate) -> None:
        if stored.is_suspect:
            raise SuspectUpdate(f"begun anew {stored.retries} times")
        if stored.retries is not None:
            await self._inbox.retry(stored.update_id)
        update = Update.de_json(json.loads(stored.payload), self._application.bot)
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
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=_FINISH_WITHIN_S)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        with suppress(Exception):
            await self._inbox.tidy(self._now())


def _stored(update: Update) -> StoredUpdate:
    chat, user = update.effective_chat, update.effective_user
    lane = chat.id if chat else user.id if user else update.update_id
    return StoredUpdate(update.update_id, lane, update.to_json())
