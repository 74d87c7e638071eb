"""What is sealed before it is written: what people wrote, and what says something about their health.

Without a key everything is written plain, as it is. With keys the first one seals and each of them opens; what was
written plain before is still read. Each engine has its own keys: two databases in one process don't share them.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import SealedValueError

_SEALED: Final = "sealed:"  # then the key's name, a colon, and what Fernet makes
_PLAIN: Final = "plain:"  # before what is plain and looks like one of these two
_NAME_LENGTH: Final = 8


class KeyRing:
    """The keys of a database; no keys leave everything plain."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self.names = tuple(_name(key) for key in keys)
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @property
    def prefix(self) -> str:
        """How everything begins that the first key sealed; empty without keys."""
        return f"{_SEALED}{self.names[0]}:" if self.names else ""

    def sealed(self, text: str) -> str:
        """Return what is written into the database."""
        if self._fernet is not None:
            return self.prefix + self._fernet.encrypt(text.encode()).decode()
        return f"{_PLAIN}{text}" if text.startswith((_SEALED, _PLAIN)) else text

    def opened(self, written: str) -> str:
        """Return what was sealed.

        Raises:
            SealedValueError: names the key that is missing.
        """
        if not written.startswith(_SEALED):
            return written.removeprefix(_PLAIN)
        name, _, token = written.removeprefix(_SEALED).partition(":")
        if self._fernet is None or name not in self.names:
            raise SealedValueError(f"a value is sealed with key {name}, which ENCRYPTION_KEYS lacks")
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise SealedValueError(f"a value that key {name} sealed is damaged") from None


_NO_KEYS: Final = KeyRing()
# SQLAlchemy hands a type nothing but the dialect, of which every engine has its own.
_rings: Final[WeakKeyDictionary[Dialect, KeyRing]] = WeakKeyDictionary()


def give_keys(engine: AsyncEngine, ring: KeyRing) -> None:
    """Let an engine seal and open with these keys; before its first statement."""
    _rings[engine.dialect] = ring


def keys_of(engine: AsyncEngine) -> KeyRing:
    """Return the keys of an engine."""
    return _rings.get(engine.dialect, _NO_KEYS)


def new_key() -> str:
    """Return a key that nobody has yet."""
    return Fernet.generate_key().decode()


def _name(key: str) -> str:
    """Return what a key is called; it tells nothing about the key."""
    return hashlib.sha256(key.encode()).hexdigest()[:_NAME_LENGTH]


class SealedText(sa.TypeDecorator[str]):
    """A text, sealed where there are keys. SQL can tell whether it is NULL, and nothing else."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal it."""
        return None if value is None else _rings.get(dialect, _NO_KEYS).sealed(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open it."""
        return None if value is None else _rings.get(dialect, _NO_KEYS).opened(value)


class SealedJson(sa.TypeDecorator[Any]):
    """Numbers, lists and such, as JSON, sealed like SealedText; None is NULL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Seal it."""
        return None if value is None else _rings.get(dialect, _NO_KEYS).sealed(json.dumps(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401 - whatever was put in
        """Open it."""
        return None if value is None else json.loads(_rings.get(dialect, _NO_KEYS).opened(value))
