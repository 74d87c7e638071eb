"""/reload tells what is broken in a few words, however much that is."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library import Library
from tests.bot.desk import Desk, open_desk

ROOT = Path(__file__).parents[2]
OWNER = 600_000_001


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
async def desk(engine: AsyncEngine, content: Path) -> AsyncIterator[Desk]:
    async with open_desk(engine, OWNER, library=Library(content, ROOT / "models")) as desk:
        desk.newcomer(OWNER)
        yield desk


async def test_of_a_language_that_has_only_begun_the_first_missing_messages_are_named(
    desk: Desk, content: Path
) -> None:
    (content / "fr").mkdir()
    (content / "fr" / "ui.ftl").write_text("language-name = Français\n", encoding="utf-8")
    (told,) = await desk.hears(OWNER, text="/reload")
    assert re.search(r"fr has no message (\S+, ){4}\S+ and \d{3} more$", told.text)


async def test_of_a_reason_without_end_the_beginning_is_told(desk: Desk, content: Path) -> None:
    path = content / "es" / "help.md"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n[x](tg:{'x' * 3000})\n", encoding="utf-8")
    (told,) = await desk.hears(OWNER, text="/reload")
    assert "es/help.md" in told.text
    assert f"tg:{'x' * 400}" in told.text
