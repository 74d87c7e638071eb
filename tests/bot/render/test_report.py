"""/stats in words: every number, in the moderator's language, short enough for a caption."""

from dataclasses import replace

import pytest

from bot.content import Texts
from bot.delivery import formatted
from bot.render.formatting import shown_length
from bot.render.report import chart, duration, period_buttons, words
from bot.storage.periods import Period
from bot.storage.statistics import Column, People, Queue
from inference.classes import LesionClass
from inference.quality import DeclineReason
from tests.bot.conftest import NOON
from tests.bot.reporting import HUGE, MANY, NOTHING, counts_of
from tests.shipped import CONTENT

CAPTION_LIMIT = 1024
LANGUAGES = CONTENT.by_language
each_language = pytest.mark.parametrize("texts", LANGUAGES.values(), ids=LANGUAGES)
ENGLISH = LANGUAGES["en"]
REASONS = (*DeclineReason, "unreadable", "truncated", "too_large", "gone", "slow")


def shown(markdown: str) -> str:
    return formatted(markdown)[0]


@each_language
@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("scale", [NOTHING, 1, MANY, HUGE])
def test_caption_keeps_telegrams_limit(texts: Texts, period: Period, scale: int) -> None:
    caption = shown(words(counts_of(period, scale), uptime_s=10_000 * 86_400, texts=texts))
    assert len(caption.encode("utf-16-le")) // 2 <= CAPTION_LIMIT, caption


@each_language
@pytest.mark.parametrize("period", Period)
def test_caption_names_as_many_reasons_as_fit(texts: Texts, period: Period) -> None:
    few, many = (shown(words(counts_of(period, scale), 10_000 * 86_400, texts)) for scale in (1, HUGE))
    names = [texts.plain(f"stats-reason-{code.replace('_', '-')}") for code in REASONS]
    named = [sum(f" {name} ·" in caption or f" {name}: " in caption for name in names) for caption in (few, many)]
    assert named[0] == 4
    assert named[1] >= 1


@each_language
def test_length_of_a_caption_is_the_one_that_telegram_counts(texts: Texts) -> None:
    caption = words(counts_of(Period.WEEK, HUGE), 60, texts)
    assert shown_length(caption) == len(shown(caption).encode("utf-16-le")) // 2


@each_language
def test_assessments_of_few_people_are_told_by_neither_words_nor_chart(texts: Texts) -> None:
    few = replace(counts_of(Period.WEEK, 1), classes={}, risk_levels={}, are_few=True)
    caption, drawn = shown(words(few, 60, texts)), chart(few, texts)
    assert shown(texts.say("stats-few", people=5)) in caption
    assert texts.plain("class-mel") not in caption
    assert (drawn.rows, drawn.no_rows) == ((), texts.plain("stats-chart-few", people=5))


@each_language
def test_older_assessments_of_few_people_are_told_to_be_left_out(texts: Texts) -> None:
    some = replace(counts_of(Period.WEEK, 1), are_few=True)
    caption, drawn = shown(words(some, 60, texts)), chart(some, texts)
    assert shown(texts.say("stats-rest", people=5)) in caption
    assert _item_of(1, texts, "class-mel") in caption
    assert len(drawn.rows) == len(LesionClass)


@each_language
def test_every_class_and_reason_is_named(texts: Texts) -> None:
    caption = shown(words(counts_of(Period.WEEK, 3), 60, texts))
    assert all(_item(texts, f"class-{lesion}") in caption for lesion in LesionClass)
    for code in REASONS:
        alone = replace(counts_of(Period.WEEK, 3), declined={code: 3})
        assert _item(texts, f"stats-reason-{code.replace('_', '-')}") in shown(words(alone, 60, texts))
    assert texts.plain("stats-reason-other") not in shown(words(alone, 60, texts))


def _item(texts: Texts, name: str) -> str:
    return _item_of(3, texts, name)


def _item_of(count: int, texts: Texts, name: str) -> str:
    return texts.plain("stats-item", count=count, name=texts.plain(name))


def test_rare_reasons_are_counted_together() -> None:
    declined = {code: count for count, code in enumerate(REASONS, 1)}
    caption = shown(words(replace(counts_of(Period.DAY, 1), declined=declined), 60, ENGLISH))
    assert "Declined: 15 not received · 14 gone from Telegram · 13 too large · 12 incomplete · 66 other" in caption


@each_language
def test_empty_database_says_so_kindly(texts: Texts) -> None:
    caption = shown(words(counts_of(Period.ALL, NOTHING), 5, texts))
    assert shown(texts.say("stats-nobody")) in caption
    assert shown(texts.say("stats-no-photos")) in caption


def test_outcomes_of_another_version_are_counted_together() -> None:
    counts = replace(counts_of(Period.DAY, 1), declined={"hairy": 2, "tattooed": 1, "dark": 4})
    assert "4 dark · 3 other" in shown(words(counts, 60, ENGLISH))


def test_numbers_stand_where_they_belong() -> None:
    counts = replace(
        counts_of(Period.WEEK, 1),
        people=People(registered=1200, new=30, active=7, blocked=2),
        declined={"blurred": 2},
        unanswered={"failed": 1},
        classes={"nv": 8, "mel": 3},
        risk_levels={"urgent": 3, "soon": 2, "routine": 6},
        queue=Queue(in_hand=4, oldest_s=125, waiting=5, updates=6),
        timeline=(Column(NOON, assessed=11, declined=2, unanswered=3),),
    )
    caption = shown(words(counts, 273_600, ENGLISH)).splitlines()
    assert caption == [
        "The last 7 days · Nov 23, 2026, 12:00 UTC",
        "",
        "People: 1,200 registered, 30 of them new; 7 sent a photo; 2 blocked the bot",
        "Photos: 16; 11 assessed, 2 declined, 3 without an answer",
        "Likeliest class: 8 Mole · 3 Melanoma (skin cancer)",
        "Advice: 3 within two weeks · 2 in the coming weeks · 6 keep watching",
        "Declined: 2 blurred",
        "Without an answer: 1 our fault",
        "Answered within: 2 s (half of them), 1 min (90 of 100), 1 s (99 of 100)",
        "Queue: 4 in hand, the oldest for 2 min; 5 held by maintenance; messages to handle: 6",
        "Running for: 3 d 4 h",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.04, "0 s"),
        (2.06, "2.1 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.7, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d 0 h"),
    ],
)
def test_duration_is_as_exact_as_it_matters(seconds: float, text: str) -> None:
    assert duration(seconds, ENGLISH) == text


@each_language
def test_chart_and_caption_tell_the_same(texts: Texts) -> None:
    counts = counts_of(Period.DAY, 5)
    drawn, caption = chart(counts, texts), shown(words(counts, 60, texts))
    assert drawn.title in caption
    assert drawn.moment in caption
    assert drawn.figures[0].number in caption
    assert [column.counts for column in drawn.columns] == [(5, 5, 5)] * 24
    assert sum(row.share for row in drawn.rows) == pytest.approx(1)


@each_language
def test_period_that_is_shown_has_a_mark(texts: Texts) -> None:
    (row,) = period_buttons(texts, Period.WEEK)
    assert [button.data for button in row] == ["stats:day", "stats:week", "stats:all"]
    assert [button.label.startswith("•") for button in row] == [False, True, False]
