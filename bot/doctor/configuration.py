"""The settings, also where some of them are wrong."""

import difflib
import io
import logging
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dotenv.parser import parse_stream
from pydantic import SecretStr, ValidationError, model_validator

from bot.doctor.check import Check, failed, ok, warning
from bot.settings import Settings, wrong_settings

logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # of lines that it can't read a check tells

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
    given: dict[str, Any] = {} if _is_env_file_readable() else {"_env_file": None}
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
    if not _is_env_file_readable():
        return [failed(_SETTINGS, ".env can't be read", "It must be UTF-8 and belong to the user who runs the bot.")]
    found = [failed(_SETTINGS, sentence.rstrip("."), _MEND) for sentence in wrong_settings(Settings)]
    return [*(found or [ok(_SETTINGS, "each can be read")]), *_misspelt()]


_MEND: Final = "Correct it in .env or the environment; the README has a table of settings."


def _misspelt() -> list[Check]:
    known = [name.upper() for name in Settings.model_fields]
    found = []
    for line, name, is_set in _lines():
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if not is_set:  # what it says may be the token
            words = f"line {line} of .env is not NAME=VALUE, and sets nothing"
            found.append(warning(_SETTINGS, words, f"Perhaps {near[0]}=… is meant." if near else "Correct it."))
        elif near and name.upper() not in known:
            found.append(warning(_SETTINGS, f"{name} in .env is no setting", f"Perhaps {near[0]} is meant."))
    return found


def _lines() -> Iterator[tuple[int, str, bool]]:
    """Yield the number of each line of .env that is to set something, the name in it, and whether it can be read."""
    if not _ENV_FILE.exists():
        return
    for binding in parse_stream(io.StringIO(_ENV_FILE.read_text(encoding="utf-8"))):
        said = binding.original.string
        line = binding.original.line + len(said) - len(said.lstrip("\n"))
        if binding.error or (binding.key is not None and binding.value is None):
            yield line, (said.split() or [""])[0], False
        elif binding.key is not None:
            yield line, binding.key, True


def _is_env_file_readable() -> bool:
    try:
        _ENV_FILE.read_text(encoding="utf-8")
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
