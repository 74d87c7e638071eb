"""The picture of /stats: a few large numbers, photos over time, and what they were taken for.

Pure: numbers and ready-made words in, a JPEG out. What a colour tells, a shape or the lightness tells too.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.pictures.drawing import (
    INK,
    MALIGNANT,
    MARGIN_PX,
    NAME_X,
    OTHER,
    PALE,
    QUIET,
    RIGHT_PX,
    TRACK,
    Page,
    Shape,
    blank_page,
)

_TITLE_Y: Final = 62  # middle of the line, like every y of a line of text below
_FIGURES_Y: Final = 150
_TIMELINE_Y: Final = 262
_LEGEND_Y: Final = _TIMELINE_Y + 46
_PLOT_TOP_Y: Final = _LEGEND_Y + 46
_PLOT_PX: Final = 268
_PLOT_Y: Final = _PLOT_TOP_Y + _PLOT_PX  # the line on which the columns stand
_STEPS_Y: Final = _PLOT_Y + 26
_CONTEXT_Y: Final = _STEPS_Y + 32
_CLASSES_Y: Final = _CONTEXT_Y + 64
_ROWS_Y: Final = _CLASSES_Y + 94
_ROW_PX: Final = 58
_HEIGHT_PX: Final = _ROWS_Y + 7 * _ROW_PX + 20
_TYPE_PX: Final = 26  # of the smallest words
_GAP_PX: Final = 14  # between words that must not touch
_WIDEST_COLUMN_PX: Final = 72
_LOWEST_TOP: Final = 4  # one photo must not look like many


@dataclass(frozen=True, slots=True)
class Figure:
    """A large number and what it counts."""

    number: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """A column of the timeline.

    Attributes:
        counts: its parts, from the line upwards, in the order of the legend.
        label: below it.
        context: below the label, where it is another one than that of the column before: the day of an hour.
    """

    counts: tuple[int, int, int]
    label: str
    context: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A class: how many photos, of all that have one."""

    name: str
    number: str
    share: float
    is_malignant: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn, in the moderator's language.

    Attributes:
        title: of what time.
        moment: when it was counted.
        figures: four fit.
        timeline: above the columns.
        legend: the meaning of the parts of a column.
        columns: oldest first.
        ticks: heights that get a line, from 0 to the top of the chart, and what to write beside it.
        nothing: what to write where there is no photo.
        classes: above the rows.
        malignant: what the diamond stands for.
        rows: the seven classes, or none.
        no_rows: what to write instead of them.
    """

    title: str
    moment: str
    figures: tuple[Figure, ...]
    timeline: str
    legend: tuple[str, str, str]
    columns: tuple[ChartColumn, ...]
    ticks: tuple[tuple[int, str], ...]
    nothing: str
    classes: str
    malignant: str
    rows: tuple[ChartRow, ...]
    no_rows: str


_PARTS: Final[tuple[tuple[Shape, str], ...]] = (("block", OTHER), ("block", PALE), ("frame", QUIET))
"""The looks of the parts of a column: dark, light, hollow."""


def tick_heights(peak: int) -> tuple[int, ...]:
    """Return round heights from 0 up to or above the peak, five at most."""
    peak, size = max(peak, _LOWEST_TOP), 1
    while True:
        for factor in (1, 2, 5):
            step = factor * size
            if step * 4 >= peak:
                return tuple(range(0, peak + step, step))
        size *= 10


def chart_picture(chart: Chart, font_dir: Path) -> bytes:
    """Draw the chart.

    Args:
        chart: numbers and words.
        font_dir: the folder with Inter-Regular.otf and Inter-SemiBold.otf.

    Returns:
        A JPEG, 1080 px wide and at most 1280 px high.
    """
    page = blank_page(_HEIGHT_PX, font_dir)
    moment_px = page.write(RIGHT_PX, _TITLE_Y, chart.moment, 28, colour=QUIET, align="r", width_px=430)
    page.write(MARGIN_PX, _TITLE_Y, chart.title, 44, weight="SemiBold", width_px=RIGHT_PX - MARGIN_PX - moment_px - 24)
    _draw_figures(page, chart.figures)
    _draw_timeline(page, chart)
    _draw_classes(page, chart)
    return page.jpeg()


def _draw_figures(page: Page, figures: tuple[Figure, ...]) -> None:
    each_px = (RIGHT_PX - MARGIN_PX) / len(figures)
    number_px, meaning_px = (
        min(page.fitting_font(text, size_px, "SemiBold", each_px - 20).size for text in texts)
        for texts, size_px in (([f.number for f in figures], 52), ([f.meaning for f in figures], _TYPE_PX))
    )
    for place, figure in enumerate(figures):
        x = MARGIN_PX + place * each_px
        page.write(x, _FIGURES_Y, figure.number, round(number_px), weight="SemiBold")
        page.write(x, _FIGURES_Y + 46, figure.meaning, round(meaning_px), colour=QUIET)


def _draw_timeline(page: Page, chart: Chart) -> None:
    page.write(MARGIN_PX, _TIMELINE_Y, chart.timeline, 34, weight="SemiBold")
    _draw_legend(page, chart.legend)
    left_x = _draw_ticks(page, chart.ticks)
    each_px = (RIGHT_PX - left_x) / len(chart.columns)
    for place, column in enumerate(chart.columns):
        _draw_column(page, left_x + (place + 0.5) * each_px, each_px, column, chart.ticks[-1][0])
    _draw_steps(page, chart.columns, left_x, each_px)
    if not any(any(column.counts) for column in chart.columns):
        page.write((left_x + RIGHT_PX) / 2, _PLOT_Y - _PLOT_PX / 2, chart.nothing, 34, colour=QUIET, align="m")


def _draw_legend(page: Page, legend: tuple[str, str, str]) -> None:
    each_px = (RIGHT_PX - MARGIN_PX) / len(legend)
    x: float = MARGIN_PX
    for (shape, colour), meaning in zip(_PARTS, legend, strict=True):
        page.draw(shape, x, _LEGEND_Y, 22, 22, colour)
        x += 34 + page.write(x + 34, _LEGEND_Y, meaning, _TYPE_PX, colour=QUIET, width_px=each_px - 62) + 28


def _draw_ticks(page: Page, ticks: tuple[tuple[int, str], ...]) -> float:
    """Draw the lines and their heights; returns where the columns begin."""
    font = page.fitting_font("0", _TYPE_PX, "Regular", RIGHT_PX)
    left_x = MARGIN_PX + max(font.getlength(number) for _, number in ticks) + _GAP_PX
    for height, number in ticks:
        y = _PLOT_Y - _PLOT_PX * height / ticks[-1][0]
        page.write(left_x - _GAP_PX, y, number, _TYPE_PX, colour=QUIET, align="r")
        page.draw("bar", left_x, y, round(RIGHT_PX - left_x), 2, QUIET if height == 0 else TRACK)
    return left_x


def _draw_column(page: Page, x: float, each_px: float, column: ChartColumn, top: int) -> None:
    width_px = round(min(each_px * 0.72, _WIDEST_COLUMN_PX))
    y = _PLOT_Y - 2.0
    for (shape, colour), count in zip(_PARTS, column.counts, strict=True):
        if count:
            height_px = max(4, round(_PLOT_PX * count / top) - 2)
            page.draw(shape, x - width_px / 2, y - height_px / 2, width_px, height_px, colour)
            y -= height_px + 2


def _draw_steps(page: Page, columns: tuple[ChartColumn, ...], left_x: float, each_px: float) -> None:
    """Write what the columns stand for, as often as there is room; the last one is always named."""
    font = page.fitting_font("0", _TYPE_PX, "Regular", RIGHT_PX)
    every = math.ceil((max(font.getlength(column.label) for column in columns) + _GAP_PX) / each_px)
    middles = [left_x + (place + 0.5) * each_px for place in range(len(columns))]
    labels = [(x, column.label) for x, column in zip(middles, columns, strict=True)]
    befores = ["", *(column.context for column in columns)]
    changes = [
        (x, column.context)
        for x, column, before in zip(middles, columns, befores, strict=False)
        if column.context != before
    ]
    _write_below(page, _STEPS_Y, labels[::-1][::every], left_x, INK)
    _write_below(page, _CONTEXT_Y, changes[::-1], left_x, QUIET)


def _write_below(page: Page, y: int, words: list[tuple[float, str]], left_x: float, colour: str) -> None:
    """Write words around their x, from right to left; one that would touch its neighbour is left out."""
    font = page.fitting_font("0", _TYPE_PX, "Regular", RIGHT_PX)
    free_x = float(RIGHT_PX)
    for x, word in words:
        width_px = font.getlength(word)
        start_x = min(max(x - width_px / 2, left_x), RIGHT_PX - width_px)
        if start_x + width_px <= free_x:
            page.write(start_x, y, word, _TYPE_PX, colour=colour)
            free_x = start_x - _GAP_PX


def _draw_classes(page: Page, chart: Chart) -> None:
    page.write(MARGIN_PX, _CLASSES_Y, chart.classes, 34, weight="SemiBold")
    if not chart.rows:
        middle_y = (_CLASSES_Y + _HEIGHT_PX) / 2
        middle_x, width_px = (MARGIN_PX + RIGHT_PX) / 2, RIGHT_PX - MARGIN_PX
        page.write(middle_x, middle_y, chart.no_rows, 34, colour=QUIET, align="m", width_px=width_px)
        return
    meaning_y = _CLASSES_Y + 44
    page.mark(meaning_y, is_malignant=True)
    page.write(NAME_X, meaning_y, f"= {chart.malignant}", _TYPE_PX, colour=QUIET, width_px=RIGHT_PX - NAME_X)
    for rank, row in enumerate(chart.rows):
        _draw_row(page, _ROWS_Y + rank * _ROW_PX, row)


def _draw_row(page: Page, y: int, row: ChartRow) -> None:
    page.mark(y, is_malignant=row.is_malignant)
    number_px = page.write(RIGHT_PX, y, row.number, 32, weight="SemiBold", align="r", width_px=430)
    page.write(NAME_X, y, row.name, 32, width_px=RIGHT_PX - number_px - 24 - NAME_X)
    if row.share > 0:
        page.bar(y + 26, row.share, MALIGNANT if row.is_malignant else OTHER)
    else:
        page.track(y + 26)
