"""The texts as they stand in content/, and as Telegram will show them."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

import telegramify_markdown

from tests.content.words import CODES, WORDS

CONTENT: Final = Path(__file__).parents[2] / "content"
LANGUAGES: Final = tuple(sorted(WORDS))
CLASS_PAGES: Final = tuple(f"classes/{code}.md" for code in CODES)
LIMITS: Final = {
    "about.md": 2100,
    "consent.md": 2750,
    "help.md": 3100,
    "moderators.md": 1700,
    "model.md": 2650,
    "privacy.md": 2900,
} | dict.fromkeys(CLASS_PAGES, 3700)
# The longest figures that a model card can bring.
FIGURES: Final = {
    "balanced_accuracy_in_100": "100",
    "malignant_found_in_100": "100",
    "malignant_missed_in_100": "100",
    "harmless_alarmed_in_100": "100",
    "test_photos": "10,015",
    "test_lesions": "7,470",
    "phone_balanced_accuracy_in_100": "100",
    "phone_balanced_accuracy_low_in_100": "100",
    "phone_harmless_alarmed_in_100": "100",
    "phone_malignant_in_100": "100",
    "phone_melanomas": "2,298",
    "phone_photos": "2,298",
}


# The longest that can be set.
PERIODS: Final = {"retention_days": "3650", "unfinished_days": "30"}


def ftl_files(language: str) -> list[Path]:
    """Return the files with short messages of a language."""
    return sorted((CONTENT / language).glob("*.ftl"))


def source(language: str, page: str) -> str:
    """Return a page's Markdown."""
    return (CONTENT / language / page).read_text(encoding="utf-8")


def filled(language: str, page: str) -> str:
    """Return a page's Markdown, figures and periods filled in."""
    text = source(language, page)
    return Template(text).substitute(FIGURES, **PERIODS) if "$" in text else text


def shown(language: str, page: str) -> str:
    """Return a page's text as Telegram shows it."""
    text, _entities = telegramify_markdown.convert(filled(language, page))
    return str(text)


def utf16_units(text: str) -> int:
    """Count a text's length the way Telegram does."""
    return len(text.encode("utf-16-le")) // 2


def headings(text: str) -> list[tuple[int, str]]:
    """Return the level and words of each heading, in order."""
    lines = [line for line in text.splitlines() if line.startswith("#")]
    return [(len(line) - len(line.lstrip("#")), line.lstrip("#").strip()) for line in lines]
