"""Who may send how many photos, whose turn is when, and how long that takes.

Everything is computed from the cases: nothing is remembered here, so a restart or a second machine changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bot.settings import PHOTOS_PER_DAY, PHOTOS_PER_HOUR, QUEUE_LIMIT
from bot.storage.traffic import Passage, Traffic

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_SAMPLE: Final = 200  # answered photos that the pace is measured on
_LEAST_SAMPLE: Final = 5  # of them answered while others waited; with fewer, nothing is promised
_CROWD: Final = timedelta(minutes=5)  # who came lately tells who will come
_LARGEST_SHARE: Final = 0.75  # no crowd lasts for ever
_WORTH_TELLING: Final = timedelta(seconds=20)
_LATE: Final = timedelta(minutes=10)
_SOON: Final = timedelta(minutes=1)
_LONGEST_GAP: Final = timedelta(minutes=1)  # between answers that tell of the pace; a longer one was a standstill
_LONGEST_STANDSTILL: Final = timedelta(minutes=10)  # what is believed of one


@dataclass(frozen=True, slots=True)
class PhotoRules:
    """How many photos are taken.

    In any hour and in any day, counted back from now: a burst goes through at once, and each photo that grows older
    than an hour makes room for the next. Twenty an hour are two albums of ten, more spots than anybody shows in one
    sitting; a burst of twenty holds up nobody else, as first photos go before tenth ones.

    Attributes:
        per_hour: of one user.
        per_day: of one user.
        in_hand: of all users, taken and not answered yet.
    """

    per_hour: int = PHOTOS_PER_HOUR
    per_day: int = PHOTOS_PER_DAY
    in_hand: int = QUEUE_LIMIT


class Why(StrEnum):
    """Why a photo is not taken; the value is part of a message's name."""

    OWN_LIMIT = "limit"
    QUEUE_FULL = "queue-full"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A photo is not taken; how long to wait before the next."""

    why: Why
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """When a photo that was taken is looked at.

    Attributes:
        priority: larger goes first; 0 for a photo that came while none of its sender waited, -1 while one did, …
        wait: until it is looked at, where that is worth telling and known.
    """

    priority: int
    wait: timedelta | None


class Limits:
    """The rules, over what the database says."""

    def __init__(self, traffic: Traffic, rules: PhotoRules) -> None:
        self._traffic = traffic
        self._rules = rules

    async def refusal(self, user_id: int, now: datetime) -> Refusal | None:
        """Return why a new photo of somebody is not taken; None where it is."""
        received = await self._traffic.received(user_id, now - _DAY, now)
        if wait := wait_for_next(received, self._rules, now):
            return Refusal(Why.OWN_LIMIT, wait)
        in_hand, waiting_since = await self._traffic.waiting()
        if in_hand < self._rules.in_hand:
            return None
        wait = await self._wait(in_hand // 2, waiting_since, now) or timedelta()  # half are answered: there is room
        return Refusal(Why.QUEUE_FULL, max(_SOON, wait))

    async def turn(self, case_id: int, now: datetime) -> Turn:
        """Return when a photo that was taken has its turn."""
        place = await self._traffic.place(case_id, now - _CROWD, now)
        if place is None:  # it is withdrawn this moment
            return Turn(0, None)
        wait = await self._wait(place.ahead, place.waiting_since, now, place.overtaking) if place.ahead else None
        return Turn(-place.number, wait if wait and wait > _WORTH_TELLING else None)

    async def _wait(
        self, ahead: int, waiting_since: datetime | None, now: datetime, overtaking: int = 0
    ) -> timedelta | None:
        passages = await self._traffic.last_passages(_SAMPLE, now)
        return expected_wait(ahead, passages, waiting_since, now, overtaking / _CROWD.total_seconds())


def is_late(sent_at: datetime, now: datetime) -> bool:
    """Whether a photo lay at Telegram for so long that its sender deserves a word about it."""
    return now - sent_at > _LATE


def wait_for_next(received: Sequence[datetime], rules: PhotoRules, now: datetime) -> timedelta:
    """Return how long somebody has to wait before the next photo; nothing where they need not.

    Args:
        received: when their photos came, oldest first. What seems to come from the future came before a clock was set
            back, and does not count.
        rules: how many there may be.
        now: aware UTC.
    """
    past = [moment for moment in received if moment <= now]
    return max(_until_room(past, rules.per_hour, _HOUR, now), _until_room(past, rules.per_day, _DAY, now))


def _until_room(past: Sequence[datetime], count: int, within: timedelta, now: datetime) -> timedelta:
    """Return when fewer than this many will be younger than this."""
    if len(past) < count:
        return timedelta()
    return max(timedelta(), past[-count] + within - now)


def expected_wait(
    ahead: int, passages: Sequence[Passage], waiting_since: datetime | None, now: datetime, overtaking_hz: float = 0
) -> timedelta | None:
    """Return how long it takes until a photo is looked at; None where too little is known to tell.

    Args:
        ahead: how many photos that wait are looked at before it.
        passages: the latest answered photos, in the order in which they were answered.
        waiting_since: when the second oldest photo came that waits now: the oldest may be put off by itself.
        now: aware UTC.
        overtaking_hz: how many photos a second come that are looked at before it although they come later.

    Source: the wait in a queue with priorities, Cobham 1954, doi:10.1287/opre.2.1.70.
    """
    each = time_per_photo(passages)
    if each is None:
        return None
    quiet = now - max(waiting_since or now, passages[-1].closed_at)  # photos wait, and none was answered for so long
    standstill = min(max(quiet - each, timedelta()), _LONGEST_STANDSTILL)
    share = min(overtaking_hz * each.total_seconds(), _LARGEST_SHARE)  # of the work goes to those that overtake
    return each * ahead / (1 - share) + standstill  # as long again is a fair guess for how long a standstill lasts


def time_per_photo(passages: Sequence[Passage]) -> timedelta | None:
    """Return the time from one answer to the next while photos waited; None where too few did.

    It contains what counts: how many workers there are, and how fast they and Telegram are just now.
    """
    gaps = [
        after.closed_at - before.closed_at
        for before, after in pairwise(passages)
        if after.received_at <= before.closed_at  # it was there already when the one before it was answered
        and after.closed_at - before.closed_at <= _LONGEST_GAP
    ]
    return sum(gaps, timedelta()) / len(gaps) if len(gaps) >= _LEAST_SAMPLE else None
