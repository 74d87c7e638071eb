"""The chart of /stats can be read: on a phone, in every language, without colour, with few photos and with many."""

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.content import Texts
from bot.pictures.chart import Chart, ChartColumn, ChartRow, Figure, chart_picture, tick_heights
from bot.pictures.drawing import blank_page
from bot.render.report import chart
from bot.storage.periods import Period
from tests import shipped
from tests.bot.reporting import MANY, NOTHING, counts_of

CONTENT = Path(__file__).parents[3] / "content"
FONTS = CONTENT / "fonts"
LANGUAGES = shipped.CONTENT.by_language
BLUE, PALE, ORANGE = (0, 114, 178), (86, 180, 233), (213, 94, 0)
PAPER = (251, 249, 246)
PLOT = (slice(354, 620), slice(64, 1036))  # rows and columns of pixels
CHART = Chart(
    title="Title",
    moment="Moment",
    figures=tuple(Figure("1", "figure") for _ in range(4)),
    timeline="Photos",
    legend=("assessed", "declined", "no answer"),
    columns=(ChartColumn((2, 1, 1), "a", "x"), ChartColumn((4, 0, 0), "b", "x")),
    ticks=((0, "0"), (2, "2"), (4, "4")),
    nothing="Nothing",
    classes="Classes",
    malignant="malignant",
    rows=tuple(ChartRow(f"Class {n}", str(n), n / 10, is_malignant=n < 3) for n in range(7)),
    no_rows="Too few people",
)


def drawn(of: Chart) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(chart_picture(of, FONTS)), formats=["JPEG"]).convert("RGB"))


def is_colour(image_rgb: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(image_rgb.astype(int) - colour).max(axis=2) < 30
    return near


def heights(image_rgb: NDArray[np.uint8], colour: tuple[int, int, int]) -> list[int]:
    """Return how high each column is in this colour, in pixels, where it is at all, from left to right."""
    high = is_colour(image_rgb[PLOT], colour).sum(axis=0)
    starts = np.flatnonzero(np.diff(np.concatenate([[0], (high > 3).astype(int)])) == 1)
    return [int(high[start : start + 20].max()) for start in starts]


def test_chart_fits_where_messengers_would_shrink_it() -> None:
    height, width = drawn(CHART).shape[:2]
    assert width == 1080
    assert height <= 1280
    assert len(chart_picture(CHART, FONTS)) < 300_000


def test_columns_are_as_high_as_their_counts() -> None:
    image_rgb = drawn(CHART)
    half, full = heights(image_rgb, BLUE)
    assert half == pytest.approx(full / 2, abs=3)
    assert heights(image_rgb, PALE) == [pytest.approx(full / 4, abs=4)]


def test_parts_of_a_column_differ_without_colour() -> None:
    image_rgb = drawn(replace(CHART, columns=(ChartColumn((2, 1, 1), "a", ""),)))
    grey = np.asarray(Image.fromarray(image_rgb).convert("L")).astype(int)
    middle = grey[PLOT][:, 486]
    hollow, pale, dark = middle[30], middle[100], middle[200]
    assert hollow > pale + 40 > dark + 80


def test_smallest_part_is_seen() -> None:
    column = ChartColumn((4000, 1, 0), "a", "")
    image_rgb = drawn(replace(CHART, columns=(column,), ticks=((0, "0"), (4000, "4,000"))))
    assert is_colour(image_rgb[340:360], PALE).any()


def test_class_without_photos_has_no_bar() -> None:
    rows = tuple(replace(row, share=0.0) for row in CHART.rows)
    bars = drawn(replace(CHART, rows=rows))[860:, 300:]
    assert not is_colour(bars, BLUE).any()
    assert not is_colour(bars, ORANGE).any()


def test_words_stand_in_place_of_classes_that_are_not_shown() -> None:
    hidden, silent = (drawn(replace(CHART, rows=(), no_rows=words))[860:] for words in ("Too few people", ""))
    assert (hidden != silent).any()
    assert not is_colour(hidden, BLUE).any()
    assert not is_colour(hidden, ORANGE).any()


def test_nothing_is_said_where_nothing_came() -> None:
    empty = tuple(replace(column, counts=(0, 0, 0)) for column in CHART.columns)
    silent, speaking = drawn(replace(CHART, columns=empty, nothing="")), drawn(replace(CHART, columns=empty))
    assert (silent[PLOT] != speaking[PLOT]).any()
    np.testing.assert_array_equal(drawn(CHART), drawn(replace(CHART, nothing="")))


def test_nothing_is_written_beyond_the_margins() -> None:
    long = "An uncommonly long word of a language that nobody has thought of, with a half-sentence"
    image_rgb = drawn(
        replace(
            CHART,
            title=long,
            moment=long,
            timeline=long,
            nothing=long,
            classes=long,
            malignant=long,
            figures=tuple(Figure("9,999,999,999,999", long) for _ in range(4)),
            legend=(long, long, long),
            rows=tuple(replace(row, name=long, number="9,999,999,999") for row in CHART.rows),
        )
    ).astype(int)
    without_rows = drawn(replace(CHART, rows=(), no_rows=long)).astype(int)
    for image in (image_rgb, without_rows):
        assert np.abs(image[:, :40] - PAPER).max() < 12
        assert np.abs(image[:, 1041:] - PAPER).max() < 12


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("scale", [NOTHING, 1, MANY])
def test_words_of_every_language_stay_inside_and_readable(texts: Texts, period: Period, scale: int) -> None:
    of = chart(counts_of(period, scale), texts)
    image_rgb = drawn(of).astype(int)
    assert np.abs(image_rgb[:, :40] - PAPER).max() < 12
    assert np.abs(image_rgb[:, 1041:] - PAPER).max() < 12
    page = blank_page(1, FONTS)
    sizes = [page.fitting_font(figure.meaning, 26, "Regular", 228).size for figure in of.figures]
    sizes += [page.fitting_font(legend, 26, "Regular", 268).size for legend in of.legend]
    sizes += [page.fitting_font(row.name, 32, "Regular", 660).size for row in of.rows]
    sizes += [page.fitting_font(of.no_rows, 34, "Regular", 1000).size]
    assert min(sizes) >= 22


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=LANGUAGES)
def test_hours_of_a_day_name_both_days(texts: Texts) -> None:
    columns = chart(counts_of(Period.DAY, 1), texts).columns
    assert len({column.context for column in columns}) == 2
    assert [column.label for column in columns][-1] == "12"


@pytest.mark.parametrize("peak", [0, 1, 3, 4, 5, 7, 9, 10, 11, 39, 41, 99, 101, 4999, 123_456, 9_999_999])
def test_ticks_are_few_round_and_reach_the_peak(peak: int) -> None:
    ticks = tick_heights(peak)
    steps = {later - tick for tick, later in pairwise(ticks)}
    assert ticks[0] == 0
    assert ticks[-1] >= max(peak, 4)
    assert ticks[-2] < max(peak, 4)
    assert 2 <= len(ticks) <= 5
    assert len(steps) == 1
    assert str(steps.pop()).strip("0") in {"1", "2", "5"}


def test_one_input_makes_one_chart() -> None:
    assert chart_picture(CHART, FONTS) == chart_picture(CHART, FONTS)
