"""Hair is found and painted over; skin, lesion and everything else stay."""

from functools import lru_cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.baseline.usual_hair import usual_hair_removal
from benchmarks.hair import LARGE, SMALL, Removal, Scores, scores
from inference.decoding import decode
from inference.hair import remove_hair
from inference.image import lesion_view
from tests.inference.pictures import photo, skin

HAIRLESS = "ham10000_nv_ISIC_0028441.jpg"
HAIRY = "ham10000_nv_hairy_ISIC_0027121.png"
WITHOUT_HAIR = (
    "ham10000_bcc_ISIC_0024550.webp",
    "ham10000_bkl_ISIC_0024338.heic",
    HAIRLESS,
    "ham10000_vasc_ISIC_0028146.jpg",
)


@lru_cache
def measured(removal: Removal, size: tuple[int, int]) -> Scores:
    return scores(removal, [decode(photo(name)) for name in WITHOUT_HAIR], size)


def bent(
    image_rgb: NDArray[np.uint8], colour: tuple[int, int, int], width_px: int = 3, top: float = 0.3
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the picture with one bent hair from side to side, and where it is."""
    side = image_rgb.shape[0]
    x = np.linspace(0, side - 1, 40)
    points = np.stack([x, side * top + side * 0.2 * np.sin(x / side * 2)], axis=1)
    drawn = cv2.polylines(
        np.zeros((side, side), np.uint8), [points.astype(np.int32)], isClosed=False, color=255, thickness=width_px
    )
    cover = cv2.GaussianBlur(drawn.astype(np.float32) / 255, (0, 0), 0.6)[..., None]
    return (image_rgb * (1 - cover) + cover * colour + 0.5).astype(np.uint8), drawn > 0


def test_drawn_strands_are_found() -> None:
    assert measured(remove_hair, SMALL).dice > 0.9


def test_skin_comes_back_where_strands_were() -> None:
    ours, usual = measured(remove_hair, SMALL), measured(usual_hair_removal, SMALL)
    assert ours.psnr_db > usual.psnr_db
    assert ours.ssim > 0.975


def test_large_photo_is_treated_like_a_small_one() -> None:
    assert measured(remove_hair, LARGE).dice == pytest.approx(measured(remove_hair, SMALL).dice, abs=0.05)


def test_photos_without_hair_hardly_change() -> None:
    assert measured(remove_hair, SMALL).changed_percent < measured(usual_hair_removal, SMALL).changed_percent / 10


@pytest.mark.parametrize("side_px", [224, 448, 960])
@pytest.mark.parametrize("colour", [(40, 30, 28), (80, 50, 35), (245, 240, 225)], ids=["black", "brown", "white"])
def test_one_hair_is_found_and_removed(side_px: int, colour: tuple[int, int, int]) -> None:
    bare_rgb = cv2.GaussianBlur(skin(side_px), (0, 0), side_px / 224).astype(np.uint8)
    hairy_rgb, is_hair = bent(bare_rgb, colour, max(2, round(side_px / 150)))
    repaired_rgb, mask = remove_hair(hairy_rgb)
    assert 2 * (mask & is_hair).sum() / (mask.sum() + is_hair.sum()) > 0.8
    before = np.abs(hairy_rgb[is_hair].astype(int) - bare_rgb[is_hair]).mean()
    after = np.abs(repaired_rgb[is_hair].astype(int) - bare_rgb[is_hair]).mean()
    assert after < before / 3


def test_hair_is_found_on_dark_skin() -> None:
    dark_rgb = (cv2.GaussianBlur(skin(448), (0, 0), 2) * [0.42, 0.38, 0.36]).astype(np.uint8)
    hairy_rgb, is_hair = bent(dark_rgb, (18, 14, 12))
    _, mask = remove_hair(hairy_rgb)
    assert mask[is_hair].mean() > 0.8


def test_photo_without_hair_is_returned_as_it_is() -> None:
    image_rgb = decode(photo(HAIRLESS))
    repaired_rgb, mask = remove_hair(image_rgb)
    assert repaired_rgb is image_rgb
    assert not mask.any()


def test_vessel_is_no_hair() -> None:
    vessel_rgb, _ = bent(cv2.GaussianBlur(skin(448), (0, 0), 2).astype(np.uint8), (200, 85, 85), 4, top=0.05)
    assert not remove_hair(vessel_rgb)[1].any()


def test_dark_corners_are_no_hair() -> None:
    image_rgb = cv2.GaussianBlur(skin(448), (0, 0), 2).astype(np.uint8)
    inside = cv2.circle(np.zeros((448, 448), np.float32), (224, 224), 235, 1, -1)
    framed_rgb = (image_rgb * cv2.GaussianBlur(inside, (0, 0), 3)[..., None]).astype(np.uint8)
    assert not remove_hair(framed_rgb)[1].any()


def test_marks_of_a_ruler_are_no_hair() -> None:
    image_rgb = cv2.GaussianBlur(skin(448), (0, 0), 2).astype(np.uint8)
    for x in range(20, 440, 14):
        cv2.line(image_rgb, (x, 430), (x, 430 - (20 if x % 70 == 20 else 12)), (35, 35, 40), 2)
    assert not remove_hair(image_rgb)[1].any()


def test_pen_mark_is_no_hair() -> None:
    image_rgb = cv2.GaussianBlur(skin(448), (0, 0), 2).astype(np.uint8)
    cv2.circle(image_rgb, (224, 224), 150, (70, 50, 130), 26)
    assert not remove_hair(image_rgb)[1].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (5, 5), (60, 400), (601, 13), (700, 1300)])
def test_noise_of_any_shape_is_no_hair(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    repaired_rgb, mask = remove_hair(noise)
    assert mask.shape == shape
    assert repaired_rgb is noise


def test_hair_on_a_real_photo_is_found_and_removed() -> None:
    view_rgb = lesion_view(decode(photo(HAIRY)))
    repaired_rgb, mask = remove_hair(view_rgb)
    assert 0.01 < mask.mean() < 0.2
    assert repaired_rgb[mask].mean() > view_rgb[mask].mean() + 5
    beside = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    np.testing.assert_array_equal(repaired_rgb[beside], view_rgb[beside])


def test_what_was_repaired_is_left_alone() -> None:
    repaired_rgb, mask = remove_hair(lesion_view(decode(photo(HAIRY))))
    assert remove_hair(repaired_rgb)[1].mean() < mask.mean() / 5


def test_the_photo_itself_is_not_changed() -> None:
    hairy_rgb, _ = bent(skin(), (40, 30, 28))
    kept = hairy_rgb.copy()
    remove_hair(hairy_rgb)
    np.testing.assert_array_equal(hairy_rgb, kept)
