"""What moderators see of people: registration, limits, bans. Never health data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.content import Texts, verbatim
from bot.render.reply import Button, Reply, page_buttons, page_count
from bot.storage.bans import Ban
from bot.storage.feedback import Message
from bot.storage.moderators import Role
from bot.storage.patients import Patient

USER: Final = "user"  # callback data, followed by a colon and what is meant
USERS: Final = "users"
INBOX: Final = "inbox"
USERS_PAGE: Final = 10
_MODERATORS: Final = 20  # in one message
INBOX_PAGE: Final = 5
_ROW: Final = 5


@dataclass(frozen=True, slots=True)
class Card:
    """What moderators may know of somebody.

    Attributes:
        user_id: Telegram's number.
        patient: None where the person never registered, or is erased.
        role: what they may do.
        ban: the one that holds now.
        photos_today: how many they sent in 24 hours.
        feedback_waiting: how many messages of theirs wait for an answer.
    """

    user_id: int
    patient: Patient | None
    role: Role
    ban: Ban | None
    photos_today: int
    feedback_waiting: int


def card(of: Card, texts: Texts, *, is_for_owner: bool) -> Reply:
    """Return the card of a person, with buttons for what can be done."""
    words = "\n".join([texts.say("user-heading", id=str(of.user_id)), "", *_card_lines(of, texts)])
    return Reply(words, tuple((button,) for button in _card_buttons(of, texts, is_for_owner=is_for_owner)))


def _card_lines(of: Card, texts: Texts) -> list[str]:
    patient = of.patient
    if patient is None:
        lines = [texts.say("user-unknown")]
    else:
        lines = [
            texts.say("user-name", name=patient.first_name or "–", username=_at(patient)),
            texts.say("user-language", language=patient.language),
            _registration(patient, texts),
        ]
        lines += [texts.say("user-invited", clinic=patient.invited_by)] if patient.invited_by else []
        lines += [texts.say("user-blocked", when=patient.blocked_at)] if patient.blocked_at else []
    lines.append(texts.say("user-photos", count=of.photos_today))
    lines += [texts.say("user-feedback", count=of.feedback_waiting)] if of.feedback_waiting else []
    lines += [texts.say(f"user-role-{of.role}")] if of.role is not Role.NOBODY else []
    lines += [_ban(of.ban, texts)] if of.ban else []
    return [f"- {line}" for line in lines]


def _registration(patient: Patient, texts: Texts) -> str:
    if patient.registered_at is None:
        return texts.say("user-not-registered")
    return texts.say("user-registered", when=patient.registered_at, consent=patient.consent_version or "–")


def _ban(ban: Ban, texts: Texts) -> str:
    until = texts.plain("user-ban-until", when=ban.until) if ban.until else texts.plain("user-ban-good")
    reason = " ".join(ban.reason.split()) or texts.plain("ban-no-reason")
    return texts.say("user-banned", until=until, reason=reason)


def _card_buttons(of: Card, texts: Texts, *, is_for_owner: bool) -> list[Button]:
    def button(deed: str) -> Button:
        return Button(texts.plain(f"button-{deed}"), f"{USER}:{deed}:{of.user_id}")

    buttons = []
    if of.role is Role.NOBODY:
        buttons.append(button("unban" if of.ban else "ban"))
    if is_for_owner and of.role is not Role.OWNER and not of.ban:
        buttons.append(button("revoke" if of.role is Role.MODERATOR else "grant"))
    return buttons


def pointed_at(user_id: int | None, texts: Texts) -> Reply:
    """Return what can be done about the person behind something that was forwarded; None where nobody can tell."""
    if user_id is None:
        return Reply(texts.say("naming-how"))
    return Reply(texts.say("naming-reply"), ((Button(texts.plain("button-who"), f"{USER}:show:{user_id}"),),))


@dataclass(frozen=True, slots=True)
class Marks:
    """What is said of people in a list, beside who they are: who is banned, and who has a role."""

    banned: frozenset[int]
    roles: Mapping[int, Role]


def users(people: Sequence[Patient], marks: Marks, page: int, count: int, texts: Texts) -> Reply:
    """Return a page of people, latest first, with a button for each card; pages count from 0."""
    if not people:
        return Reply(texts.say("users-nobody"))
    pages = page_count(count, USERS_PAGE)
    heading = texts.say("users-heading", page=page + 1, pages=pages, count=count)
    first = page * USERS_PAGE + 1
    lines = [f"{number}\\. {_line(one.user_id, one, marks, texts)}" for number, one in enumerate(people, first)]
    rows = _card_numbers([one.user_id for one in people], first)
    return Reply("\n\n".join([heading, "\n".join(lines)]), (*rows, *page_buttons(USERS, page, pages, texts)))


def moderators(roles: Mapping[int, Role], known: Mapping[int, Patient], texts: Texts) -> list[Reply]:
    """Return everybody who looks after the bot, a button each, also those who never wrote; one message or more."""
    marks, ids = Marks(frozenset(), roles), list(roles)
    replies = []
    for start in range(0, len(ids), _MODERATORS):
        part = ids[start : start + _MODERATORS]
        lines = [f"{n}\\. {_line(one, known.get(one), marks, texts)}" for n, one in enumerate(part, start + 1)]
        words = [texts.say("moderators-heading", count=len(ids)), "\n".join(lines)]
        replies.append(Reply("\n\n".join(words), _card_numbers(part, start + 1)))
    return replies


def _card_numbers(ids: Sequence[int], first: int) -> tuple[tuple[Button, ...], ...]:
    numbers = [Button(str(number), f"{USER}:show:{user_id}") for number, user_id in enumerate(ids, first)]
    return tuple(tuple(numbers[start : start + _ROW]) for start in range(0, len(numbers), _ROW))


def _line(user_id: int, one: Patient | None, marks: Marks, texts: Texts) -> str:
    said = {
        f"users-mark-{marks.roles.get(user_id)}": user_id in marks.roles,
        "users-mark-unknown": one is None,
        "users-mark-unfinished": one is not None and not one.is_registered,
        "users-mark-blocked": one is not None and one.blocked_at is not None,
        "users-mark-banned": user_id in marks.banned,
    }
    name = one.first_name if one and one.first_name else "–"
    named = texts.say("users-line", name=name, username=_at(one) if one else "–", id=str(user_id))
    return " ".join([named, *(texts.plain(mark) for mark, is_so in said.items() if is_so)])


def _at(one: Patient) -> str:
    return f"@{one.username}" if one.username else "–"


def a_day_before(now: datetime) -> datetime:
    """Return from when on the photos of today count."""
    return now - timedelta(days=1)


def feedback_heading(message: Message, sender: Patient | None, texts: Texts) -> str:
    """Return which message of a patient this is, without what it says."""
    language = sender.language if sender else "–"
    return texts.say("inbox-item", number=message.feedback_id, when=message.sent_at, language=language)


def feedback_item(message: Message, sender: Patient | None, texts: Texts) -> Reply:
    """Return a message of a patient, with what a moderator can do about it, and whether a colleague has answered."""
    heading = feedback_heading(message, sender, texts)
    if message.answer is not None:
        heading = f"{heading}\n{texts.say('inbox-answered-by-colleague')}"
    buttons = (
        (Button(texts.plain("button-answer"), f"{INBOX}:answer:{message.feedback_id}"),),
        (
            Button(texts.plain("button-put-aside"), f"{INBOX}:aside:{message.feedback_id}"),
            Button(texts.plain("button-who"), f"{USER}:show:{message.user_id}"),
        ),
    )
    return Reply(f"{heading}\n\n{verbatim(message.text)}", buttons)


def answered_meanwhile(message: Message, texts: Texts) -> Reply:
    """Return what somebody else has answered, and the question whether this answer is to follow it."""
    parts = [texts.say("inbox-answered-meanwhile", number=message.feedback_id), verbatim(message.answer or "")]
    deeds = ("send", "drop")
    buttons = tuple(
        Button(texts.plain(f"button-inbox-{deed}"), f"{INBOX}:{deed}:{message.feedback_id}") for deed in deeds
    )
    return Reply("\n\n".join([*parts, texts.say("inbox-send-too")]), (buttons,))


def feedback_answer(message: Message, answer: str, texts: Texts) -> Reply:
    """Return the answer as the patient gets it, with what they had written, and how to write back."""
    said = [texts.say("feedback-answer"), verbatim(answer), texts.say("feedback-was"), verbatim(message.text)]
    return Reply("\n\n".join([*said, texts.say("feedback-write-back")]))
