"""What ships with the bot, read once for all tests of a process; they only look at it."""

from pathlib import Path
from typing import Final

from bot.content import load_content

ROOT: Final = Path(__file__).parents[1]
CONTENT: Final = load_content(ROOT / "content")
