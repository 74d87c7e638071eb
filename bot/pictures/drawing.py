"""What the pictures of the bot share: their paper, their type, their shapes and their colours.

Malignant classes differ by shape as well as by colour, and the colours are those of Okabe and Ito, which the
colour-blind tell apart.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from PIL import Image, ImageDraw, ImageFont

from inference.image import RgbImage

WIDTH_PX: Final = 1080  # messengers scale pictures down to 1280 px on the long side: taller, and the type would shrink
MARGIN_PX: Final = 44
RIGHT_PX: Final = WIDTH_PX - MARGIN_PX
MARK_PX: Final = 26
NAME_X: Final = MARGIN_PX + MARK_PX + 16  # where the name begins that stands behind a mark
BAR_PX: Final = 12
_SMOOTH: Final = 4  # shapes are drawn so many times larger, then reduced: Pillow's own edges are jagged
_BLOCK_RADIUS_PX: Final = 5

PAPER: Final = "#fbf9f6"
INK: Final = "#1c2430"
QUIET: Final = "#566070"
TRACK: Final = "#e6e1d9"
MALIGNANT: Final = "#d55e00"
OTHER: Final = "#0072b2"
PALE: Final = "#56b4e9"

Weight: TypeAlias = Literal["Regular", "SemiBold"]
Shape: TypeAlias = Literal["diamond", "ring", "bar", "block", "frame"]


@dataclass(frozen=True, slots=True)
class Page:
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
        colour: str = INK,
        weight: Weight = "Regular",
        align: Literal["l", "m", "r"] = "l",
        width_px: float = WIDTH_PX - 2 * MARGIN_PX,
    ) -> float:
        """Write a line, smaller where it would be wider than width_px, and return its width."""
        font = self.fitting_font(text, size_px, weight, width_px)
        ImageDraw.Draw(self.image).text((x, y), text, colour, font, anchor=f"{align}m")
        return font.getlength(text)

    def fitting_font(self, text: str, size_px: int, weight: Weight, width_px: float) -> ImageFont.FreeTypeFont:
        """Return the font at this size, or at the largest one at which the text fits."""
        font = _font(self.font_dir, weight, size_px)
        return font if font.getlength(text) <= width_px else self.fitting_font(text, size_px - 1, weight, width_px)

    def draw(self, shape: Shape, x: float, y: float, width_px: int, height_px: int, colour: str) -> None:
        """Draw a shape of this size."""
        self.image.paste(colour, (round(x), round(y - height_px / 2)), _mask(shape, width_px, height_px))

    def mark(self, y: float, *, is_malignant: bool) -> None:
        """Mark a line as one of a malignant class, or of another."""
        shape: Shape = "diamond" if is_malignant else "ring"
        self.draw(shape, MARGIN_PX, y, MARK_PX, MARK_PX, MALIGNANT if is_malignant else OTHER)

    def track(self, y: float) -> None:
        """Draw the whole of which a bar is a part."""
        self.draw("bar", MARGIN_PX, y, RIGHT_PX - MARGIN_PX, BAR_PX, TRACK)

    def bar(self, y: float, share: float, colour: str) -> None:
        """Draw a part of the whole, 0 to 1; however small, it is seen."""
        self.track(y)
        self.draw("bar", MARGIN_PX, y, max(BAR_PX, round((RIGHT_PX - MARGIN_PX) * share)), BAR_PX, colour)

    def paste(self, picture_rgb: RgbImage, x: int, y: int, radius_px: int) -> None:
        """Put a picture with round corners, its upper left corner at (x, y)."""
        height_px, width_px = picture_rgb.shape[:2]
        self.image.paste(Image.fromarray(picture_rgb), (x, y), rounded(width_px, height_px, radius_px))

    def jpeg(self) -> bytes:
        """Return the page as a file."""
        file = io.BytesIO()
        self.image.save(file, "JPEG", quality=88, subsampling=0)
        return file.getvalue()


def blank_page(height_px: int, font_dir: Path) -> Page:
    """Return a page 1080 px wide.

    Args:
        height_px: at most 1280, or messengers shrink it.
        font_dir: the folder with Inter-Regular.otf and Inter-SemiBold.otf.
    """
    return Page(Image.new("RGB", (WIDTH_PX, height_px), PAPER), font_dir)


@lru_cache(maxsize=64)
def _font(font_dir: Path, weight: Weight, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_dir / f"Inter-{weight}.otf", size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=256)
def _mask(shape: Shape, width_px: int, height_px: int) -> Image.Image:
    if shape == "bar":
        return rounded(width_px, height_px, height_px / 2)
    if shape in {"block", "frame"}:
        return _block(width_px, height_px, is_hollow=shape == "frame")
    width, height = width_px * _SMOOTH, height_px * _SMOOTH
    large = Image.new("L", (width, height))
    if shape == "diamond":
        corners = [(width / 2, 0), (width, height / 2), (width / 2, height), (0, height / 2)]
        ImageDraw.Draw(large).polygon(corners, fill=255)
    else:
        inset = 2 * _SMOOTH
        ImageDraw.Draw(large).ellipse((inset, inset, width - inset, height - inset), outline=255, width=4 * _SMOOTH)
    return large.reduce(_SMOOTH)


def _block(width_px: int, height_px: int, *, is_hollow: bool) -> Image.Image:
    radius_px = min(_BLOCK_RADIUS_PX, width_px // 2, height_px // 2)
    if not is_hollow:
        return rounded(width_px, height_px, radius_px)
    large = Image.new("L", (width_px * _SMOOTH, height_px * _SMOOTH))
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius_px * _SMOOTH, outline=255, width=3 * _SMOOTH)
    return large.reduce(_SMOOTH)


@lru_cache(maxsize=64)
def rounded(width_px: int, height_px: int, radius_px: float) -> Image.Image:
    """Return a mask, 255 inside a rectangle with round corners."""
    large = Image.new("L", (width_px * _SMOOTH, height_px * _SMOOTH))
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius_px * _SMOOTH, fill=255)
    return large.reduce(_SMOOTH)
