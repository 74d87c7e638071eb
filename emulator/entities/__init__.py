"""Formatted text: from HTML, MarkdownV2 or given entities to plain text with entities, as Telegram reads them."""

from emulator.entities.formatted import FormattedText, formatted

__all__ = ["FormattedText", "formatted"]
