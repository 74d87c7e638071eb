"""What may stand in each field of the directory, and how it is read. Pure."""

import math
import re
from enum import StrEnum
from typing import Final

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stub lacks the error

from bot.reading import is_link

EMPTIES: Final = "-"  # what somebody types who wants a field to be empty
_LONGEST: Final = 200  # signs in one field; five entries have to fit into one message
_PHONE: Final = re.compile(r"\+[1-9][0-9 -]{5,28}")
_ONLY_A_REMARK: Final = re.compile(r'"[^"]*"')  # the library takes it for open at all times
_NUMBER: Final = r"[+-]?\d{1,3}(?:\.\d+)?"
_TWO_NUMBERS: Final = re.compile(rf"({_NUMBER})°?\s*[,;\s]\s*({_NUMBER})°?")
_TWO_WITH_COMMAS: Final = re.compile(r"([+-]?\d{1,3},\d+)°?\s*[;\s]\s*([+-]?\d{1,3},\d+)°?")


class Field(StrEnum):
    """A field that can be corrected; its name is also the column of a list, but for the place."""

    NAME = "name"
    ADDRESS = "address"
    PHONE = "phone"
    WEBSITE = "website"
    OPENING_HOURS = "opening_hours"
    NOTE = "note"
    PLACE = "place"


OPTIONAL: Final = (Field.ADDRESS, Field.PHONE, Field.WEBSITE, Field.OPENING_HOURS, Field.NOTE)


def read_field(field: Field, text: str) -> str | None:
    """Return what a field other than the place is to say, or None where it can't say that."""
    words = one_line(text)
    if words in {"", EMPTIES}:
        return None if field is Field.NAME else ""
    if len(words) > _LONGEST:
        return None
    match field:
        case Field.PHONE:
            return _phone(words)
        case Field.WEBSITE:
            return words if is_link(words) and " " not in words else None
        case Field.OPENING_HOURS:
            return words if has_readable_hours(words) else None
        case _:
            return words


def read_place(latitude: str, longitude: str) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, or None where there is no such place; decimal commas are read too."""
    try:
        return checked_place(*(float(number.strip().replace(",", ".")) for number in (latitude, longitude)))
    except ValueError:
        return None


def typed_place(text: str) -> tuple[float, float] | None:
    """Return the place that somebody typed as 47.8, 13.05."""
    words = one_line(text)
    match = _TWO_NUMBERS.fullmatch(words) or _TWO_WITH_COMMAS.fullmatch(words)
    return read_place(match[1], match[2]) if match else None


def checked_place(latitude: float, longitude: float) -> tuple[float, float] | None:
    """Return the place, or None where it is none on Earth or 0, 0, which stands for an unknown one."""
    is_on_earth = math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180
    return (latitude, longitude) if is_on_earth and (latitude, longitude) != (0, 0) else None


def has_readable_hours(text: str) -> bool:
    """Return whether opening hours in OpenStreetMap's syntax tell when it is open."""
    try:
        OpeningHours(text)
    except ParserError:
        return False
    return not _ONLY_A_REMARK.fullmatch(text)


def one_line(text: str) -> str:
    """Return the text on one line, without signs that nobody sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _phone(words: str) -> str | None:
    international = re.sub(r"^00", "+", words.replace("(0)", " "))
    number = " ".join(re.sub(r"[()/.]", " ", international).split())
    digits = sum(sign.isdigit() for sign in number)
    return number if _PHONE.fullmatch(number) and 7 <= digits <= 15 else None
