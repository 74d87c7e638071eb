"""What moderators see of the audit: who did what when, in words of their language."""

from collections.abc import Sequence
from typing import Final

from bot.content import Texts
from bot.render.reply import Reply, hyphenated, page_buttons
from bot.storage.audit import ReadEntry

AUDIT: Final = "audit"  # callback data, followed by a colon and what is meant
AUDIT_PAGE: Final = 10
_WORDS: Final = {  # what the messages begin with that say the values of a fact
    "field": "directory-field",
    "mode": "button-maintenance",
    "period": "button-stats",
}
_NO_END: Final = "-"  # of a ban


def audit(entries: Sequence[ReadEntry], page: int, about: int | None, texts: Texts) -> Reply:
    """Return a page of deeds, latest first; there is an older page where this one is full."""
    if not entries:
        return Reply(texts.say("audit-empty"))
    heading = texts.say("audit-heading", page=page + 1)
    lines = "\n".join(f"- {_deed(entry, texts)}" for entry in entries[:AUDIT_PAGE])
    prefix = AUDIT if about is None else f"{AUDIT}:{about}"
    pages = page + 2 if len(entries) > AUDIT_PAGE else page + 1
    return Reply(f"{heading}\n\n{lines}", page_buttons(prefix, page, pages, texts))


def _deed(entry: ReadEntry, texts: Texts) -> str:
    known = f"audit-deed-{entry.action}"
    action = texts.plain(known) if texts.has(known) else entry.action
    words = [texts.say("audit-line", when=entry.at, who=_known_as(entry.actor, entry.actor_id), action=action)]
    if entry.subject is not None:
        words.append(texts.say("audit-subject", whom=_known_as(entry.subject, entry.subject_id)))
    if entry.details:
        words.append(texts.say("audit-details", details=_details(entry.details, texts)))
    return " ".join(words)


def _details(details: str, texts: Texts) -> str:
    """Return the facts of a deed, which read name=value in the database; those without words as they are."""
    return ", ".join(_fact(fact, texts) for fact in details.split(", "))


def _fact(fact: str, texts: Texts) -> str:
    name, _, value = fact.partition("=")
    said = f"audit-fact-{name}"
    if not texts.has(said):
        return fact
    if (name, value) == ("until", _NO_END):
        return texts.plain("user-ban-good")
    word = f"{_WORDS.get(name)}-{hyphenated(value)}"
    return texts.plain(said, value=texts.plain(word) if texts.has(word) else value)


def _known_as(alias: str, user_id: int | None) -> str:
    return f"#{alias}" if user_id is None else str(user_id)
