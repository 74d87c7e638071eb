"""How far statistics look back, and in which steps. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MOST_STEPS: Final = 26  # columns that can still be told apart on a phone


class Period(StrEnum):
    """How far back to look."""

    DAY = "day"  # the running hour and the 23 before it
    WEEK = "week"  # today and the six days before it
    ALL = "all"


class Step(StrEnum):
    """What one column of a timeline stands for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


def steps(period: Period, first: datetime, now: datetime) -> tuple[Step, tuple[datetime, ...]]:
    """Return the kind of step and where each begins, oldest first; the last one is running.

    Args:
        period: how far back.
        first: when anything happened for the first time; only for ALL.
        now: aware UTC, as are the steps: a day begins at midnight UTC, a week on Monday.
    """
    match period:
        case Period.DAY:
            return Step.HOUR, _starts(Step.HOUR, now - timedelta(hours=23), now)
        case Period.WEEK:
            return Step.DAY, _starts(Step.DAY, now - timedelta(days=6), now)
        case Period.ALL:
            return _finest(first, now)


def _finest(first: datetime, now: datetime) -> tuple[Step, tuple[datetime, ...]]:
    for step in (Step.DAY, Step.WEEK, Step.MONTH):
        if len(starts := _starts(step, first, now)) <= MOST_STEPS:
            return step, starts
    return Step.YEAR, _starts(Step.YEAR, first, now)


def _starts(step: Step, first: datetime, now: datetime) -> tuple[datetime, ...]:
    start = _start(step, first)
    starts = [start]
    while (start := _next(step, start)) <= now:
        starts.append(start)
    return tuple(starts)


def _start(step: Step, moment: datetime) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    match step:
        case Step.HOUR:
            return hour
        case Step.DAY:
            return hour.replace(hour=0)
        case Step.WEEK:
            return hour.replace(hour=0) - timedelta(days=hour.weekday())
        case Step.MONTH:
            return hour.replace(hour=0, day=1)
        case Step.YEAR:
            return hour.replace(hour=0, day=1, month=1)


def _next(step: Step, start: datetime) -> datetime:
    match step:
        case Step.HOUR:
            return start + timedelta(hours=1)
        case Step.DAY:
            return start + timedelta(days=1)
        case Step.WEEK:
            return start + timedelta(days=7)
        case Step.MONTH:
            return _start(Step.MONTH, start + timedelta(days=31))
        case Step.YEAR:
            return start.replace(year=start.year + 1)
