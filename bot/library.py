"""Everything the bot says and shows that is read from files; read anew on request, all of it or nothing."""

import asyncio
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.content import Content, load_content
from bot.directory.changes import Change, laid_over, removed_entries
from bot.directory.dermatologists import Dermatologist, load_directory
from bot.errors import ContentError
from bot.reading import read_text, read_toml
from bot.render.fitting import check_fits
from bot.settings import RETENTION_DAYS

_CLINIC_CODE: Final = re.compile(r"[a-z0-9-]{1,32}")  # it stands in a link: t.me/<bot>?start=clinic-<code>
_LONGEST_NAME: Final = 500  # of a clinic; a message takes no value of more than 1000 characters


@dataclass(frozen=True, slots=True)
class _Files:
    """What the files say at one time."""

    content: Content
    listed: Mapping[str, Dermatologist]
    clinics: Mapping[str, str]
    figures: Mapping[str, int]


class Library:
    """Texts, lists of dermatologists, clinics, and the model's figures that the texts show.

    Attributes:
        content: the texts of every language.
        listed: the dermatologists of every list, by their keys.
        directory: those to show, by their keys: the lists with what moderators changed.
        clinics: the names of clinics that invite patients, by their codes.
        figures: what content/<lang>/model.md shows, from models/figures.json.
        font_dir: the folder with the type on the pictures.
    """

    content: Content
    listed: Mapping[str, Dermatologist]
    directory: Mapping[str, Dermatologist]
    clinics: Mapping[str, str]
    figures: Mapping[str, int]

    def __init__(self, content_dir: Path, model_dir: Path, retention_days: int = RETENTION_DAYS) -> None:
        self.font_dir = content_dir / "fonts"
        self._content_dir = content_dir
        self._model_dir = model_dir
        self._retention_days = retention_days
        self._changes: Mapping[str, Change] = {}  # replaced, never changed: a thread may be reading it
        self._turn = asyncio.Lock()
        files = self._read()
        self._show(files, files.listed)

    async def reload(self) -> None:
        """Read everything anew, beside the event loop.

        Raises:
            ContentError: names the file that is broken, and the line; what was read before stays.
        """
        async with self._turn:  # whoever reads later also shows it later
            files = await asyncio.to_thread(self._read)
            while True:
                changes = self._changes
                directory = await asyncio.to_thread(laid_over, files.listed, files.listed, changes)
                if changes is self._changes:
                    break
            self._show(files, directory)

    @property
    def dermatologists(self) -> tuple[Dermatologist, ...]:
        """Everybody to show."""
        return tuple(self.directory.values())

    @property
    def removed(self) -> Mapping[str, Dermatologist]:
        """What moderators removed and can put back, by their keys."""
        return removed_entries(self.listed, self._changes)

    def change(self, changes: Mapping[str, Change]) -> None:
        """Show entries as moderators changed them; it is theirs to keep the changes in the database."""
        self._changes = {**self._changes, **changes}
        self.directory = laid_over(self.directory, self.listed, changes)

    def forget(self, key: str) -> None:
        """Show an entry as its list has it, or no more where it is in no list."""
        self.restore({}, [key])

    def restore(self, changes: Mapping[str, Change], forgotten: Collection[str]) -> None:
        """Show entries as they were changed before, and others as their list has them, or no more."""
        gone = frozenset(forgotten)
        self._changes = {key: change for key, change in self._changes.items() if key not in gone} | dict(changes)
        others = {key: doctor for key, doctor in self.directory.items() if key not in gone}
        listed = {key: self.listed[key] for key in forgotten if key in self.listed}
        self.directory = laid_over(others | listed, self.listed, changes)

    def shown_path(self, path: Path) -> str:
        """Return a file's name as moderators know it: from content/ on, without where the server keeps it."""
        return path.relative_to(self._content_dir).as_posix() if path.is_relative_to(self._content_dir) else path.name

    def _read(self) -> _Files:
        content = load_content(self._content_dir, self._retention_days)
        return _Files(
            content=content,
            listed={doctor.key: doctor for doctor in load_directory(self._content_dir / "dermatologists")},
            clinics=_clinics(self._content_dir / "clinics.toml"),
            figures=_figures(self._model_dir / "figures.json", content),
        )

    def _show(self, files: _Files, directory: Mapping[str, Dermatologist]) -> None:
        self.content, self.listed, self.directory = files.content, files.listed, directory
        self.clinics, self.figures = files.clinics, files.figures


def _clinics(path: Path) -> Mapping[str, str]:
    if not path.exists():
        return {}
    clinics = read_toml(path).get("clinics", {})
    if not isinstance(clinics, dict):
        raise ContentError("clinics must be a table: [clinics]", path)
    for code, name in clinics.items():
        if not _CLINIC_CODE.fullmatch(code) or not isinstance(name, str) or len(name) > _LONGEST_NAME:
            name_is = f"a name in quotes, of at most {_LONGEST_NAME} characters"
            reason = f"{code} must be small letters, digits and hyphens, and {name_is}"
            raise ContentError(reason, path, _line_of(code, path))
    return clinics


def _line_of(key: str, path: Path) -> int | None:
    lines = enumerate(read_text(path).splitlines(), 1)
    return next((number for number, line in lines if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line)), None)


def _figures(path: Path, content: Content) -> Mapping[str, int]:
    try:
        plain: dict[str, int] = json.loads(read_text(path))["plain"]
        for texts in content.by_language.values():
            check_fits(texts, plain)
    except json.JSONDecodeError as error:
        raise ContentError(error.msg, path, error.lineno) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ContentError(repr(error), path) from error
    return plain
