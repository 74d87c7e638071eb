"""Who is near, how far, and whether the door is open."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.directory.dermatologists import Dermatologist, Source, is_open, load_directory, nearest
from bot.directory.fields import has_readable_hours
from bot.errors import ContentError
from tests.bot.conftest import NOON

LISTS = Path(__file__).parents[3] / "content" / "dermatologists"
SALZBURG = (47.7981, 13.0465)
SOURCE = Source("somebody", date(2025, 7, 10))
HEADER = "name,address,phone,website,opening_hours,latitude,longitude,note"
ABOUT = 'attribution = "x"\ndate = 2025-01-01\n'


def doctor(latitude: float, longitude: float, opening_hours: str = "") -> Dermatologist:
    return Dermatologist("l0", "Dr. A", "Street 1", "", "", opening_hours, "", latitude, longitude, SOURCE)


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


@pytest.mark.parametrize("month", [6, 11])
@pytest.mark.parametrize("hours", ["(sunrise+20:00)-25:00", "(sunset+06:00)-(sunrise+20:00)"])
def test_hours_that_the_library_can_not_reckon_end_nothing(hours: str, month: int) -> None:
    """It panics with what is no Exception, at the second only in June."""
    assert has_readable_hours(hours)
    assert is_open(doctor(*SALZBURG, hours), NOON.replace(month=month)) in {None, False}


def test_whatever_else_ends_the_bot_is_not_taken_for_unknown_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.directory.dermatologists.OpeningHours", ends)
    with pytest.raises(KeyboardInterrupt):
        is_open(doctor(*SALZBURG, "Mo-Fr 08:00-12:00"), NOON)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("Dr. A,Street,,,,95,13,", "line 2.*no such place"),
        ("Dr. A,Street,,,whenever I like,47,13,", "line 2"),
        ("Dr. A,Street,,,,forty,13,", "line 2.*forty"),
        (",Street,,,,47,13,", "line 2.*name"),
        ("Dr. A,Street,,,,47,13", "line 2.*cells"),
        ("Dr. A,Street,,,,47,13,,", "line 2.*cells"),
        ('"Dr. A', "line 2"),
        ('"Dr.\nA",Street,,,,47,13,\nDr. B,,,,,,,', "line 4.*no such place"),
        ("Dr. \udcff,Street,,,,47,13,", "line 2.*UTF-8"),
    ],
)
def test_broken_list_is_refused_with_its_line(tmp_path: Path, row: str, complaint: str) -> None:
    write_list(tmp_path, row)
    with pytest.raises(ContentError, match=complaint) as refused:
        load_directory(tmp_path)
    assert refused.value.path == tmp_path / "AT-x.csv"


def write_list(folder: Path, *rows: str, header: str = HEADER, about: str = ABOUT) -> None:
    text = "\n".join([header, *rows, ""])
    (folder / "AT-x.csv").write_text(text, encoding="utf-8", errors="surrogateescape")
    (folder / "AT-x.toml").write_text(about, encoding="utf-8")


def test_list_that_lacks_a_column_is_refused(tmp_path: Path) -> None:
    write_list(tmp_path, "Dr. A,47,13", header="name,latitude,longitude")
    with pytest.raises(ContentError, match=r"line 1.*address, phone, website, opening_hours"):
        load_directory(tmp_path)


def test_column_of_notes_may_be_left_out(tmp_path: Path) -> None:
    write_list(tmp_path, "Dr. A,Street,,,,47,13", header=HEADER.removesuffix(",note"))
    assert [doctor.note for doctor in load_directory(tmp_path)] == [""]


@pytest.mark.parametrize(
    ("about", "complaint"),
    [
        ('attribution = "x"\ndate = \n', "line 2"),
        ("attribution = [\n", "line 2"),
        ("date = 2025-01-01\n", "attribution"),
        ('attribution = "x"\ndate = "2025-01-01"\n', "date"),
    ],
)
def test_list_with_a_broken_description_is_refused(tmp_path: Path, about: str, complaint: str) -> None:
    write_list(tmp_path, "Dr. A,Street,,,,47,13,", about=about)
    with pytest.raises(ContentError, match=rf"AT-x\.toml.*{complaint}"):
        load_directory(tmp_path)


def test_entries_of_lists_keep_their_keys_when_other_lines_come_and_go(tmp_path: Path) -> None:
    write_list(tmp_path, "Dr. A,Street,,,,47,13,", "Dr. B,,,,,48,14,")
    before = {doctor.name: doctor.key for doctor in load_directory(tmp_path)}
    write_list(tmp_path, "Dr. C,,,,,49,15,", "Dr. A,Another street,,,,47,13,")
    after = {doctor.name: doctor.key for doctor in load_directory(tmp_path)}
    assert after["Dr. A"] == before["Dr. A"]
    assert len({*before.values(), *after.values()}) == 3


def test_two_entries_of_one_name_and_place_have_keys_of_their_own(tmp_path: Path) -> None:
    write_list(tmp_path, "Dr. A,Street 1,,,,47,13,", "Dr. A,Street 2,,,,47,13,")
    assert len({doctor.key for doctor in load_directory(tmp_path)}) == 2


def test_list_without_its_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "AT-x.csv").write_text("name\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"AT-x\.toml"):
        load_directory(tmp_path)
