"""The tree of errors of this package."""

from pathlib import Path


class BotError(Exception):
    """A promise was broken somewhere in the bot."""


class SettingsError(BotError):
    """A setting is missing or wrong; the message names it in one sentence."""


class DatabaseAway(BotError):  # noqa: N818 - it is away, and nothing has to be mended in the settings
    """The database can't be used now and may be later; the message says why in one sentence."""


class ContentError(BotError):
    """A file in content/ is missing or wrong; the message names it, and the line where there is one."""

    def __init__(self, reason: str, path: Path | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        where = [str(path)] if path else []
        where += [f"line {line}"] if line else []
        super().__init__(f"{', '.join(where)}: {reason}" if where else reason)


class SealedValueError(BotError):
    """A value in the database is sealed and can't be opened; the message names the key."""


class PlaceNamesUnavailable(BotError):  # noqa: N818 - the name says what the patient hears
    """The place-name service can't be reached, refuses, or is switched off."""


class BackupError(BotError):
    """A backup could not be made or brought back; the message says why in one sentence."""


class SlowedDown(BotError):  # noqa: N818 - Telegram slows us down, and nothing is broken
    """Telegram wants to hear nothing more for a chat for so long, or can't fetch a photo just now.

    Attributes:
        wait_s: for how long.
    """

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"not before {wait_s:g} s from now")
        self.wait_s = wait_s
