"""Counts for tests, from none to a great many."""

from collections.abc import Mapping
from typing import Final

from bot.storage.periods import Period, steps
from bot.storage.statistics import AnswerTimes, Column, Counts, People, Queue
from inference.classes import LesionClass
from inference.quality import DeclineReason
from inference.risk import RiskLevel
from tests.bot.conftest import NOON

NOTHING: Final = 0
MANY: Final = 999_999
HUGE: Final = 9_999_999
_DECLINED: Final = (*DeclineReason, "unreadable", "truncated", "too_large", "gone", "slow")
_UNANSWERED: Final = ("failed", "undeliverable", "withdrawn")


def counts_of(period: Period, scale: int) -> Counts:
    """Counts in which every number is about `scale`."""

    def each(codes: tuple[str, ...]) -> Mapping[str, int]:
        return dict.fromkeys(codes, scale) if scale else {}

    step, starts = steps(period, NOON.replace(year=2024, month=12), NOON)
    return Counts(
        period=period,
        now=NOON,
        people=People(scale, scale, scale, scale),
        declined=each(_DECLINED),
        unanswered=each(_UNANSWERED),
        classes=each(tuple(LesionClass)),
        risk_levels=each(tuple(RiskLevel)),
        are_few=False,
        answer_times=AnswerTimes(2.04, 59.6, scale) if scale else None,
        queue=Queue(scale, scale or None, scale, scale),
        step=step,
        timeline=tuple(Column(start, scale, scale, scale) for start in starts),
    )
