"""Loads and checks content/: every sentence that a patient reads."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Final, TypeAlias

from fluent.runtime import FluentBundle

from bot.errors import ContentError
from bot.reading import Message, Words, check_links, check_same, line_at, read_text, words_in
from bot.settings import RETENTION_DAYS, UNFINISHED_DAYS
from inference.classes import LesionClass

FALLBACK_LANGUAGE: Final = "en"
# What a page may ask for as $name; models/figures.json brings it.
FIGURES: Final = frozenset(
    {
        "balanced_accuracy_in_100",
        "harmless_alarmed_in_100",
        "malignant_found_in_100",
        "malignant_missed_in_100",
        "phone_balanced_accuracy_in_100",
        "phone_balanced_accuracy_low_in_100",
        "phone_harmless_alarmed_in_100",
        "phone_malignant_in_100",
        "phone_melanomas",
        "phone_photos",
        "test_lesions",
        "test_photos",
    }
)
_PERIODS: Final = frozenset({"retention_days", "unfinished_days"})  # for how long things are kept
_PLACEHOLDERS: Final[Mapping[str, frozenset[str]]] = {  # by page; the others have none
    "model": FIGURES,
    "consent": _PERIODS,
    "privacy": _PERIODS,
}
_PAGES: Final = (
    *("about", "consent", "help", "moderators", "model", "privacy"),
    *(f"classes/{code}" for code in LesionClass),
)
Value: TypeAlias = str | float | datetime  # what a message can have in it; a moment is shown by DATETIME
_CODE: Final = re.compile(r"[a-z]{2}")  # ISO 639-1; buttons and texts() know no other
_MAX_VERSION: Final = 32  # so many characters of a consent's version does the database keep
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)  # to try messages out
_MARKDOWN_SIGNS: Final = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")


class Texts:
    """What the bot says in one language. Everything is Markdown, except where it says plain.

    Attributes:
        language: its code.
        consent_version: of the page that asks for consent.
        folder: where it was read from.
        stands: where each message stands, by its id.
        samples: each message with something in its variables, by its id, to see how long it is.
    """

    def __init__(
        self,
        folder: Path,
        words: Words,
        pages: Mapping[str, str],
        consent_version: str,
        periods: Mapping[str, int],
    ) -> None:
        self.language = folder.name
        self.consent_version = consent_version
        self.folder = folder
        self.stands = words.messages
        self._messages = _bundle(folder.name, words)
        self.samples = _try_out(self._messages, words.messages)
        self._pages = pages
        self._periods = periods

    def has(self, message_id: str) -> bool:
        """Return whether there is such a message."""
        return bool(self._messages.has_message(message_id))

    def say(self, message_id: str, **values: Value) -> str:
        """Return a message as Markdown; the values' own signs are shown as they are."""
        escaped = {name: _escaped(value) if isinstance(value, str) else value for name, value in values.items()}
        return self.plain(message_id, **escaped)

    def plain(self, message_id: str, **values: Value) -> str:
        """Return a message without formatting: for buttons, alerts, menus and pictures."""
        if not self.has(message_id):
            raise ContentError(f"{self.language} has no message {message_id}")
        pattern = self._messages.get_message(message_id).value
        text, errors = self._messages.format_pattern(pattern, values)
        if errors:
            raise ContentError(f"{self.language}, {message_id}: {errors[0]!r}")
        return str(text)

    @property
    def pages(self) -> Collection[str]:
        """The names of the pages."""
        return self._pages.keys()

    def page(self, name: str, **values: str | int) -> str:
        """Return a page as Markdown, its $placeholders filled."""
        return Template(self._pages[name]).substitute(self._periods, **values)


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


def load_content(folder: Path, retention_days: int = RETENTION_DAYS) -> Content:
    """Read every language folder that has a ui.ftl, and in it every .ftl.

    Args:
        folder: content/.
        retention_days: RETENTION_DAYS, which the consent text names; another number is another version of it.

    Raises:
        ContentError: a file is missing or broken, a folder is called by no language's code, or languages differ in
            what they can say.
    """
    languages = sorted({path.parent for path in folder.glob("*/ui.ftl")} | {folder / FALLBACK_LANGUAGE})
    for language in languages:
        if not _CODE.fullmatch(language.name):
            raise ContentError("a language's folder is called by its code of two small letters, such as es", language)
    words = {language.name: words_in(language) for language in languages}
    expected = words[FALLBACK_LANGUAGE].messages
    for language in languages:
        check_same(expected, words[language.name].messages, folder / FALLBACK_LANGUAGE, language)
    loaded = {language.name: _load_language(language, words[language.name], retention_days) for language in languages}
    version = loaded[FALLBACK_LANGUAGE].consent_version
    for language in languages:
        if loaded[language.name].consent_version != version:
            raise ContentError(f"{FALLBACK_LANGUAGE} has version {version}", language / "consent.md", 1)
    return Content(loaded)


def _load_language(folder: Path, words: Words, retention_days: int) -> Texts:
    pages = {name: _page(folder / f"{name}.md", _PLACEHOLDERS.get(name, frozenset())) for name in _PAGES}
    first_line, _, consent = pages["consent"].partition("\n")
    version = _consent_version(first_line, retention_days, folder / "consent.md")
    periods = {"retention_days": retention_days, "unfinished_days": UNFINISHED_DAYS}
    return Texts(folder, words, pages | {"consent": consent.strip()}, version, periods)


def _bundle(language: str, words: Words) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    for resource in words.resources:
        bundle.add_resource(resource)
    return bundle


def _consent_version(first_line: str, retention_days: int, path: Path) -> str:
    if not first_line.startswith("Version: "):
        raise ContentError("this line must be Version: …", path, 1)
    version = first_line.removeprefix("Version: ").strip()
    suffix = "" if retention_days == RETENTION_DAYS else f"/{retention_days}"  # another number is asked for again
    if len(version + suffix) > _MAX_VERSION:
        most = _MAX_VERSION - len(suffix)
        raise ContentError(f"the version has {len(version)} characters, and may have {most}", path, 1)
    return version + suffix


def _try_out(bundle: FluentBundle, messages: Mapping[str, Message]) -> Mapping[str, str]:
    """Refuse a message that could not be said, as it is empty or refers to what is not there.

    Returns:
        What each says with something in its variables.
    """
    values: dict[str, Value] = {name: 1 for message in messages.values() for name in message.variables}
    values |= dict.fromkeys((name for message in messages.values() for name in message.moments), _SOME_DAY)
    said: dict[str, str] = {}
    for message_id, message in messages.items():
        pattern = bundle.get_message(message_id).value
        if pattern is None:
            raise ContentError(f"{message_id} says nothing", message.path, message.line)
        text, errors = bundle.format_pattern(pattern, values)
        if errors:
            raise ContentError(f"{message_id}: {errors[0]}", message.path, message.line)
        said[message_id] = str(text)
    return said


def _page(path: Path, placeholders: frozenset[str]) -> str:
    text = read_text(path)
    for match in Template.pattern.finditer(text):
        name = match["named"] or match["braced"]
        if match["escaped"] is None and name not in placeholders:
            reason = f"${name} is no figure that this page can show" if name else "a lone $ must be written as $$"
            raise ContentError(reason, path, line_at(text, match.start()))
    check_links(text, 0, len(text), path)
    return text


def _escaped(value: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(value.split()))


def verbatim(text: str) -> str:
    """Return what somebody wrote as Markdown that shows just that, line by line."""
    return "\n".join(_escaped(line) for line in text.splitlines())
