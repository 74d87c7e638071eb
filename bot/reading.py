"""Reads the files of content/, and refuses what is broken in one, with the line: text, TOML, Fluent, links."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.errors import ContentError

# Where Markdown links to: [words](here), [name]: here, <https://here>
_LINK: Final = re.compile(
    r"(?<!\\)\]\(\s*<?([^\s)>]*)|^ {0,3}\[[^\]\n]+\]:\s*<?([^\s>]+)|<([A-Za-z][\w+.-]*:[^\s>]*)>", re.MULTILINE
)
_NAMED: Final = 5  # of the messages that are missing; a language that has only begun lacks hundreds


@dataclass(frozen=True, slots=True)
class Message:
    """Where a message stands, and which variables it asks for; moments are those that it shows by DATETIME."""

    path: Path
    line: int
    variables: frozenset[str]
    moments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """The messages of a language by their ids, and what was read of each of its files."""

    messages: Mapping[str, Message]
    resources: Sequence[ast.Resource]


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


def line_at(text: str, position: int) -> int:
    """Return in which line a position lies; lines count from 1."""
    return text.count("\n", 0, position) + 1


def check_links(text: str, start: int, end: int, path: Path) -> None:
    """Look at the links between two positions of a file's text.

    Raises:
        ContentError: Telegram would refuse one, with the whole message around it.
    """
    for match in _LINK.finditer(text, start, end):
        target = match[match.lastindex or 0]
        if not is_link(target):
            reason = (
                f"{target or 'nothing'} is no link: it must begin with https:// or http:// and name a host with a dot"
            )
            raise ContentError(reason, path, line_at(text, match.start()))


def is_link(target: str) -> bool:
    """Return whether Telegram takes this for an address of the web."""
    try:
        address = urlsplit(target)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and "." in (address.hostname or "").strip(".")


def words_in(folder: Path) -> Words:
    """Return what every .ftl of a language's folder says.

    Raises:
        ContentError: one is missing or broken, a message stands there twice, or a link is none.
    """
    found, resources = dict[str, Message](), list[ast.Resource]()
    for path in sorted({folder / "ui.ftl", *folder.glob("*.ftl")}):
        text = read_text(path)
        resources.append(FluentParser().parse(text))
        for message_id, message in _messages_of(resources[-1], text, path):
            if message_id in found:
                first = found[message_id]
                reason = f"{message_id} stands already in {first.path.name}, line {first.line}"
                raise ContentError(reason, path, message.line)
            found[message_id] = message
    return Words(found, resources)


def _messages_of(resource: ast.Resource, text: str, path: Path) -> Iterator[tuple[str, Message]]:
    for entry in resource.body:
        if isinstance(entry, ast.Junk):
            first = entry.annotations[0]
            raise ContentError(first.message, path, line_at(text, first.span.start))
        if isinstance(entry, ast.Message | ast.Term) and entry.value is not None:
            check_links(text, entry.value.span.start, entry.value.span.end, path)
        if isinstance(entry, ast.Message):
            variables = _Variables()
            variables.visit(entry)
            line = line_at(text, entry.id.span.start)
            yield entry.id.name, Message(path, line, frozenset(variables.names), frozenset(variables.moments))


def check_same(expected: Mapping[str, Message], found: Mapping[str, Message], reference: Path, folder: Path) -> None:
    """Compare a language with the fallback language, which are the folders.

    Raises:
        ContentError: it says less, more or something else.
    """
    for said, silent in ((expected, (found, folder)), (found, (expected, reference))):
        if missing := [message_id for message_id in said if message_id not in silent[0]]:
            first, more = said[missing[0]], len(missing) - _NAMED
            names = ", ".join(missing[:_NAMED]) + (f" and {more} more" if more > 0 else "")
            raise ContentError(f"{silent[1].name} has no message {names}", first.path, first.line)
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
