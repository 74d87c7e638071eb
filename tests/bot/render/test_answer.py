"""What an answer says, and what it never says."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.delivery import formatted
from bot.render.account import history
from bot.render.answer import answer, declined, how_sure
from bot.render.dermatologists import find_button
from bot.render.reply import in_100
from bot.storage.cases import PastAssessment
from inference.assess import Assessment
from inference.classes import ImageType, LesionClass
from inference.quality import Caution
from inference.risk import RiskLevel, RiskReason, risk_level
from tests.inference.reports import GOOD
from tests.shipped import CONTENT

FIGURES = json.loads((Path(__file__).parents[3] / "models" / "figures.json").read_text(encoding="utf-8"))["plain"]
ENGLISH = CONTENT.texts("en")


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "fewer than 1 in 100"),
        (0.0049, "fewer than 1 in 100"),
        (0.12, "12 in 100"),
        (0.994, "99 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_natural_frequency_is_never_nothing_and_never_all(probability: float, words: str) -> None:
    assert in_100(probability, ENGLISH) == words


def _assessment() -> Assessment:
    shares = dict(zip(LesionClass, (0.05, 0.1, 0.2, 0.01, 0.3, 0.33, 0.01), strict=True))
    return Assessment(
        probabilities=shares,
        is_for_own_mix=False,
        is_advice_above_mix=False,
        is_rarer_than_average=False,
        prediction_set=(LesionClass.NV, LesionClass.MEL),
        image_type=ImageType.CLINICAL,
        risk_level=RiskLevel.URGENT,
        risk_reasons=(RiskReason.MELANOMA_LIKELY,),
        declined_because=None,
        cautions=(),
        quality=GOOD,
        heatmap_class=LesionClass.MEL,
        heatmap=np.zeros((7, 7), np.float32),
        view_rgb=np.zeros((8, 8, 3), np.uint8),
        overview_rgb=np.zeros((8, 8, 3), np.uint8),
        model_sha256="0" * 64,
    )


def test_answer_shows_the_three_likeliest_classes_and_explains_each() -> None:
    reply = answer(_assessment(), b"jpeg", ENGLISH, None)
    shown = [row[0].data for row in reply.buttons[1:4]]
    assert shown == ["explain:nv", "explain:mel", "explain:bkl"]
    words = formatted(reply.markdown)[0]
    names = ("Mole: 33", "Melanoma (skin cancer): 30", "Seborrhoeic keratosis, age spot: 20")
    assert [words.index(name) for name in names] == sorted(words.index(name) for name in names)


def test_class_that_the_advice_is_about_takes_the_third_place_where_it_is_not_among_the_likeliest() -> None:
    shares = dict(zip(LesionClass, (0.05, 0.1, 0.2, 0.3, 0.02, 0.32, 0.01), strict=True))
    reply = answer(replace(_assessment(), probabilities=shares), b"", ENGLISH, None)
    assert [row[0].data for row in reply.buttons[1:4]] == ["explain:nv", "explain:df", "explain:mel"]
    listed = re.findall(r"^• (.+): (\d+) in 100$", formatted(reply.markdown)[0], flags=re.MULTILINE)
    assert listed == [("Mole", "32"), ("Dermatofibroma", "30"), ("Melanoma (skin cancer)", "2")]


@pytest.mark.parametrize("level", list(RiskLevel))
def test_history_lists_melanoma_where_it_was_why_the_advice_was_urgent(level: RiskLevel) -> None:
    shares = dict(zip(map(str, LesionClass), (0.05, 0.1, 0.2, 0.3, 0.02, 0.32, 0.01), strict=True))
    past = PastAssessment(datetime(2026, 11, 29, tzinfo=UTC), level, shares)
    words = formatted(history([past], 0, 1, ENGLISH).markdown)[0]
    third = "Melanoma (skin cancer): 2" if level is RiskLevel.URGENT else "Seborrhoeic keratosis, age spot: 20"
    listed = [line.removeprefix("• ") for line in words.splitlines() if line.startswith("• ")]
    assert listed == ["Mole: 32 in 100", "Dermatofibroma: 30 in 100", f"{third} in 100"]
    assert "In all, skin cancer or a stage before it: 17 in 100. Something else: 83 in 100." in words


@pytest.mark.parametrize(("level", "place"), [(RiskLevel.URGENT, 0), (RiskLevel.SOON, 0), (RiskLevel.ROUTINE, 3)])
def test_way_to_a_dermatologist_comes_first_where_one_is_to_be_seen_soon(level: RiskLevel, place: int) -> None:
    buttons = answer(replace(_assessment(), risk_level=level), b"", ENGLISH, None).buttons
    assert [row == (find_button(ENGLISH),) for row in buttons] == [number == place for number in range(5)]
    assert [button.data for button in buttons[-1]] == ["sure"]


def test_doubt_does_not_weaken_urgent_advice() -> None:
    reasons = (RiskReason.MELANOMA_LIKELY, RiskReason.CARCINOMA_LIKELY, RiskReason.UNCERTAIN)
    text = answer(replace(_assessment(), risk_reasons=reasons), b"", ENGLISH, None).markdown
    told = [ENGLISH.say(f"reason-{reason.replace('_', '-')}") in text for reason in reasons]
    assert told == [True, False, False]


def _calm() -> Assessment:
    return replace(
        _assessment(),
        risk_level=RiskLevel.ROUTINE,
        risk_reasons=(RiskReason.NOTHING_STANDS_OUT,),
        heatmap_class=LesionClass.NV,
    )


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_who_may_keep_watching_is_sent_to_a_doctor_all_the_same_and_reads_of_no_level(language: str) -> None:
    texts = CONTENT.texts(language)
    first = formatted(answer(_calm(), b"", texts, None).markdown)[0].split("\n\n")[0]
    advice = {"en": "show it to a doctor at your next visit", "es": "muéstrela en su próxima visita al médico"}
    assert advice[language] in first
    assert re.search("weak immune system|defensas bajas", first)
    assert not re.search(r"\d", first)


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_cancer_is_called_rarer_than_average_only_where_it_is(language: str) -> None:
    texts = CONTENT.texts(language)
    for is_rarer in (True, False):
        words = answer(replace(_calm(), is_rarer_than_average=is_rarer), b"", texts, None).markdown
        assert (texts.say("reason-rarer-than-average") in words) is is_rarer
        assert (texts.say("reason-nothing-stands-out") in words) is not is_rarer
    urgent = answer(replace(_assessment(), is_rarer_than_average=True), b"", texts, None).markdown
    assert texts.say("reason-melanoma-likely") in urgent


def test_doubt_is_not_told_twice() -> None:
    reasons = (RiskReason.CARCINOMA_LIKELY, RiskReason.UNCERTAIN)
    doubtful = replace(_assessment(), risk_level=RiskLevel.SOON, risk_reasons=reasons)
    text = answer(replace(doubtful, cautions=(Caution.CUT_OFF,)), b"", ENGLISH, None).markdown
    assert ENGLISH.say("reason-uncertain") not in text


def test_both_things_amiss_are_told_in_one_sentence() -> None:
    text = answer(replace(_assessment(), cautions=tuple(Caution)), b"", ENGLISH, None).markdown
    assert text.index(ENGLISH.say("risk-urgent")) < text.index(ENGLISH.say("caution-both"))
    assert not any(ENGLISH.say(f"caution-{name}") in text for name in ("cut-off", "several"))


@pytest.mark.parametrize("caution", Caution)
def test_what_may_be_amiss_with_the_photo_is_told_below_the_advice(caution: Caution) -> None:
    text = answer(replace(_assessment(), cautions=(caution,)), b"", ENGLISH, None).markdown
    words = ENGLISH.say(f"caution-{caution.replace('_', '-')}")
    assert text.index(ENGLISH.say("reason-melanoma-likely")) < text.index(words) < text.index(ENGLISH.say("like-this"))


def test_answer_gives_both_framings() -> None:
    text = formatted(answer(_assessment(), b"", ENGLISH, None).markdown)[0]
    assert "45 in 100" in text
    assert "55 in 100" in text


def test_numbers_for_a_mix_of_the_operator_are_told_as_such() -> None:
    heading = ENGLISH.say("like-this-here")
    assert heading in answer(replace(_assessment(), is_for_own_mix=True), b"", ENGLISH, None).markdown
    assert heading not in answer(_assessment(), b"", ENGLISH, None).markdown


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_advice_that_asks_for_more_than_the_numbers_above_it_says_so(language: str) -> None:
    texts = CONTENT.texts(language)
    same = replace(_assessment(), is_for_own_mix=True)
    numbers = answer(replace(same, is_advice_above_mix=True), b"", texts, None).markdown.split("\n\n")[1]
    assert numbers.endswith(f"\n{texts.say('advice-above-own-mix')}")
    assert texts.say("advice-above-own-mix") not in answer(same, b"", texts, None).markdown


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ((RiskReason.MELANOMA_LIKELY, RiskReason.CARCINOMA_LIKELY), ["melanoma-likely"]),
        ((RiskReason.MELANOMA_LIKELY, RiskReason.UNCERTAIN), ["melanoma-likely"]),
        ((RiskReason.CARCINOMA_LIKELY, RiskReason.UNCERTAIN), ["carcinoma-likely", "uncertain"]),
    ],
)
def test_carcinoma_is_a_reason_of_its_own_where_the_answer_is_not_urgent_anyway(
    reasons: tuple[RiskReason, ...], told: list[str]
) -> None:
    one = replace(_assessment(), risk_reasons=reasons, risk_level=risk_level(reasons))
    first = answer(one, b"", ENGLISH, None).markdown.split("\n\n")[0]
    assert first.splitlines()[1:] == [ENGLISH.say(f"reason-{name}") for name in told]


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
def test_refused_photo_has_a_way_to_a_dermatologist_under_it(language: str) -> None:
    texts = CONTENT.texts(language)
    reply = declined("too_far", texts)
    assert reply.buttons == ((find_button(texts),),)
    assert reply.markdown.endswith(texts.say("declined-red-flags"))


def test_page_on_the_model_tells_whether_the_operator_has_set_a_mix() -> None:
    sentence = ENGLISH.say("numbers-for-own-mix")
    assert how_sure(ENGLISH, FIGURES, has_own_mix=True).markdown.endswith(sentence)
    assert sentence not in how_sure(ENGLISH, FIGURES).markdown


@pytest.mark.parametrize(("skin_type", "is_warned"), [(None, False), (4, False), (5, True), (6, True)])
def test_darker_skin_is_told_that_few_such_photos_were_seen(skin_type: int | None, *, is_warned: bool) -> None:
    assert (
        ENGLISH.say("few-photos-of-darker-skin") in answer(_assessment(), b"", ENGLISH, skin_type).markdown
    ) == is_warned


def test_declined_photo_is_never_answered() -> None:
    with pytest.raises(ValueError, match="declined"):
        answer(replace(_assessment(), risk_level=None), b"", ENGLISH, None)


@pytest.mark.parametrize("language", sorted(CONTENT.by_language))
@pytest.mark.parametrize("level", list(RiskLevel))
def test_every_answer_says_that_it_is_no_diagnosis(language: str, level: RiskLevel) -> None:
    texts = CONTENT.texts(language)
    reply = answer(replace(_assessment(), risk_level=level, is_for_own_mix=True), b"", texts, 6)
    assert texts.say("no-diagnosis") in reply.markdown
    assert len(formatted(reply.markdown)[0].encode("utf-16-le")) // 2 <= 1024
