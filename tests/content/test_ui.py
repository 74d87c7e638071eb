"""The short messages: the same in every language, short enough for where they stand, and no verdict among them."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.delivery import formatted
from bot.render.answer import answer, longest_answer
from bot.render.fitting import ALERTS, MAX_ALERT, MAX_COMMAND
from bot.render.formatting import MAX_CAPTION, shown_length
from inference.assess import Assessment
from inference.classes import ImageType, LesionClass
from inference.quality import Caution
from inference.risk import RiskLevel, RiskReason, risk_level
from tests import shipped
from tests.content.pages import LANGUAGES, ftl_files, utf16_units
from tests.content.words import WORDS, offences
from tests.inference.reports import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = shipped.CONTENT.by_language
each_language = pytest.mark.parametrize("language", LANGUAGES)

LIKELY = {RiskReason.MELANOMA_LIKELY, RiskReason.CARCINOMA_LIKELY}  # with one of them, the sum is no reason of its own
REASON_SETS = [
    reasons
    for count in range(1, len(RiskReason) + 1)
    for reasons in itertools.combinations(RiskReason, count)
    if (RiskReason.NOTHING_STANDS_OUT not in reasons or count == 1)
    and not (RiskReason.MALIGNANCY_POSSIBLE in reasons and {*reasons} & LIKELY)
]
SHARES = [
    (1 / 3, 1 / 3, 1 / 3),
    (0.997, 0.002, 0.001),
    (0.001, 0.002, 0.997),
]  # an operator's mix may go with any reason
DO_NOT_WAIT = {
    "en": "If the spot grows, changes, bleeds or hurts, or has not healed in four weeks, see a doctor within two weeks"
    ": do not wait for me.",
    "es": "Si la mancha crece, cambia, sangra o duele, o no ha cicatrizado en cuatro semanas, vaya al médico antes de "
    "dos semanas: no me espere.",
}
WHO_IS_KEPT_WAITING = [
    *("maintenance-photo-waits", "maintenance-photo-refused", "photo-limit", "photo-queue-full", "looking-in-line"),
    *("too-many-messages", "photo-too-early", "consent-missing", "consent-changed", "register-first"),
    *("our-fault", "declined-red-flags", "feedback-nobody", "feedback-many", "banned", "consent-withdrawn"),
    *("found-far", "found-nobody", "sent-caption", "photo-let-go", "sent-video", "sent-voice"),
    *("sent-own-answer", "history-without-consent", "nothing-to-cancel-without-consent"),
]
CLASS_TRIPLES = list(itertools.combinations(LesionClass, 3))


class Variables(Visitor):  # type: ignore[misc] # fluent.syntax ships no types that mypy is shown
    """Collects the names of the variables of one message."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 - the library's name
        self.names.add(node.id.name)


def messages(language: str) -> dict[str, ast.Message | ast.Term]:
    return {name: message for name, message, _ in parsed(language)}


def parsed(language: str) -> Iterator[tuple[str, ast.Message | ast.Term, str]]:
    """Each message and term of every file: its name, a term's with its hyphen, its tree, and the text it stands in."""
    for path in ftl_files(language):
        text = path.read_text(encoding="utf-8")
        entries = FluentParser().parse(text).body
        assert not [entry.content for entry in entries if isinstance(entry, ast.Junk)]
        for entry in entries:
            if isinstance(entry, ast.Message | ast.Term):
                yield f"{'-' * isinstance(entry, ast.Term)}{entry.id.name}", entry, text


def variables(message: ast.Message | ast.Term) -> set[str]:
    visitor = Variables()
    visitor.visit(message)
    return visitor.names


def written(language: str) -> Iterator[tuple[str, str]]:
    """Each message's and each term's name and its words, as they stand in the file."""
    for name, message, text in parsed(language):
        yield name, text[message.value.span.start : message.value.span.end]


@each_language
def test_a_language_has_the_same_files(language: str) -> None:
    assert [path.name for path in ftl_files(language)] == [path.name for path in ftl_files("en")]


@each_language
def test_a_language_says_the_same_things_with_the_same_variables(language: str) -> None:
    found, expected = messages(language), messages("en")
    assert list(found) == list(expected)
    assert {name: variables(message) for name, message in found.items()} == {
        name: variables(message) for name, message in expected.items()
    }


@each_language
def test_messages_say_nothing_forbidden(language: str) -> None:
    prose = [words for name, words in written(language) if not name.startswith("class-")]  # names of classes
    assert [offence for words in prose for offence in offences(words, WORDS[language])] == []


@each_language
def test_terms_are_searched_for_forbidden_words(language: str) -> None:
    assert {"-do-not-wait", "-see-a-doctor"} <= dict(written(language)).keys()


@each_language
@pytest.mark.parametrize("message", WHO_IS_KEPT_WAITING)
def test_whoever_is_kept_waiting_or_turned_away_reads_when_not_to_wait(language: str, message: str) -> None:
    values = dict.fromkeys(variables(messages(language)[message]), "2")
    said = TEXTS[language].plain(message, **values)
    assert said.endswith(f"\n\n{DO_NOT_WAIT[language]}")


@each_language
@pytest.mark.parametrize("message", ["sent-text", "sent-without-consent"])
def test_whoever_writes_words_reads_of_emergencies_first_then_when_not_to_wait(language: str, message: str) -> None:
    emergency, do_not_wait, cannot = TEXTS[language].plain(message).split("\n\n")
    assert "112" in emergency
    assert do_not_wait == DO_NOT_WAIT[language]
    assert all(command in cannot for command in ("/help", "/dermatologist", "/feedback"))


@each_language
@pytest.mark.parametrize("caution", Caution)
def test_whoever_may_have_sent_half_a_spot_or_one_of_several_is_asked_for_the_rest(
    language: str, caution: Caution
) -> None:
    said = TEXTS[language].plain(f"caution-{caution.replace('_', '-')}")
    assert re.search({"en": r"\bsend\b", "es": r"\benví(e|ela)\b"}[language], said, re.IGNORECASE)


@each_language
@pytest.mark.parametrize("message", ["answer-milder", "history-note"])
def test_of_two_answers_about_one_spot_the_more_urgent_counts(language: str, message: str) -> None:
    assert {"en": "more urgent", "es": "más urgente"}[language] in TEXTS[language].plain(message)


@each_language
@pytest.mark.parametrize("message", ["no-diagnosis", "history-note"])
def test_answers_new_and_old_say_when_to_see_a_doctor_all_the_same(language: str, message: str) -> None:
    red_flags = DO_NOT_WAIT[language].partition(":")[0]
    assert f"{red_flags}, " in TEXTS[language].plain(message)


@each_language
@pytest.mark.parametrize(
    "message",
    [
        *("sent-text", "sent-voice", "sent-video", "answer-first", "press-a-button", "no-name"),
        *("register-first", "place-unknown", "places-unavailable", "feedback-sent", "too-young", "name-taken"),
        *("sent-caption", "banned", "forwarded-words", "sent-without-consent", "unknown-command", "our-fault"),
        *("feedback-many", "feedback-long", "feedback-nobody", "too-many-messages"),
        *("consent-changed", "consent-missing"),
        *("delete-not-yet", "withdraw-not-yet"),
    ],
)
def test_whoever_writes_words_reads_whom_to_call_in_an_emergency(language: str, message: str) -> None:
    values = dict.fromkeys(variables(messages(language)[message]), "2")
    said = TEXTS[language].plain(message, **values)
    assert re.search("112.+911.+119", said)
    assert {"en": "might you harm yourself?", "es": "podría hacerse daño?"}[language] in said


@each_language
@pytest.mark.parametrize("message", ["photo-too-early", "found-far", "found-nobody", "found-check-first"])
def test_whoever_sends_a_photo_or_a_place_reads_whom_to_call_without_a_question(language: str, message: str) -> None:
    said = TEXTS[language].plain(message)
    assert re.search("112.+911.+119", said)
    assert "?" not in said


@each_language
@pytest.mark.parametrize("message", ["registered", "declined-blurred", "declined-no-lesion"])
def test_distance_for_a_photo_is_the_same_everywhere(language: str, message: str) -> None:
    values = dict.fromkeys(variables(messages(language)[message]), "2")
    assert re.search(r"\b10 (to|o) 15 cm", TEXTS[language].plain(message, **values))


@each_language
def test_small_spot_is_brought_nearer_by_the_zoom(language: str) -> None:
    texts = TEXTS[language]
    shown_near = [texts.plain("registered", name="Sam"), *map(texts.plain, ("declined-no-lesion", "declined-too-far"))]
    assert all("2×" in words for words in shown_near)


@each_language
def test_buttons_fit_on_a_narrow_phone(language: str) -> None:
    labels = {
        name: words
        for name, words in written(language)
        if name.startswith("class-") or (name.startswith("button-") and name != "button-call-me")
    }
    assert {name: words for name, words in labels.items() if utf16_units(words) > 36} == {}


@each_language
def test_alerts_and_menu_entries_keep_telegrams_limits(language: str) -> None:
    words = dict(written(language))
    assert all(utf16_units(words[name]) <= MAX_ALERT for name in ALERTS)
    assert all(3 <= utf16_units(text) <= MAX_COMMAND for name, text in words.items() if name.startswith("command-"))


@each_language
def test_every_answer_fits_under_its_picture(language: str) -> None:
    texts, longest = TEXTS[language], 0
    for reasons, classes, shares in itertools.product(REASON_SETS, CLASS_TRIPLES, SHARES):
        for cautions in ((), *((caution,) for caution in Caution), tuple(Caution)):
            own_mix = assessment(reasons, classes, shares, cautions)
            clinics = replace(own_mix, is_for_own_mix=False, is_advice_above_mix=False, is_rarer_than_average=True)
            for one in (own_mix, clinics, replace(clinics, is_rarer_than_average=False)):
                caption, _entities = formatted(answer(one, b"", texts, skin_type=6).markdown)
                assert utf16_units(caption) <= MAX_CAPTION, (reasons, classes, cautions)
                longest = max(longest, utf16_units(caption))
    assert shown_length(longest_answer(texts)) == longest  # by which an operator's own texts are refused


def assessment(
    reasons: tuple[RiskReason, ...],
    classes: tuple[LesionClass, ...],
    shares: tuple[float, ...],
    cautions: tuple[Caution, ...],
) -> Assessment:
    return Assessment(
        probabilities=dict.fromkeys(LesionClass, 0.0) | dict(zip(classes, shares, strict=True)),
        is_for_own_mix=True,
        is_advice_above_mix=risk_level(reasons) is not RiskLevel.ROUTINE,
        is_rarer_than_average=False,
        prediction_set=classes,
        image_type=ImageType.CLINICAL,
        risk_level=risk_level(reasons),
        risk_reasons=reasons,
        declined_because=None,
        cautions=cautions,
        quality=GOOD,
        heatmap_class=classes[0],
        heatmap=np.zeros((7, 7), np.float32),
        view_rgb=np.zeros((640, 640, 3), np.uint8),
        overview_rgb=np.zeros((64, 64, 3), np.uint8),
        model_sha256="",
    )


@pytest.mark.parametrize(
    ("language", "message", "expected"),
    [
        ("en", "directory-home", "has 1 entry. "),
        ("en", "directory-matches", "1 entry found"),
        ("en", "directory-ask-source", "has 1 entry that"),
        ("es", "directory-home", "tiene 1 entrada. "),
        ("es", "directory-matches", "1 entrada encontrada ("),
        ("es", "directory-ask-source", "tiene 1 entrada que"),
    ],
)
def test_one_entry_is_spoken_of_as_one(language: str, message: str, expected: str) -> None:
    values = dict.fromkeys(variables(messages(language)[message]), 1)
    assert expected in TEXTS[language].plain(message, **values)


@pytest.mark.parametrize(
    ("language", "malignant", "expected"),
    [
        ("en", 0, "fewer than 1 in 100. Something else: more than 99"),
        ("en", 12, "12 in 100. Something else: 88 in 100"),
        ("en", 100, "more than 99 in 100. Something else: fewer than 1"),
        ("es", 0, "menos de 1 de cada 100. Otra cosa: más de 99"),
        ("es", 12, "12 de cada 100. Otra cosa: 88 de cada 100"),
        ("es", 100, "más de 99 de cada 100. Otra cosa: menos de 1"),
    ],
)
def test_cancers_are_never_said_to_be_none_or_all(language: str, malignant: int, expected: str) -> None:
    texts = TEXTS[language]
    assert expected in texts.plain("malignant-like-this", malignant=malignant, other=100 - malignant)
