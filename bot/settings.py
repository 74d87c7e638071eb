"""The only file that reads the environment."""

import hmac
import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from cryptography.fernet import Fernet
from pydantic import (
    AfterValidator,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url

from bot.address import checked, expanded, file_of
from bot.errors import SettingsError
from inference.calibration import ClassMix, class_mix

RETENTION_DAYS: Final = 400  # who photographs a spot once a year still finds the last time in /history
UNFINISHED_DAYS: Final = 30  # a registration whose last question was not answered
PHOTOS_PER_HOUR: Final = 20
PHOTOS_PER_DAY: Final = 60
QUEUE_LIMIT: Final = 1000
ID_BELOW: Final = 2**52  # Telegram's ids have at most 52 bits
_Folder = Annotated[Path, AfterValidator(expanded)]
_Kind = TypeVar("_Kind", bound="StorageSettings")
_TELEGRAM: Final = "https://api.telegram.org"
_TELEGRAM_NETWORKS: Final = ("149.154.160.0/20", "91.108.4.0/22")  # core.telegram.org/bots/webhooks
_WEBHOOK_PORTS: Final = frozenset({80, 88, 443, 8443})
_WEBHOOK_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")  # Telegram allows shorter ones
_DATABASES: Final = ("sqlite+aiosqlite:///", "postgresql+psycopg://")


def _listed(keys: SecretStr) -> tuple[str, ...]:
    return tuple(keys.get_secret_value().replace(",", " ").split())


class StorageSettings(BaseSettings):
    """What every command needs: where the database is, and whose the bot is."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: _Folder = Path("data")
    database_url: str = Field(default="", repr=False)  # a password may be in it
    encryption_keys: SecretStr = SecretStr("")
    owner_ids: Annotated[frozenset[int], NoDecode] = frozenset()

    @field_validator("database_url")
    @classmethod
    def _has_async_driver(cls, url: str) -> str:
        if url and not url.startswith(_DATABASES):
            raise ValueError(f"must start with {' or '.join(_DATABASES)}")
        return checked(url) if url else url

    @field_validator("encryption_keys")
    @classmethod
    def _are_fernet_keys(cls, keys: SecretStr) -> SecretStr:
        for key in _listed(keys):
            try:
                Fernet(key)
            except ValueError:  # says what it read, and that may be a part of a key
                raise ValueError("is no list of keys; `python -m bot new-key` prints a key") from None
        return keys

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = value.replace(",", " ").split()
        if not all(word.isascii() and word.isdecimal() for word in words):
            raise ValueError("ids are numbers, as /export shows; @names don't work")
        if not all(0 < int(word) < ID_BELOW for word in words):
            raise ValueError(f"ids are above 0 and below {ID_BELOW}, as /export shows them")
        return words

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that seal what is kept, the first one seals; none leave it plain."""
        return _listed(self.encryption_keys)

    @property
    def storage_url(self) -> str:
        """DATABASE_URL with PGPASSWORD, which does not stay where libpq looks, or the SQLite file under DATA_DIR."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir / 'lentigo.db'}"
        url, password = make_url(self.database_url), os.environ.get("PGPASSWORD")
        if file_of(url) is not None or url.password is not None or not password:
            return self.database_url
        return url.set(password=password).render_as_string(hide_password=False)


class Settings(StorageSettings):
    """Every setting of the bot; .env.example says what each is for."""

    bot_token: SecretStr
    telegram_api_url: str = _TELEGRAM
    model_dir: _Folder = Path("models")
    content_dir: _Folder = Path("content")
    class_mix: Annotated[ClassMix | None, NoDecode] = None
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8081, ge=0, le=65535)
    worker_web_port: int = Field(default=0, ge=0, le=65535)
    nominatim_url: str = "https://nominatim.openstreetmap.org"
    retention_days: int = Field(default=RETENTION_DAYS, ge=30, le=3650)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8082, ge=1, le=65535)
    webhook_path: str = ""
    webhook_allowed_networks: Annotated[frozenset[IPv4Network | IPv6Network], NoDecode] = frozenset()
    webhook_client_header: str = ""
    photos_per_hour: int = Field(default=PHOTOS_PER_HOUR, ge=1)
    photos_per_day: int = Field(default=PHOTOS_PER_DAY, ge=1)
    queue_limit: int = Field(default=QUEUE_LIMIT, ge=1)
    workers: int = Field(default=0, ge=0)

    @field_validator("class_mix", mode="before")
    @classmethod
    def _of_every_class(cls, value: object) -> object:
        return class_mix(value) if isinstance(value, str) else value

    @field_validator("telegram_api_url", "nominatim_url")
    @classmethod
    def _is_url(cls, url: str, about: ValidationInfo) -> str:
        if about.field_name == "nominatim_url" and url.casefold() == "off":
            return ""
        TypeAdapter(HttpUrl).validate_python(url)
        return url.rstrip("/")

    @field_validator("webhook_url")
    @classmethod
    def _is_url_or_empty(cls, url: str) -> str:
        if url and TypeAdapter(HttpUrl).validate_python(url).query is not None:
            raise ValueError("must have no query")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr) -> SecretStr:
        if secret and not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("must be 16 to 256 letters, digits, _ and -")
        return secret

    @field_validator("webhook_path")
    @classmethod
    def _is_path(cls, path: str) -> str:
        if path and not re.fullmatch(r"/[^\s?#]*", path):
            raise ValueError("must begin with / and have neither blanks, ? nor #")
        return path

    @field_validator("webhook_allowed_networks", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = value.replace(",", " ").split()
        return [ip_network(n) for name in names for n in (_TELEGRAM_NETWORKS if name == "telegram" else [name])]

    @model_validator(mode="after")
    def _folders_exist(self) -> "Settings":
        for name, needed in (
            ("MODEL_DIR", self.model_dir / "model.json"),
            ("CONTENT_DIR", self.content_dir / "en"),
        ):
            if not _is_there(needed):
                raise ValueError(f"{name} is wrong: {needed} does not exist, or can't be read")
        return self

    @model_validator(mode="after")
    def _telegram_can_reach_it(self) -> "Settings":
        if not self.webhook_url or self.telegram_api_url != _TELEGRAM:
            return self
        if not self.webhook_url.startswith("https://"):
            raise ValueError("WEBHOOK_URL must begin with https://")
        if HttpUrl(self.webhook_url).port not in _WEBHOOK_PORTS:
            raise ValueError("WEBHOOK_URL must have port 443 (as without one), 80, 88 or 8443")
        return self

    @property
    def worker_count(self) -> int:
        """WORKERS, or as many as there are cores that this process may use."""
        return self.workers or _usable_cores()

    @property
    def webhook_token(self) -> str:
        """WEBHOOK_SECRET, or one that only who knows the bot's token can make."""
        token = self.bot_token.get_secret_value()
        return self.webhook_secret.get_secret_value() or hmac.digest(token.encode(), b"webhook", "sha256").hex()

    @property
    def webhook_listens_at(self) -> str:
        """WEBHOOK_PATH, or the path of WEBHOOK_URL."""
        return self.webhook_path or (HttpUrl(self.webhook_url).path if self.webhook_url else None) or "/"


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder on the way is another user's
        return False


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load(kind: type[_Kind]) -> _Kind:
    """Read the settings from the environment and .env.

    Raises:
        SettingsError: names the wrong setting, or .env where that can't be read.
    """
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError(_sentence(error.errors()[0])) from None
    except (OSError, UnicodeDecodeError):  # says what it read, and the token may be in that
        raise SettingsError(".env can't be read. It must be UTF-8 and belong to the user who runs the bot.") from None


def other_database(name: str) -> str:
    """Return the address of another database, which stands in the environment: a password is in it.

    Raises:
        SettingsError: it is missing or wrong.
    """
    url = os.environ.get(name, "")
    if not url.startswith(_DATABASES):
        raise SettingsError(f"{name}: is no address of a database, such as postgresql+psycopg://….")
    try:
        return checked(url)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}.") from None


def wrong_settings(kind: type[_Kind]) -> list[str]:
    """Return a sentence for every setting that is missing or wrong."""
    try:
        kind()
    except ValidationError as error:
        return [_sentence(one) for one in error.errors()]
    return []


def _sentence(wrong: ErrorDetails) -> str:
    name = str(wrong["loc"][0]).upper() if wrong["loc"] else ""
    message = wrong["msg"].removeprefix("Value error, ")
    if wrong["type"] == "missing":
        message = "is missing; set it in .env or in the environment"
    return f"{name}: {message}." if name else f"{message}."
