"""The tree of errors of this package."""


class BotError(Exception):
    """A promise was broken somewhere in the bot."""


class SettingsError(BotError):
    """A setting is missing or wrong; the message names it in one sentence."""


class ContentError(BotError):
    """A file in content/ is missing or wrong; the message names it."""


class PlaceNamesUnavailable(BotError):  # noqa: N818 - the name says what the patient hears
    """The place-name service can't be reached, refuses, or is switched off."""
