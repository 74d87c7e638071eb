"""The questions that can be open to somebody, and those of the registration in words."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from hashlib import sha256
from typing import Final

from bot.content import Content, Texts
from bot.render.reply import Button, Reply, below


class Open(IntEnum):
    """A question that is open to somebody; like a Step's, its value is in the database and must not change."""

    PLACE = 10
    NAME = 11
    FEEDBACK = 12
    BAN_REASON = 13
    FEEDBACK_ANSWER = 14
    BROADCAST = 15
    DIRECTORY_FIND = 16
    DIRECTORY_NAME = 17
    DIRECTORY_PLACE = 18
    DIRECTORY_FIELD = 19
    DIRECTORY_FILE = 20
    DIRECTORY_SOURCE = 21
    ERASE = 22
    WITHDRAW = 23
    PLACE_AT_LANGUAGE = 30  # the place of who looks for a dermatologist while a question of the registration is open
    PLACE_AT_CONSENT = 31
    PLACE_AT_AGE = 32
    PLACE_AT_NAME = 33
    PLACE_AT_SKIN_TYPE = 34
    ERASE_AT_LANGUAGE = 40  # whether to erase everything, likewise
    ERASE_AT_CONSENT = 41
    ERASE_AT_AGE = 42
    ERASE_AT_NAME = 43
    ERASE_AT_SKIN_TYPE = 44


class Step(IntEnum):
    """A question of the registration; its value is the conversation's state in the database and must not change."""

    LANGUAGE = 0
    CONSENT = 1
    AGE = 2
    NAME = 3
    SKIN_TYPE = 4


PLACE_AT: Final = {step: Open[f"PLACE_AT_{step.name}"] for step in Step}
ERASE_AT: Final = {step: Open[f"ERASE_AT_{step.name}"] for step in Step}
BESIDE_REGISTRATION: Final = frozenset({*PLACE_AT.values(), *ERASE_AT.values()})


def name_of(state: int) -> str:
    """Return the name of a question, as the database has its number."""
    names = {question.value: question.name for kind in (Step, Open) for question in kind}
    return names.get(state, str(state)).lower()


CALLBACK: Final = "reg"
RENEW: Final = f"{CALLBACK}:renew"
BACK: Final = "back"
AGREE: Final = "agree"  # behind it, after a colon, stands which text
REFUSE: Final = "refuse"
KEEP: Final = "keep"
MEANT: Final = "meant"  # the name that was typed, which may be words
RENAME: Final = "rename"
SKIP: Final = "skip"
SKIN_TYPES: Final = ("I", "II", "III", "IV", "V", "VI")
MAX_NAME_LENGTH: Final = 64
_MOST_WORDS: Final = 4  # of a first name
_MOST_WORDS_OF_A_PLACE: Final = 5  # without a comma: Santa Cruz de la Sierra
_JOINERS: Final = "\u200c\u200d"  # invisible, and Persian and Sinhala are not spelt without them
_EMERGENCY_NUMBER: Final = re.compile(r"\d{3}")
_OF_SENTENCES: Final = frozenset("?!¿¡")
_BEGINNING: Final = "*"  # behind a cry: words that begin so are cries
ADULT_AGE: Final = 18
_OLDEST: Final = 120  # a number above it was typed by mistake


def question(step: Step, content: Content, texts: Texts, first_name: str) -> Reply:
    """Return a question with its buttons."""
    match step:
        case Step.LANGUAGE:
            languages = [_button(step, t.plain("language-name"), code) for code, t in content.by_language.items()]
            return Reply("\n".join(t.say("ask-language") for t in content.by_language.values()), _column(languages))
        case Step.CONSENT:
            agree = _button(step, texts.plain("button-agree"), agreement(content))
            refuse = _button(step, texts.plain("button-refuse"), REFUSE)
            return Reply(texts.page("consent"), ((agree,), (refuse,), _back(step, texts)))
        case Step.AGE:
            adult, younger = (_button(step, texts.plain(f"button-{answer}"), answer) for answer in ("adult", "younger"))
            return Reply(texts.say("ask-age"), ((adult, younger), _back(step, texts)))
        case Step.NAME:
            keep = _button(step, texts.plain("button-call-me", name=first_name), KEEP)
            return Reply(texts.say("ask-name"), ((keep,), _back(step, texts)))
        case Step.SKIN_TYPE:
            rows = skin_type_rows(f"{CALLBACK}:{step}", _button(step, texts.plain("button-skip"), SKIP))
            return Reply(texts.say("ask-skin-type"), (*rows, _back(step, texts)))


def skin_type_rows(prefix: str, last: Button) -> tuple[tuple[Button, ...], ...]:
    """Return a button for each skin type, `<prefix>:<1 to 6>`, and below them the one that says none."""
    types = [Button(roman, f"{prefix}:{number}") for number, roman in enumerate(SKIN_TYPES, 1)]
    return tuple(types[:3]), tuple(types[3:]), (last,)


def in_short(asked: Reply, first: str) -> Reply:
    """Return a question of which only the first paragraph is left, below something that is said first."""
    short, *_ = asked.markdown.split("\n\n")
    return below(replace(asked, markdown=short), first)


def name_doubted(name: str, meant: str, back: str, texts: Texts) -> Reply:
    """Return the question whether a name that may be words is meant as one; meant and back are its buttons' data.

    An age typed a second time, or a name with a digit, is no cry; a number to call may be one.
    """
    call = Button(texts.plain("button-call-me", name=name), meant)
    is_plain = any(map(str.isdigit, name)) and " " not in name and _EMERGENCY_NUMBER.search(name) is None
    words = texts.say("name-asked" if is_plain else "name-taken", name=name)
    return Reply(words, ((call,), (Button(texts.plain("button-back"), back),)))


def agreement(content: Content) -> str:
    """Return what the button says that agrees to the consent text of today, and to no other."""
    return f"{AGREE}:{sha256(content.consent_version.encode()).hexdigest()[:16]}"


def is_offered(step: Step, answer: str, content: Content) -> bool:
    """Whether a button of this question says this, today's or an older one's; anybody can send what none says."""
    match step:
        case Step.LANGUAGE:
            return answer in content.by_language
        case Step.CONSENT:
            return answer == REFUSE or answer.partition(":")[0] == AGREE
        case Step.AGE:
            return answer in {"adult", "younger"}
        case Step.NAME:
            return answer in {KEEP, MEANT, RENAME}
        case Step.SKIN_TYPE:
            return answer in {SKIP, *(str(number) for number, _ in enumerate(SKIN_TYPES, 1))}


def typed_language(text: str, content: Content) -> str | None:
    """Return the language that somebody typed by its name or code."""
    typed = text.strip().casefold()
    names = {texts.plain("language-name").casefold(): code for code, texts in content.by_language.items()}
    return typed if typed in content.by_language else names.get(typed)


def typed_age(text: str) -> int | None:
    """Return an age that somebody typed instead of pressing a button; None where nobody reaches it."""
    typed = text.strip()
    is_age = typed.isascii() and typed.isdigit() and len(typed) <= 3 and int(typed) <= _OLDEST
    return int(typed) if is_age else None


def typed_name(text: str) -> str | None:
    """Return a name on one line, or None where it is none, too long, or a sentence: a cry for help, say."""
    name = _on_one_line(text)
    return name if 0 < len(name) <= MAX_NAME_LENGTH and not _is_sentence(name, _MOST_WORDS) else None


def typed_place(text: str, content: Content) -> str | None:
    """Return a place name on one line, or None where it is none, a sentence or a cry, which no map server is to hear.

    Socorro is a town, too: "Socorro, Colombia" is taken.
    """
    name = _on_one_line(text)
    first, _, last = name.partition(",")
    is_cry = _has_cry((last or first).split(), content)
    return name if name and not is_cry and not _is_sentence(first, _MOST_WORDS_OF_A_PLACE) else None


def _is_sentence(words: str, most: int) -> bool:
    return len(words.split()) > most or not _OF_SENTENCES.isdisjoint(words)


def may_be_words(name: str, content: Content) -> bool:
    """Return whether a name that was typed may be meant as something else: "help" is a cry, "40" an age."""
    return " " in name or any(map(str.isdigit, name)) or not _bare(name) or _has_cry([name], content)


def _has_cry(words: Sequence[str], content: Content) -> bool:
    """Return whether one of these words is a cry for help in any of the languages."""
    cries = {cry for texts in content.by_language.values() for cry in texts.plain("cries").split()}
    return any(_is_cry(_bare(word), cry) for word in words for cry in cries)


def _is_cry(letters: str, cry: str) -> bool:
    return letters.startswith(_bare(cry)) if cry.endswith(_BEGINNING) else letters == _bare(cry)


def _bare(word: str) -> str:
    """Return the letters of a word, small, without accents, each at most once in a row: who is afraid mistypes."""
    letters = filter(str.isalpha, unicodedata.normalize("NFKD", word).casefold())
    return "".join(letter for letter, _ in itertools.groupby(letters))


def name_on_telegram(first_name: str) -> str:
    """Return the name that somebody has at Telegram as we keep it: on one line, without invisible signs."""
    return _on_one_line(first_name[:MAX_NAME_LENGTH]) or "–"


def _on_one_line(text: str) -> str:
    kept = "".join(sign for sign in text if sign.isprintable() or sign.isspace() or sign in _JOINERS)
    return " ".join(word for part in kept.split() if (word := part.strip(_JOINERS)))


def typed_skin_type(text: str) -> int | None:
    """Return a Fitzpatrick type that somebody typed as 3 or III."""
    typed = text.strip().upper()
    if typed in SKIN_TYPES:
        return SKIN_TYPES.index(typed) + 1
    return int(typed) if typed in {"1", "2", "3", "4", "5", "6"} else None


def _button(step: Step, label: str, answer: str) -> Button:
    return Button(label, f"{CALLBACK}:{step}:{answer}")


def _back(step: Step, texts: Texts) -> tuple[Button, ...]:
    return (_button(step, texts.plain("button-back"), BACK),)


def _column(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple((button,) for button in buttons)
