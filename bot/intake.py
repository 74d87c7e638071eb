"""Polling → inbox → handlers: stored before it is acknowledged, in order per chat, chats side by side."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import stamina
from telegram import Update
from telegram.error import Conflict, Forbidden, NetworkError, RetryAfter

from bot.context import LentigoApplication, Services
from bot.delivery import send
from bot.faults import is_transient
from bot.incidents import record_incident
from bot.render import Reply
from bot.storage.inbox import Inbox, StoredUpdate

ALLOWED_UPDATES: Final = [Update.MESSAGE, Update.CALLBACK_QUERY]
_POLL_TIMEOUT_S: Final = 30
_LONGEST_WAIT_S: Final = 30
_GIVE_UP_AFTER_S: Final = 3600
_FINISH_WITHIN_S: Final = 10  # when the bot is told to stop; what takes longer is kept

_log = logging.getLogger(__name__)


class Intake:
    """Takes updates in and sees each of them through its handler once."""

    def __init__(
        self, application: LentigoApplication, inbox: Inbox, services: Services, now: Callable[[], datetime]
    ) -> None:
        self._application = application
        self._inbox = inbox
        self._services = services
        self._now = now
        self._lanes: dict[int, deque[StoredUpdate]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flushing = asyncio.Lock()

    async def run(self, stopping: asyncio.Event) -> None:
        """Handle what an earlier run left, then poll until told to stop."""
        await self._inbox.forget_old(self._now())
        self._dispatch(await self._inbox.unhandled())
        polling = asyncio.create_task(self._poll())
        waiting = asyncio.create_task(stopping.wait())
        done, _ = await asyncio.wait({polling, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (polling, waiting):
            task.cancel()
        await asyncio.gather(polling, waiting, return_exceptions=True)
        await self._finish()
        if polling in done:
            polling.result()

    async def _poll(self) -> None:
        offset, wait_s = 0, 1.0
        while True:
            try:
                updates = await self._application.bot.get_updates(
                    offset, timeout=_POLL_TIMEOUT_S, allowed_updates=ALLOWED_UPDATES
                )
            except (NetworkError, RetryAfter, Conflict) as error:
                _log.warning("Telegram can't be asked for updates (%s); again in %.0f s", type(error).__name__, wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                continue
            wait_s = 1.0
            if updates:
                self._dispatch(await self._inbox.store([_stored(u) for u in updates], self._now()))
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
        while waiting:
            await self._handle(waiting.popleft())
        del self._lanes[lane]

    async def _handle(self, stored: StoredUpdate) -> None:
        update = Update.de_json(json.loads(stored.payload), self._application.bot)
        try:
            async for attempt in stamina.retry_context(
                on=is_transient, attempts=None, timeout=_GIVE_UP_AFTER_S, wait_max=_LONGEST_WAIT_S
            ):
                with attempt:
                    await self._process(update)
        except Forbidden:
            pass  # the patient has blocked the bot meanwhile
        except Exception as error:  # noqa: BLE001 - one update must not end its lane
            await self._apologise(update, record_incident(_log, error))
        await self._inbox.finish(stored.update_id, self._now())

    async def _process(self, update: Update) -> None:
        await self._application.process_update(update)
        async with self._flushing:  # another lane's flush may be carrying this lane's state
            await self._application.update_persistence()
        if (error := self._services.failures.pop(update.update_id, None)) is not None:
            raise error

    async def _apologise(self, update: Update, incident: str) -> None:
        chat, user = update.effective_chat, update.effective_user
        if chat is not None and user is not None:
            texts = self._services.content.texts(user.language_code)
            with suppress(Exception):
                await send(self._application.bot, chat.id, Reply(texts.say("our-fault", incident=incident)))

    async def _finish(self) -> None:
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=_FINISH_WITHIN_S)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)


def _stored(update: Update) -> StoredUpdate:
    chat, user = update.effective_chat, update.effective_user
    lane = chat.id if chat else user.id if user else update.update_id
    return StoredUpdate(update.update_id, lane, update.to_json())
