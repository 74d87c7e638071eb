"""What content/ must hold, and what happens when it does not."""

import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.content import load_content
from bot.delivery import formatted
from bot.errors import ContentError
from bot.settings import RETENTION_DAYS
from bot.storage.tables import patients

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def test_english_and_spanish_are_spoken() -> None:
    assert set(load_content(CONTENT).by_language) >= {"en", "es"}


@pytest.mark.parametrize(("tag", "language"), [("es-AR", "es"), ("ES", "es"), ("fr", "en"), (None, "en")])
def test_language_tag_finds_its_texts(tag: str | None, language: str) -> None:
    assert load_content(CONTENT).texts(tag).language == language


def test_message_that_is_missing_in_one_language_is_named(copy: Path) -> None:
    path = copy / "es" / "ui.ftl"
    without = re.sub(r"^looking = .*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(without, encoding="utf-8")
    with pytest.raises(ContentError, match="looking"):
        load_content(copy)


def test_broken_message_is_named_with_its_line(copy: Path) -> None:
    path = copy / "en" / "ui.ftl"
    path.write_text("fine = Fine\nbroken {{\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"ui\.ftl, line 2"):
        load_content(copy)


@pytest.mark.parametrize(
    ("page", "old", "new", "complaint"),
    [
        ("es/ui.ftl", "looking = ", "# looking = ", r"en/ui\.ftl, line \d+: es has no message looking$"),
        ("en/ui.ftl", "looking = ", "# looking = ", r"es/ui\.ftl, line \d+: en has no message looking$"),
        ("es/ui.ftl", "{ $number }. {", "{ $numero }. {", r"es/ui\.ftl, line \d+: found-name .* \$number, \$numero"),
        ("es/ui.ftl", "looking = ", "looking = { -mark }", r"es/ui\.ftl, line \d+: looking: Unknown term: -mark"),
        ("es/ui.ftl", "looking = ", "looking =\n    .x = ", r"es/ui\.ftl, line \d+: looking says nothing"),
        (
            "es/directory.ftl",
            "reload-done",
            "looking = x\nreload-done",
            r"es/ui\.ftl, line \d+: looking stands already in",
        ),
        ("es/model.md", "$phone_photos", "$fotos", r"es/model\.md, line \d+: \$fotos is no figure"),
        ("es/model.md", "$phone_photos", "$ 5", r"es/model\.md, line \d+: a lone \$"),
        ("es/help.md", "\n\n", "\n\n$name\n\n", r"es/help\.md, line 3: \$name is no figure"),
        ("en/consent.md", "Version: ", "", r"en/consent\.md, line 1: .*Version"),
        ("en/about.md", "\n\n", "\n\n\udcff\n", r"en/about\.md, line 3: this line is not UTF-8"),
        ("es/about.md", "](https://", "](", r"es/about\.md, line \d+: www\.\S+ is no link"),
        ("en/about.md", "](https://www.nice.org.uk", "](https://intranet", r"line 21: https://intranet\S* is no link"),
        (
            "en/about.md",
            "](https://www.nice.org.uk",
            "](https://intranet.",
            r"line 21: https://intranet\.\S* is no link",
        ),
        ("en/help.md", "\n\n", "\n\n<tg:x>\n\n", r"en/help\.md, line 3: tg:x is no link"),
        ("en/help.md", "\n\n", "\n\n[x]: moles\n\n", r"en/help\.md, line 3: moles is no link"),
        ("es/ui.ftl", "looking = ", "looking = [x](moles) ", r"es/ui\.ftl, line \d+: moles is no link"),
        ("es/ui.ftl", "looking = ", "\udcff = ", r"es/ui\.ftl, line \d+: this line is not UTF-8"),
    ],
)
def test_broken_file_is_refused_with_its_line(copy: Path, page: str, old: str, new: str, complaint: str) -> None:
    path = copy / page
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ContentError, match=complaint) as refused:
        load_content(copy)
    assert refused.value.line is not None


def test_line_is_the_one_with_the_mistake(copy: Path) -> None:
    path = copy / "es" / "ui.ftl"
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("looking = "))
    lines[number] = "looking { = x"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load_content(copy)
    assert (refused.value.path, refused.value.line) == (path, number + 1)


def test_file_that_one_language_lacks_is_refused(copy: Path) -> None:
    (copy / "es" / "directory.ftl").unlink()
    with pytest.raises(ContentError, match=r"en/directory\.ftl, line \d+: es has no message directory-home, "):
        load_content(copy)


def test_files_may_have_a_byte_order_mark_and_the_line_ends_of_windows(copy: Path) -> None:
    for path in [*copy.glob("*/*.ftl"), *copy.glob("*/*.md")]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_content(copy).consent_version == load_content(CONTENT).consent_version


def test_missing_page_is_named(copy: Path) -> None:
    (copy / "en" / "classes" / "mel.md").unlink()
    with pytest.raises(ContentError, match=r"mel\.md"):
        load_content(copy)


def test_consent_of_another_version_is_refused(copy: Path) -> None:
    path = copy / "es" / "consent.md"
    path.write_text(re.sub("Version: .*", "Version: 1", path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ContentError, match="version"):
        load_content(copy)


@pytest.mark.parametrize("name", ["fil", "pt-BR", "ES", "e1"])
def test_language_folder_that_is_no_code_of_two_letters_is_refused(copy: Path, name: str) -> None:
    (copy / "es").rename(copy / name)
    with pytest.raises(ContentError, match=rf"{name}: a language's folder is called by its code of two small letters"):
        load_content(copy)


def call_consent(version: str, copy: Path) -> None:
    for path in copy.glob("*/consent.md"):
        _, _, words = path.read_text(encoding="utf-8").partition("\n")
        path.write_text(f"Version: {version}\n{words}", encoding="utf-8")


@pytest.mark.parametrize(("days", "most"), [(RETENTION_DAYS, 32), (365, 28)])
def test_consent_version_that_the_database_could_not_keep_is_refused(copy: Path, days: int, most: int) -> None:
    kept = patients.c.consent_version.type
    assert isinstance(kept, sa.String)
    call_consent("v" * most, copy)
    assert len(load_content(copy, days).consent_version) == kept.length
    call_consent("v" * (most + 1), copy)
    complaint = rf"en/consent\.md, line 1: the version has {most + 1} characters, and may have {most}$"
    with pytest.raises(ContentError, match=complaint):
        load_content(copy, days)


def test_name_with_signs_is_shown_as_it_is() -> None:
    name = "**A_na** [x](http://y) `#1`"
    text, entities = formatted(load_content(CONTENT).texts("en").say("welcome-back", name=name))
    assert name in text
    assert not [entity for entity in entities if entity.offset < text.index(name) + len(name)]


def english_ids() -> list[str]:
    english = "\n".join(path.read_text(encoding="utf-8") for path in (CONTENT / "en").glob("*.ftl"))
    return re.findall(r"^([a-z][a-z0-9-]*) =", english, flags=re.MULTILINE)


def test_every_message_that_the_code_says_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    said = set(re.findall(r'(?:say|plain)\(\s*"([a-z0-9-]+)"', code))
    assert said
    assert said <= set(english_ids())


def test_every_message_is_said_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    built = tuple(re.findall(r"""f["']([a-z-]+-)\{""", code))  # their ends come from data
    unused = [message for message in english_ids() if not re.search(f"[\"']{message}[\"']", code)]
    assert [message for message in unused if not message.startswith(built)] == []
