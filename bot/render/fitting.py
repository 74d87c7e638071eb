"""Whether everything fits where Telegram shows it: a language that says too much is refused as it is read."""

from collections.abc import Mapping
from typing import Final

from bot.content import Texts
from bot.errors import ContentError
from bot.render.account import longest_history
from bot.render.answer import how_sure, longest_answer
from bot.render.formatting import MAX_CAPTION, MAX_TEXT, shown_length
from bot.render.reply import length

MAX_ALERT: Final = 200  # what is shown to whoever presses a button
MAX_COMMAND: Final = 256  # what stands beside a command in the menu

ALERTS: Final = frozenset(
    {
        *("old-button", "banned-button", "directory-put-back"),
        *("broadcast-nobody", "broadcast-other-running", "broadcast-stopping"),
        *("unbanned", "unbanned-unheard", "unban-nobody"),
        *("granted", "granted-unheard", "grant-already", "grant-banned", "grant-owner"),
        *("revoked", "revoked-unheard", "revoke-nobody", "revoke-owner"),
    }
)
_CAPTIONS: Final = frozenset({"exported", "directory-report"})


def check_fits(texts: Texts, figures: Mapping[str, int]) -> None:
    """Look at the length of every message and page of a language, and of the longest answer to a photo.

    Args:
        texts: the language.
        figures: what the page on the model shows.

    Raises:
        ContentError: Telegram would refuse one.
    """
    for message_id, message in texts.stands.items():
        said, most = texts.samples[message_id], _most(message_id)
        is_plain = most in {MAX_ALERT, MAX_COMMAND}
        reason = _reason(message_id, length(said) if is_plain else _shown_length(said, most), most)
        if reason:
            raise ContentError(reason, message.path, message.line)
    for name in texts.pages:
        page = how_sure(texts, figures, has_own_mix=True).markdown if name == "model" else texts.page(name)
        if reason := _reason("this page", _shown_length(page, MAX_TEXT), MAX_TEXT):
            raise ContentError(reason, texts.folder / f"{name}.md")
    if reason := _reason("the longest answer to a photo", shown_length(longest_answer(texts)), MAX_CAPTION):
        parts = "risk-…, reason-…, caution-…, class-…, malignant-like-this and no-diagnosis stand in it together"
        raise ContentError(f"{reason}; {parts}", texts.stands["no-diagnosis"].path)
    if reason := _reason("the longest page of /history", shown_length(longest_history(texts)), MAX_TEXT):
        parts = "history-…, class-… and malignant-like-this stand in it together"
        raise ContentError(f"{reason}; {parts}", texts.stands["history-note"].path)


def _most(message_id: str) -> int:
    if message_id.startswith("command-"):
        return MAX_COMMAND
    if message_id in ALERTS:
        return MAX_ALERT
    return MAX_CAPTION if message_id in _CAPTIONS else MAX_TEXT


def _shown_length(markdown: str, most: int) -> int:
    """Return how long it is once formatted; what is not near the limit is taken as it is written, to be quick."""
    units = length(markdown)
    return units if units <= most * 3 // 4 else shown_length(markdown)


def _reason(what: str, units: int, most: int) -> str | None:
    return f"{what} has {units:,} characters, {units - most:,} more than Telegram takes" if units > most else None
