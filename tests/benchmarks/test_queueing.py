"""The queueing model says what books say, and what a simulation of the same queue does."""

import random

import pytest

from benchmarks.queueing import (
    PAGE,
    Service,
    carried,
    costs,
    mean_wait_s,
    rewritten,
    service_of,
    simulated_waits_s,
    users_a_day,
    wait_of_95_in_100_s,
    waiting_chance,
    waits,
)
from benchmarks.results import RESULTS, ours


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


def test_tables_of_the_page_on_growth_are_those_of_the_results() -> None:
    results, page = RESULTS.read_text(encoding="utf-8"), PAGE.read_text(encoding="utf-8").splitlines()
    service = service_of(results)
    modelled = [_without_what_is_simulated(row) for row in waits(service, photos=100)]
    written = [*page, *map(_without_what_is_simulated, page)]
    assert [row for row in (*costs(results), *carried(service), *modelled) if row not in written] == []


def test_table_of_a_page_is_written_in_the_place_of_the_older_one() -> None:
    page = "# Page\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nWords.\n\n| c |\n|---|\n| 5 |\n"
    written = rewritten(page, [["| c |", "|---|", "| 6 |", "| 7 |"], ["| a | b |", "|---|---|", "| 8 | 9 |"]])
    assert written == "# Page\n\n| a | b |\n|---|---|\n| 8 | 9 |\n\nWords.\n\n| c |\n|---|\n| 6 |\n| 7 |\n"
    with pytest.raises(ValueError, match="not in list"):
        rewritten(page, [["| d |", "|---|"]])


def _without_what_is_simulated(row: str) -> str:
    cells = row.split("|")
    return "|".join(cells[:5] + cells[6:7]) if len(cells) == 9 else ""


def test_figure_of_the_results_is_found_by_its_section_and_name() -> None:
    results = "# R\n\n## One\n\n| a | usual | 1 ms |  |  |\n\n## Two\n\n| a |  | 2 ms | ≤ 3 ms | met |\n"
    assert [ours(results, title, "a") for title in ("One", "Two")] == ["1 ms", "2 ms"]
    with pytest.raises(KeyError):
        ours(results, "One", "b")
