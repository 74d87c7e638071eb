"""The only file that reads the environment."""

import os
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
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

from bot.errors import SettingsError

_SECRETS = frozenset({"BOT_TOKEN", "DATABASE_URL"})
_Kind = TypeVar("_Kind", bound="StorageSettings")
_DATABASES = ("sqlite+aiosqlite:///", "postgresql+psycopg://")


class StorageSettings(BaseSettings):
    """What is needed to find the database."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    database_url: str = Field(default="", repr=False)  # a password may be in it

    @field_validator("database_url")
    @classmethod
    def _has_async_driver(cls, url: str) -> str:
        if url and not url.startswith(_DATABASES):
            raise ValueError(f"must start with {' or '.join(_DATABASES)}")
        return url

    @property
    def storage_url(self) -> str:
        """DATABASE_URL, or the SQLite file under DATA_DIR."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'lentigo.db'}"


class Settings(StorageSettings):
    """Every setting of the bot; .env.example says what each is for."""

    bot_token: SecretStr
    telegram_api_url: str = "https://api.telegram.org"
    model_dir: Path = Path("models")
    content_dir: Path = Path("content")
    owner_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8081, ge=0, le=65535)
    nominatim_url: str = "https://nominatim.openstreetmap.org"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("telegram_api_url", "nominatim_url")
    @classmethod
    def _is_url(cls, url: str, about: ValidationInfo) -> str:
        if about.field_name == "nominatim_url" and url.casefold() == "off":
            return ""
        TypeAdapter(HttpUrl).validate_python(url)
        return url.rstrip("/")

    @model_validator(mode="after")
    def _folders_exist(self) -> "Settings":
        for name, needed in (
            ("MODEL_DIR", self.model_dir / "model.json"),
            ("CONTENT_DIR", self.content_dir / "en"),
        ):
            if not needed.exists():
                raise ValueError(f"{name} is wrong: {needed} does not exist")
        return self


def forget_secrets() -> None:
    """Take what opens doors out of the environment, so that processes started from here on don't have it."""
    for name in [name for name in os.environ if name.upper() in _SECRETS]:
        del os.environ[name]


def load(kind: type[_Kind]) -> _Kind:
    """Read the settings from the environment and .env.

    Raises:
        SettingsError: one sentence that names the wrong setting.
    """
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError(_sentence(error.errors()[0])) from None


def other_database(name: str) -> str:
    """Return the address of another database, which stands in the environment: a password is in it.

    Raises:
        SettingsError: it is missing or wrong.
    """
    url = os.environ.get(name, "")
    if not url.startswith(_DATABASES):
        raise SettingsError(f"{name}: is no address of a database, such as postgresql+psycopg://….")
    return url


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
