"""The picture of an answer: the photo, where the answer comes from, and how the classes share a hundred photos.

Pure: pixels, numbers and ready-made words in, a JPEG out. The picture is a column of strips; all but the one with the
photo are drawn once for the words that stand on them, and kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from bot.pictures.drawing import (
    INK,
    MALIGNANT,
    MARGIN_PX,
    NAME_X,
    OTHER,
    PAPER,
    QUIET,
    RIGHT_PX,
    WIDTH_PX,
    Page,
    Weight,
    blank_page,
    rounded,
)
from bot.pictures.strips import Strip, joined, strip
from inference.calibration import malignancy_probability, ranked
from inference.classes import LesionClass
from inference.heatmap import Heatmap, overlay
from inference.image import RgbImage, resized

_SQUARE_PX: Final = 480
_HEATMAP_X: Final = RIGHT_PX - _SQUARE_PX
_CORNER_PX: Final = 22
_RAMP_PX: Final = 20  # height of the heat-map's scale
_CAPTIONS_PX: Final = 96  # heights of the strips
_LEGEND_PX: Final = 112
_SUM_PX: Final = 64
_ROW_PX: Final = 64
_FOOTER_PX: Final = 80


@dataclass(frozen=True, slots=True)
class PictureLabels:
    """The words on the picture, in the patient's language.

    Attributes:
        photo: above the photo.
        heatmap: above the heat-map, over the name of its class.
        less: at the pale end of the heat-map's legend.
        more: at its strong end.
        chart: above the bars.
        malignant: what the diamond stands for, behind how many of a hundred it holds.
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
    heatmap_class: LesionClass,
    probabilities: Mapping[LesionClass, float],
    labels: PictureLabels,
    font_dir: Path,
) -> bytes:
    """Draw the picture of an answer.

    Args:
        view_rgb: (S, S, 3) uint8, RGB: the part of the photo that was looked at.
        heatmap: (h, w) float32 in [0, 1].
        heatmap_class: the class that it is of.
        probabilities: of each class.
        labels: the words.
        font_dir: the folder with Inter-Regular.otf and Inter-SemiBold.otf.

    Returns:
        A JPEG, 1080 px wide and 1280 px high.
    """
    return joined(_strips(view_rgb, heatmap, heatmap_class, probabilities, labels, font_dir))


def _strips(
    view_rgb: RgbImage,
    heatmap: Heatmap,
    heatmap_class: LesionClass,
    probabilities: Mapping[LesionClass, float],
    labels: PictureLabels,
    font_dir: Path,
) -> Iterator[Strip]:
    """Yield what stands below each other, from top to bottom."""
    yield _captions(labels.photo, labels.heatmap, labels.classes[heatmap_class], font_dir)
    yield strip(_photos_rgb(view_rgb, heatmap))
    yield _legend(labels.less, labels.more, labels.chart, font_dir)
    malignant = malignancy_probability(probabilities)
    yield _sum(f"{labels.in_100[round(malignant * 100)]} · {labels.malignant}", font_dir)
    for lesion in ranked(probabilities):
        count = round(probabilities[lesion] * 100)
        yield _row(labels.classes[lesion], labels.in_100[count], count, font_dir, is_malignant=lesion.is_malignant)
    yield _footer(labels.footer, font_dir)


def _photos_rgb(view_rgb: RgbImage, heatmap: Heatmap) -> RgbImage:
    """Return the photo and its heat-map, side by side on paper."""
    photo_rgb = _shown(view_rgb)
    photos_rgb = _paper_rgb().copy()
    photos_rgb[:, MARGIN_PX : MARGIN_PX + _SQUARE_PX] = photo_rgb
    photos_rgb[:, _HEATMAP_X : _HEATMAP_X + _SQUARE_PX] = overlay(photo_rgb, heatmap)
    places, opacity, paper_rgb = _corners()
    pixels_rgb = photos_rgb.reshape(-1, 3)
    pixels_rgb[places] = pixels_rgb[places] * opacity + paper_rgb
    return photos_rgb


@lru_cache(maxsize=1)
def _paper_rgb() -> RgbImage:
    return np.asarray(Image.new("RGB", (WIDTH_PX, _SQUARE_PX), PAPER))


def _shown(view_rgb: RgbImage) -> RgbImage:
    """Return the photo at its size on the page."""
    return view_rgb if view_rgb.shape[0] == _SQUARE_PX else resized(view_rgb, _SQUARE_PX, _SQUARE_PX)


@lru_cache(maxsize=1)
def _corners() -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Return where paper covers the corners of both pictures.

    Returns:
        the places, row after row; how much of the picture shows there, 0 to 1; and what the paper adds, to be cut off
        to whole numbers.
    """
    covered = np.zeros((_SQUARE_PX, WIDTH_PX), np.float32)
    for x in (MARGIN_PX, _HEATMAP_X):
        covered[:, x : x + _SQUARE_PX] = 1 - np.asarray(rounded(_SQUARE_PX, _SQUARE_PX, _CORNER_PX)) / np.float32(255)
    places = np.flatnonzero(covered)
    paper = covered.ravel()[places][:, None]
    return places, 1 - paper, paper * np.array(ImageColor.getrgb(PAPER), np.float32) + np.float32(0.5)


@lru_cache(maxsize=16)
def _captions(photo: str, heatmap: str, lesion: str, font_dir: Path) -> Strip:
    page = blank_page(_CAPTIONS_PX, font_dir)
    for x, caption in ((MARGIN_PX, photo), (_HEATMAP_X, heatmap)):
        page.write(x, 32, caption, 34, weight="SemiBold", width_px=_SQUARE_PX)
    page.write(_HEATMAP_X, 70, lesion, 28, width_px=_SQUARE_PX)
    return _compressed(page)


@lru_cache(maxsize=16)
def _legend(less: str, more: str, chart: str, font_dir: Path) -> Strip:
    """Draw the scale of the heat-map as the heat-map itself is drawn, outline included, and the title of the chart."""
    page = blank_page(_LEGEND_PX, font_dir)
    less_px = page.write(_HEATMAP_X, 32, less, 30, colour=QUIET, width_px=150)
    more_px = page.write(RIGHT_PX, 32, more, 30, colour=QUIET, width_px=150, align="r")
    ramp_px = round(_SQUARE_PX - less_px - more_px - 32)
    heat = np.tile(np.linspace(0, 1, ramp_px, dtype=np.float32), (_RAMP_PX, 1))
    skin_rgb = np.full((_RAMP_PX, ramp_px, 3), 190, np.uint8)
    page.paste(overlay(skin_rgb, heat), round(_HEATMAP_X + less_px + 16), 32 - _RAMP_PX // 2, _RAMP_PX // 2)
    page.write(MARGIN_PX, 84, chart, 40, weight="SemiBold")
    return _compressed(page)


@lru_cache(maxsize=64)
def _sum(words: str, font_dir: Path) -> Strip:
    page = blank_page(_SUM_PX, font_dir)
    page.mark(20, is_malignant=True)
    page.write(NAME_X, 20, words, 32, weight="SemiBold", width_px=RIGHT_PX - NAME_X)
    return _compressed(page)


@lru_cache(maxsize=256)
def _row(name: str, number: str, count: int, font_dir: Path, *, is_malignant: bool) -> Strip:
    """Draw a class; what is rare speaks softly."""
    page = blank_page(_ROW_PX, font_dir)
    page.mark(20, is_malignant=is_malignant)
    weight: Weight = "SemiBold" if count else "Regular"
    colour = INK if count else QUIET
    number_px = page.write(RIGHT_PX, 20, number, 34, colour=colour, weight=weight, align="r", width_px=430)
    page.write(NAME_X, 20, name, 34, width_px=RIGHT_PX - number_px - 24 - NAME_X)
    page.bar(48, count / 100, MALIGNANT if is_malignant else OTHER)
    return _compressed(page)


@lru_cache(maxsize=16)
def _footer(words: str, font_dir: Path) -> Strip:
    page = blank_page(_FOOTER_PX, font_dir)
    page.write(MARGIN_PX, 36, words, 32, weight="SemiBold")
    return _compressed(page)


def _compressed(page: Page) -> Strip:
    return strip(np.asarray(page.image))
