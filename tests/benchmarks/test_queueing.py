"""The queueing model says what books say, and what a simulation of the same queue does."""

import random

import pytest

from benchmarks.queueing import (
    Service,
    mean_wait_s,
    simulated_waits_s,
    users_a_day,
    wait_of_95_in_100_s,
    waiting_chance,
)


def test_one_worker_waits_as_pollaczek_and_khinchine_say() -> None:
    for variation in (0.0, 0.5, 1.0, 2.0):
        service = Service(0.05, variation)
        exact_s = 0.8 / (1 - 0.8) * 0.05 * (1 + variation**2) / 2
        assert mean_wait_s(1, 0.8, service) == pytest.approx(exact_s)


def test_chance_of_waiting_is_erlangs() -> None:
    assert waiting_chance(1, 0.7) == pytest.approx(0.7)
    assert waiting_chance(2, 0.5) == pytest.approx(1 / 3)
    assert waiting_chance(100, 0.9) < waiting_chance(10, 0.9)


def test_queue_that_is_never_empty_has_no_steady_state() -> None:
    with pytest.raises(ValueError, match="steady"):
        waiting_chance(2, 1.0)


@pytest.mark.parametrize(("workers", "load"), [(1, 0.7), (4, 0.8), (4, 0.9)])
def test_simulation_waits_as_long_as_the_model_says(workers: int, load: float) -> None:
    service = Service(0.045, 0.15)
    waits = sorted(simulated_waits_s(workers, load, service, random.Random(1), photos=100_000))
    assert sum(waits) / len(waits) == pytest.approx(mean_wait_s(workers, load, service), rel=0.15)
    assert waits[int(0.95 * len(waits))] == pytest.approx(wait_of_95_in_100_s(workers, load, service), rel=0.3)


def test_users_follow_from_photos_and_the_busiest_hour() -> None:
    assert users_a_day(10, photos_each=2, busiest_hour=3) == pytest.approx(144_000)
