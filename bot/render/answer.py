"""What a patient is told about a photo: the answer, why there is none, and what stands behind its buttons."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import Final

from bot.content import Texts
from bot.pictures.answer import PictureLabels
from bot.pictures.own import OWN_ANSWER
from bot.render.dermatologists import find_button
from bot.render.formatting import shown_length
from bot.render.reply import Button, Reply, hyphenated, in_100
from inference.assess import Assessment
from inference.calibration import malignancy_probability
from inference.classes import LesionClass
from inference.quality import Caution
from inference.risk import RiskLevel, RiskReason, risk_level, shown_classes

FEW_PHOTOS_FROM_SKIN_TYPE: Final = 5
EXPLAIN: Final = "explain"  # callback data of the buttons, EXPLAIN followed by a colon and a class
HOW_SURE: Final = "sure"
# What the longest answer may be made of: reasons with cautions, see _reasons, and shares that are long to say.
_TOLD: Final[Sequence[tuple[tuple[RiskReason, ...], tuple[Caution, ...]]]] = (
    *product([(why,) for why in RiskReason], [(), *((caution,) for caution in Caution), tuple(Caution)]),
    ((RiskReason.CARCINOMA_LIKELY, RiskReason.UNCERTAIN), ()),
    ((RiskReason.MALIGNANCY_POSSIBLE, RiskReason.UNCERTAIN), ()),
)
_SOME_SHARES: Final = ((1 / 3, 1 / 3, 1 / 3), (0.997, 0.002, 0.001), (0.001, 0.002, 0.997))


def answer(assessment: Assessment, picture: bytes, texts: Texts, skin_type: int | None) -> Reply:
    """Return the answer to a photo: what to do first, then the numbers, then what they are not."""
    level = assessment.risk_level
    if level is None:
        raise ValueError("a declined photo has no answer; see declined()")
    reasons = [_reason_words(why, texts, is_rarer=assessment.is_rarer_than_average) for why in _reasons(assessment)]
    first = [texts.say(f"risk-{level}"), *reasons, *_cautions(assessment.cautions, texts)]
    top = shown_classes(assessment.probabilities, assessment.heatmap_class)
    numbers = [
        texts.say("like-this-here" if assessment.is_for_own_mix else "like-this"),
        *_shares(top, assessment.probabilities, texts),
    ]
    if assessment.is_advice_above_mix:
        numbers.append(texts.say("advice-above-own-mix"))
    return Reply(_joined(first, numbers, _last(skin_type, texts)), _answer_buttons(level, top, texts), picture)


def longest_answer(texts: Texts) -> str:
    """Return the words of the longest answer that there can be to a photo, of all that may stand in one together."""
    tops = [list(zip(classes, some, strict=True)) for classes in combinations(LesionClass, 3) for some in _SOME_SHARES]
    nothing = dict.fromkeys(LesionClass, 0.0)
    shares = max(
        (_shares(top, nothing | dict(top), texts) for top in tops), key=lambda one: shown_length("\n".join(one))
    )
    last = _last(FEW_PHOTOS_FROM_SKIN_TYPE, texts)
    answers = []
    for (reasons, cautions), is_own in product(_TOLD, (True, False)):
        level = risk_level(reasons)
        above = [texts.say("advice-above-own-mix")] if is_own and level is not RiskLevel.ROUTINE else []
        numbers = [texts.say("like-this-here" if is_own else "like-this"), *shares, *above]
        for is_rarer in (False,) if is_own else (False, True):
            why = [_reason_words(reason, texts, is_rarer=is_rarer) for reason in reasons]
            first = [texts.say(f"risk-{level}"), *why, *_cautions(cautions, texts)]
            answers.append(_joined(first, numbers, last))
    return max(answers, key=shown_length)


def _shares(
    top: Sequence[tuple[LesionClass, float]], probabilities: Mapping[LesionClass, float], texts: Texts
) -> list[str]:
    lines = [f"• {texts.say(f'class-{lesion}')}: {in_100(p, texts)}" for lesion, p in top]
    return [*lines, malignant_in_all(probabilities, texts)]


def _last(skin_type: int | None, texts: Texts) -> list[str]:
    has_few = skin_type is not None and skin_type >= FEW_PHOTOS_FROM_SKIN_TYPE
    return [texts.say(said) for said in (*(("few-photos-of-darker-skin",) if has_few else ()), "no-diagnosis")]


def _joined(*parts: list[str]) -> str:
    return "\n\n".join("\n".join(part) for part in parts)


def malignant_in_all(probability_of: Mapping[LesionClass, float], texts: Texts) -> str:
    """Return the malignant classes together as a natural frequency, in both framings."""
    count = round(malignancy_probability(probability_of) * 100)
    return texts.say("malignant-like-this", malignant=count, other=100 - count)


def _reasons(assessment: Assessment) -> list[RiskReason]:
    """Return why: the most urgent reason, and doubt, but where it would weaken that or a caution says more of it."""
    first, *others = assessment.risk_reasons
    if assessment.cautions or assessment.risk_level is RiskLevel.URGENT:
        return [first]
    return [first, *(why for why in others if why is RiskReason.UNCERTAIN)]


def _reason_words(reason: RiskReason, texts: Texts, *, is_rarer: bool) -> str:
    is_said_rarer = reason is RiskReason.NOTHING_STANDS_OUT and is_rarer
    return texts.say("reason-rarer-than-average" if is_said_rarer else f"reason-{hyphenated(reason)}")


def _cautions(cautions: Collection[Caution], texts: Texts) -> list[str]:
    if len(cautions) > 1:
        return [texts.say("caution-both")]
    return [texts.say(f"caution-{hyphenated(caution)}") for caution in cautions]


def _answer_buttons(
    level: RiskLevel, top: Sequence[tuple[LesionClass, float]], texts: Texts
) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons under an answer: first what to do, where that can't wait for the next visit to a doctor."""
    explanations = [(Button(texts.plain(f"class-{lesion}"), f"{EXPLAIN}:{lesion}"),) for lesion, _ in top]
    find, sure = (find_button(texts),), (Button(texts.plain("button-how-sure"), HOW_SURE),)
    return (*explanations, find, sure) if level is RiskLevel.ROUTINE else (find, *explanations, sure)


def declined(code: str, texts: Texts) -> Reply:
    """Return why a photo can't be judged and how to take a better one; code is as Seen.declined_because has it."""
    if code == OWN_ANSWER:
        return own_answer(texts)
    words = f"{texts.say(f'declined-{hyphenated(code)}')}\n\n{texts.say('declined-red-flags')}"
    return Reply(words, ((find_button(texts),),))


def own_answer(texts: Texts) -> Reply:
    """Return what is said to an answer of the bot's own that comes back."""
    return Reply(texts.say("sent-own-answer"), ((find_button(texts),),))


@lru_cache(maxsize=8)  # one for each language; a hundred strings are too many for every photo
def picture_labels(texts: Texts) -> PictureLabels:
    """Return the words on the picture."""
    return PictureLabels(
        photo=texts.plain("picture-photo"),
        heatmap=texts.plain("picture-heatmap"),
        less=texts.plain("picture-less"),
        more=texts.plain("picture-more"),
        chart=texts.plain("picture-chart"),
        malignant=texts.plain("picture-malignant"),
        footer=texts.plain("picture-footer"),
        classes={lesion: texts.plain(f"class-{lesion}") for lesion in LesionClass},
        in_100=tuple(in_100(count / 100, texts) for count in range(101)),
    )


def explanation(lesion: LesionClass, texts: Texts) -> Reply:
    """Return the page on a class."""
    return Reply(texts.page(f"classes/{lesion}"), ((find_button(texts),),))


def how_sure(texts: Texts, figures: Mapping[str, int], *, has_own_mix: bool = False) -> Reply:
    """Return the model card in plain words, and what the operator changed of it."""
    page = texts.page("model", **figures)
    return Reply(f"{page}\n\n{texts.say('numbers-for-own-mix')}" if has_own_mix else page)
