"""What moderators do to entries of the directory, and the bot that stories do it in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.content import Texts
from emulator.objects import Message
from emulator.person import Person, Town
from emulator.server import RunningEmulator
from tests.conversations.service import BotProcess
from tests.conversations.stories import has_button, register, rows, shown


@dataclass(frozen=True, slots=True)
class House:
    """A bot with content of its own, that stories may change."""

    emulator: RunningEmulator
    bot: BotProcess
    data_dir: Path
    content_dir: Path

    def audited(self) -> list[tuple[str, str]]:
        """Every deed in the audit with its details, latest first."""
        return rows(self.data_dir, "SELECT action, details FROM audit ORDER BY entry_id DESC")


def card_of(name: str) -> Callable[[Message], bool]:
    """The card of an entry."""

    def is_card(message: Message) -> bool:
        return has_button(message, "dir:edit:name:") and name in message["text"]

    return is_card


def key_on(card: Message) -> str:
    return str(card["reply_markup"]["inline_keyboard"][-1][-1]["callback_data"]).rpartition(":")[2]


async def begins(moderator: Person, deed: str) -> None:
    """Press a button of /directory, and wait for the question."""
    await moderator.says("/directory")
    home = await moderator.waits_for(lambda message: has_button(message, f"dir:{deed}"))
    await moderator.presses(f"dir:{deed}", home)
    await moderator.waits_for("/cancel")


async def add(moderator: Person, name: str, here: tuple[float, float]) -> Message:
    """Add an entry; returns its card."""
    await begins(moderator, "add")
    await moderator.says(name)
    await moderator.waits_for(name)
    await moderator.shares_location(*here)
    return await moderator.waits_for(card_of(name))


async def correct(moderator: Person, card: Message, field: str, *answers: str) -> Message:
    """Press the button of a field, and answer until it is taken; returns the new card."""
    await moderator.presses(f"dir:edit:{field}:{key_on(card)}", card)
    for answer in answers:
        await moderator.says(answer)
    return await moderator.waits_for(lambda message: has_button(message, "dir:edit:name:"))


async def remove(moderator: Person, card: Message, texts: Texts) -> Message:
    """Remove the entry of a card; returns what the message says then."""
    await moderator.presses(f"dir:remove:{key_on(card)}", card)
    await moderator.waits_for(lambda message: has_button(message, "dir:gone:"))
    await moderator.presses(texts.plain("button-directory-remove-yes"))
    return await moderator.waits_for(shown(texts, "directory-removed", name="").split("  ")[-1].strip())


async def seen_by_patient(town: Town, here: tuple[float, float]) -> str:
    """What a patient is told who is here."""
    patient = await town.newcomer("Sam")
    await register(patient, "en")
    await patient.shares_location(*here)
    return str((await patient.waits_for("km"))["text"])
