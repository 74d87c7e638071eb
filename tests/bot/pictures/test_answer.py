"""The picture of an answer can be read: on a phone, in every language, without colour."""

import io
import pickle
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.content import Texts
from bot.pictures import answer
from bot.pictures.answer import PictureLabels, answer_picture
from bot.pictures.drawing import Page
from bot.render.answer import picture_labels
from inference.classes import LesionClass
from inference.decoding import decode
from inference.image import lesion_view, scaled_down
from tests import shipped

CONTENT = Path(__file__).parents[3] / "content"
FONTS = CONTENT / "fonts"
PHOTOS = Path(__file__).parents[2] / "photos"
LABELS = PictureLabels(
    photo="Photo",
    heatmap="Where",
    less="less",
    more="more",
    chart="Of 100",
    malignant="malignant",
    footer="Not a diagnosis.",
    classes=dict.fromkeys(LesionClass, "Class"),
    in_100=tuple(f"{count} in 100" for count in range(101)),
)
ORANGE, BLUE = (213, 94, 0), (0, 114, 178)
HEAT = np.eye(7, dtype=np.float32)


def shares(**given: float) -> dict[LesionClass, float]:
    """Return these probabilities; what is left is dealt evenly."""
    rest = (1 - sum(given.values())) / (len(LesionClass) - len(given))
    return {lesion: given.get(lesion, rest) for lesion in LesionClass}


def drawn(
    probabilities: dict[LesionClass, float],
    view_rgb: NDArray[np.uint8] | None = None,
    heatmap: NDArray[np.float32] = HEAT,
    labels: PictureLabels = LABELS,
) -> NDArray[np.uint8]:
    view_rgb = np.full((300, 300, 3), 170, np.uint8) if view_rgb is None else view_rgb
    jpeg = answer_picture(view_rgb, heatmap, LesionClass.MEL, probabilities, labels, FONTS)
    return np.asarray(Image.open(io.BytesIO(jpeg), formats=["JPEG"]).convert("RGB"))


def is_colour(image_rgb: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(image_rgb.astype(int) - colour).max(axis=2) < 30
    return near


def bars(image_rgb: NDArray[np.uint8]) -> list[tuple[str, int]]:
    """Return the colour and the length in pixels of each bar, from top to bottom."""
    found: list[tuple[str, int, int]] = []
    for name, colour in (("orange", ORANGE), ("blue", BLUE)):
        lengths = is_colour(image_rgb[700:, 44:1036], colour).sum(axis=1)
        is_bar = np.concatenate([[0], (lengths > 60).astype(int), [0]])
        starts, ends = np.flatnonzero(np.diff(is_bar) == 1), np.flatnonzero(np.diff(is_bar) == -1)
        found += [(name, int(start), int(lengths[start:end].max())) for start, end in zip(starts, ends, strict=True)]
    return [(name, length) for name, _, length in sorted(found, key=lambda bar: bar[1])]


def test_kept_strips_make_the_picture_that_is_drawn_at_once() -> None:
    """Byte for byte: what was kept from another photo leaves no trace."""
    answer_picture(
        np.full((300, 300, 3), 90, np.uint8), HEAT.T, LesionClass.NV, shares(mel=0.5, bcc=0.4), LABELS, FONTS
    )
    view_rgb = np.full((300, 300, 3), 170, np.uint8)
    kept, fresh = (
        answer_picture(view_rgb, HEAT, LesionClass.NV, shares(nv=0.7, mel=0.2), LABELS, FONTS) for _ in forgetting()
    )
    assert kept == fresh


def forgetting() -> Iterator[None]:
    """Once with all that is kept, once without."""
    yield
    for drawing in (answer._captions, answer._legend, answer._sum, answer._row, answer._footer):
        drawing.cache_clear()
    yield


def test_what_is_rare_is_written_softly_and_never_left_out() -> None:
    image_rgb = drawn(shares(nv=0.9999))
    numbers = [image_rgb[752 + 64 * rank : 792 + 64 * rank, 700:1036].min() for rank in range(7)]
    assert numbers[0] < 60 < min(numbers[1:])
    assert max(numbers[1:]) < 120


def test_malignant_classes_are_added_up_over_the_bars() -> None:
    labels = {
        count: replace(LABELS, in_100=tuple("█" * (number == count) for number in range(101))) for count in (45, 44)
    }
    sums = [
        drawn(shares(mel=0.2, bcc=0.15, akiec=0.1), labels=text)[688:720, 86:130].mean() for text in labels.values()
    ]
    assert sums[0] < sums[1] - 20


def test_picture_fits_where_messengers_would_shrink_it() -> None:
    height, width = drawn(shares(nv=0.9)).shape[:2]
    assert width == 1080
    assert height <= 1280


@pytest.mark.parametrize("name", ["everyday_kodim05.jpg", "pad_nv_PAT_1107_427_352.jpg"])
def test_even_a_busy_photo_makes_a_small_file(name: str) -> None:
    view_rgb = scaled_down(lesion_view(decode((PHOTOS / name).read_bytes())), 640)
    assert len(answer_picture(view_rgb, HEAT, LesionClass.NV, shares(nv=0.9), LABELS, FONTS)) < 400_000


def test_photo_stands_on_the_left_and_its_heatmap_on_the_right() -> None:
    view_rgb = np.zeros((300, 300, 3), np.uint8)
    view_rgb[:] = (200, 120, 110)
    hot_below = np.zeros((7, 7), np.float32)
    hot_below[5:] = 1
    image_rgb = drawn(shares(nv=0.9), view_rgb, hot_below).astype(int)
    np.testing.assert_allclose(image_rgb[120:560, 70:500].mean(axis=(0, 1)), (200, 120, 110), atol=3)
    cold, hot = image_rgb[120:250, 580:1000], image_rgb[520:560, 580:1000]
    assert np.ptp(cold.mean(axis=(0, 1))) < 5
    assert np.ptp(hot.mean(axis=(0, 1))) > 60


def test_bars_are_as_long_as_the_probabilities_likeliest_first() -> None:
    image_rgb = drawn(shares(mel=0.15, nv=0.5, bcc=0.25, bkl=0.1))
    colours, lengths = zip(*bars(image_rgb), strict=True)
    assert colours == ("blue", "orange", "orange", "blue")
    np.testing.assert_allclose(np.array(lengths) / 992, [0.5, 0.25, 0.15, 0.1], atol=0.02)


def test_malignant_class_is_marked_by_shape() -> None:
    marks = []
    for is_malignant in (True, False):
        page = Page(Image.new("RGB", (120, 80), "white"), FONTS)
        page.mark(40, is_malignant=is_malignant)
        marks.append(np.asarray(page.image.convert("L"))[27:53, 44:70] < 200)
    diamond, ring = marks
    assert diamond[13, 13]
    assert not ring[13, 13]
    assert diamond.sum() > 1.3 * ring.sum()


def test_every_class_has_its_mark() -> None:
    image_rgb = drawn(shares(nv=0.4))
    column = image_rgb[760:, 44:70]
    rows = [(is_colour(column, colour).any(axis=1)).sum() for colour in (ORANGE, BLUE)]
    assert all(rows)


def test_nothing_is_written_beyond_the_margins() -> None:
    long = "An uncommonly long name of a class of lesions, with a comma and a half-sentence"
    labels = PictureLabels(
        photo=long,
        heatmap=long,
        less=long,
        more=long,
        chart=long,
        malignant=long,
        footer=long,
        classes=dict.fromkeys(LesionClass, long),
        in_100=(long,) * 101,
    )
    image_rgb = drawn(shares(mel=0.5), labels=labels).astype(int)
    paper = image_rgb[2, 2]
    assert np.abs(image_rgb[:, :40] - paper).max() < 12
    assert np.abs(image_rgb[:, 1041:] - paper).max() < 12
    assert np.abs(image_rgb[1262:] - paper).max() < 12


def test_one_input_makes_one_picture() -> None:
    first, second = (drawn(shares(nv=0.4, mel=0.3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_labels_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(LABELS)) == LABELS  # noqa: S301 - what this test wrote


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
@pytest.mark.parametrize("letters", ["áéíóúñ¿¡ü", "ąćęłńśźż", "ğışçö", "őűăâțș", "αβγδέήίό", "абвгдежзиёїґ", "’“”–×"])
def test_fonts_have_the_letters_of_many_languages(weight: str, letters: str) -> None:
    page = Page(Image.new("RGB", (1, 1)), FONTS)
    font = page.fitting_font("x", 34, weight, 1000)  # type: ignore[arg-type]  # one of both
    missing = bytes(font.getmask("\uffff"))
    assert all(bytes(font.getmask(letter)) != missing for letter in letters)


LANGUAGES = shipped.CONTENT.by_language


@pytest.mark.parametrize("texts", LANGUAGES.values(), ids=LANGUAGES)
def test_words_of_every_language_keep_a_readable_size(texts: Texts) -> None:
    labels = picture_labels(texts)
    page = Page(Image.new("RGB", (1, 1)), FONTS)
    half_px, full_px = 482, 992
    number_px = max(page.fitting_font(number, 34, "SemiBold", 430).getlength(number) for number in labels.in_100)
    room = [
        (labels.photo, half_px),
        (labels.heatmap, half_px),
        (labels.footer, full_px),
        (labels.malignant, full_px - 42),
        *((name, full_px - 42 - 24 - number_px) for name in labels.classes.values()),
    ]
    sizes = {text: page.fitting_font(text, 34, "SemiBold", width_px).size for text, width_px in room}
    assert min(sizes.values()) >= 26, sizes


def test_longer_text_is_never_larger() -> None:
    page = Page(Image.new("RGB", (1, 1)), FONTS)
    sizes = [page.fitting_font("word " * count, 34, "Regular", 400).size for count in range(1, 12)]
    assert all(longer <= shorter for shorter, longer in pairwise(sizes))
    assert sizes[0] == 34
