"""The life of a photo from "received" to "answered"."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from structlog.contextvars import bind_contextvars
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.connection.pacing import RefusedForGood, told_to_wait, wait_s
from bot.connection.reach import HEARD_LATELY_S, Reach, failure_kind
from bot.content import Texts
from bot.delivery import Replaced, replace, send
from bot.errors import SlowedDown
from bot.faults import may_have_file_later, until_it_works, why_no_file
from bot.library import Library
from bot.metrics import Metrics, Stage
from bot.render.answer import answer, declined, picture_labels
from bot.render.reply import Reply
from bot.storage.cases import ASSESSED, FAILED, UNDELIVERABLE, Case, Cases, Held, KeptAssessment
from bot.storage.incidents import Incidents
from bot.storage.patients import Patient, Patients
from bot.turns import Turns
from bot.workers.looking import Seen
from bot.workers.pool import SET_ASIDE, Workers
from inference.assess import Assessment
from inference.errors import UnreadableImage
from inference.risk import RiskLevel, is_milder

_FETCHES: Final = 6  # by one process, of a photo that Telegram can't fetch just now, or has no more: two minutes
_SLOW_FETCHES: Final = 3  # of one that does not come; each takes up to a minute and a half
_FETCH_AGAIN_S: Final = 24.0
_MANY_REFUSALS: Final = 30  # of what was asked six times in a quarter of a minute: they take half an hour
_LATE: Final = timedelta(minutes=5)  # after which nobody looks at the phone for an answer any more
_SAME_SPOT: Final = timedelta(hours=24)  # for which one photo after another may be of one spot

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Tried:
    """What this process has tried for a case that may have to be tried again.

    Attributes:
        fetches: how often Telegram did not give its photo.
        refusals: how often Telegram refused with 5xx what it, or its apology, needs.
        incident: of which its sender is still to hear.
        is_again: whether somebody had it in hand who has ended since, and it is not yet counted.
        added: what was said of its answer, which stands there.
    """

    fetches: int = 0
    refusals: int = 0
    incident: str | None = None
    is_again: bool = False
    added: set[str] = field(default_factory=set)


class Answering:
    """Answers cases, as many at once as there are processes that look at photos and one more that downloads."""

    def __init__(  # noqa: PLR0913 - put together once, where the bot or a worker starts
        self,
        *,
        bot: ExtBot[int],
        patients: Patients,
        cases: Cases,
        library: Library,
        workers: Workers,
        incidents: Incidents,
        reach: Reach,
        tell_owners: Callable[[], Awaitable[None]],
        now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        metrics.expect_photos(SET_ASIDE)
        self._bot = bot
        self._patients = patients
        self._cases = cases
        self._library = library
        self._workers = workers
        self._incidents = incidents
        self._reach = reach
        self._tell_owners = tell_owners
        self._now = now
        self._turns = Turns(workers.count + 1)
        self._suspects = asyncio.Lock()
        self._chats = WeakValueDictionary[int, asyncio.Lock]()  # of those to which an answer is being sent
        self._quiet_until: dict[int, float] = {}  # chats that Telegram has slowed down; by the monotonic clock
        self._tried = defaultdict[int, _Tried](_Tried)  # by case; of one that is put off and closed elsewhere it stays

    async def answer_or_apologise(self, case_id: int, priority: int = 0, *, is_again: bool = False) -> None:
        """Answer a case through faults that pass; of any other the patient hears.

        Args:
            case_id: our number.
            priority: the larger one goes first.
            is_again: whether somebody had it in hand before, and ended.

        Raises:
            SlowedDown: it is to be answered later; nothing was sent.
            Exception: the apology failed too; the case stays open.
        """
        bind_contextvars(case=case_id)  # this task's own: whatever it logs names the case
        tried = self._tried[case_id]
        tried.is_again = is_again
        try:
            await until_it_works(lambda: self.answer_case(case_id, priority))
        except SlowedDown:
            raise
        except asyncio.CancelledError:  # it is let go, or this process ends
            self._tried.pop(case_id, None)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the patient must hear of it
            if tried.incident is None:  # else the apology could not be sent yet
                tried.incident = await self._incidents.record(_log, error)
                tried.refusals = 0  # the apology is another request
            incident = tried.incident
            await until_it_works(lambda: self._apologise(case_id, incident))
        self._tried.pop(case_id, None)  # it is closed, by whomever

    async def answer_case(self, case_id: int, priority: int) -> None:
        """Download, assess, render, deliver, close. Safe to repeat: the answer takes the progress message's place."""
        case = await self._cases.get_open(case_id)
        if case is None or case.progress_message_id is None:
            return
        if (rest_s := self._quiet_until.get(case.chat_id, 0) - time.monotonic()) > 0:
            raise SlowedDown(rest_s)
        patient, texts = await self._addressee(case)
        async with self._turns.turn(priority):  # not while delivering: Telegram may make this chat wait
            self._metrics.photo_waited((self._now() - case.received_at).total_seconds())
            said = await self._reply(case, texts, patient)
        if said is None:
            return
        reply, outcome, kept = said
        if await self._deliver(case, reply, outcome, kept) and outcome == SET_ASIDE:
            await self._tell_owners()

    async def _addressee(self, case: Case) -> tuple[Patient | None, Texts]:
        patient = await self._patients.get(case.user_id)
        return patient, self._library.content.texts(patient.language if patient else None)

    async def _deliver(self, case: Case, reply: Reply, outcome: str, kept: KeptAssessment | None = None) -> bool:
        """Send an answer and close the case; returns False where that was done, or the patient went, meanwhile."""
        is_blocked = False
        chat = self._chats.setdefault(case.chat_id, asyncio.Lock())  # its pace holds up nobody else
        async with chat, self._cases.held(case.case_id) as held:
            if held is None or case.progress_message_id is None:
                return False
            try:
                with self._metrics.stage(Stage.DELIVER), told_to_wait(), self._unless_for_good(case.case_id):
                    stands = await self._show(held, case.progress_message_id, reply)
                    if stands is None:
                        return False
                    await self._add(case, stands, kept)
            except RetryAfter as error:
                self._be_quiet(case.chat_id, wait_s(error))
                raise SlowedDown(wait_s(error)) from error
            except Forbidden:
                outcome, kept, is_blocked = UNDELIVERABLE, None, True
            except (BadRequest, RefusedForGood):
                if outcome != FAILED:  # an apology may be taken
                    raise
                outcome = UNDELIVERABLE
            await held.close(outcome, self._now(), kept)
        self._quiet_until.pop(case.chat_id, None)
        self._metrics.photo_closed(outcome, (self._now() - case.received_at).total_seconds())
        if is_blocked:  # not while the case is held: an erasure takes the rows in another order
            await self._patients.mark_blocked(case.user_id, self._now())
        return True

    async def _show(self, held: Held, message_id: int, reply: Reply) -> Replaced | None:
        """Put an answer where it was promised; None where Telegram took its time, and promise and patient have gone."""
        case = held.case
        stands = await replace(self._bot, case.chat_id, message_id, reply, is_anew=False)
        if stands is Replaced.GONE:
            if not await held.is_still_open():
                return None
            await send(self._bot, case.chat_id, reply, case.message_id)
        return stands

    def _be_quiet(self, chat_id: int, rest_s: float) -> None:
        """Send nothing to a chat for so long; those that may be written to again are forgotten."""
        now = time.monotonic()
        resting = {chat: until for chat, until in self._quiet_until.items() if until > now}
        self._quiet_until = resting | {chat_id: now + rest_s}

    @contextmanager
    def _unless_for_good(self, case_id: int) -> Iterator[None]:
        """Count what Telegram refuses with 5xx while it answers others: after half an hour it does so for good."""
        try:
            yield
        except TelegramError as error:
            if failure_kind(error) == "5xx" and self._reach.silent_s < HEARD_LATELY_S:
                tried = self._tried[case_id]
                tried.refusals += 1
                if tried.refusals >= _MANY_REFUSALS:
                    raise RefusedForGood(f"refused {tried.refusals} times") from error
            raise

    async def _is_milder(self, case: Case, kept: KeptAssessment) -> bool:
        """Return whether an answer of the last day was more urgent: it may have been about the same spot."""
        levels = await self._cases.levels_beside(case, self._now() - _SAME_SPOT)
        return any(is_milder(RiskLevel(kept.risk_level), RiskLevel(level)) for level in levels)

    async def _add(self, case: Case, stands: Replaced, kept: KeptAssessment | None) -> None:
        """Say what there is to say of an answer that stands there, if that can be done.

        While the case is held: a kill has it said again rather than never, and nobody is erased meanwhile.
        """
        added = self._tried[case.case_id].added
        is_late = stands is not Replaced.GONE and self._now() - case.received_at > _LATE
        if is_late:  # Telegram tells nobody of a message that was changed
            await self._say(case, "answered-late", added)
        if kept is not None and await self._is_milder(case, kept):
            try:
                await self._say(case, "answer-milder", added)
            except RetryAfter:
                if stands is not Replaced.GONE:  # else the next try would send the answer once more
                    raise

    async def _say(self, case: Case, message_id: str, added: set[str]) -> None:
        patient, texts = await self._addressee(case)
        if patient is None or message_id in added:  # the former: erased meanwhile
            return
        try:
            await send(self._bot, case.chat_id, Reply(texts.say(message_id)), case.progress_message_id)
        except RetryAfter:
            raise
        except TelegramError:  # the answer stands all the same
            return
        added.add(message_id)

    async def _reply(
        self, case: Case, texts: Texts, patient: Patient | None
    ) -> tuple[Reply, str, KeptAssessment | None] | None:
        """Return the answer, how the case ends, and what is kept; None where the sender let it go unopened."""
        try:
            with self._metrics.stage(Stage.DOWNLOAD), self._unless_for_good(case.case_id):
                file = await self._bot.get_file(case.file_id)
                if await self._cases.get_open(case.case_id) is None:
                    return None
                photo = bytes(await file.download_as_bytearray())
        except (BadRequest, TimedOut) as error:
            if isinstance(error, TimedOut) and self._reach.silent_s >= HEARD_LATELY_S:  # it is not about this file
                raise
            tried = self._tried[case.case_id]
            tried.fetches += 1
            most = _SLOW_FETCHES if isinstance(error, TimedOut) else _FETCHES
            if may_have_file_later(error) and tried.fetches < most:
                raise SlowedDown(_FETCH_AGAIN_S) from error  # not at once: each try holds a place of everybody's
            why = why_no_file(error)
            return declined(why, texts), why, None
        with self._metrics.stage(Stage.ASSESS):
            seen = await self._seen(case, photo, texts)
        if seen.assessment is None or seen.picture is None:
            code = seen.declined_because or UnreadableImage.code
            return declined(code, texts), code, None
        reply = answer(seen.assessment, seen.picture, texts, patient.skin_type if patient else None)
        return reply, ASSESSED, _kept(seen.assessment)

    async def _seen(self, case: Case, photo: bytes, texts: Texts) -> Seen:
        """Have a photo looked at, unless the bot or a worker has ended with it again and again.

        Only here it may be what ends them, and only what is taken up again is counted: others cost no commit.
        """
        tried = self._tried[case.case_id]
        if case.is_suspect and tried.is_again:
            return Seen(None, None, SET_ASIDE)
        async with self._suspects if case.retries else nullcontext():  # one alone: or others would be counted with it
            if tried.is_again:
                await self._cases.retry(case.case_id)
                tried.is_again = False
            return await self._workers.see(photo, picture_labels(texts))

    async def _apologise(self, case_id: int, incident: str) -> None:
        case = await self._cases.get_open(case_id)
        if case is not None:
            _, texts = await self._addressee(case)
            await self._deliver(case, Reply(texts.say("our-fault", incident=incident)), FAILED)


def _kept(assessment: Assessment) -> KeptAssessment:
    return KeptAssessment(
        top_class=assessment.top_class.value,
        risk_level=str(assessment.risk_level),
        probabilities={lesion.value: p for lesion, p in assessment.probabilities.items()},
        model_sha256=assessment.model_sha256,
    )
