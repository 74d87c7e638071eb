"""The life of a photo from "received" to "answered"."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from structlog.contextvars import bind_contextvars
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.content import Texts
from bot.delivery import replace
from bot.faults import until_it_works
from bot.library import Library
from bot.metrics import Metrics, Stage
from bot.render import Reply, answer, declined, picture_labels
from bot.storage.cases import Case, Cases, KeptAssessment
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance
from bot.storage.patients import Patient, Patients
from bot.workers import Workers
from inference.assess import Assessment

_log = logging.getLogger(__name__)


class Answering:
    """Answers cases in the background, as many at once as there are workers and one more that downloads."""

    def __init__(  # noqa: PLR0913 - put together once, in app.py
        self,
        *,
        bot: ExtBot[int],
        patients: Patients,
        cases: Cases,
        library: Library,
        workers: Workers,
        incidents: Incidents,
        maintenance: Maintenance,
        now: Callable[[], datetime],
        metrics: Metrics | None = None,
    ) -> None:
        self._metrics = metrics or Metrics()
        self._bot = bot
        self._patients = patients
        self._cases = cases
        self._library = library
        self._workers = workers
        self._incidents = incidents
        self._maintenance = maintenance
        self._now = now
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(workers.count + 1)

    def start(self, case_id: int) -> None:
        """Begin to answer a case, unless that has begun already."""
        if case_id not in self._tasks:
            task = asyncio.create_task(self._answer_or_record(case_id))
            self._tasks[case_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(case_id, None))

    async def let_go(self, case_ids: Iterable[int]) -> None:
        """Leave off with these, for good: once this returns, nothing more is sent for them."""
        tasks = [task for case_id in case_ids if (task := self._tasks.get(case_id)) is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def resume(self) -> None:
        """Begin to answer what an earlier run left open."""
        for case_id in await self._cases.promised_ids():
            self.start(case_id)

    async def stop(self) -> None:
        """Leave off; what is not answered stays open in the database, for the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer_or_record(self, case_id: int) -> None:
        bind_contextvars(case=case_id)  # this task's own: whatever it logs names the case
        try:
            await until_it_works(lambda: self._wait_for_turn(case_id))
            await until_it_works(lambda: self.answer_case(case_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, the patient must hear of it
            incident = await self._incidents.record(_log, error)
            try:
                await until_it_works(lambda: self._apologise(case_id, incident))
            except Exception as second:  # noqa: BLE001 - the case stays open, for the next start
                await self._incidents.record(_log, second)

    async def _wait_for_turn(self, case_id: int) -> None:
        """Wait while maintenance holds the photo up."""
        case = await self._cases.get_open(case_id)
        if case is not None:
            await self._maintenance.wait_for_end(case.received_at)

    async def answer_case(self, case_id: int) -> None:
        """Download, assess, render, deliver, close. Safe to repeat: the answer takes the progress message's place."""
        case = await self._cases.get_open(case_id)
        if case is None or case.progress_message_id is None:
            return
        patient, texts = await self._addressee(case)
        async with self._places:  # not while delivering: Telegram may make this chat wait
            self._metrics.photo_waited((self._now() - case.received_at).total_seconds())
            reply, outcome, kept = await self._reply(case, texts, patient)
        await self._deliver(case, case.progress_message_id, reply, outcome, kept)

    async def _addressee(self, case: Case) -> tuple[Patient | None, Texts]:
        patient = await self._patients.get(case.user_id)
        return patient, self._library.content.texts(patient.language if patient else None)

    async def _deliver(
        self,
        case: Case,
        progress_message_id: int,
        reply: Reply,
        outcome: str,
        kept: KeptAssessment | None = None,
    ) -> None:
        if await self._cases.get_open(case.case_id) is None:  # the patient was erased, or withdrew, meanwhile
            return
        try:
            with self._metrics.stage(Stage.DELIVER):
                await replace(self._bot, case.chat_id, progress_message_id, reply, case.message_id)
        except Forbidden:
            outcome, kept = "undeliverable", None
            await self._patients.mark_blocked(case.user_id, self._now())
        await self._cases.close(case.case_id, outcome, self._now(), kept)
        self._metrics.photo_closed(outcome, (self._now() - case.received_at).total_seconds())

    async def _reply(
        self, case: Case, texts: Texts, patient: Patient | None
    ) -> tuple[Reply, str, KeptAssessment | None]:
        try:
            with self._metrics.stage(Stage.DOWNLOAD):
                file = await self._bot.get_file(case.file_id)
                photo = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            code = "too_large" if "too big" in error.message.lower() else "gone"
            return declined(code, texts), code, None
        with self._metrics.stage(Stage.ASSESS):
            seen = await self._workers.see(photo, picture_labels(texts))
        if seen.assessment is None or seen.picture is None:
            code = seen.declined_because or "unreadable"
            return declined(code, texts), code, None
        reply = answer(seen.assessment, seen.picture, texts, patient.skin_type if patient else None)
        return reply, "assessed", _kept(seen.assessment)

    async def _apologise(self, case_id: int, incident: str) -> None:
        case = await self._cases.get_open(case_id)
        if case is not None and case.progress_message_id is not None:
            _, texts = await self._addressee(case)
            reply = Reply(texts.say("our-fault", incident=incident))
            await self._deliver(case, case.progress_message_id, reply, "failed")


def _kept(assessment: Assessment) -> KeptAssessment:
    (top_class, _), *_ = assessment.top_classes(1)
    return KeptAssessment(
        top_class=top_class.value,
        risk_level=str(assessment.risk_level),
        probabilities={lesion.value: p for lesion, p in assessment.probabilities.items()},
        model_sha256=assessment.model_sha256,
    )
