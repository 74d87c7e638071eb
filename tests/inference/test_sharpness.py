"""A blurred photo is told from a sharp one, whatever else is in it."""

import cv2
import numpy as np
import pytest

from inference.decoding import decode
from inference.image import lesion_view, network_input, resized
from inference.sharpness import sharpness
from tests.inference.pictures import photo, skin, with_hair
from tests.inference.reports import LIMITS, Picture, grey, measured


def in_blocks(image_rgb: Picture, quality: int) -> Picture:
    jpeg = cv2.imencode(".jpg", image_rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def out_of_focus(image_rgb: Picture, sigma_px: float) -> Picture:
    return cv2.GaussianBlur(image_rgb, (0, 0), sigma_px).astype(np.uint8)


def test_blur_lowers_sharpness_step_by_step() -> None:
    steps = [sharpness(grey(out_of_focus(skin(), sigma))) for sigma in (0.5, 1, 2, 4)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < 1 < steps[0]


@pytest.mark.parametrize("angle_degrees", [0, 30, 45, 90, 120])
def test_a_shaken_hand_is_found_in_any_direction(angle_degrees: float) -> None:
    row = np.zeros((17, 17), np.float32)
    row[8] = 1
    line = cv2.warpAffine(row, cv2.getRotationMatrix2D((8, 8), angle_degrees, 1), (17, 17))
    shaken = cv2.filter2D(skin(), -1, line / line.sum()).astype(np.uint8)
    assert sharpness(grey(shaken)) < sharpness(grey(skin())) - 0.3


@pytest.mark.parametrize("quality", [5, 10, 15])
def test_edges_of_jpeg_blocks_do_not_make_a_blurred_photo_sharp(quality: int) -> None:
    blurred = out_of_focus(skin(), 4)
    assert sharpness(grey(in_blocks(blurred, quality))) < 1.02


def framed(picture: Picture, frame: str) -> Picture:
    """Return the picture in a frame as sharp as they are."""
    side = picture.shape[0]
    if frame == "round":
        inside = cv2.circle(np.zeros((side, side), np.uint8), (side // 2, side // 2), round(side * 0.46), 1, -1)
        return np.asarray(picture * inside[..., None], np.uint8)
    width = round(side * 0.08)
    edges = {"strip": (width, 0, 0, 0), "sides": (0, 0, width, width), "print": (width,) * 4}[frame]
    top, bottom, left, right = edges
    shown = picture[top : side - bottom, left : side - right]
    level = 255 if frame == "print" else 0
    return np.pad(shown, [(top, bottom), (left, right), (0, 0)], constant_values=level)


@pytest.mark.parametrize("frame", ["round", "strip", "sides", "print"])
def test_frame_changes_nothing_of_sharpness(frame: str) -> None:
    view_rgb = network_input(lesion_view(decode(photo("ham10000_nv_ISIC_0028441.jpg"))), 224)
    blurred = out_of_focus(view_rgb, 4.5)
    assert sharpness(grey(framed(view_rgb, frame))) == pytest.approx(sharpness(grey(view_rgb)), rel=0.05)
    assert sharpness(grey(framed(blurred, frame))) < LIMITS.min_sharpness


def test_hair_does_not_make_a_blurred_photo_sharp() -> None:
    hairy, _ = with_hair(out_of_focus(skin(448), 8))
    assert measured(hairy).sharpness < 1.02


def test_a_pale_photo_is_as_sharp_as_a_strong_one() -> None:
    strong = grey(skin())
    pale = (strong * 0.5 + 100).astype(np.uint8)
    assert sharpness(pale) == pytest.approx(sharpness(strong), rel=0.05)


def test_sharpness_does_not_grow_with_the_photo() -> None:
    photo_rgb = lesion_view(decode(photo("pad_nv_PAT_1107_427_352.jpg")))
    small = measured(resized(photo_rgb, 448, 448)).sharpness
    assert measured(photo_rgb).sharpness == pytest.approx(small, rel=0.1)


def test_small_photo_is_not_blurred_because_it_was_enlarged() -> None:
    small = skin(140)
    assert measured(small).sharpness == pytest.approx(sharpness(grey(small)), rel=0.15)
    assert measured(small).sharpness > sharpness(grey(network_input(small, 224))) + 0.03


def test_empty_picture_is_not_sharp() -> None:
    assert sharpness(np.full((224, 224), 128, np.uint8)) == 0
