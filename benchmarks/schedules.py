"""Random schedules of photos and of what goes wrong meanwhile; the same seed gives the same schedule."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST_S: Final = 1.8  # until the last photo is sent or the last blow falls; then everything is left to recover
_MOST_PHOTOS, _MOST_BLOWS, _MOST_FAULTS = 6, 3, 2
_METHODS: Final = ("sendMessage", "editMessageMedia", "getFile", "file", "getUpdates", "sendChatAction")
_PEOPLE: Final = 3
_LONGEST_DOWN_S: Final = 0.6


@dataclass(frozen=True, slots=True)
class PhotoSent:
    """Somebody sends a photo.

    Attributes:
        at_s: when, from the beginning of the schedule.
        person: who, by number.
    """

    at_s: float
    person: int


@dataclass(frozen=True, slots=True)
class Blow:
    """A process or the database is struck.

    Attributes:
        at_s: when, from the beginning of the schedule.
        what: `bot`, `worker` or `database`.
        down_s: how long it stays away.
    """

    at_s: float
    what: str
    down_s: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """Photos, blows, and what Telegram does wrong from the first second on."""

    seed: int
    people: int
    photos: tuple[PhotoSent, ...]
    blows: tuple[Blow, ...]
    faults: tuple[Mapping[str, object], ...]

    @property
    def events(self) -> Sequence[PhotoSent | Blow]:
        """Everything that has a moment, in order."""
        return sorted((*self.photos, *self.blows), key=lambda event: event.at_s)


def schedule_of(seed: int, struck: Sequence[str]) -> Schedule:
    """Return the schedule of a seed; each kind that can be struck is in turn the one that surely is."""
    rng = random.Random(seed)
    photos = tuple(
        PhotoSent(rng.uniform(0, LONGEST_S), rng.randrange(_PEOPLE)) for _ in range(rng.randint(2, _MOST_PHOTOS))
    )
    sure = struck[seed % len(struck)]
    blows = tuple(
        Blow(rng.uniform(0.1, LONGEST_S), what, rng.uniform(0, _LONGEST_DOWN_S))
        for what in [sure, *rng.choices(struck, k=rng.randint(0, _MOST_BLOWS - 1))]
    )
    faults = tuple(_fault(rng) for _ in range(rng.randint(0, _MOST_FAULTS)))
    return Schedule(seed, _PEOPLE, photos, blows, faults)


def _fault(rng: random.Random) -> Mapping[str, object]:
    """Return one thing that Telegram does wrong, a few times; never one that doubles a message by Telegram's nature."""
    times, method = rng.randint(1, 3), rng.choice(_METHODS)
    return rng.choice(
        (
            {"kind": "delay", "method": method, "delay_s": round(rng.uniform(0.1, 1), 2), "times": times},
            {"kind": "429", "method": rng.choice(_METHODS[:2]), "retry_after": 1, "times": times},
            {"kind": "5xx", "method": method, "status": rng.choice((500, 502, 503)), "times": times},
            {"kind": "reset", "method": method, "times": times},
            {"kind": "reset", "method": "editMessageMedia", "times": times, "after": True},
            {"kind": "half_body", "method": "file", "times": times},
            {"kind": "duplicate_update", "times": times},
        )
    )
