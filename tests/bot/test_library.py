"""What is read from files is read anew on request, all of it or nothing."""

import shutil
from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.library import Library

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
        ("models/figures.json", "}", r"figures\.json, line \d+"),
    ],
)
def test_broken_file_is_refused_and_the_old_content_kept(
    folder: Path, library: Library, path: str, broken: str, complaint: str
) -> None:
    before = library.content, library.listed, library.directory, library.clinics, library.figures
    append(folder / path, broken)
    with pytest.raises(ContentError, match=complaint):
        library.reload()
    assert (library.content, library.listed, library.directory, library.clinics, library.figures) == before


def test_what_is_new_in_a_file_is_there_after_reading_it_anew(folder: Path, library: Library) -> None:
    append(folder / "content" / "dermatologists" / "AT-salzburg.csv", "Dr. New,,,,,47.8,13.05,\n")
    assert "Dr. New" not in {doctor.name for doctor in library.dermatologists}
    library.reload()
    assert "Dr. New" in {doctor.name for doctor in library.dermatologists}


def test_what_moderators_changed_stays_when_files_are_read_anew(library: Library) -> None:
    first, second = list(library.listed)[:2]
    library.change({first: None, second: {"phone": "+43 662 2", "is_changed": True}})
    for _ in range(2):
        assert first not in library.directory
        assert library.directory[second].phone == "+43 662 2"
        library.reload()
    library.forget(first)
    assert library.directory[first] == library.listed[first]


def test_moderators_read_no_more_of_a_path_than_they_need(folder: Path, library: Library) -> None:
    assert library.shown_path(folder / "content" / "es" / "ui.ftl") == "es/ui.ftl"
    assert library.shown_path(folder / "models" / "figures.json") == "figures.json"
