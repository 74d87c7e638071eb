"""The lesion is found where it is, and the view is laid around it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.decoding import decode
from inference.image import Square, lesion_view
from inference.lesion import INPUT_SIDE_PX, LesionLimits, LesionRegion, main_region, squeezed, view_square
from inference.model import Model
from tests.inference.pictures import photo

LIMITS = LesionLimits(
    min_probability=0.5,
    min_peak_probability=0.8,
    min_presence_probability=0.5,
    small_share=0.3,
    view_min_side_px=160,
    max_overhang=0.05,
)
REGION = LesionRegion(
    left=560,
    top=400,
    right=720,
    bottom=520,
    centre_x=640,
    centre_y=460,
    border_share=0,
    peak_probability=0.9,
)


def drawn(
    width_px: int,
    height_px: int,
    spots: list[tuple[int, int, int]],
    *,
    tone: tuple[int, int, int] = (205, 160, 140),
    has_rim: bool = False,
) -> NDArray[np.uint8]:
    """Return skin with brown spots at (x, y, radius), perhaps seen through a dermatoscope with its dark corners."""
    rng = np.random.default_rng(0)
    lines = cv2.GaussianBlur(rng.normal(0, 12, (height_px, width_px)).astype(np.float32), (0, 0), 0.8)
    picture: NDArray[np.float32] = np.array(tone, np.float32) + lines[..., None]
    for x, y, radius in spots:
        spot = cv2.circle(np.zeros((height_px, width_px), np.float32), (x, y), radius, 1, -1)
        picture -= cv2.GaussianBlur(spot, (0, 0), max(1, radius / 12))[..., None] * np.array([90, 90, 80], np.float32)
    if has_rim:
        middle, radius = (width_px // 2, height_px // 2), round(0.56 * width_px)
        seen = cv2.circle(np.zeros((height_px, width_px), np.float32), middle, radius, 1, -1)
        alpha = cv2.GaussianBlur(seen, (0, 0), 6)[..., None]
        picture = picture * alpha + 12 * (1 - alpha)
    return np.clip(picture, 0, 255).astype(np.uint8)


def found(model: Model, image_rgb: NDArray[np.uint8]) -> LesionRegion:
    region = model.segmentation(image_rgb).region
    assert region is not None
    return region


def spotted(*places: tuple[int, int, int, int], likely: float = 0.9) -> NDArray[np.float32]:
    """Return a map with likely rectangles at (left, top, width, height)."""
    likely_map = np.zeros((96, 96), np.float32)
    for left, top, width, height in places:
        likely_map[top : top + height, left : left + width] = likely
    return likely_map


@pytest.mark.parametrize(
    "name",
    [
        "ham10000_nv_ISIC_0028441.jpg",
        "ham10000_mel_ISIC_0028412.jpg",
        "ham10000_bcc_ISIC_0024550.webp",
        "ham10000_vasc_ISIC_0028146.jpg",
        "ham10000_bkl_ISIC_0024338.heic",
        "ham10000_nv_hairy_ISIC_0027121.png",
        "pad_bcc_PAT_473_911_630.jpg",
        "pad_nv_PAT_1107_427_352.jpg",
    ],
)
def test_lesion_in_a_real_photo_is_found_and_fully_seen(model: Model, name: str) -> None:
    image_rgb = decode(photo(name))
    height, width = image_rgb.shape[:2]
    said = model.segmentation(image_rgb)
    assert said.region is not None
    assert 0.2 * width < said.region.centre_x < 0.8 * width
    assert 0.2 * height < said.region.centre_y < 0.8 * height
    side = lesion_view(image_rgb, said.view).shape[0]
    left, top = (said.view.left, said.view.top) if said.view else ((width - side) // 2, (height - side) // 2)
    assert left <= said.region.left < said.region.right <= left + side
    assert top <= said.region.top < said.region.bottom <= top + side


def test_small_lesion_in_dermoscopy_is_looked_at_from_nearer(model: Model) -> None:
    said = model.segmentation(decode(photo("ham10000_bcc_ISIC_0024550.webp")))
    assert said.view is not None
    assert said.view.side < 300


@pytest.mark.parametrize("name", ["everyday_kodim05.jpg", "skin_without_lesion_PAT_1014_86_861.jpg"])
def test_no_lesion_is_claimed_in_a_photo_without_one(model: Model, name: str) -> None:
    said = model.segmentation(decode(photo(name)))
    assert said.region is None
    assert said.view is None


@pytest.mark.parametrize("tone", [(235, 200, 185), (205, 160, 140), (120, 85, 65), (70, 48, 38)])
def test_bare_skin_of_any_tone_has_no_lesion(model: Model, tone: tuple[int, int, int]) -> None:
    assert model.segmentation(drawn(640, 480, [], tone=tone)).region is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_flat_picture_has_no_lesion(model: Model, level: int) -> None:
    assert model.segmentation(np.full((480, 640, 3), level, np.uint8)).region is None


@pytest.mark.parametrize(("x", "y", "radius"), [(960, 300, 40), (300, 700, 30), (640, 480, 60), (1100, 800, 50)])
def test_view_is_laid_around_a_small_spot(model: Model, x: int, y: int, radius: int) -> None:
    said = model.segmentation(drawn(1280, 960, [(x, y, radius)]))
    assert said.view is not None
    assert said.view.side < 500
    assert said.view.left <= x - radius
    assert said.view.left + said.view.side >= x + radius
    assert said.view.top <= y - radius
    assert said.view.top + said.view.side >= y + radius


def test_what_is_not_sure_enough_does_not_hide_a_lesion_beside_it() -> None:
    likely = np.maximum(spotted((10, 30, 20, 20), likely=0.7), spotted((60, 40, 8, 8), likely=0.97))
    region = main_region(likely, 960, 960, LIMITS)
    assert region is not None
    assert (region.left, region.right) == (600, 680)
    assert main_region(spotted((10, 30, 20, 20), likely=0.7), 960, 960, LIMITS) is None


@pytest.mark.parametrize("has_rim", [False, True])
def test_spot_that_fills_the_photo_is_seen_in_the_centre_square(model: Model, *, has_rim: bool) -> None:
    image_rgb = drawn(640, 480, [(320, 240, 170)], has_rim=has_rim)
    assert model.segmentation(image_rgb).view is None


@pytest.mark.parametrize("x", [300, 980])
def test_view_of_a_photo_as_phones_take_it_follows_a_large_spot_to_its_side(model: Model, x: int) -> None:
    said = model.segmentation(drawn(1280, 960, [(x, 480, 190)]))
    assert said.view is not None
    assert said.view.side == 960
    assert said.view.left == (0 if x < 640 else 320)


def test_dark_corners_are_no_lesion(model: Model) -> None:
    assert model.segmentation(drawn(640, 480, [], has_rim=True)).region is None
    region = found(model, drawn(640, 480, [(320, 240, 90)], has_rim=True))
    assert region.border_share == 0


def test_spot_cut_by_the_edge_touches_the_border(model: Model) -> None:
    assert found(model, drawn(640, 480, [(0, 240, 90)])).border_share > 0.25
    assert found(model, drawn(640, 480, [(320, 240, 90)])).border_share == 0


def test_view_follows_a_large_lesion_out_of_the_centre_square(model: Model) -> None:
    said = model.segmentation(drawn(800, 400, [(150, 200, 120)]))
    assert said.view == Square(0, 0, 400)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (96, 96), (30, 400)])
def test_photo_of_any_shape_can_be_looked_at(model: Model, shape: tuple[int, int]) -> None:
    said = model.segmentation(np.full((*shape, 3), 200, np.uint8))
    assert said.probability_map.shape == (INPUT_SIDE_PX, INPUT_SIDE_PX)
    assert 0 <= said.presence_probability <= 1


def test_squeezing_keeps_the_colours_of_large_parts() -> None:
    image_rgb = np.zeros((960, 1280, 3), np.uint8)
    image_rgb[:480, :640] = (200, 100, 50)
    small = squeezed(image_rgb)
    assert small.shape == (96, 96, 3)
    assert (small[:47, :47] == (200, 100, 50)).all()
    assert not small[49:].any()


def test_region_is_told_in_pixels_of_the_photo() -> None:
    region = main_region(spotted((24, 48, 24, 12)), 1280, 960, LIMITS)
    assert region is not None
    assert (region.left, region.top, region.right, region.bottom) == (320, 480, 640, 600)
    assert (region.centre_x, region.centre_y) == (480, 540)


def test_nothing_likely_is_no_region() -> None:
    assert main_region(spotted((40, 40, 10, 10), likely=0.4), 640, 480, LIMITS) is None
    assert main_region(spotted((40, 40, 10, 10), likely=0.7), 640, 480, LIMITS) is None


def test_of_two_alike_the_one_nearer_the_centre_is_meant() -> None:
    region = main_region(spotted((0, 0, 12, 12), (42, 42, 12, 12)), 960, 960, LIMITS)
    assert region is not None
    assert region.left == 420


def test_hair_across_a_lesion_does_not_make_two_of_it() -> None:
    region = main_region(spotted((30, 30, 14, 30), (46, 30, 14, 30)), 960, 960, LIMITS)
    assert region is not None
    assert (region.left, region.right) == (300, 600)


@pytest.mark.parametrize(("left", "top"), [(0, 40), (86, 40), (40, 0), (40, 86)])
def test_half_a_lesion_at_a_border_has_a_part_of_its_outline_there(left: int, top: int) -> None:
    region = main_region(spotted((left, top, 10, 10)), 960, 960, LIMITS)
    assert region is not None
    assert region.border_share == pytest.approx(10 / 36)


def test_small_lesion_has_its_margin_of_skin() -> None:
    square = view_square(REGION, 1280, 960, LIMITS)
    assert square == Square(480, 300, 320)


def test_no_view_is_smaller_than_the_limit() -> None:
    tiny = replace(REGION, left=630, right=650, top=450, bottom=470)
    square = view_square(tiny, 1280, 960, LIMITS)
    assert square is not None
    assert square.side == 160


def test_lesion_of_middling_size_keeps_the_centre_square() -> None:
    assert view_square(replace(REGION, left=480, right=800), 1280, 960, LIMITS) is None


def test_slight_overhang_keeps_the_centre_square() -> None:
    assert view_square(replace(REGION, left=120, right=700), 1280, 960, LIMITS) is None
    assert view_square(replace(REGION, left=100, right=700), 1280, 960, LIMITS) == Square(0, 0, 960)


def test_view_lies_inside_the_photo_wherever_the_lesion_is() -> None:
    rng = np.random.default_rng(0)
    for _ in range(500):
        width, height = rng.integers(40, 1281, 2).tolist()
        left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        right, bottom = int(rng.integers(left + 1, width + 1)), int(rng.integers(top + 1, height + 1))
        square = view_square(replace(REGION, left=left, top=top, right=right, bottom=bottom), width, height, LIMITS)
        if square is not None:
            assert 0 <= square.left <= width - square.side
            assert 0 <= square.top <= height - square.side
            assert min(160, width, height) <= square.side <= min(width, height)
