"""The picture of an answer: the photo, where the answer comes from, and how the classes share a hundred photos.

Pure: pixels, numbers and ready-made words in, a JPEG out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bot.drawing import MALIGNANT, MARGIN_PX, NAME_X, OTHER, QUIET, RIGHT_PX, WIDTH_PX, Page, blank_page
from inference.classes import LesionClass
from inference.heatmap import Heatmap, overlay
from inference.image import RgbImage, resized

_GUTTER_PX: Final = 28
_SQUARE_PX: Final = (WIDTH_PX - 2 * MARGIN_PX - _GUTTER_PX) // 2
_CAPTION_Y: Final = 58  # middle of the captions, like every y of a line of text below
_SQUARE_Y: Final = 96
_LEGEND_Y: Final = _SQUARE_Y + _SQUARE_PX + 34
_CHART_Y: Final = _LEGEND_Y + 60
_ROWS_Y: Final = _CHART_Y + 104
_ROW_PX: Final = 63
_FOOTER_Y: Final = _ROWS_Y + _ROW_PX * len(LesionClass) + 20
_HEIGHT_PX: Final = _FOOTER_Y + 40


@dataclass(frozen=True, slots=True)
class PictureLabels:
    """The words on the picture, in the patient's language.

    Attributes:
        photo: above the photo.
        heatmap: above the heat-map.
        less: at the pale end of the heat-map's legend.
        more: at its strong end.
        chart: above the bars.
        malignant: what the diamond stands for.
        footer: that this is no diagnosis.
        classes: the name of each class.
        in_100: what to write for 0 to 100 of a hundred photos, 101 strings.
    """

    photo: str
    heatmap: str
    less: str
    more: str
    chart: str
    malignant: str
    footer: str
    classes: Mapping[LesionClass, str]
    in_100: tuple[str, ...]


def answer_picture(
    view_rgb: RgbImage,
    heatmap: Heatmap,
    probabilities: Mapping[LesionClass, float],
    labels: PictureLabels,
    font_dir: Path,
) -> bytes:
    """Draw the picture of an answer.

    Args:
        view_rgb: (S, S, 3) uint8, RGB: the part of the photo that was looked at.
        heatmap: (h, w) float32 in [0, 1], for the likeliest class.
        probabilities: of each class.
        labels: the words.
        font_dir: the folder with Inter-Regular.otf and Inter-SemiBold.otf.

    Returns:
        A JPEG, 1080 px wide and at most 1280 px high.
    """
    page = blank_page(_HEIGHT_PX, font_dir)
    _draw_photos(page, view_rgb, heatmap, labels)
    _draw_legend(page, labels)
    _draw_chart(page, probabilities, labels)
    page.write(MARGIN_PX, _FOOTER_Y, labels.footer, 32, weight="SemiBold")
    return page.jpeg()


def _draw_photos(page: Page, view_rgb: RgbImage, heatmap: Heatmap, labels: PictureLabels) -> None:
    photo_rgb = resized(view_rgb, _SQUARE_PX, _SQUARE_PX)
    right_x = MARGIN_PX + _SQUARE_PX + _GUTTER_PX
    pictures = (
        (MARGIN_PX, labels.photo, photo_rgb),
        (right_x, labels.heatmap, overlay(photo_rgb, heatmap)),
    )
    for x, caption, picture_rgb in pictures:
        page.write(x, _CAPTION_Y, caption, 34, weight="SemiBold", width_px=_SQUARE_PX)
        page.paste(picture_rgb, x, _SQUARE_Y, 22)


def _draw_legend(page: Page, labels: PictureLabels) -> None:
    left = MARGIN_PX + _SQUARE_PX + _GUTTER_PX
    less_px = page.write(left, _LEGEND_Y, labels.less, 30, colour=QUIET, width_px=150)
    more_px = page.write(RIGHT_PX, _LEGEND_Y, labels.more, 30, colour=QUIET, width_px=150, align="r")
    ramp_px = round(_SQUARE_PX - less_px - more_px - 32)
    heat = np.tile(np.linspace(0, 1, ramp_px, dtype=np.float32), (18, 1))
    skin_rgb = np.full((18, ramp_px, 3), 190, np.uint8)
    page.paste(overlay(skin_rgb, heat), round(left + less_px + 16), _LEGEND_Y - 9, 9)


def _draw_chart(page: Page, probabilities: Mapping[LesionClass, float], labels: PictureLabels) -> None:
    page.write(MARGIN_PX, _CHART_Y, labels.chart, 40, weight="SemiBold")
    meaning_y = _CHART_Y + 48
    page.mark(meaning_y, is_malignant=True)
    page.write(NAME_X, meaning_y, f"= {labels.malignant}", 30, colour=QUIET, width_px=RIGHT_PX - NAME_X)
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    for rank, (lesion, probability) in enumerate(ranked):
        _draw_row(page, _ROWS_Y + rank * _ROW_PX, lesion, probability, labels)


def _draw_row(page: Page, y: int, lesion: LesionClass, probability: float, labels: PictureLabels) -> None:
    colour = MALIGNANT if lesion.is_malignant else OTHER
    page.mark(y, is_malignant=lesion.is_malignant)
    number = labels.in_100[round(probability * 100)]
    number_px = page.write(RIGHT_PX, y, number, 34, weight="SemiBold", align="r", width_px=430)
    page.write(NAME_X, y, labels.classes[lesion], 34, width_px=RIGHT_PX - number_px - 24 - NAME_X)
    page.bar(y + 28, probability, colour)
