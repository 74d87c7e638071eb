"""Where the entries of an import lie, so that whoever imported them sees what went wrong. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.directory.dermatologists import Dermatologist, sphere_km

_FIRST: Final = 3


@dataclass(frozen=True, slots=True)
class Overview:
    """The first entries of an import, and the box that all of them lie in.

    Attributes:
        first: each with how far it lies from the nearest entry that was there before; None where there was none.
        south: degrees north, of the southernmost.
        north: degrees north, of the northernmost.
        west: degrees east, the least.
        east: degrees east, the most.
    """

    first: tuple[tuple[Dermatologist, float | None], ...]
    south: float
    north: float
    west: float
    east: float


def overview(doctors: Sequence[Dermatologist], known: Sequence[Dermatologist]) -> Overview:
    """Return where these lie; at least one."""
    latitudes = [doctor.latitude for doctor in doctors]
    longitudes = [doctor.longitude for doctor in doctors]
    return Overview(
        first=tuple((doctor, _km_to_nearest(doctor, known)) for doctor in doctors[:_FIRST]),
        south=min(latitudes),
        north=max(latitudes),
        west=min(longitudes),
        east=max(longitudes),
    )


def _km_to_nearest(doctor: Dermatologist, known: Sequence[Dermatologist]) -> float | None:
    return min((sphere_km(other, doctor.latitude, doctor.longitude) for other in known), default=None)
