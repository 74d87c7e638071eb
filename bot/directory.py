"""The nearest dermatologists, from the lists in content/dermatologists."""

import csv
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from geopy.distance import geodesic, great_circle
from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stub lacks the error

from bot.errors import ContentError

NEAR_KM: Final = 100
_UTC: Final = ZoneInfo("UTC")  # opening_hours wants a zone with a name
_SHORTLIST: Final = 4  # times as many by the quick distance as by the exact one; they differ by 0.5 % at most


@dataclass(frozen=True, slots=True)
class Source:
    """Where a list comes from; attribution and date are shown with it."""

    attribution: str
    date: date


@dataclass(frozen=True, slots=True)
class Dermatologist:
    """One place where a dermatologist works; texts are empty where the list knows nothing.

    Attributes:
        latitude: degrees north.
        longitude: degrees east.
        opening_hours: in OpenStreetMap's syntax.
    """

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
    here = (latitude, longitude)

    def quick_km(doctor: Dermatologist) -> float:
        return float(great_circle(here, (doctor.latitude, doctor.longitude)).km)

    shortlist = sorted(dermatologists, key=quick_km)[: count * _SHORTLIST]
    distances = [float(geodesic(here, (doctor.latitude, doctor.longitude)).km) for doctor in shortlist]
    ranked = sorted(zip(distances, shortlist, strict=True), key=lambda pair: pair[0])[:count]
    return [Found(doctor, distance_km, is_open(doctor, now)) for distance_km, doctor in ranked]


def is_open(doctor: Dermatologist, now: datetime) -> bool | None:
    """Return whether the place is open, by its own time zone and public holidays; None where nobody knows."""
    if not doctor.opening_hours:
        return None
    hours = OpeningHours(doctor.opening_hours, coords=(doctor.latitude, doctor.longitude))
    moment = now.astimezone(_UTC)
    return None if hours.is_unknown(moment) else bool(hours.is_open(moment))


def load_directory(folder: Path) -> tuple[Dermatologist, ...]:
    """Read every list in a folder.

    Raises:
        ContentError: names the file and the line that is wrong.
    """
    return tuple(doctor for path in sorted(folder.glob("*.csv")) for doctor in _load_list(path))


def _load_list(path: Path) -> list[Dermatologist]:
    try:
        about = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
        source = Source(about["attribution"], about["date"])
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path.with_suffix('.toml')}: {error!r}") from error
    doctors = []
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                doctors.append(_dermatologist(row, source))
            except (KeyError, TypeError, ValueError, ParserError) as error:
                raise ContentError(f"{path}, line {line}: {error!r}") from error
    return doctors


def _dermatologist(row: dict[str, str], source: Source) -> Dermatologist:
    latitude, longitude = float(row["latitude"]), float(row["longitude"])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"no such place: {latitude}, {longitude}")
    if row["opening_hours"]:
        OpeningHours(row["opening_hours"])  # refuses what it can't read
    return Dermatologist(
        name=row["name"],
        address=row["address"],
        phone=row["phone"],
        website=row["website"],
        opening_hours=row["opening_hours"],
        note=row["note"],
        latitude=latitude,
        longitude=longitude,
        source=source,
    )
