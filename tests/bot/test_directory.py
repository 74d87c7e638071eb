"""Who is near, how far, and whether the door is open."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.directory import Dermatologist, Source, is_open, load_directory, nearest
from bot.errors import ContentError
from tests.bot.conftest import NOON

LISTS = Path(__file__).parents[2] / "content" / "dermatologists"
SALZBURG = (47.7981, 13.0465)
SOURCE = Source("somebody", date(2025, 7, 10))


def doctor(latitude: float, longitude: float, opening_hours: str = "") -> Dermatologist:
    return Dermatologist("Dr. A", "Street 1", "", "", opening_hours, "", latitude, longitude, SOURCE)


def test_five_nearest_come_nearest_first() -> None:
    found = nearest(load_directory(LISTS), *SALZBURG, NOON)
    assert len(found) == 5
    assert [place.distance_km for place in found] == sorted(place.distance_km for place in found)
    assert all(place.is_near and place.distance_km < 10 for place in found)


def test_distance_is_that_on_the_ellipsoid() -> None:
    london, paris = doctor(51.5074, -0.1278), (48.8566, 2.3522)
    assert nearest([london], *paris, NOON)[0].distance_km == pytest.approx(343.92, abs=0.05)


def test_quick_distance_never_hides_the_nearest() -> None:
    around = [doctor(47.8 + step / 1000, 13.0 + (step * 7 % 13) / 1000) for step in range(60)]
    all_exact = nearest(around, *SALZBURG, NOON, count=60)[:5]
    assert nearest(around, *SALZBURG, NOON) == all_exact


def test_farther_than_100_km_is_not_near() -> None:
    assert not nearest(load_directory(LISTS), 0, 0, NOON)[0].is_near


def test_nobody_is_found_where_there_is_no_list() -> None:
    assert nearest([], *SALZBURG, NOON) == []


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), True),  # a Monday, nine o'clock in Salzburg
        (datetime(2026, 11, 23, 6, 30, tzinfo=UTC), False),  # half past seven there
        (datetime(2026, 11, 22, 9, 0, tzinfo=UTC), False),  # a Sunday
    ],
)
def test_open_now_follows_the_clock_of_the_place(moment: datetime, *, expected: bool) -> None:
    assert is_open(doctor(*SALZBURG, "Mo-Fr 08:00-12:00"), moment) is expected


def test_unknown_hours_are_neither_open_nor_closed() -> None:
    assert is_open(doctor(*SALZBURG), NOON) is None


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("Dr. A,Street,,,,95,13,", "line 2.*no such place"),
        ("Dr. A,Street,,,whenever I like,47,13,", "line 2"),
        ("Dr. A,Street,,,,forty,13,", "line 2.*forty"),
    ],
)
def test_broken_list_is_refused_with_its_line(tmp_path: Path, row: str, complaint: str) -> None:
    header = "name,address,phone,website,opening_hours,latitude,longitude,note"
    (tmp_path / "AT-x.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    (tmp_path / "AT-x.toml").write_text('attribution = "x"\ndate = 2025-01-01\n', encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        load_directory(tmp_path)


def test_list_without_its_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "AT-x.csv").write_text("name\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"AT-x\.toml"):
        load_directory(tmp_path)
