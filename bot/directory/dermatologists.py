"""Dermatologists: the lists in content/dermatologists, who is nearest, and who is open."""

import csv
import hashlib
import heapq
import io
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from geopy.distance import geodesic
from opening_hours import OpeningHours

from bot.directory.fields import has_readable_hours, read_place
from bot.errors import ContentError
from bot.reading import read_text, read_toml

NEAR_KM: Final = 100
EARTH_KM: Final = 6371.0  # the mean radius
COLUMNS: Final = ("name", "address", "phone", "website", "opening_hours", "latitude", "longitude")  # and perhaps note
_AROUND_KM: Final = 30
_MOST_AROUND: Final = 40
_UTC: Final = ZoneInfo("UTC")  # opening_hours wants a zone with a name
_SHORTLIST: Final = 4  # times as many by the quick distance as by the exact one; they differ by 0.5 % at most


@dataclass(frozen=True, slots=True)
class Source:
    """Where an entry comes from; it is shown with it.

    Attributes:
        attribution: whom to name; empty for the moderators of this service.
        date: the day of the data.
        is_changed: moderators have changed what the source says.
    """

    attribution: str
    date: date
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Dermatologist:
    """One place where a dermatologist works; texts are empty where nothing is known.

    Attributes:
        key: what the entry is found by; stays the same as long as its list says the same name and place.
        latitude: degrees north.
        longitude: degrees east.
        opening_hours: in OpenStreetMap's syntax.
    """

    key: str
    name: str
    address: str
    phone: str
    website: str
    opening_hours: str
    note: str
    latitude: float
    longitude: float
    source: Source


@dataclass(frozen=True, slots=True)
class Found:
    """A dermatologist seen from where somebody is; is_open is None where the hours are not known."""

    dermatologist: Dermatologist
    distance_km: float
    is_open: bool | None

    @property
    def is_near(self) -> bool:
        """Whether it is within 100 km."""
        return self.distance_km <= NEAR_KM


def nearest(
    dermatologists: Sequence[Dermatologist], latitude: float, longitude: float, now: datetime, count: int = 5
) -> list[Found]:
    """Return the nearest dermatologists, nearest first.

    Args:
        dermatologists: all that are known.
        latitude: degrees north.
        longitude: degrees east.
        now: aware; what "open now" means.
        count: how many at most.

    Source of the distance: Karney 2013, Algorithms for geodesics, as in geopy's geodesic.
    """

    def quick_km(doctor: Dermatologist) -> float:
        return sphere_km(doctor, latitude, longitude)

    shortlist = heapq.nsmallest(count * _SHORTLIST, dermatologists, key=quick_km)
    distances = [float(geodesic((latitude, longitude), (doctor.latitude, doctor.longitude)).km) for doctor in shortlist]
    ranked = sorted(zip(distances, shortlist, strict=True), key=lambda pair: pair[0])[:count]
    return [Found(doctor, distance_km, is_open(doctor, now)) for distance_km, doctor in ranked]


def around(
    dermatologists: Sequence[Dermatologist], latitude: float, longitude: float, now: datetime
) -> list[Dermatologist]:
    """Return who is near enough to be meant by a place that somebody searches for, nearest first."""
    found = nearest(dermatologists, latitude, longitude, now, _MOST_AROUND)
    return [one.dermatologist for one in found if one.distance_km <= _AROUND_KM]


def sphere_km(doctor: Dermatologist, latitude: float, longitude: float) -> float:
    """Return how far the place is, quickly: wrong by 0.5 % at most."""
    north, there = math.radians(latitude), math.radians(doctor.latitude)
    along, across = math.sin((there - north) / 2), math.sin(math.radians(doctor.longitude - longitude) / 2)
    return 2 * EARTH_KM * math.asin(math.sqrt(along**2 + math.cos(north) * math.cos(there) * across**2))


def is_open(doctor: Dermatologist, now: datetime) -> bool | None:
    """Return whether the place is open, by its own time zone and public holidays; None where nobody knows."""
    if not doctor.opening_hours:
        return None
    moment = now.astimezone(_UTC)
    try:
        hours = OpeningHours(doctor.opening_hours, coords=(doctor.latitude, doctor.longitude))
        return None if hours.is_unknown(moment) else bool(hours.is_open(moment))
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the library's panic, some days of some hours; no module has it
            raise
        return None


def load_directory(folder: Path) -> tuple[Dermatologist, ...]:
    """Read every list in a folder.

    Raises:
        ContentError: names the file and the line that is wrong.
    """
    return tuple(doctor for path in sorted(folder.glob("*.csv")) for doctor in _load_list(path))


def _load_list(path: Path) -> Iterator[Dermatologist]:
    source = _source(path.with_suffix(".toml"))
    seen: Counter[tuple[str, float, float]] = Counter()
    for line, row in _rows(path):
        doctor = _dermatologist(row, source, path, line)
        identity = (doctor.name, doctor.latitude, doctor.longitude)
        yield replace(doctor, key=_key(path.stem, *identity, seen[identity]))
        seen[identity] += 1


def _key(*identity: str | float) -> str:
    return "l" + hashlib.blake2b(repr(identity).encode(), digest_size=8).hexdigest()


def _source(path: Path) -> Source:
    about = read_toml(path)
    attribution, day = about.get("attribution"), about.get("date")
    if not (isinstance(attribution, str) and attribution):
        raise ContentError("attribution is missing", path)
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ContentError("date is missing, or no day such as 2025-07-10", path)
    return Source(attribution, day)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with the line that it begins in."""
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise ContentError(f"the columns lack {', '.join(missing)}", path, 1)
        for row in reader:
            if None in row or None in row.values():
                raise ContentError("more or fewer cells than columns", path, reader.line_num)
            yield reader.line_num - sum(cell.count("\n") for cell in row.values()), row
    except csv.Error as error:
        raise ContentError(str(error), path, reader.line_num + 1) from error  # the row that could not be read


def _dermatologist(row: dict[str, str], source: Source, path: Path, line: int) -> Dermatologist:
    place = read_place(row["latitude"], row["longitude"])
    if place is None:
        raise ContentError(f"no such place: {row['latitude']}, {row['longitude']}", path, line)
    if not row["name"]:
        raise ContentError("the name is missing", path, line)
    if row["opening_hours"] and not has_readable_hours(row["opening_hours"]):
        raise ContentError(f"these hours can't be read: {row['opening_hours']}", path, line)
    return Dermatologist(
        key="",
        name=row["name"],
        address=row["address"],
        phone=row["phone"],
        website=row["website"],
        opening_hours=row["opening_hours"],
        note=row.get("note", ""),
        latitude=place[0],
        longitude=place[1],
        source=source,
    )
