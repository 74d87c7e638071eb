"""Who may send how many photos, whose turn is when, and whether the wait that is told comes true."""

import heapq
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.limits import (
    Limits,
    PhotoRules,
    Refusal,
    Turn,
    Why,
    expected_wait,
    is_late,
    time_per_photo,
    wait_for_next,
)
from bot.render.refusals import not_taken
from bot.render.reply import in_time
from bot.storage.cases import Cases
from bot.storage.traffic import Passage, Place, Traffic
from tests.bot.conftest import NOON
from tests.shipped import CONTENT

RULES = PhotoRules(per_hour=3, per_day=5, in_hand=6)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ANA, BEN, CARLA = 1, 2, 3


def ago(*minutes: float) -> list[datetime]:
    return [NOON - MINUTE * many for many in minutes]


@pytest.mark.parametrize(
    ("received", "minutes"),
    [
        ([], 0),
        (ago(1, 1), 0),
        (ago(2, 1, 0), 58),
        (ago(59, 2, 1, 1), 58),  # the third last counts, not the oldest
        (ago(61, 60, 1, 1), 0),
        (ago(1400, 1300, 1200, 1100, 100), 40),
        (ago(1441, 1300, 1200, 1100, 100), 0),
        (ago(1430, 1300, 3, 2, 1), 57),  # both are full: the longer wait is the honest one
    ],
)
def test_wait_ends_when_an_hour_and_a_day_have_room(received: list[datetime], minutes: int) -> None:
    wait = wait_for_next(received, RULES, NOON)
    assert wait == MINUTE * minutes
    assert wait_for_next(received, RULES, NOON + wait) == timedelta()


def test_somebody_who_keeps_to_the_wait_is_never_refused_and_never_takes_more_than_the_rules() -> None:
    now, taken = NOON, list[datetime]()
    for _ in range(40):
        now += wait_for_next(taken, RULES, now)
        assert not wait_for_next(taken, RULES, now)
        taken.append(now)
    for moment in taken:
        assert sum(moment - HOUR < other <= moment for other in taken) <= RULES.per_hour
        assert sum(moment - 24 * HOUR < other <= moment for other in taken) <= RULES.per_day


def test_clock_that_is_set_back_or_forward_locks_nobody_out() -> None:
    taken = ago(2, 1, 0)
    assert wait_for_next(taken, RULES, NOON - HOUR) == timedelta()
    assert wait_for_next(taken, RULES, NOON + HOUR) == timedelta()
    assert wait_for_next(taken, RULES, NOON) <= HOUR


def test_an_album_of_ten_goes_through_at_once_by_default() -> None:
    assert wait_for_next([NOON] * 10, PhotoRules(), NOON) == timedelta()


async def test_limits_hold_across_a_restart_and_count_a_repeated_update_once(engine: AsyncEngine) -> None:
    for message_id in (1, 2, 2, 2):
        await Cases(engine).open(ANA, ANA, message_id, "file", NOON)
    assert await Limits(Traffic(engine), RULES).refusal(ANA, NOON) is None
    case = await Cases(engine).open(ANA, ANA, 3, "file", NOON)
    assert case is not None
    await Cases(engine).close(case.case_id, "assessed", NOON)
    fresh = Limits(Traffic(engine), RULES)
    assert await fresh.refusal(ANA, NOON + 48 * MINUTE) == Refusal(Why.OWN_LIMIT, 12 * MINUTE)
    assert await fresh.refusal(BEN, NOON) is None


async def test_queue_is_bound_for_all_and_opens_again(engine: AsyncEngine) -> None:
    limits = Limits(Traffic(engine), RULES)
    opened = [await Cases(engine).open(user, user, 1, "file", NOON) for user in range(1, 7)]
    assert await limits.refusal(99, NOON) == Refusal(Why.QUEUE_FULL, MINUTE)
    assert opened[0] is not None
    await Cases(engine).close(opened[0].case_id, "assessed", NOON)
    assert await limits.refusal(99, NOON) is None


async def test_priority_falls_with_each_photo_in_hand_and_rises_once_they_are_answered(engine: AsyncEngine) -> None:
    limits, cases = Limits(Traffic(engine), RULES), Cases(engine)
    opened = [await cases.open(ANA, ANA, number, "file", NOON) for number in range(3)]
    ids = [case.case_id for case in opened if case]
    assert [await limits.turn(case_id, NOON) for case_id in ids] == [Turn(-place, None) for place in range(3)]
    for case_id in ids[:2]:
        await cases.close(case_id, "assessed", NOON + MINUTE)
    assert (await limits.turn(ids[2], NOON)).priority == -2  # repeated, it keeps its place
    later = await cases.open(ANA, ANA, 9, "file", NOON + HOUR)
    assert later is not None
    assert (await limits.turn(later.case_id, NOON + HOUR)).priority == -1


async def test_first_photo_of_somebody_waits_for_first_photos_only(engine: AsyncEngine) -> None:
    ana = await sent(engine, ANA, 4)
    ben = await sent(engine, BEN, 2, NOON + MINUTE)
    carla = await sent(engine, CARLA, 1, NOON + 2 * MINUTE)
    await Cases(engine).close(ana[1], "assessed", NOON + 3 * MINUTE)
    places = [
        await Traffic(engine).place(case_id, NOON, NOON + 3 * MINUTE) for case_id in (ana[0], *ana[2:], *ben, *carla)
    ]
    assert [(place.number, place.ahead, place.overtaking) for place in places if place] == [
        (0, 2, 0),  # Ana's photos came at the moment since which those count that overtake
        (2, 4, 3),
        (3, 5, 3),
        (0, 2, 0),
        (1, 3, 2),
        (0, 2, 0),
    ]
    assert {place.waiting_since for place in places if place} == {NOON}


async def test_photos_that_came_long_ago_overtake_nobody_and_those_answered_are_not_ahead(engine: AsyncEngine) -> None:
    first, second = await sent(engine, ANA, 2)
    (other,) = await sent(engine, BEN, 1, NOON + MINUTE)
    traffic = Traffic(engine)
    assert await traffic.place(second, NOON + MINUTE, NOON + HOUR) == Place(1, 2, 0, NOON)
    assert await traffic.place(second, NOON, NOON) == Place(1, 2, 0, NOON)  # the other comes from the future
    for case_id in (first, other):
        await Cases(engine).close(case_id, "assessed", NOON + 2 * MINUTE)
    assert await traffic.place(second, NOON, NOON + HOUR) == Place(1, 0, 1, None)
    assert await traffic.place(first, NOON, NOON + HOUR) is None  # neither waits nor came since


async def sent(engine: AsyncEngine, user: int, count: int, at: datetime = NOON) -> list[int]:
    cases = [await Cases(engine).open(user, user, number, "file", at) for number in range(count)]
    return [case.case_id for case in cases if case]


def test_pace_is_measured_while_photos_wait_and_not_while_nobody_came() -> None:
    second = timedelta(seconds=1)
    quiet = [Passage(NOON + HOUR * n, NOON + HOUR * n + second) for n in range(20)]
    busy = [Passage(NOON + 20 * HOUR, NOON + 20 * HOUR + second / 4 * n) for n in range(1, 11)]
    assert time_per_photo(quiet) is None
    assert time_per_photo(quiet + busy) == second / 4


def test_standstill_makes_the_wait_longer_and_a_quiet_hour_does_not() -> None:
    second = timedelta(seconds=1)
    busy = [Passage(NOON, NOON + second * n) for n in range(1, 11)]
    later = NOON + HOUR
    assert expected_wait(5, busy, later, later) == 5 * second
    assert expected_wait(5, busy, later - 5 * MINUTE, later) == 4 * second + 5 * MINUTE
    assert expected_wait(5, busy[:3], later, later) is None


def test_standstill_of_the_past_leaves_the_pace_as_it_is_without_it() -> None:
    second = timedelta(seconds=1)
    before = [Passage(NOON, NOON + second / 10 * n) for n in range(1, 151)]
    after = [Passage(NOON, NOON + 2 * HOUR + second / 10 * n) for n in range(1, 50)]
    assert time_per_photo(before + after) == second / 10


async def test_photo_that_waits_by_itself_holds_up_nobody_who_is_told_a_wait(engine: AsyncEngine) -> None:
    cases = Cases(engine)
    for n, case_id in enumerate(await sent(engine, CARLA, 10)):
        await cases.close(case_id, "assessed", NOON + timedelta(seconds=n))
    await sent(engine, ANA, 1, NOON + MINUTE)  # put off: Telegram has slowed her chat down, say
    (photo,) = await sent(engine, BEN, 1, NOON + 16 * MINUTE)
    assert await Limits(Traffic(engine), RULES).turn(photo, NOON + 16 * MINUTE) == Turn(0, None)


def test_clock_that_is_set_back_promises_no_negative_wait() -> None:
    busy = [Passage(NOON, NOON + timedelta(seconds=n)) for n in range(1, 11)]
    wait = expected_wait(5, busy, NOON, NOON - HOUR)
    assert wait == timedelta(seconds=5)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("crowd", [1.3, 2, 3])
def test_wait_that_is_told_is_the_wait_that_comes(workers: int, crowd: float) -> None:
    """Albums and single photos crowd in. Nobody knows who will overtake a tenth photo: half are told within 3 times."""
    told = sorted(_simulated(workers, crowd, (1, 1, 1, 3, 10), random.Random(20261128)))
    assert len(told) > 100
    assert 0.5 <= told[len(told) // 2] <= 2
    assert told[len(told) // 4] >= 0.3
    assert told[len(told) * 3 // 4] <= 3


@pytest.mark.parametrize("workers", [1, 4])
def test_wait_of_somebodys_only_photo_is_told_exactly(workers: int) -> None:
    told = sorted(_simulated(workers, 2, (1,), random.Random(20261128)))
    assert len(told) > 50
    assert told[len(told) // 10] >= 0.8
    assert told[len(told) * 9 // 10] <= 1.25


def _simulated(workers: int, crowd: float, sizes: Sequence[int], rng: random.Random) -> list[float]:
    """Return told waits over real waits, of photos that are told more than 20 s, with the queue's own priorities."""
    free, waiting, passages = [0.0] * workers, list[tuple[int, int, float, int, float]](), list[Passage]()
    running, ratios, in_hand = list[tuple[float, float, int]](), list[float](), Counter[int]()
    came = list[tuple[float, int]]()
    for number, (now_s, user) in enumerate(_arrivals(workers * crowd, sizes, rng)):
        while waiting and free[0] <= now_s:
            _, _, came_s, owner, told_s = heapq.heappop(waiting)
            begun_s = max(heapq.heappop(free), came_s)
            ended_s = begun_s + rng.uniform(0.5, 1.5)
            heapq.heappush(free, ended_s)
            heapq.heappush(running, (ended_s, came_s, owner))
            if told_s > 20:
                ratios.append(told_s / (begun_s - came_s))
        while running and running[0][0] <= now_s:
            ended_s, came_s, owner = heapq.heappop(running)
            in_hand[owner] -= 1
            passages.append(Passage(_at(came_s), _at(ended_s)))
        ahead = sum(place <= in_hand[user] for place, *_ in waiting)
        oldest = sorted([came_s for _, _, came_s, _, _ in waiting] + [now_s] * 2)[1]
        overtaking_hz = sum(place < in_hand[user] for at_s, place in came if at_s > now_s - 300) / 300
        wait = expected_wait(ahead, passages[-200:], _at(oldest), _at(now_s), overtaking_hz) or timedelta()
        came.append((now_s, in_hand[user]))
        heapq.heappush(waiting, (in_hand[user], number, now_s, user, wait.total_seconds()))
        in_hand[user] += 1
    return ratios


def _arrivals(photos_hz: float, sizes: Sequence[int], rng: random.Random) -> list[tuple[float, int]]:
    """Return when whose photos come: more than can be looked at for a while, then none until all is done."""
    at_s, arrivals = 0.0, list[tuple[float, int]]()
    for user in range(round(100 * photos_hz) if len(sizes) == 1 else 250):
        at_s += rng.expovariate(photos_hz * len(sizes) / sum(sizes))
        arrivals += [(at_s, user)] * rng.choice(sizes)
    return [*arrivals, (1e6, -1)]


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=min(seconds, 1e7))


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (0.2, "in 10 seconds", "dentro de 10 segundos"),
        (21, "in 30 seconds", "dentro de 30 segundos"),
        (51, "in 1 minute", "dentro de 1 minuto"),
        (61, "in 2 minutes", "dentro de 2 minutos"),
        (720, "in 12 minutes", "dentro de 12 minutos"),
        (89 * 60, "in 89 minutes", "dentro de 89 minutos"),
        (7201, "in 3 hours", "dentro de 3 horas"),
    ],
)
def test_wait_is_rounded_up_and_said_with_the_right_plural(seconds: float, english: str, spanish: str) -> None:
    wait = timedelta(seconds=seconds)
    assert [in_time(wait, CONTENT.by_language[tag]) for tag in ("en", "es")] == [english, spanish]


@pytest.mark.parametrize("why", Why)
def test_every_refusal_says_when_to_come_again_and_when_not_to_wait(why: Why) -> None:
    for tag, when, doctor in (("en", "in 12 minutes", "a doctor"), ("es", "dentro de 12 minutos", "al médico")):
        words = not_taken(Refusal(why, 12 * MINUTE), CONTENT.by_language[tag]).markdown
        assert when in words
        assert doctor in words


def test_photo_that_lay_at_telegram_is_late_and_one_from_the_future_is_not() -> None:
    assert is_late(NOON - 20 * HOUR, NOON)
    assert not is_late(NOON - MINUTE, NOON)
    assert not is_late(NOON + HOUR, NOON)
