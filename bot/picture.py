"""The picture of an answer: the photo, where the answer comes from, and how the classes share a hundred photos.

Pure: pixels, numbers and ready-made words in, a JPEG out. Malignant classes differ by shape as well as by colour, and
the colours are those of Okabe and Ito, which the colour-blind tell apart.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.classes import LesionClass
from inference.heatmap import Heatmap, overlay
from inference.image import RgbImage, resized

_WIDTH_PX: Final = 1080  # messengers scale pictures down to 1280 px on the long side: taller, and the type would shrink
_MARGIN_PX: Final = 44
_GUTTER_PX: Final = 28
_SQUARE_PX: Final = (_WIDTH_PX - 2 * _MARGIN_PX - _GUTTER_PX) // 2
_RIGHT_PX: Final = _WIDTH_PX - _MARGIN_PX
_CAPTION_Y: Final = 58  # middle of the captions, like every y of a line of text below
_SQUARE_Y: Final = 96
_LEGEND_Y: Final = _SQUARE_Y + _SQUARE_PX + 34
_CHART_Y: Final = _LEGEND_Y + 60
_ROWS_Y: Final = _CHART_Y + 104
_ROW_PX: Final = 63
_FOOTER_Y: Final = _ROWS_Y + _ROW_PX * len(LesionClass) + 20
_HEIGHT_PX: Final = _FOOTER_Y + 40
_BAR_PX: Final = 12
_MARK_PX: Final = 26
_NAME_X: Final = _MARGIN_PX + _MARK_PX + 16
_SMOOTH: Final = 4  # shapes are drawn so many times larger, then reduced: Pillow's own edges are jagged

_PAPER: Final = "#fbf9f6"
_INK: Final = "#1c2430"
_QUIET: Final = "#566070"
_TRACK: Final = "#e6e1d9"
_MALIGNANT: Final = "#d55e00"
_OTHER: Final = "#0072b2"

_Weight: TypeAlias = Literal["Regular", "SemiBold"]
_Shape: TypeAlias = Literal["diamond", "ring", "bar"]


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
    page = _Page(Image.new("RGB", (_WIDTH_PX, _HEIGHT_PX), _PAPER), font_dir)
    _draw_photos(page, view_rgb, heatmap, labels)
    _draw_legend(page, labels)
    _draw_chart(page, probabilities, labels)
    page.write(_MARGIN_PX, _FOOTER_Y, labels.footer, 32, weight="SemiBold")
    file = io.BytesIO()
    page.image.save(file, "JPEG", quality=88, subsampling=0)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Page:
    """A picture to write and draw on; y is always the middle of what is drawn."""

    image: Image.Image
    font_dir: Path

    def write(  # noqa: PLR0913 - a piece of text is all of these
        self,
        x: float,
        y: float,
        text: str,
        size_px: int,
        *,
        colour: str = _INK,
        weight: _Weight = "Regular",
        align: Literal["l", "r"] = "l",
        width_px: float = _WIDTH_PX - 2 * _MARGIN_PX,
    ) -> float:
        """Write a line, smaller where it would be wider than width_px, and return its width."""
        font = self.fitting_font(text, size_px, weight, width_px)
        ImageDraw.Draw(self.image).text((x, y), text, colour, font, anchor=f"{align}m")
        return font.getlength(text)

    def fitting_font(self, text: str, size_px: int, weight: _Weight, width_px: float) -> ImageFont.FreeTypeFont:
        """Return the font at this size, or at the largest one at which the text fits."""
        font = _font(self.font_dir, weight, size_px)
        return font if font.getlength(text) <= width_px else self.fitting_font(text, size_px - 1, weight, width_px)

    def draw(self, shape: _Shape, x: float, y: float, width_px: int, height_px: int, colour: str) -> None:
        """Draw a shape of this size."""
        self.image.paste(colour, (round(x), round(y - height_px / 2)), _mask(shape, width_px, height_px))

    def paste(self, picture_rgb: RgbImage, x: int, y: int, radius_px: int) -> None:
        """Put a picture with round corners, its upper left corner at (x, y)."""
        height_px, width_px = picture_rgb.shape[:2]
        self.image.paste(Image.fromarray(picture_rgb), (x, y), _rounded(width_px, height_px, radius_px))


def _draw_photos(page: _Page, view_rgb: RgbImage, heatmap: Heatmap, labels: PictureLabels) -> None:
    photo_rgb = resized(view_rgb, _SQUARE_PX, _SQUARE_PX)
    right_x = _MARGIN_PX + _SQUARE_PX + _GUTTER_PX
    pictures = (
        (_MARGIN_PX, labels.photo, photo_rgb),
        (right_x, labels.heatmap, overlay(photo_rgb, heatmap)),
    )
    for x, caption, picture_rgb in pictures:
        page.write(x, _CAPTION_Y, caption, 34, weight="SemiBold", width_px=_SQUARE_PX)
        page.paste(picture_rgb, x, _SQUARE_Y, 22)


def _draw_legend(page: _Page, labels: PictureLabels) -> None:
    left = _MARGIN_PX + _SQUARE_PX + _GUTTER_PX
    less_px = page.write(left, _LEGEND_Y, labels.less, 30, colour=_QUIET, width_px=150)
    more_px = page.write(_RIGHT_PX, _LEGEND_Y, labels.more, 30, colour=_QUIET, width_px=150, align="r")
    ramp_px = round(_SQUARE_PX - less_px - more_px - 32)
    heat = np.tile(np.linspace(0, 1, ramp_px, dtype=np.float32), (18, 1))
    skin_rgb = np.full((18, ramp_px, 3), 190, np.uint8)
    page.paste(overlay(skin_rgb, heat), round(left + less_px + 16), _LEGEND_Y - 9, 9)


def _draw_chart(page: _Page, probabilities: Mapping[LesionClass, float], labels: PictureLabels) -> None:
    page.write(_MARGIN_PX, _CHART_Y, labels.chart, 40, weight="SemiBold")
    meaning_y = _CHART_Y + 48
    _draw_mark(page, meaning_y, is_malignant=True)
    page.write(_NAME_X, meaning_y, f"= {labels.malignant}", 30, colour=_QUIET, width_px=_RIGHT_PX - _NAME_X)
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])
    for rank, (lesion, probability) in enumerate(ranked):
        _draw_row(page, _ROWS_Y + rank * _ROW_PX, lesion, probability, labels)


def _draw_row(page: _Page, y: int, lesion: LesionClass, probability: float, labels: PictureLabels) -> None:
    colour = _MALIGNANT if lesion.is_malignant else _OTHER
    _draw_mark(page, y, is_malignant=lesion.is_malignant)
    number = labels.in_100[round(probability * 100)]
    number_px = page.write(_RIGHT_PX, y, number, 34, weight="SemiBold", align="r", width_px=430)
    page.write(_NAME_X, y, labels.classes[lesion], 34, width_px=_RIGHT_PX - number_px - 24 - _NAME_X)
    bar_y, full_px = y + 28, _RIGHT_PX - _MARGIN_PX
    page.draw("bar", _MARGIN_PX, bar_y, full_px, _BAR_PX, _TRACK)
    page.draw("bar", _MARGIN_PX, bar_y, max(_BAR_PX, round(full_px * probability)), _BAR_PX, colour)


def _draw_mark(page: _Page, y: int, *, is_malignant: bool) -> None:
    shape: _Shape = "diamond" if is_malignant else "ring"
    page.draw(shape, _MARGIN_PX, y, _MARK_PX, _MARK_PX, _MALIGNANT if is_malignant else _OTHER)


@lru_cache(maxsize=64)
def _font(font_dir: Path, weight: _Weight, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_dir / f"Inter-{weight}.otf", size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=64)
def _mask(shape: _Shape, width_px: int, height_px: int) -> Image.Image:
    if shape == "bar":
        return _rounded(width_px, height_px, height_px / 2)
    width, height = width_px * _SMOOTH, height_px * _SMOOTH
    large = Image.new("L", (width, height))
    if shape == "diamond":
        corners = [(width / 2, 0), (width, height / 2), (width / 2, height), (0, height / 2)]
        ImageDraw.Draw(large).polygon(corners, fill=255)
    else:
        inset = 2 * _SMOOTH
        ImageDraw.Draw(large).ellipse((inset, inset, width - inset, height - inset), outline=255, width=4 * _SMOOTH)
    return large.reduce(_SMOOTH)


@lru_cache(maxsize=64)
def _rounded(width_px: int, height_px: int, radius_px: float) -> Image.Image:
    large = Image.new("L", (width_px * _SMOOTH, height_px * _SMOOTH))
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius_px * _SMOOTH, fill=255)
    return large.reduce(_SMOOTH)
