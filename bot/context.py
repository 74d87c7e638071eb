"""What every handler can reach."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from telegram.ext import Application, CallbackContext, ExtBot

from bot.content import Content
from bot.directory import Dermatologist
from bot.places import Places
from bot.storage.cases import Cases
from bot.storage.patients import Patients


@dataclass(frozen=True, slots=True)
class Services:
    """The services of the bot, chosen in app.py.

    Attributes:
        answer_soon: begins work on a case, by its number, and returns at once.
        now: aware UTC.
        figures: the measured figures that content/<lang>/model.md shows.
        failures: what went wrong in the handling of an update, by update_id, until intake picks it up.
    """

    patients: Patients
    cases: Cases
    content: Content
    dermatologists: tuple[Dermatologist, ...]
    places: Places
    figures: Mapping[str, int]
    answer_soon: Callable[[int], None]
    now: Callable[[], datetime]
    failures: dict[int, Exception] = field(default_factory=dict)


class Context(CallbackContext[ExtBot[int], dict[Any, Any], dict[Any, Any], dict[str, Services]]):
    """A CallbackContext that knows the services."""

    @property
    def services(self) -> Services:
        """The services of the bot."""
        return self.bot_data["services"]


LentigoApplication: TypeAlias = Application[
    ExtBot[int], Context, dict[Any, Any], dict[Any, Any], dict[str, Services], None
]
