"""Loads and checks content/: every sentence that a patient reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast

from bot.errors import ContentError
from inference.classes import LesionClass

FALLBACK_LANGUAGE: Final = "en"
_PAGES: Final = ("about", "consent", "help", "model", *(f"classes/{code}" for code in LesionClass))
_MARKDOWN_SIGNS: Final = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")


class Texts:
    """What the bot says in one language. Everything is Markdown, except where it says plain."""

    def __init__(self, language: str, messages: FluentBundle, pages: Mapping[str, str], consent_version: str) -> None:
        self.language = language
        self.consent_version = consent_version
        self._messages = messages
        self._pages = pages

    def say(self, message_id: str, **values: str | float) -> str:
        """Return a message as Markdown; the values' own signs are shown as they are."""
        escaped = {name: _escaped(value) if isinstance(value, str) else value for name, value in values.items()}
        return self.plain(message_id, **escaped)

    def plain(self, message_id: str, **values: str | float) -> str:
        """Return a message without formatting: for buttons, alerts, menus and pictures."""
        if not self._messages.has_message(message_id):
            raise ContentError(f"{self.language}/ui.ftl has no message {message_id}")
        pattern = self._messages.get_message(message_id).value
        text, errors = self._messages.format_pattern(pattern, values)
        if errors:
            raise ContentError(f"{self.language}/ui.ftl, {message_id}: {errors[0]!r}")
        return str(text)

    def page(self, name: str, **values: str | int) -> str:
        """Return a page as Markdown, its $placeholders filled."""
        return Template(self._pages[name]).substitute(values)


@dataclass(frozen=True, slots=True)
class Content:
    """Every language that the bot speaks."""

    by_language: Mapping[str, Texts]

    @property
    def consent_version(self) -> str:
        """The version of the consent text, the same in every language."""
        return self.by_language[FALLBACK_LANGUAGE].consent_version

    def texts(self, language: str | None) -> Texts:
        """Return the texts for a language tag such as es or es-AR; English where there are none."""
        tag = (language or "").partition("-")[0].lower()
        return self.by_language.get(tag, self.by_language[FALLBACK_LANGUAGE])


def load_content(folder: Path) -> Content:
    """Read every language folder that has a ui.ftl.

    Raises:
        ContentError: a file is missing or broken, or languages differ in what they can say.
    """
    languages = {path.parent.name: _load_language(path.parent) for path in sorted(folder.glob("*/ui.ftl"))}
    if FALLBACK_LANGUAGE not in languages:
        raise ContentError(f"{folder / FALLBACK_LANGUAGE / 'ui.ftl'} is missing")
    expected = _message_ids(folder / FALLBACK_LANGUAGE / "ui.ftl")
    for language, texts in languages.items():
        if difference := expected ^ _message_ids(folder / language / "ui.ftl"):
            raise ContentError(f"{language}/ui.ftl and {FALLBACK_LANGUAGE}/ui.ftl differ in {sorted(difference)}")
        if texts.consent_version != languages[FALLBACK_LANGUAGE].consent_version:
            raise ContentError(f"{language}/consent.md has another version than {FALLBACK_LANGUAGE}/consent.md")
    return Content(languages)


def _load_language(folder: Path) -> Texts:
    pages = {name: _read(folder / f"{name}.md") for name in _PAGES}
    first_line, _, consent = pages["consent"].partition("\n")
    if not first_line.startswith("Version: "):
        raise ContentError(f"{folder / 'consent.md'} must begin with a line Version: …")
    bundle = FluentBundle([folder.name], use_isolating=False)
    bundle.add_resource(FluentResource(_read(folder / "ui.ftl")))
    return Texts(
        folder.name, bundle, pages | {"consent": consent.strip()}, first_line.removeprefix("Version: ").strip()
    )


def _message_ids(path: Path) -> set[str]:
    text = _read(path)
    entries = FluentParser().parse(text).body
    for entry in entries:
        if isinstance(entry, ast.Junk):
            line = text.count("\n", 0, entry.span.start if entry.span else 0) + 1
            raise ContentError(f"{path}, line {line}: {entry.annotations[0].message}")
    return {entry.id.name for entry in entries if isinstance(entry, ast.Message)}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{path}: {error}") from error


def _escaped(value: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(value.split()))
