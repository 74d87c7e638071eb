"""Markdown as people see it."""

from typing import Final

from telegramify_markdown import convert
from telegramify_markdown.config import RenderConfig
from telegramify_markdown.entity import MessageEntity

from bot.render.reply import length

# Telegram's, in UTF-16 units
MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024


def _plain_style() -> RenderConfig:
    style = RenderConfig.isolated()
    symbols = style.markdown_symbol
    for level in range(1, 7):
        setattr(symbols, f"heading_level_{level}", "")
    symbols.unordered_list_item, symbols.link = "•", ""
    return style


_STYLE: Final = _plain_style()


def shown(markdown: str) -> tuple[str, list[MessageEntity]]:
    """Return the text and its entities, counted in UTF-16 units as Telegram does; headings are bold."""
    text, entities = convert(markdown, latex_escape=False, config=_STYLE)
    return text, [entity for entity in entities if entity.type != "underline"]


def shown_length(markdown: str) -> int:
    """Return how long Markdown is for Telegram once it is formatted, in UTF-16 units."""
    return length(shown(markdown)[0])
