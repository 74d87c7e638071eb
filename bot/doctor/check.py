"""What a look at one thing gave."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class State(StrEnum):
    """How serious it is."""

    OK = "ok"
    WARNING = "warning"  # the bot runs, and something is amiss or soon will be
    FAILED = "failed"  # the bot does not start, or can't do its work


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor.

    Attributes:
        name: what was looked at.
        state: how serious it is.
        words: what was found; nothing of a person, and no secret.
        advice: how to mend it; empty where it is well.
    """

    name: str
    state: State
    words: str
    advice: str = ""

    @property
    def line(self) -> str:
        """The line that the operator reads."""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.state:<8}{self.name}: {self.words}.{advice}"


Look: TypeAlias = Callable[[], Check | list[Check] | Awaitable[Check] | Awaitable[list[Check]]]


def ok(name: str, words: str) -> Check:
    """Return that something is well."""
    return Check(name, State.OK, words)


def warning(name: str, words: str, advice: str) -> Check:
    """Return that something is amiss with which the bot runs."""
    return Check(name, State.WARNING, words, advice)


def failed(name: str, words: str, advice: str) -> Check:
    """Return that something is amiss with which it can't do its work."""
    return Check(name, State.FAILED, words, advice)


async def looked_at(name: str, look: Look) -> list[Check]:
    """Return what a look gave; where the look itself fails, that."""
    try:
        found = look()
        if isinstance(found, Awaitable):
            found = await found
    except Exception as error:  # noqa: BLE001 - the doctor must not fall ill with what it looks at
        return [failed(name, f"could not be looked at ({type(error).__name__})", "The checks above may say why.")]
    return [found] if isinstance(found, Check) else found


def has_failed(checks: Iterable[Check]) -> bool:
    """Whether anything is so wrong that the bot can't do its work."""
    return any(check.state is State.FAILED for check in checks)
