"""/audit: every deed and every fact is said in the moderator's language."""

import re
from pathlib import Path

import pytest

from bot.render.auditing import audit
from bot.storage.audit import ReadEntry
from tests.bot.conftest import NOON
from tests.shipped import CONTENT

MODERATION = Path(__file__).parents[3] / "bot" / "handlers" / "moderation"
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(MODERATION.glob("*.py")))
DEEDS = sorted(set(re.findall(r"""actor\.entry\(\s*"([a-z-]+)\"""", CODE)))


def line(action: str, details: str, language: str) -> str:
    """What a deed reads like."""
    entry = ReadEntry(1, NOON, "A1B2C3D4", 500_000_001, action, None, None, details)
    return audit([entry], 0, None, CONTENT.texts(language)).markdown.rpartition(" · ")[2].replace("\\", "")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("action", DEEDS)
def test_every_deed_of_a_moderator_has_words(action: str, language: str) -> None:
    assert CONTENT.texts(language).has(f"audit-deed-{action}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_fact_of_a_deed_has_words(language: str) -> None:
    calls = re.findall(r"actor\.entry\(.*", CODE)
    names = {name for call in calls for name in re.findall(r"\b([a-z]+)=", call)}
    assert {"page", "entry", "number"} <= names
    counts = {"added", "updated", "unchanged", "removed", "restored", "left", "until"}
    assert [name for name in names | counts if not CONTENT.texts(language).has(f"audit-fact-{name}")] == []


@pytest.mark.parametrize(
    ("action", "details", "said"),
    [
        ("directory-correct", "entry=l0123, field=phone", "corrigió una entrada (entrada l0123, campo: Teléfono)"),
        ("directory-correct", "entry=l0123, field=opening_hours", "(entrada l0123, campo: Horario)"),
        ("users", "page=1", "miró la lista de personas (página 1)"),
        ("ban", "until=-", "expulsó a alguien (para siempre)"),
        ("ban", "until=2026-12-01", "expulsó a alguien (hasta 2026-12-01)"),
        ("maintenance-begin", "mode=refuse", "(fotos: Rechazar las fotos)"),
        ("deed-of-an-older-version", "for good", "deed-of-an-older-version (for good)"),
    ],
)
def test_deed_is_said_in_spanish(action: str, details: str, said: str) -> None:
    assert said in line(action, details, "es")
