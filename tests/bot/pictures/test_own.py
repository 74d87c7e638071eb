"""An answer of the bot's own is told from a photo, whichever way it comes back."""

import io
from collections.abc import Callable
from functools import cache, partial
from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageDraw

from bot.pictures.answer import answer_picture
from bot.pictures.drawing import PAPER
from bot.pictures.own import shows_own_answer
from bot.render.answer import picture_labels
from inference.assess import assess
from inference.image import RgbImage
from inference.model import Model, load_model
from tests.inference.pictures import MODELS, PHOTOS, file, photo
from tests.shipped import CONTENT, ROOT

LESIONS = (
    "ham10000_mel_ISIC_0028412.jpg",
    "ham10000_nv_hairy_ISIC_0027121.png",
    "ham10000_bkl_ISIC_0024338.heic",
    "pad_bcc_PAT_473_911_630.jpg",
    "pad_nv_PAT_1107_427_352.jpg",
)
READABLE = sorted(
    {path.name for path in PHOTOS.iterdir() if path.suffix in {".jpg", ".png"}} - {"not_a_photo.jpg", "truncated.jpg"}
)
WALLPAPER: Final = {"light": "#cddcd0", "white": "#ffffff", "dark": "#0e1621", "black": "#000000"}
BUBBLE: Final = {"light": "#ffffff", "white": "#ffffff", "dark": "#182533", "black": "#262629"}


@cache
def network() -> Model:
    return load_model(MODELS)


def overview_of(content: bytes) -> RgbImage:
    return assess(content, network()).overview_rgb


@cache
def answer(name: str, language: str) -> Image.Image:
    """Return the picture that a patient gets for a photo."""
    told = assess(photo(name), network())
    labels = picture_labels(CONTENT.texts(language))
    picture = answer_picture(
        told.view_rgb, told.heatmap, told.heatmap_class, told.probabilities, labels, ROOT / "content" / "fonts"
    )
    return Image.open(io.BytesIO(picture)).convert("RGB")


def screenshot(picture: Image.Image, theme: str) -> Image.Image:
    """Return a phone's screen that shows the picture in a chat, with words in a bubble below and bars around."""
    width_px, height_px, top = 1080, 2340, 260
    screen = Image.new("RGB", (width_px, height_px), WALLPAPER[theme])
    draw = ImageDraw.Draw(screen)
    shown = picture.resize((width_px * 93 // 100, width_px * 93 * picture.height // picture.width // 100))
    ink = "#000000" if theme in {"light", "white"} else "#f0f0f0"
    draw.rounded_rectangle((24, top, 24 + shown.width, height_px - 300), 30, BUBBLE[theme])
    screen.paste(shown, (24, top))
    for y in range(top + shown.height + 20, height_px - 360, 60):
        draw.text((50, y), "See a dermatologist in the coming weeks: call for an appointment", ink, font_size=40)
    for bar in ((0, 0, width_px, 190), (0, height_px - 170, width_px, height_px)):
        draw.rectangle(bar, BUBBLE[theme])
        draw.text((90, bar[1] + 60), "Lentigo", ink, font_size=44)
    return screen


def shown_alone(picture: Image.Image) -> Image.Image:
    """Return a phone's screen on which the picture was tapped: black above and below."""
    screen = Image.new("RGB", (1080, 2340))
    screen.paste(picture, (0, 530))
    return screen


def sent(image: Image.Image, quality: int = 87) -> bytes:
    """Return a picture as Telegram sends it: at most 1280 px, as a JPEG."""
    small = image.copy()
    small.thumbnail((1280, 1280))
    return file(small, "JPEG", quality=quality)


def sent_screenshot(theme: str, part: tuple[int, int, int, int] | None, image: Image.Image) -> bytes:
    return sent(screenshot(image, theme).crop(part))


def scaled(image: Image.Image, times: float) -> Image.Image:
    return image.resize((round(image.width * times), round(image.height * times)))


WAYS: Final[dict[str, Callable[[Image.Image], bytes]]] = {
    "file": lambda image: file(image, "PNG"),
    "photo": sent,
    "photo of quality 80": lambda image: sent(image, 80),
    "four fifths": lambda image: sent(scaled(image, 0.8)),
    "three fifths": lambda image: sent(scaled(image, 0.6)),
    "photo and heat-map alone": lambda image: sent(image.crop((0, 60, 1080, 700))),
    "shown alone on a black screen": lambda image: sent(shown_alone(image)),
    **{f"{theme} screenshot": partial(sent_screenshot, theme, None) for theme in WALLPAPER},
    **{f"{theme} screenshot, cropped": partial(sent_screenshot, theme, (24, 260, 1028, 1450)) for theme in WALLPAPER},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_answer_that_comes_back_is_told(way: str, language: str) -> None:
    for name in LESIONS:
        assert shows_own_answer(overview_of(WAYS[way](answer(name, language)))), name


@pytest.mark.parametrize("name", READABLE)
def test_photo_is_none(name: str) -> None:
    assert not shows_own_answer(overview_of(photo(name)))


@pytest.mark.parametrize("noise", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("slope", [12, 30, 60])
def test_mole_before_a_wall_of_the_papers_colour_is_none(noise: float, slope: int) -> None:
    """Light fades across a wall, by some levels at least."""
    rng, (down, across) = np.random.default_rng(0), np.mgrid[0:960, 0:1280]
    paper_rgb = np.array(ImageColor.getrgb(PAPER))
    wall = paper_rgb + (slope * (across / 1280 + down / 960 - 1) / 2)[..., None] + rng.normal(0, noise, (960, 1280, 3))
    wall_rgb = np.clip(wall.round(), 0, 255).astype(np.uint8)
    wall_rgb[240:720, 320:960] = Image.open(PHOTOS / "pad_nv_PAT_1107_427_352.jpg").convert("RGB").resize((640, 480))
    assert not shows_own_answer(overview_of(sent(Image.fromarray(wall_rgb))))
