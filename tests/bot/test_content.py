"""What content/ must hold, and what happens when it does not."""

import re
import shutil
from pathlib import Path

import pytest

from bot.content import load_content
from bot.delivery import formatted
from bot.errors import ContentError

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


def test_missing_page_is_named(copy: Path) -> None:
    (copy / "en" / "classes" / "mel.md").unlink()
    with pytest.raises(ContentError, match=r"mel\.md"):
        load_content(copy)


def test_consent_of_another_version_is_refused(copy: Path) -> None:
    path = copy / "es" / "consent.md"
    path.write_text(re.sub("Version: .*", "Version: 1", path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ContentError, match="version"):
        load_content(copy)


def test_name_with_signs_is_shown_as_it_is() -> None:
    name = "**A_na** [x](http://y) `#1`"
    text, entities = formatted(load_content(CONTENT).texts("en").say("welcome-back", name=name))
    assert name in text
    assert not [entity for entity in entities if entity.offset < text.index(name) + len(name)]


def english_ids() -> list[str]:
    english = "\n".join(path.read_text(encoding="utf-8") for path in (CONTENT / "en").glob("*.ftl"))
    return re.findall(r"^([a-z0-9-]+) =", english, flags=re.MULTILINE)


def test_every_message_that_the_code_says_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    said = set(re.findall(r'(?:say|plain)\(\s*"([a-z0-9-]+)"', code))
    assert said
    assert said <= set(english_ids())


def test_every_message_is_said_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    built = ("class-", "command-", "risk-", "reason-", "declined-", "button-", "found-")  # their ends come from data
    unused = [message for message in english_ids() if f'"{message}"' not in code]
    assert [message for message in unused if not message.startswith(built)] == []
