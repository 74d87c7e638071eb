"""Reactions: the emoji that Telegram lets people and bots put on a message."""

from typing import Any

from emulator.errors import bad_request
from emulator.objects import JsonObject

# Single characters first, then those that are joined from several.
EMOJI = frozenset(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
) | {
    "❤\u200d🔥",
    "👨\u200d💻",
    "🤷\u200d♂",
    "🤷\u200d♀",
}


def emoji_reaction(emoji: str) -> list[JsonObject]:
    """The reaction with this emoji; none for an empty text."""
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def checked_reaction(reaction: list[Any]) -> list[JsonObject]:
    """A bot's reaction: at most one, of Telegram's emoji.

    Raises:
        BotApiError: 400 REACTION_INVALID or REACTIONS_TOO_MANY.
    """
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(not isinstance(one, dict) or str(one.get("emoji")) not in EMOJI for one in reaction):
        raise bad_request("REACTION_INVALID")
    return [{"type": "emoji", "emoji": one["emoji"]} for one in reaction]
