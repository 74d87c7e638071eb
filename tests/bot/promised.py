"""Photos that somebody was promised an answer to, and what may look at them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

from telegram.ext import ExtBot

from bot.cases import Answering
from bot.parts import alerts_to, answering_on, instruments
from bot.queues import CaseTasks, InProcess
from bot.settings import Settings
from bot.storage.incidents import Incidents
from bot.storage.maintenance import Maintenance
from bot.workers.looking import Seen
from bot.workers.pool import SET_ASIDE, Workers
from emulator.person import Person
from inference.assess import Assessment, assess
from inference.model import load_model
from inference.risk import RiskLevel, RiskReason
from tests.bot.conftest import NOON
from tests.bot.desk import LIBRARY, ROOT, Desk

OWNER_ID = 600_000_001
TEXTS = LIBRARY.content.by_language["en"]
PHOTO = ROOT / "tests" / "photos" / "ham10000_nv_ISIC_0028441.jpg"


class DeadlyPool:
    """Stands in for processes that all end with this photo; test_workers.py has how they do."""

    count = 1

    async def see(self, *_: object) -> Seen:
        return Seen(None, None, SET_ASIDE)


class BrokenPool(DeadlyPool):
    """Stands in for processes that a bug keeps from looking at photos."""

    async def see(self, *_: object) -> Seen:
        raise ValueError("a bug")


class EndlessPool(DeadlyPool):
    """Stands in for processes with which the whole bot ends: nobody hears of them any more."""

    def __init__(self) -> None:
        self.is_in_hand = asyncio.Event()

    async def see(self, *_: object) -> Seen:
        self.is_in_hand.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


class SeeingPool(DeadlyPool):
    """Stands in for processes that see this in a photo."""

    def __init__(self, level: RiskLevel) -> None:
        reason = {RiskLevel.URGENT: RiskReason.MELANOMA_LIKELY, RiskLevel.SOON: RiskReason.UNCERTAIN}
        reasons = (reason.get(level, RiskReason.NOTHING_STANDS_OUT),)
        self._assessment = replace(assessed(), risk_level=level, risk_reasons=reasons)

    async def see(self, *_: object) -> Seen:
        return Seen(self._assessment, PHOTO.read_bytes(), None)


@cache
def assessed() -> Assessment:
    return assess(PHOTO.read_bytes(), load_model(ROOT / "models"))


async def promised(desk: Desk, person: Person, minutes_ago: float = 0) -> int:
    """Let somebody have sent a photo and been promised its answer; return the case's number."""
    photo = await person.sends_photo(PHOTO)
    file_id, sent_at = photo["photo"][-1]["file_id"], datetime.now(UTC) - timedelta(minutes=minutes_ago)
    case = await desk.services.cases.open(person.id, person.id, photo["message_id"], file_id, sent_at)
    assert case is not None
    await desk.services.cases.promise(
        case.case_id, (await desk.application.bot.send_message(person.id, "Looking")).message_id
    )
    return case.case_id


def answering_at(desk: Desk, pool: DeadlyPool, bot: ExtBot[Any] | None = None) -> Answering:
    settings = Settings(bot_token=desk.emulator.token, owner_ids=frozenset({OWNER_ID}), _env_file=None)
    by, bot = instruments(settings, desk.engine), bot or desk.application.bot
    alerts = alerts_to(settings, desk.engine, bot, LIBRARY, by.metrics)
    return answering_on(desk.engine, alerts, bot, LIBRARY, cast("Workers", pool), by)


def tasks_at(desk: Desk) -> CaseTasks:
    """Return what a queue has cases worked on by."""
    incidents, maintenance = Incidents(desk.engine, lambda: NOON), Maintenance(desk.engine)
    return CaseTasks(desk.services.cases, incidents, maintenance, lambda: NOON)


def queue_at(desk: Desk, pool: DeadlyPool, tasks: CaseTasks | None = None) -> InProcess:
    """Return the queue of a bot on one machine."""
    return InProcess(answering_at(desk, pool), desk.services.cases, tasks or tasks_at(desk))
