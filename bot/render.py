"""What is known, in words and buttons. Pure: no Telegram, no clock, no files."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from bot.content import Texts
from bot.directory import Found, Source
from bot.limits import Refusal
from bot.picture import PictureLabels
from bot.storage.bans import Ban
from inference.assess import Assessment
from inference.calibration import malignancy_probability
from inference.classes import LesionClass
from inference.risk import RiskLevel, RiskReason, shown_classes

FEW_PHOTOS_FROM_SKIN_TYPE: Final = 5
EXPLAIN: Final = "explain"  # callback data of the buttons, EXPLAIN followed by a colon and a class
HOW_SURE: Final = "sure"
FIND: Final = "find"
_LONGEST: Final = 4096  # UTF-16 units in a message


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button; data is what comes back when it is pressed (at most 64 bytes)."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, before it is anybody's.

    Attributes:
        markdown: the text, or the caption of the picture (1024 characters at most once it is rendered).
        buttons: rows of buttons under it.
        picture: a JPEG, or None for a text message.
        location_button: label of a key under the text field that shares the patient's location.
        is_end_of_keys: takes the keys under the text field away.
    """

    markdown: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: bytes | None = None
    location_button: str | None = None
    is_end_of_keys: bool = False


def length(text: str) -> int:
    """Return how long a text is for Telegram, which counts UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def in_100(probability: float, texts: Texts) -> str:
    """Return a natural frequency, "12 in 100", never 0 and never 100."""
    count = round(probability * 100)
    if count < 1:
        return texts.plain("fewer-than-1-in-100")
    return texts.plain("more-than-99-in-100") if count > 99 else texts.plain("n-in-100", count=count)


def answer(assessment: Assessment, picture: bytes, texts: Texts, skin_type: int | None) -> Reply:
    """Return the answer to a photo: what to do first, then the numbers, then what they are not."""
    level = assessment.risk_level
    if level is None:
        raise ValueError("a declined photo has no answer; see declined()")
    reasons = [_reason_words(why, assessment, texts) for why in _reasons(assessment)]
    first = [texts.say(f"risk-{level}"), *reasons, *_cautions(assessment, texts)]
    top = shown_classes(assessment.probabilities, assessment.heatmap_class)
    numbers = [
        texts.say("like-this-here" if assessment.is_for_own_mix else "like-this"),
        *(f"• {texts.say(f'class-{lesion}')}: {in_100(p, texts)}" for lesion, p in top),
        malignant_in_all(assessment.probabilities, texts),
    ]
    if assessment.is_advice_above_mix:
        numbers.append(texts.say("advice-above-own-mix"))
    last = [texts.say("no-diagnosis")]
    if skin_type is not None and skin_type >= FEW_PHOTOS_FROM_SKIN_TYPE:
        last.insert(0, texts.say("few-photos-of-darker-skin"))
    words = "\n\n".join("\n".join(part) for part in (first, numbers, last))
    return Reply(words, _answer_buttons(level, top, texts), picture)


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


def _reason_words(reason: RiskReason, assessment: Assessment, texts: Texts) -> str:
    is_rarer = reason is RiskReason.NOTHING_STANDS_OUT and assessment.is_rarer_than_average
    return texts.say("reason-rarer-than-average" if is_rarer else f"reason-{hyphenated(reason)}")


def _cautions(assessment: Assessment, texts: Texts) -> list[str]:
    if len(assessment.cautions) > 1:
        return [texts.say("caution-both")]
    return [texts.say(f"caution-{hyphenated(caution)}") for caution in assessment.cautions]


def _answer_buttons(
    level: RiskLevel, top: Sequence[tuple[LesionClass, float]], texts: Texts
) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons under an answer: first what to do, where that can't wait for the next visit to a doctor."""
    explanations = [(Button(texts.plain(f"class-{lesion}"), f"{EXPLAIN}:{lesion}"),) for lesion, _ in top]
    find, sure = (find_button(texts),), (Button(texts.plain("button-how-sure"), HOW_SURE),)
    return (*explanations, find, sure) if level is RiskLevel.ROUTINE else (find, *explanations, sure)


def find_button(texts: Texts) -> Button:
    """Return the button that asks where the patient is."""
    return Button(texts.plain("button-find"), FIND)


def declined(code: str, texts: Texts) -> Reply:
    """Return why a photo can't be judged and how to take a better one; code is a DeclineReason or an error's code."""
    words = f"{texts.say(f'declined-{hyphenated(code)}')}\n\n{texts.say('declined-red-flags')}"
    return Reply(words, ((find_button(texts),),))


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


def nearest(found: Sequence[Found], texts: Texts, place_name: str = "") -> tuple[Reply, Sequence[Found]]:
    """Return the list of dermatologists: around what, how far, where, when open, whose data and from when.

    Where the first is far away, no list: only that. As many as fit into a message are in it; they are returned as well.
    """
    around = [texts.say("found-around", place=place_name)] if place_name else []
    if not found[0].is_near:
        return Reply("\n\n".join([*around, texts.say("found-far")]), is_end_of_keys=True), ()
    sources = dict.fromkeys(place.dermatologist.source for place in found)
    notes = [source_words(source, texts) for source in sources]
    places = [_dermatologist_words(number, place, texts) for number, place in enumerate(found, 1)]
    last = "\n".join([*notes, texts.say("found-check-first")])
    words = "\n\n".join([*around, texts.say("found-near"), *places, last])
    if len(found) > 1 and length(words) > _LONGEST:
        return nearest(found[:-1], texts, place_name)
    return Reply(words, is_end_of_keys=True), found


def source_words(source: Source, texts: Texts) -> str:
    """Return whom to thank for an entry, from when it is, and whether moderators changed it."""
    attribution = source.attribution or texts.plain("directory-moderators")
    said = "directory-source-changed" if source.is_changed else "found-source"
    return texts.say(said, attribution=attribution, date=source.date.isoformat())


def _dermatologist_words(number: int, place: Found, texts: Texts) -> str:
    doctor = place.dermatologist
    lines = [texts.say("found-name", number=number, name=doctor.name, km=round(place.distance_km, 1))]
    if doctor.address:
        lines.append(texts.say("found-plain", text=doctor.address))
    if place.is_open is not None:
        lines.append(texts.say("found-open" if place.is_open else "found-closed"))
    details = {"hours": doctor.opening_hours, "phone": doctor.phone, "website": doctor.website, "plain": doctor.note}
    lines += [texts.say(f"found-{name}", text=text) for name, text in details.items() if text]
    if not (doctor.phone or doctor.website):
        lines.append(texts.say("found-no-phone"))
    return "\n".join(lines)


def ban_words(ban: Ban, texts: Texts) -> str:
    """Return what somebody is told who is banned."""
    until = texts.plain("ban-until", when=ban.until) if ban.until else texts.plain("ban-for-good")
    return texts.say("banned", reason=ban.reason or texts.plain("ban-no-reason"), until=until)


def in_time(wait: timedelta, texts: Texts) -> str:
    """Return "in 12 minutes": never less than the wait, and no more exact than anybody needs."""
    seconds = math.ceil(wait.total_seconds())
    for unit, length_s, last in (("seconds", 10, 60), ("minutes", 60, 90 * 60), ("hours", 3600, math.inf)):
        rounded = max(1, math.ceil(seconds / length_s)) * length_s
        if rounded < last:
            return texts.plain(f"in-{unit}", count=rounded if unit == "seconds" else rounded // length_s)
    raise ValueError("longer than for ever")


def not_taken(refusal: Refusal, texts: Texts) -> Reply:
    """Return why a photo is not taken, and when to send it again."""
    return Reply(texts.say(f"photo-{refusal.why}", when=in_time(refusal.wait, texts)))


def hyphenated(code: str) -> str:
    """Return a code as the names of messages have it."""
    return code.replace("_", "-")


def moment(when: datetime, texts: Texts) -> str:
    """Return a date and a time of day, in UTC."""
    return texts.plain("stats-moment", when=when, time=f"{when:%H:%M}")


def page_count(count: int, size: int) -> int:
    """Return how many pages so many lines take."""
    return -(-count // size)


def page_within(wanted: int, count: int, size: int) -> int:
    """Return the page that was asked for, or the last where there are fewer by now; pages count from 0."""
    return min(wanted, max(0, page_count(count, size) - 1))


def page_buttons(
    prefix: str,
    page: int,
    pages: int,
    texts: Texts,
    labels: tuple[str, str] = ("button-newer", "button-older"),
    suffix: str = "",
) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons that turn pages, counted from 0: `<prefix>:<page><suffix>`; none where there is one page."""
    turns = [(label, to) for label, to in zip(labels, (page - 1, page + 1), strict=True) if 0 <= to < pages]
    buttons = tuple(Button(texts.plain(label), f"{prefix}:{to}{suffix}") for label, to in turns)
    return (buttons,) if buttons else ()
