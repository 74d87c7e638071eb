"""Reads the dermatologists of a file that somebody sent: CSV as content/README.md has it, or GeoJSON. Pure."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bot.directory.dermatologists import Dermatologist, Source
from bot.directory.fields import OPTIONAL, Field, checked_place, one_line, read_field, read_place

MAX_BYTES: Final = 5_000_000
MAX_ENTRIES: Final = 20_000
MAX_SOURCE: Final = 200  # characters of the name of where a file comes from
_NEEDED: Final = ("name", "latitude", "longitude")
_OF_SKIN: Final = ("dermat", "venerolog", "venereolog", "skin")  # parts of the values of healthcare:speciality
_OTHER_TRADES: Final = frozenset({"dentist", "pharmacy", "veterinary"})  # values of amenity and healthcare


@dataclass(frozen=True, slots=True)
class Remark:
    """What was not taken.

    Attributes:
        position: the line of a CSV, the number of a GeoJSON's feature; from 1.
        code: why, or the field that can't be read.
        value: what stood there.
    """

    position: int
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds.

    Attributes:
        doctors: those that can be taken; they have no key yet.
        refused: entries that are not taken.
        left_out: single fields that are not taken, of entries that are.
        unknown_columns: what the file says besides.
        is_csv: whether positions are lines; else they are numbers of features.
    """

    doctors: tuple[Dermatologist, ...]
    refused: tuple[Remark, ...]
    left_out: tuple[Remark, ...]
    unknown_columns: tuple[str, ...]
    is_csv: bool


@dataclass(slots=True)
class _Sorting:
    """Sorts entries into those that are taken and those that are not."""

    source: Source
    doctors: list[Dermatologist] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)

    def take(self, position: int, said: Mapping[str, str], place: tuple[float, float] | None) -> None:
        """Take an entry if it has a name and a place; fields that can't be read are left out."""
        name = read_field(Field.NAME, said.get(Field.NAME, ""))
        if name is None or place is None:
            code, value = ("name", said.get(Field.NAME, "")) if name is None else ("place", said.get(Field.PLACE, ""))
            self.refused.append(Remark(position, code, one_line(value)))
            return
        read = {column: read_field(column, said.get(column, "")) for column in OPTIONAL}
        self.left_out += [
            Remark(position, column, one_line(said[column])) for column, value in read.items() if value is None
        ]
        texts = {str(column): value or "" for column, value in read.items()}
        self.doctors.append(
            Dermatologist(key="", name=name, latitude=place[0], longitude=place[1], source=self.source, **texts)
        )

    def result(self, unknown_columns: Iterable[str], *, is_csv: bool) -> Imported | Remark:
        """Return what was sorted, unless it is nothing or too much."""
        if not self.doctors and not self.refused:
            return Remark(0, "no-rows" if is_csv else "no-features")
        if len(self.doctors) + len(self.refused) > MAX_ENTRIES:
            return Remark(0, "too-many")
        return Imported(
            doctors=tuple(self.doctors),
            refused=tuple(self.refused),
            left_out=tuple(self.left_out),
            unknown_columns=tuple(unknown_columns),
            is_csv=is_csv,
        )


def read_import(raw: bytes, attribution: str, day: date) -> Imported | Remark:
    """Return what a file holds, or why it can't be read at all.

    Args:
        raw: UTF-8 with or without a byte-order mark.
        attribution: whom to name wherever its entries are shown.
        day: the day of the data.
    """
    if len(raw) > MAX_BYTES:
        return Remark(0, "too-large")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Remark(raw.count(b"\n", 0, error.start) + 1, "encoding")
    sorting = _Sorting(Source(attribution, day))
    return (_read_geojson if text.lstrip().startswith(("{", "[")) else _read_csv)(text, sorting)


def _read_csv(text: str, sorting: _Sorting) -> Imported | Remark:
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)  # Excel writes semicolons where the comma is a decimal sign
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins_at = 1  # the line of the next row
    try:
        columns = [cell.strip().casefold() for cell in next(reader, [])]
        if missing := [name for name in _NEEDED if name not in columns]:
            return Remark(1, "columns", ", ".join(missing))
        begins_at = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take_row(begins_at, cells, columns, sorting)
            begins_at = reader.line_num + 1
    except csv.Error as error:
        return Remark(begins_at, "csv", str(error))
    unknown = [one_line(name) for name in columns if name.strip() and name not in {*_NEEDED, *OPTIONAL}]
    return sorting.result(unknown, is_csv=True)


def _take_row(line: int, cells: list[str], columns: list[str], sorting: _Sorting) -> None:
    if any(cell.strip() for cell in cells[len(columns) :]):
        sorting.refused.append(Remark(line, "cells", one_line(cells[0])))
        return
    row = dict(zip(columns, cells, strict=False))
    latitude, longitude = row.get("latitude", ""), row.get("longitude", "")
    sorting.take(line, row | {Field.PLACE: f"{latitude} / {longitude}"}, read_place(latitude, longitude))


def _read_geojson(text: str, sorting: _Sorting) -> Imported | Remark:
    try:
        document = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        return Remark(error.lineno, "json", error.msg)
    except RecursionError:
        return Remark(1, "json")
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        return Remark(1, "collection")
    for number, feature in enumerate(features, 1):
        _take_feature(number, feature if isinstance(feature, dict) else {}, sorting)
    return sorting.result([], is_csv=False)


def _take_feature(number: int, feature: dict[str, Any], sorting: _Sorting) -> None:
    tags = _tags(feature)
    if (trade := _other_trade(tags)) is not None:
        sorting.refused.append(Remark(number, "trade", one_line(trade)))
        return
    geometry = feature.get("geometry")
    kind = geometry.get("type", "") if isinstance(geometry, dict) else ""
    said: dict[str, str] = {
        Field.NAME: tags.get("name", ""),
        Field.ADDRESS: _address(tags),
        Field.PHONE: _first(tags, "phone", "contact:phone"),
        Field.WEBSITE: _first(tags, "website", "contact:website"),
        Field.OPENING_HOURS: tags.get("opening_hours", ""),
        Field.PLACE: str(kind),
    }
    sorting.take(number, said, _centre(geometry.get("coordinates")) if isinstance(geometry, dict) else None)


def _tags(feature: dict[str, Any]) -> dict[str, str]:
    """Return OpenStreetMap's tags; some exports nest them one deeper."""
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    nested = properties.get("tags")
    tags = nested if isinstance(nested, dict) else properties
    return {name: value for name, value in tags.items() if isinstance(value, str)}


def _other_trade(tags: Mapping[str, str]) -> str | None:
    """Return what else than a dermatologist this clearly is; values vary, and many entries have none."""
    for tag in ("amenity", "healthcare"):
        if tags.get(tag) in _OTHER_TRADES:
            return tags[tag]
    specialities = ";".join(tags[tag] for tag in ("healthcare:speciality", "healthcare:specialty") if tags.get(tag))
    is_of_skin = any(part in specialities.casefold() for part in _OF_SKIN)
    return specialities if specialities and not is_of_skin else None


def _address(tags: Mapping[str, str]) -> str:
    if tags.get("addr:full"):
        return tags["addr:full"]
    street = tags.get("addr:street") or tags.get("addr:place", "")
    parts = ([street, tags.get("addr:housenumber", "")], [tags.get("addr:postcode", ""), tags.get("addr:city", "")])
    return ", ".join(" ".join(filter(None, part)) for part in parts if any(part))


def _first(tags: Mapping[str, str], *names: str) -> str:
    """Return the first value of the first tag that is there; a semicolon parts several."""
    return next((tags[name] for name in names if tags.get(name)), "").partition(";")[0]


def _centre(coordinates: object) -> tuple[float, float] | None:
    """Return the centre of the box around a geometry of any kind, which has longitudes first."""
    points = list(_points(coordinates))
    if not points:
        return None
    longitudes, latitudes = zip(*points, strict=True)
    return checked_place((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)


def _points(coordinates: object) -> Iterator[tuple[float, float]]:
    """Yield the points of coordinates, however deep they are nested."""
    waiting = [coordinates]
    while waiting:
        match waiting.pop():
            case [float(longitude), float(latitude), *_]:
                yield longitude, latitude
            case list(parts):
                waiting += parts
