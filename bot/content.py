"""Loads and checks content/: every sentence that a patient reads."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.errors import ContentError
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
# Where Markdown links to: [words](here), [name]: here, <https://here>
_LINK: Final = re.compile(
    r"(?<!\\)\]\(\s*<?([^\s)>]*)|^ {0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)|<([A-Za-z][\w+.-]*:[^\s>]*)>", re.MULTILINE
)


class Texts:
    """What the bot says in one language. Everything is Markdown, except where it says plain."""

    def __init__(
        self,
        language: str,
        messages: FluentBundle,
        pages: Mapping[str, str],
        consent_version: str,
        periods: Mapping[str, int],
    ) -> None:
        self.language = language
        self.consent_version = consent_version
        self._messages = messages
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


@dataclass(frozen=True, slots=True)
class _Message:
    """Where a message stands, and which variables it asks for; moments are those that it shows by DATETIME."""

    path: Path
    line: int
    variables: frozenset[str]
    moments: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Words:
    """The messages of a language by their ids, and what was read of each of its files."""

    messages: Mapping[str, _Message]
    resources: Sequence[ast.Resource]


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
    words = {language.name: _words(language) for language in languages}
    expected = words[FALLBACK_LANGUAGE].messages
    for language in languages:
        _compare(expected, words[language.name].messages, folder / FALLBACK_LANGUAGE, language)
    loaded = {language.name: _load_language(language, words[language.name], retention_days) for language in languages}
    version = loaded[FALLBACK_LANGUAGE].consent_version
    for language in languages:
        if loaded[language.name].consent_version != version:
            raise ContentError(f"{FALLBACK_LANGUAGE} has version {version}", language / "consent.md", 1)
    return Content(loaded)


def read_text(path: Path) -> str:
    """Return a UTF-8 file's text, lines ended by line feeds.

    Raises:
        ContentError: there is no such file, or a line of it is not UTF-8.
    """
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ContentError("this line is not UTF-8", path, line) from error
    except FileNotFoundError as error:
        raise ContentError("is missing", path) from error
    except OSError as error:
        raise ContentError(error.strerror or type(error).__name__, path) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says.

    Raises:
        ContentError: there is no such file, or a line of it is broken.
    """
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ContentError(str(error), path, int(line[1]) if line else text.count("\n") + 1) from error


def _load_language(folder: Path, words: _Words, retention_days: int) -> Texts:
    pages = {name: _page(folder / f"{name}.md", _PLACEHOLDERS.get(name, frozenset())) for name in _PAGES}
    first_line, _, consent = pages["consent"].partition("\n")
    version = _consent_version(first_line, retention_days, folder / "consent.md")
    bundle = FluentBundle([folder.name], use_isolating=False)
    for resource in words.resources:
        bundle.add_resource(resource)
    _try_out(bundle, words.messages)
    periods = {"retention_days": retention_days, "unfinished_days": UNFINISHED_DAYS}
    return Texts(folder.name, bundle, pages | {"consent": consent.strip()}, version, periods)


def _consent_version(first_line: str, retention_days: int, path: Path) -> str:
    if not first_line.startswith("Version: "):
        raise ContentError("this line must be Version: …", path, 1)
    version = first_line.removeprefix("Version: ").strip()
    suffix = "" if retention_days == RETENTION_DAYS else f"/{retention_days}"  # another number is asked for again
    if len(version + suffix) > _MAX_VERSION:
        most = _MAX_VERSION - len(suffix)
        raise ContentError(f"the version has {len(version)} characters, and may have {most}", path, 1)
    return version + suffix


def _try_out(bundle: FluentBundle, messages: Mapping[str, _Message]) -> None:
    """Refuse a message that could not be said, as it is empty or refers to what is not there."""
    values: dict[str, Value] = {name: 1 for message in messages.values() for name in message.variables}
    values |= dict.fromkeys((name for message in messages.values() for name in message.moments), _SOME_DAY)
    for message_id, message in messages.items():
        pattern = bundle.get_message(message_id).value
        if pattern is None:
            raise ContentError(f"{message_id} says nothing", message.path, message.line)
        _, errors = bundle.format_pattern(pattern, values)
        if errors:
            raise ContentError(f"{message_id}: {errors[0]}", message.path, message.line)


def _page(path: Path, placeholders: frozenset[str]) -> str:
    text = read_text(path)
    for match in Template.pattern.finditer(text):
        name = match["named"] or match["braced"]
        if match["escaped"] is None and name not in placeholders:
            reason = f"${name} is no figure that this page can show" if name else "a lone $ must be written as $$"
            raise ContentError(reason, path, _line(text, match.start()))
    _check_links(text, 0, len(text), path)
    return text


def _check_links(text: str, start: int, end: int, path: Path) -> None:
    """Refuse a link that Telegram would refuse, with the whole message around it."""
    for match in _LINK.finditer(text, start, end):
        target = match[match.lastindex or 0]
        if not is_link(target):
            reason = (
                f"{target or 'nothing'} is no link: it must begin with https:// or http:// and name a host with a dot"
            )
            raise ContentError(reason, path, _line(text, match.start()))


def is_link(target: str) -> bool:
    """Return whether Telegram takes this for an address of the web."""
    try:
        address = urlsplit(target)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and "." in (address.hostname or "").strip(".")


def _words(folder: Path) -> _Words:
    """Return what every .ftl of a language says."""
    found, resources = dict[str, _Message](), list[ast.Resource]()
    for path in sorted({folder / "ui.ftl", *folder.glob("*.ftl")}):
        text = read_text(path)
        resources.append(FluentParser().parse(text))
        for message_id, message in _messages_of(resources[-1], text, path):
            if message_id in found:
                first = found[message_id]
                reason = f"{message_id} stands already in {first.path.name}, line {first.line}"
                raise ContentError(reason, path, message.line)
            found[message_id] = message
    return _Words(found, resources)


def _messages_of(resource: ast.Resource, text: str, path: Path) -> Iterator[tuple[str, _Message]]:
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            first = entry.annotations[0]
            raise ContentError(first.message, path, _line(text, first.span.start))
        if isinstance(entry, ast.Message | ast.Term) and entry.value is not None:
            _check_links(text, entry.value.span.start, entry.value.span.end, path)
        if isinstance(entry, ast.Message):
            variables = _Variables()
            variables.visit(entry)
            line = _line(text, entry.id.span.start)
            yield entry.id.name, _Message(path, line, frozenset(variables.names), frozenset(variables.moments))


def _compare(expected: Mapping[str, _Message], found: Mapping[str, _Message], reference: Path, folder: Path) -> None:
    """Refuse a language that says less, more or something else than the fallback language."""
    for said, silent in ((expected, (found, folder)), (found, (expected, reference))):
        if missing := [message_id for message_id in said if message_id not in silent[0]]:
            first = said[missing[0]]
            raise ContentError(f"{silent[1].name} has no message {', '.join(missing)}", first.path, first.line)
    for message_id, message in found.items():
        if message.variables != (wanted := expected[message_id].variables):
            names = ", ".join(f"${name}" for name in sorted(message.variables ^ wanted))
            raise ContentError(f"{message_id} differs from {reference.name} in {names}", message.path, message.line)


class _Variables(Visitor):  # type: ignore[misc] # fluent.syntax ships no types that mypy is shown
    """Collects the names of the variables of one message."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.moments: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 - the library's name
        self.names.add(node.id.name)

    def visit_FunctionReference(self, node: ast.FunctionReference) -> None:  # noqa: N802 - likewise
        variables = [part for part in node.arguments.positional if isinstance(part, ast.VariableReference)]
        if node.id.name == "DATETIME":
            self.moments.update(variable.id.name for variable in variables)
        self.generic_visit(node)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _escaped(value: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(value.split()))


def verbatim(text: str) -> str:
    """Return what somebody wrote as Markdown that shows just that, line by line."""
    return "\n".join(_escaped(line) for line in text.splitlines())
