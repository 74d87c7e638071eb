"""What make load and make soak compute from what they saw."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.capacity import answered_a_second
from benchmarks.gateway import enrolled, handled_a_second, once
from benchmarks.soak import growth_percent
from benchmarks.telegram import FIRST_ID, Sent
from tests.conversations.stories import rows

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _after(seconds: float) -> str:
    return f"{_BEGIN + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S.%f}"


def test_memory_that_is_taken_while_warming_up_is_no_growth() -> None:
    assert growth_percent([50, 100, 150, *[200] * 9]) == 0


def test_memory_that_goes_on_being_taken_is_growth() -> None:
    assert growth_percent([200 + 2 * minute for minute in range(60)]) == pytest.approx(
        24.6, abs=0.1
    )  # from 244 MB to 304 MB


def test_one_sample_that_is_high_is_no_growth() -> None:
    assert growth_percent([200] * 57 + [900] + [200] * 2) == 0


def test_photos_a_second_are_counted_from_the_first_answer_to_the_last(tmp_path: Path) -> None:
    folder = enrolled(tmp_path, range(FIRST_ID, FIRST_ID + 1))
    columns = "(chat_id, user_id, message_id, outcome, received_at, closed_at)"
    for number, closed in enumerate((10, 10.25, 11)):
        row = (FIRST_ID, FIRST_ID, number, "assessed", _after(0), _after(closed))
        rows(folder, f"INSERT INTO cases {columns} VALUES (?, ?, ?, ?, ?, ?)", *row)  # noqa: S608 - constants
    assert answered_a_second(folder) == pytest.approx(2)


def test_updates_a_second_are_counted_from_the_first_that_came(tmp_path: Path) -> None:
    folder = enrolled(tmp_path, range(FIRST_ID, FIRST_ID + 1))
    for number, handled in enumerate((1, 2, 4)):
        query = "INSERT INTO inbox (update_id, lane, retries, received_at, handled_at) VALUES (?, ?, 0, ?, ?)"
        rows(folder, query, number, FIRST_ID, _after(0), _after(handled))
    a_second, count = handled_a_second(folder)
    assert count == 3
    assert a_second == pytest.approx(0.75)


def test_one_gateway_is_measured_in_a_process_of_its_own() -> None:
    a_second, bot_ms, telegram_ms = once(Sent(people=2, each=2, text="/help"))
    assert a_second > 0
    assert bot_ms > telegram_ms > 0
