"""The lists of dermatologists can be read, lie where they say, and carry their licence."""

from __future__ import annotations

import csv
import datetime as dt
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from opening_hours import OpeningHours

from tests.content.pages import CONTENT

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ["name", "address", "phone", "website", "opening_hours", "latitude", "longitude"]
KEYS = {
    "country": str,
    "area": str,
    "date": dt.date,
    "languages": list,
    "source": str,
    "attribution": str,
    "licence": str,
    "licence_url": str,
    "bounding_box": list,
    "changes": list,
}
# South, west, north, east; a list of another country brings its own.
COUNTRY_BOXES = {"AT": (46.3, 9.5, 49.1, 17.2), "JP": (24.0, 122.9, 45.6, 146.0)}
LISTS = sorted((CONTENT / "dermatologists").glob("*.csv"))

each_list = pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)


def entries(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def about(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))


def test_both_lists_are_there_and_nothing_else() -> None:
    names = {path.name for path in (CONTENT / "dermatologists").iterdir()}
    assert {path.stem for path in LISTS} == {"AT-salzburg", "JP-hokkaido"}
    assert names == {path.with_suffix(end).name for path in LISTS for end in (".csv", ".toml")}


@each_list
def test_list_has_the_documented_columns(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header in (COLUMNS, [*COLUMNS, "note"])
    assert all(None not in entry and None not in entry.values() for entry in entries(path))


@each_list
def test_description_is_complete(path: Path) -> None:
    description = about(path)
    assert {key: type(value) for key, value in description.items()} == KEYS
    assert all(description.values())
    assert path.stem.split("-")[0] == description["country"]
    assert description["licence_url"].startswith("https://")


@each_list
def test_every_entry_lies_in_its_area_and_country(path: Path) -> None:
    description = about(path)
    for south, west, north, east in (description["bounding_box"], COUNTRY_BOXES[description["country"]]):
        outside = [
            entry["name"]
            for entry in entries(path)
            if not (south <= float(entry["latitude"]) <= north and west <= float(entry["longitude"]) <= east)
        ]
        assert outside == []


@each_list
def test_cells_are_clean(path: Path) -> None:
    for entry in entries(path):
        assert entry["name"]
        assert all(cell == cell.strip() and "\n" not in cell for cell in entry.values())
        assert re.fullmatch(r"(\+\d{1,3}( \d+|-\d+)+)?", entry["phone"]), entry
        assert re.fullmatch(r"(https?://\S+)?", entry["website"]), entry


@each_list
def test_nobody_is_listed_twice(path: Path) -> None:
    listed = [(entry["name"], entry["address"]) for entry in entries(path)]
    assert len(set(listed)) == len(listed)


@each_list
def test_opening_hours_tell_open_from_closed(path: Path) -> None:
    week = [dt.datetime(2026, 11, 16) + dt.timedelta(hours=hour) for hour in range(168)]  # noqa: DTZ001 - hours are local
    for entry in entries(path):
        if entry["opening_hours"]:
            hours = OpeningHours(entry["opening_hours"])
            assert {hours.is_open(hour) for hour in week} == {True, False}, entry


@each_list
def test_readme_and_licence_describe_the_list(path: Path) -> None:
    description = about(path)
    readme = (CONTENT / "README.md").read_text(encoding="utf-8")
    row = rf"\| {description['area']} \| {len(entries(path))} [^|]+\| {description['date']} \| "
    assert re.search(row, readme)
    assert path.name in (CONTENT / "LICENSE").read_text(encoding="utf-8")
