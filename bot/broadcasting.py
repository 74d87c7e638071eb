"""A broadcast from Send to its report: everybody once, and patients go first.

To send is nothing that can safely be done twice. So each message is claimed in the database before it is sent, and the
claim is settled afterwards. One that is not settled, because the bot was killed or Telegram's answer was lost, is in
doubt, and the bot looks for the message. The messages of all its private chats are numbered by one counter: a message
that arrived has a number between the last one known before the claim and that of a message sent now. For each of these
Telegram is asked to stop a live location. It refuses, as the bot never sends one, and by how it refuses it tells
whether the bot has a message with this number in that chat. Nobody notices anything.

What remains: another message of the bot to the same person, sent in the same instant, is taken for the broadcast; and
a message that Telegram delivers only after the bot has stopped waiting and has looked for it comes twice.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from aiolimiter import AsyncLimiter
from telegram import Message, MessageEntity
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.connection.pacing import ONLY_REFUSED, RefusedForGood, patiently, told_to_wait, wait_s
from bot.content import Texts
from bot.delivery import edit, replace, send
from bot.faults import until_it_works
from bot.library import Library
from bot.render.broadcasts import progress, report
from bot.render.reply import Reply
from bot.storage.broadcasts import Announcement, Broadcast, Broadcasts, Outcome
from bot.storage.incidents import Incidents
from bot.storage.patients import Patients

_PACE: Final = (20, 1.0)  # messages, seconds: bot.connection.pacing lets more pass, and the rest is for patients
_AT_ONCE: Final = 4
_BATCH: Final = 60  # people; then the progress is shown
_MOST_RESTING: Final = 4  # chats that Telegram slows down; where there are more, it is not about a chat
_LOOK_AGAIN_S: Final = 2.0  # whether the broadcast was stopped, while only such chats are left
_LOOK_AHEAD: Final = 200  # numbers of messages; the bot may have been away for long
_SETTLED_WITHIN_S: Final = 30
_MOST_DOUBTS: Final = 5  # of one person, to whom nothing arrived; then Telegram, which answers others, will not take it

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Run:
    """A broadcast while it is being sent.

    Attributes:
        broadcast: what is sent.
        progress_message_id: the message that shows the progress; None where the moderator can't be reached.
        latest_message_id: the highest number of a message that is known.
        is_in_doubt: whether an answer of Telegram was lost: nothing is sent until that is settled.
        doubts: how often a message was looked for and not found, by its person.
        rests: until when Telegram wants to hear nothing for a person, by the monotonic clock.
    """

    broadcast: Broadcast
    progress_message_id: int | None
    latest_message_id: int
    is_in_doubt: bool = False
    doubts: Counter[int] = field(default_factory=Counter)
    rests: dict[int, float] = field(default_factory=dict)

    def due(self, people: Iterable[int]) -> list[int]:
        """Return to whom Telegram may be asked to send now; nobody, where it slows down many."""
        now = time.monotonic()
        self.rests = {user_id: until for user_id, until in self.rests.items() if until > now}
        return [] if len(self.rests) >= _MOST_RESTING else [one for one in people if one not in self.rests]


class Broadcasting:
    """Sends broadcasts in the background, one at a time."""

    def __init__(
        self,
        *,
        bot: ExtBot[int],
        broadcasts: Broadcasts,
        patients: Patients,
        library: Library,
        incidents: Incidents,
        now: Callable[[], datetime],
    ) -> None:
        self._bot = bot
        self._broadcasts = broadcasts
        self._patients = patients
        self._library = library
        self._incidents = incidents
        self._now = now
        self._pace = AsyncLimiter(*_PACE)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._is_settled = asyncio.Event()  # nothing is in doubt that an earlier run left

    def start(self, broadcast_id: int) -> None:
        """Begin to send a broadcast, or to report one that was cancelled, unless that has begun already."""
        if broadcast_id not in self._tasks:
            task = asyncio.create_task(self._broadcast_or_record(broadcast_id))
            self._tasks[broadcast_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(broadcast_id, None))

    async def resume(self) -> None:
        """Go on with what an earlier run left.

        Returns once the bot may write to anybody: a message of another kind would be taken for one that is in doubt.
        The bot doesn't wait for that for longer than half a minute.
        """
        if (broadcast := await until_it_works(self._broadcasts.get_open)) is not None:
            self.start(broadcast.broadcast_id)
            settling = asyncio.create_task(self._is_settled.wait())
            ends = {settling, *self._tasks.values()}
            await asyncio.wait(ends, timeout=_SETTLED_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
            settling.cancel()

    async def stop(self) -> None:
        """Leave off; the next start goes on."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _broadcast_or_record(self, broadcast_id: int) -> None:
        try:
            await until_it_works(lambda: self.broadcast(broadcast_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, the moderator must hear of it
            incident = await self._incidents.record(_log, error)
            with suppress(Exception):
                await self._tell_incident(broadcast_id, incident)

    async def broadcast(self, broadcast_id: int) -> None:
        """Send, settle what is in doubt, report, end. Safe to repeat: it goes on where it stopped."""
        broadcast = await self._broadcasts.get_open()
        if broadcast is None or broadcast.broadcast_id != broadcast_id:
            return
        run = _Run(broadcast, broadcast.progress_message_id, broadcast.progress_message_id or 0)
        await self._settle_doubts(run)
        self._is_settled.set()
        while people := await self._broadcasts.waiting(broadcast_id, _BATCH):
            if not (due := run.due(people)):
                await asyncio.sleep(min(_LOOK_AGAIN_S, max(0.0, min(run.rests.values()) - time.monotonic())))
                continue
            await self._send_to_all(run, due)
            if run.is_in_doubt:
                await self._settle_doubts(run)
            else:
                await self._show_progress(run)
        await self._report(run)
        await self._broadcasts.end(broadcast_id, self._now())

    async def _send_to_all(self, run: _Run, people: Iterable[int]) -> None:
        """Write to some people, a few at once, up to the first message that is in doubt."""
        waiting = iter(people)
        ends = await asyncio.gather(
            *(self._send_to_each(run, waiting) for _ in range(_AT_ONCE)), return_exceptions=True
        )
        for error in ends:
            if error is not None:
                raise error

    async def _send_to_each(self, run: _Run, waiting: Iterator[int]) -> None:
        for user_id in waiting:
            await self._pace.acquire()
            if run.is_in_doubt or not run.due([user_id]):
                return
            if await self._broadcasts.claim(run.broadcast.broadcast_id, user_id, run.latest_message_id):
                await self._settle(run, user_id, await self._outcome(run, user_id))

    async def _settle(self, run: _Run, user_id: int, outcome: Outcome) -> None:
        if outcome is Outcome.SENDING:
            run.is_in_doubt = True
            return
        if outcome is Outcome.BLOCKED:
            await self._patients.mark_blocked(user_id, self._now())
        await self._broadcasts.settle(run.broadcast.broadcast_id, user_id, outcome)

    async def _outcome(self, run: _Run, user_id: int) -> Outcome:
        """Send the message to one person; an outcome of SENDING is in doubt."""
        try:
            with told_to_wait():  # between two claims: who goes meanwhile is not written to
                message = await send_announcement(self._bot, user_id, run.broadcast.announcement, ONLY_REFUSED)
        except RetryAfter as error:
            run.rests[user_id] = time.monotonic() + wait_s(error)
            return Outcome.WAITING
        except Forbidden:  # by who blocked the bot, or by Telegram, as the account is deleted
            return Outcome.BLOCKED
        except BadRequest:
            return Outcome.FAILED
        except NetworkError:
            return Outcome.SENDING
        run.latest_message_id = max(run.latest_message_id, message.message_id)
        return Outcome.DELIVERED

    async def _settle_doubts(self, run: _Run) -> None:
        """Look for every message that is in doubt; where there is none, its person waits again, but not for ever."""
        await self._show_progress_anew(run)
        run.is_in_doubt = False
        for user_id, after in await self._broadcasts.in_doubt(run.broadcast.broadcast_id):
            before = after + _LOOK_AHEAD
            if run.progress_message_id is not None:
                before = min(before, run.progress_message_id)
            try:
                with patiently():
                    has_arrived = await self._has_message(user_id, range(after + 1, before))
                outcome = Outcome.DELIVERED if has_arrived else _once_more(run, user_id)
            except RefusedForGood:  # half an hour for one person is enough: the others wait for it
                outcome = Outcome.FAILED
            await self._broadcasts.settle(run.broadcast.broadcast_id, user_id, outcome)

    async def _has_message(self, chat_id: int, numbers: range) -> bool:
        """Return whether the bot has sent a message with one of these numbers to a chat."""
        for number in numbers:
            await self._pace.acquire()
            try:
                await self._bot.stop_message_live_location(chat_id, number)
            except (BadRequest, Forbidden) as error:
                if "no live location" in error.message.lower():
                    return True
        return False

    async def _show_progress_anew(self, run: _Run) -> None:
        """Show the progress in a message below all others, whose number is higher than that of any sent before."""
        broadcast, old = run.broadcast, run.progress_message_id
        run.progress_message_id = None
        try:
            message = await send(self._bot, broadcast.chat_id, await self._progress(run))
        except (BadRequest, Forbidden):  # the moderator is gone; the broadcast is not
            return
        await self._broadcasts.show_in(broadcast.broadcast_id, message.message_id)
        run.progress_message_id = message.message_id
        run.latest_message_id = max(run.latest_message_id, message.message_id)
        if old is not None:
            with suppress(TelegramError):
                await self._bot.delete_message(broadcast.chat_id, old)

    async def _show_progress(self, run: _Run) -> None:
        if run.progress_message_id is not None:
            with suppress(TelegramError):  # it is shown again in a moment
                await edit(self._bot, run.broadcast.chat_id, run.progress_message_id, await self._progress(run))

    async def _progress(self, run: _Run) -> Reply:
        counts = await self._broadcasts.counts(run.broadcast.broadcast_id)
        return progress(run.broadcast, counts, self._texts(run.broadcast))

    async def _report(self, run: _Run) -> None:
        if run.progress_message_id is not None:
            broadcast = await self._broadcasts.get_open() or run.broadcast  # it may be cancelled by now
            counts = await self._broadcasts.counts(broadcast.broadcast_id)
            reply = report(broadcast.state, counts, self._texts(broadcast))
            with suppress(BadRequest, Forbidden):
                await replace(self._bot, broadcast.chat_id, run.progress_message_id, reply)

    async def _tell_incident(self, broadcast_id: int, incident: str) -> None:
        broadcast = await self._broadcasts.get_open()
        if broadcast is not None and broadcast.broadcast_id == broadcast_id:
            text = self._texts(broadcast).say("broadcast-interrupted", incident=incident)
            await send(self._bot, broadcast.chat_id, Reply(text))

    def _texts(self, broadcast: Broadcast) -> Texts:
        return self._library.content.texts(broadcast.report_language)


def _once_more(run: _Run, user_id: int) -> Outcome:
    """Count that a message did not arrive; to look for it Telegram has to answer, so none of its absences count."""
    run.doubts[user_id] += 1
    return Outcome.WAITING if run.doubts[user_id] < _MOST_DOUBTS else Outcome.FAILED


async def send_announcement(
    bot: ExtBot[int], chat_id: int, announcement: Announcement, rate_limit_args: int | None = None
) -> Message:
    """Send what people get to one of them."""
    entities = MessageEntity.de_list([dict(entity) for entity in announcement.entities], bot)
    if announcement.photo_file_id is None:
        return await bot.send_message(
            chat_id,
            announcement.text,
            entities=entities,
            disable_web_page_preview=True,
            rate_limit_args=rate_limit_args,
        )
    return await bot.send_photo(
        chat_id,
        announcement.photo_file_id,
        caption=announcement.text,
        caption_entities=entities,
        rate_limit_args=rate_limit_args,
    )
