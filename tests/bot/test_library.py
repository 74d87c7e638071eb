"""What is read from files is read anew on request, all of it or nothing."""

import asyncio
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import _read_anew
from bot.errors import ContentError
from bot.library import Library
from tests.bot.desk import idle_services

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    (tmp_path / "models").mkdir()
    shutil.copy(ROOT / "models" / "figures.json", tmp_path / "models")
    return tmp_path


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(folder / "content", folder / "models")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "broken", "complaint"),
    [
        ("content/es/ui.ftl", "broken", r"es/ui\.ftl, line \d+"),
        ("content/dermatologists/AT-salzburg.csv", "Dr. A,,,,,95,13,\n", r"AT-salzburg\.csv, line 25"),
        ("content/dermatologists/AT-salzburg.toml", "x = \n", r"AT-salzburg\.toml, line \d+"),
        ("content/clinics.toml", "\nrot = \n", r"clinics\.toml, line \d+"),
        ("content/clinics.toml", '\n"The Code" = "Clinic"\n', r"clinics\.toml, line \d+: The Code"),
        ("content/clinics.toml", f'\nfar = "{501 * "x"}"\n', r"clinics\.toml, line \d+: far must be .* at most 500"),
        ("models/figures.json", "}", r"figures\.json, line \d+"),
    ],
)
async def test_broken_file_is_refused_and_the_old_content_kept(
    folder: Path, library: Library, path: str, broken: str, complaint: str
) -> None:
    before = library.content, library.listed, library.directory, library.clinics, library.figures
    append(folder / path, broken)
    with pytest.raises(ContentError, match=complaint):
        await library.reload()
    assert (library.content, library.listed, library.directory, library.clinics, library.figures) == before


@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (
            "en/ui.ftl",
            "command-help = ",
            "command-help = " + 256 * "x",
            r"en/ui\.ftl, line \d+: command-help has 2\d\d ",
        ),
        ("es/ui.ftl", "old-button = ", "old-button = " + 200 * "x", r"es/ui\.ftl, line \d+: old-button has \d+ "),
        ("es/ui.ftl", "looking = ", "looking = " + 4096 * "x", r"es/ui\.ftl, line \d+: looking has 4,\d+ "),
        ("en/ui.ftl", "exported = ", "exported = " + 1024 * "x", r"en/ui\.ftl, line \d+: exported has 1,\d+ "),
        ("en/ui.ftl", "history-date = ", "history-date = " + 800 * "x", r"en/ui\.ftl: the longest page of /history "),
        ("en/ui.ftl", "no-diagnosis = ", "no-diagnosis = " + 500 * "x", r"en/ui\.ftl: the longest answer .* 1,\d+ "),
        (
            "en/privacy.md",
            "\n\n",
            "\n\n" + 1500 * "🙂" + "\n\n",
            r"en/privacy\.md: this page has \d,\d+ characters, \d+",
        ),
        ("es/model.md", "\n\n", "\n\n" + 4000 * "x" + "\n\n", r"es/model\.md: this page has \d,\d+ characters, "),
    ],
)
async def test_text_that_telegram_would_not_take_is_refused(
    folder: Path, library: Library, path: str, old: str, new: str, complaint: str
) -> None:
    page, before = folder / "content" / path, library.content
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        await library.reload()
    assert library.content is before


async def test_what_is_new_in_a_file_is_there_after_reading_it_anew(folder: Path, library: Library) -> None:
    append(folder / "content" / "dermatologists" / "AT-salzburg.csv", "Dr. New,,,,,47.8,13.05,\n")
    assert "Dr. New" not in {doctor.name for doctor in library.dermatologists}
    await library.reload()
    assert "Dr. New" in {doctor.name for doctor in library.dermatologists}


async def test_broken_file_does_not_keep_the_one_that_stood_by_from_leading(
    engine: AsyncEngine, folder: Path, library: Library
) -> None:
    services, before = idle_services(engine, library=library), library.content
    append(folder / "content/es/ui.ftl", "broken")
    await _read_anew(services)
    assert library.content is before
    assert [incident.kind for incident in await services.incidents.latest(9)] == ["ContentError"]


async def test_what_moderators_changed_stays_when_files_are_read_anew(library: Library) -> None:
    first, second = list(library.listed)[:2]
    library.change({first: None, second: {"phone": "+43 662 2", "is_changed": True}})
    for _ in range(2):
        assert first not in library.directory
        assert library.directory[second].phone == "+43 662 2"
        await library.reload()
    library.forget(first)
    assert library.directory[first] == library.listed[first]


async def test_what_is_changed_while_files_are_read_is_shown(library: Library) -> None:
    first, second, third = list(library.listed)[:3]
    library.change({third: None})
    reading = asyncio.create_task(library.reload())
    await asyncio.sleep(0)  # it has begun
    assert library._turn.locked()
    library.change({first: None, second: {"phone": "+43 662 2"}})
    library.forget(third)
    await reading
    assert first not in library.directory
    assert library.directory[second].phone == "+43 662 2"
    assert library.directory[third] == library.listed[third]


async def test_edits_and_reading_anew_hold_nobody_up_however_much_was_changed(library: Library) -> None:
    full = {"address": "", "phone": "", "website": "", "opening_hours": "", "note": "", "name": "Dr. A"}
    place = {"latitude": 47.8, "longitude": 13.05, "attribution": "", "date": "2026-11-23", "is_changed": False}
    many = {f"a{number}": full | place for number in range(50_000)}
    all_s, key = _time_s(partial(library.change, many)), next(iter(library.listed))
    edits = [partial(library.change, {key: {"phone": "+43 662 2"}}), partial(library.forget, key)]
    assert max(_time_s(edit) for edit in edits) < all_s / 2
    reading, began, longest_s = asyncio.create_task(library.reload()), time.monotonic(), 0.0
    while not reading.done():
        turn_began = time.monotonic()
        await asyncio.sleep(0)
        longest_s = max(longest_s, time.monotonic() - turn_began)
    assert longest_s < (time.monotonic() - began) / 2


def _time_s(call: Callable[[], None]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_moderators_read_no_more_of_a_path_than_they_need(folder: Path, library: Library) -> None:
    assert library.shown_path(folder / "content" / "es" / "ui.ftl") == "es/ui.ftl"
    assert library.shown_path(folder / "models" / "figures.json") == "figures.json"
