"""The settings, also where some of them are wrong."""

import difflib
import re
import stat
import sys
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError, model_validator

from bot.doctor.check import Check, failed, ok, warning
from bot.settings import Settings, wrong_settings

_OLDEST_PYTHON: Final = (3, 11)
_ENV_FILE: Final = Path(".env")
_SETTINGS: Final = "settings"


class LenientSettings(Settings):
    """The settings, without the demand that everything is there."""

    bot_token: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _folders_exist(self) -> "LenientSettings":
        return self


def lenient_settings() -> Settings:
    """Return the settings with the default for each that is wrong: so the others can still be looked at."""
    given: dict[str, Any] = {} if _readable(_ENV_FILE) else {"_env_file": None}
    while True:
        try:
            return LenientSettings(**given)
        except ValidationError as error:
            wrong = _names(error) - given.keys()
            if not wrong:
                return LenientSettings.model_construct()
            fields = LenientSettings.model_fields
            given |= {name: fields[name].get_default(call_default_factory=True) for name in wrong}


def _names(error: ValidationError) -> set[str]:
    """Return which fields are wrong; an error of the whole begins with the name of a setting."""
    found = {str(one["loc"][0]) if one["loc"] else _first_word(one["msg"]) for one in error.errors()}
    return found & LenientSettings.model_fields.keys()


def _first_word(message: str) -> str:
    word = re.search(r"[A-Z]+(?:_[A-Z]+)+", message)
    return word[0].lower() if word else ""


def python_version(version: tuple[int, int]) -> Check:
    """Return whether this Python is new enough."""
    words = f"{version[0]}.{version[1]}"
    if version < _OLDEST_PYTHON:
        return failed("Python", f"{words} is too old", "Install 3.11 or newer, and make run.")
    return ok("Python", words)


def this_python() -> Check:
    """Return whether the Python that runs this is new enough."""
    return python_version(sys.version_info[:2])


def settings() -> list[Check]:
    """Return a check for each wrong setting, or one that says that all are right."""
    if not _readable(_ENV_FILE):
        return [failed(_SETTINGS, ".env can't be read", "It must be UTF-8 and belong to the user who runs the bot.")]
    found = [failed(_SETTINGS, sentence.rstrip("."), _MEND) for sentence in wrong_settings(Settings)]
    return [*(found or [ok(_SETTINGS, "each can be read")]), *_misspelt(_ENV_FILE)]


_MEND: Final = "Correct it in .env or the environment; the README has a table of settings."


def _misspelt(path: Path) -> list[Check]:
    known = [name.upper() for name in Settings.model_fields]
    found = []
    for name in dotenv_values(path) if path.exists() else ():
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if near and name.upper() not in known:
            found.append(warning(_SETTINGS, f"{name} in .env is no setting", f"Perhaps {near[0]} is meant."))
    return found


def _readable(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False
    return True


def env_file(path: Path = _ENV_FILE) -> Check:
    """Return whether others on this machine may read the token."""
    if not path.exists():
        return ok(".env", "there is none; the environment has the settings")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return warning(".env", f"others may read it (mode {mode:o})", "Let only its owner: chmod 600 .env")
    return ok(".env", "only its owner may read it")
