"""The moderators' changes, laid over the lists: what they corrected, removed, added or imported. Pure.

A change is JSON. For an entry of a list it holds the fields that say something else than the list, so that whatever
else a newer list says is shown; None stands for an entry that was removed. For an added entry it holds every field, and
is_removed where it was removed and can be put back.
A change whose list no longer has the entry rests until it has.
"""

import hashlib
import math
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any, Final, TypeAlias

from bot.directory.dermatologists import EARTH_KM, Dermatologist, Source, sphere_km
from bot.directory.fields import OPTIONAL

Change: TypeAlias = Mapping[str, Any] | None
ADDED: Final = "a"  # what the key of an added entry begins with
IMPORTED: Final = "i"  # what the number of an import begins with
_REMOVED: Final = "is_removed"
_SAME_PLACE_KM: Final = 0.1
_CELL_KM: Final = 0.11  # no less than the distance above, so that whoever is that near is in a neighbouring cell
_WRITTEN: Final = tuple(name for name in Dermatologist.__slots__ if name not in {"key", "source"})


def laid_over(
    shown: Mapping[str, Dermatologist], listed: Mapping[str, Dermatologist], changes: Mapping[str, Change]
) -> dict[str, Dermatologist]:
    """Return every dermatologist to show, by key: those shown now, but for what these changes of the lists say."""
    new = dict(shown)
    for key, change in changes.items():
        base = listed.get(key)
        if change is None or _REMOVED in change:
            new.pop(key, None)
        elif base is not None or key.startswith(ADDED):
            new[key] = _read(key, (_written(base) if base else {}) | dict(change))
    return new


def change_of(doctor: Dermatologist, listed: Mapping[str, Dermatologist]) -> Mapping[str, Any]:
    """Return the change that makes an entry say this."""
    base = listed.get(doctor.key)
    said = _written(base) if base else {}
    return {name: value for name, value in _written(doctor).items() if name not in said or said[name] != value}


def removal_of(doctor: Dermatologist, listed: Mapping[str, Dermatologist]) -> Change:
    """Return the change that removes an entry, which can be put back: as its list has it, or as it was."""
    return None if doctor.key in listed else {**change_of(doctor, listed), _REMOVED: True}


def removed_entries(listed: Mapping[str, Dermatologist], changes: Mapping[str, Change]) -> dict[str, Dermatologist]:
    """Return what was removed and can be put back, by key, as it would be then."""
    removed = {}
    for key, change in changes.items():
        if change is None and key in listed:
            removed[key] = listed[key]
        elif change is not None and _REMOVED in change:
            removed[key] = _read(key, {name: value for name, value in change.items() if name != _REMOVED})
    return removed


def mark_of(doctor: Dermatologist) -> str:
    """Return what tells this entry from the same one after a change: 8 hexadecimal digits."""
    return hashlib.blake2b(repr(doctor).encode(), digest_size=4).hexdigest()


def corrected(doctor: Dermatologist, day: date, **fields: str | float) -> Dermatologist:
    """Return the entry with fields that moderators know better; a source that is not theirs is said to be changed."""
    source = replace(doctor.source, is_changed=True) if doctor.source.attribution else Source("", day)
    return replace(doctor, source=source, **fields)  # type: ignore[arg-type] # the names are those of the fields


def matching(dermatologists: Iterable[Dermatologist], words: str) -> list[Dermatologist]:
    """Return those who have every word in their name or address, by name; accents and capitals don't matter."""
    wanted = _folded(words).split()
    found = [
        doctor
        for doctor in dermatologists
        if all(word in _folded(f"{doctor.name} {doctor.address}") for word in wanted)
    ]
    return sorted(found, key=lambda doctor: (_folded(doctor.name), doctor.key))


_Cell: TypeAlias = tuple[int, int, int]


class Known:
    """Finds an entry again by its name and place, however many have that name."""

    def __init__(self, dermatologists: Iterable[Dermatologist]) -> None:
        self._by_cell: defaultdict[tuple[str, _Cell], dict[str, Dermatologist]] = defaultdict(dict)
        self._where: dict[str, tuple[str, _Cell]] = {}  # by key
        for doctor in dermatologists:
            self.add(doctor)

    def add(self, doctor: Dermatologist) -> None:
        """Learn an entry, or what it says now."""
        here = _folded(doctor.name), _cell(doctor.latitude, doctor.longitude)
        if (there := self._where.get(doctor.key, here)) != here:
            del self._by_cell[there][doctor.key]
        self._by_cell[here][doctor.key] = doctor
        self._where[doctor.key] = here

    def same(self, name: str, latitude: float, longitude: float) -> Dermatologist | None:
        """Return the entry of this name within 100 m, the nearest where there are several."""
        folded, cells = _folded(name), _neighbours(_cell(latitude, longitude))
        around = [doctor for cell in cells for doctor in self._by_cell.get((folded, cell), {}).values()]
        ranked = sorted(
            ((sphere_km(doctor, latitude, longitude), doctor) for doctor in around), key=lambda pair: pair[0]
        )
        return ranked[0][1] if ranked and ranked[0][0] <= _SAME_PLACE_KM else None


def _cell(latitude: float, longitude: float) -> _Cell:
    """Return which cube of space a place is in: unlike degrees, cubes are of one size everywhere on earth."""
    north, east = math.radians(latitude), math.radians(longitude)
    across = math.cos(north)
    x, y, z = (
        math.floor(EARTH_KM * along / _CELL_KM)
        for along in (across * math.cos(east), across * math.sin(east), math.sin(north))
    )
    return x, y, z


def _neighbours(cell: _Cell) -> Iterator[_Cell]:
    """Yield a cube and those around it."""
    for x, y, z in product((-1, 0, 1), repeat=3):
        yield cell[0] + x, cell[1] + y, cell[2] + z


@dataclass(frozen=True, slots=True)
class Merge:
    """What an import makes of the directory.

    Attributes:
        changes: by key.
        added: how many entries are new.
        updated: how many say something else than before.
        unchanged: how many said the same already.
        left_removed: how many are not taken, as moderators removed them from their list.
    """

    changes: Mapping[str, Change]
    added: int
    updated: int
    unchanged: int
    left_removed: int


def taken_in(
    doctors: Sequence[Dermatologist],
    shown: Iterable[Dermatologist],
    listed: Mapping[str, Dermatologist],
    new_key: Callable[[], str],
) -> Merge:
    """Return what an import makes of the directory: known entries are updated, others added, removed ones left so."""
    before = {doctor.key: doctor for doctor in shown}
    known, after = Known(before.values()), dict[str, Dermatologist]()
    removed, left_removed = Known(doctor for key, doctor in listed.items() if key not in before), 0
    for doctor in doctors:
        old = known.same(doctor.name, doctor.latitude, doctor.longitude)
        if old is None and removed.same(doctor.name, doctor.latitude, doctor.longitude) is not None:
            left_removed += 1
            continue
        new = _combined(old, doctor) if old else replace(doctor, key=new_key())
        known.add(new)
        after[new.key] = new
    updated = [key for key, new in after.items() if key in before and not _says_the_same(before[key], new)]
    added = len(after.keys() - before.keys())
    changes = {key: change_of(new, listed) for key, new in after.items() if before.get(key) != new}
    return Merge(changes, added, len(updated), len(after) - added - len(updated), left_removed)


def _combined(old: Dermatologist, new: Dermatologist) -> Dermatologist:
    """Return what both say; where they differ, the new one is right. Whoever still says something is named."""
    kept = {str(name): getattr(old, name) for name in OPTIONAL if getattr(old, name) and not getattr(new, name)}
    return replace(new, key=old.key, source=_both(old.source, new.source) if kept else new.source, **kept)


def _both(old: Source, new: Source) -> Source:
    """Return both sources with the older day, for an entry that keeps something of the old one."""
    day = min(old.date, new.date)
    if not old.attribution:
        return Source(new.attribution, day, is_changed=True)
    is_named = f"; {new.attribution}; " in f"; {old.attribution}; "  # a source may have a semicolon of its own
    return Source(old.attribution if is_named else f"{old.attribution}; {new.attribution}", day, old.is_changed)


def _says_the_same(old: Dermatologist, new: Dermatologist) -> bool:
    return replace(old, source=new.source) == new and old.source.attribution == new.source.attribution


def _written(doctor: Dermatologist) -> dict[str, Any]:
    source = doctor.source
    said = {"attribution": source.attribution, "date": source.date.isoformat(), "is_changed": source.is_changed}
    return {name: getattr(doctor, name) for name in _WRITTEN} | said


def _read(key: str, change: Mapping[str, Any]) -> Dermatologist:
    fields = dict(change)
    source = Source(fields.pop("attribution"), date.fromisoformat(fields.pop("date")), fields.pop("is_changed"))
    return Dermatologist(key=key, source=source, **fields)


def _folded(text: str) -> str:
    """Return the text as it is compared: without accents and capitals."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())
