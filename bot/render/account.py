"""What a patient sees of their own data: settings, history, privacy, the receipt."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from bot.content import Content, Texts
from bot.render.answer import malignant_in_all
from bot.render.questions import SKIN_TYPES, skin_type_rows
from bot.render.reply import Button, Reply, in_100, page_buttons, page_count
from bot.storage.cases import PastAssessment
from bot.storage.patients import Patient
from bot.storage.records import Erasure
from inference.classes import LesionClass
from inference.risk import RiskLevel, shown_classes

SETTINGS: Final = "settings"  # callback data, followed by a colon and what is meant
HISTORY: Final = "history"
PRIVACY: Final = "privacy"
DELETE: Final = "delete"
HISTORY_PAGE: Final = 5
_LAST_PAGE: Final = 9998  # further ones have no button
_SOME_DAY: Final = datetime(2026, 12, 28, 22, 58, tzinfo=UTC)
_TOLD: Final = ("patients", "cases", "feedback", "deliveries")  # of what is erased; the rest is of no interest


def settings(patient: Patient, texts: Texts, *, has_consent: bool) -> Reply:
    """Return what can be changed, with a button for each; a skin type is taken only with consent."""
    skin_type = SKIN_TYPES[patient.skin_type - 1] if patient.skin_type else texts.plain("settings-not-said")
    name = patient.first_name or texts.plain("settings-not-said")
    words = texts.say("settings", language=texts.plain("language-name"), name=name, skin_type=skin_type)
    choices = [("language", "button-language"), ("name", "button-name")]
    choices += [("skin", "button-skin-type")] if has_consent else []
    return Reply(words, tuple((Button(texts.plain(label), f"{SETTINGS}:{what}"),) for what, label in choices))


def language_choice(content: Content, texts: Texts) -> Reply:
    """Return the languages as buttons."""
    languages = tuple(
        (Button(t.plain("language-name"), f"{SETTINGS}:language:{code}"),) for code, t in content.by_language.items()
    )
    return Reply(texts.say("ask-language"), (*languages, _back_to_settings(texts)))


def skin_type_choice(texts: Texts) -> Reply:
    """Return the skin types as buttons."""
    none = Button(texts.plain("button-no-skin-type"), f"{SETTINGS}:skin:0")
    rows = skin_type_rows(f"{SETTINGS}:skin", none)
    return Reply(texts.say("ask-skin-type"), (*rows, _back_to_settings(texts)))


def _back_to_settings(texts: Texts) -> tuple[Button, ...]:
    return (Button(texts.plain("button-back"), f"{SETTINGS}:show"),)


def no_history(texts: Texts, *, has_consent: bool) -> Reply:
    """Return what somebody reads who has no answers; a photo is asked for where it would be looked at."""
    return Reply(texts.say("history-empty" if has_consent else "history-without-consent"))


def history(past: Sequence[PastAssessment], page: int, count: int, texts: Texts) -> Reply:
    """Return a page of assessments, latest first; pages count from 0."""
    pages = page_count(count, HISTORY_PAGE)
    heading = texts.say("history-heading", page=page + 1, pages=pages, count=count)
    words = "\n\n".join([heading, *(_assessment(one, texts) for one in past), texts.say("history-note")])
    return Reply(words, page_buttons(HISTORY, page, pages, texts))


def longest_history(texts: Texts) -> str:
    """Return the words of about the longest page of assessments that there can be: of the classes with long names."""
    by_length = sorted(LesionClass, key=lambda lesion: -len(texts.plain(f"class-{lesion}")))
    probabilities = {str(lesion): 1 / 3 if lesion in by_length[:3] else 0.0 for lesion in by_length}
    ones = [PastAssessment(_SOME_DAY, level, probabilities) for level in RiskLevel]
    longest = max(ones, key=lambda one: len(_assessment(one, texts)))
    return history([longest] * HISTORY_PAGE, _LAST_PAGE, HISTORY_PAGE * (_LAST_PAGE + 1), texts).markdown


def _assessment(past: PastAssessment, texts: Texts) -> str:
    is_urgent = past.risk_level == RiskLevel.URGENT
    concern = LesionClass.MEL if is_urgent else None  # nothing else makes it urgent, see risk_reasons
    probabilities = {LesionClass(code): p for code, p in past.probabilities.items()}
    top = shown_classes(probabilities, concern)
    classes = [f"- {texts.say(f'class-{lesion}')}: {in_100(p, texts)}" for lesion, p in top]
    first = texts.say("history-date", when=past.received_at)
    in_all = malignant_in_all(probabilities, texts)
    return "\n".join([f"{first} {texts.say(f'history-{past.risk_level}')}", "", *classes, "", in_all])


def privacy(patient: Patient | None, texts: Texts) -> Reply:
    """Return what is kept and what can be done about it."""
    choices = [("button-export", f"{PRIVACY}:export")]
    if patient is not None and patient.is_registered and patient.consent_version is not None:
        choices.append(("button-withdraw", f"{PRIVACY}:withdraw"))
    choices.append(("button-delete", f"{DELETE}:ask"))
    return Reply(texts.page("privacy"), tuple((Button(texts.plain(label), data),) for label, data in choices))


def withdraw_question(texts: Texts) -> Reply:
    """Return the one question before a consent is withdrawn."""
    yes = Button(texts.plain("button-withdraw-yes"), f"{PRIVACY}:withdraw-yes")
    no = Button(texts.plain("button-back"), f"{PRIVACY}:show")
    return Reply(texts.say("withdraw-question"), ((yes,), (no,)))


def delete_question(nonce: str, texts: Texts, *, is_moderator: bool) -> Reply:
    """Return the one question before everything is erased.

    Args:
        nonce: what the receipt is made from; of no other question.
        texts: in the question's language, which the buttons know when nothing else does.
        is_moderator: whether to say that the role stays.
    """
    yes = Button(texts.plain("button-delete-yes"), f"{DELETE}:yes:{nonce}:{texts.language}")
    no = Button(texts.plain("button-delete-no"), f"{DELETE}:no:{nonce}:{texts.language}")
    words = [texts.say("delete-question")]
    if is_moderator:
        words.append(texts.say("delete-keeps-role"))
    return Reply("\n\n".join(words), ((yes,), (no,)))


def erased(erasure: Erasure, texts: Texts, *, is_banned: bool) -> Reply:
    """Return what was erased, and the receipt."""
    words = [texts.say("deleted"), _erased_rows(erasure.counts, texts)]
    words += [texts.say("deleted-receipt", receipt=erasure.receipt)]
    if is_banned:
        words.append(texts.say("deleted-keeps-ban"))
    return Reply("\n\n".join(words))


def _erased_rows(counts: Mapping[str, int], texts: Texts) -> str:
    """Return how much was erased of what, one line each."""
    found = [texts.say(f"deleted-{name}", count=counts[name]) for name in _TOLD if counts.get(name)]
    return "\n".join(f"- {words}" for words in found or [texts.say("deleted-nothing")])
