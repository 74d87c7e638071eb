"""The preprocessing that training and production share."""

import cv2
import numpy as np
import pytest

from inference.image import lesion_view, normalized, resized, scaled_down, without_border
from tests.inference.pictures import skin


def test_view_is_the_centre_square() -> None:
    image_rgb = np.zeros((30, 50, 3), np.uint8)
    image_rgb[:, 10:40] = 255
    view_rgb = lesion_view(image_rgb)
    assert view_rgb.shape == (30, 30, 3)
    assert view_rgb.min() == 255


def test_scaling_down_keeps_the_shape_and_never_enlarges() -> None:
    assert scaled_down(np.zeros((300, 900, 3), np.uint8), 450).shape == (150, 450, 3)
    assert scaled_down(np.zeros((1, 3000, 3), np.uint8), 1280).shape == (1, 1280, 3)
    small = np.zeros((20, 30, 3), np.uint8)
    assert scaled_down(small, 450) is small


def test_shrinking_averages() -> None:
    chessboard = np.indices((8, 8)).sum(axis=0) % 2 * 200
    image_rgb = np.repeat(chessboard[..., None], 3, axis=2).astype(np.uint8)
    assert np.unique(resized(image_rgb, 4, 4)).tolist() == [100]


def test_normalisation_is_what_the_network_was_trained_with() -> None:
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    image_rgb = skin(8)
    expected = ((image_rgb / 255 - mean) / std).transpose(2, 0, 1)
    tensor = normalized(image_rgb, mean, std)
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor, expected, atol=1e-5)


@pytest.mark.parametrize("level", [0, 4, 251, 255])
@pytest.mark.parametrize("border", [(40, 40, 40, 40), (0, 0, 90, 20), (6, 0, 0, 0)])
def test_plain_border_is_taken_off_with_the_pixels_that_it_was_mixed_with(
    level: int, border: tuple[int, int, int, int]
) -> None:
    photo_rgb = np.clip(skin(200), 20, 235)
    above, below, left, right = border
    framed_rgb = np.pad(photo_rgb, ((above, below), (left, right), (0, 0)), constant_values=level)
    np.testing.assert_array_equal(without_border(framed_rgb), photo_rgb[16:-16, 16:-16])


@pytest.mark.parametrize(
    ("border", "level"),
    [(0, 0), (1, 255), (40, 30), (40, 240)],  # none, a thin one, skin in shadow or light
)
def test_photo_without_a_plain_border_stays_whole(border: int, level: int) -> None:
    framed_rgb = np.pad(np.clip(skin(200), 20, 235), ((border,) * 2, (border,) * 2, (0, 0)), constant_values=level)
    assert without_border(framed_rgb) is framed_rgb


def test_lesion_on_skin_in_too_much_light_has_no_border() -> None:
    blown_rgb = np.full((400, 500, 3), 255, np.uint8)
    cv2.ellipse(blown_rgb, (250, 200), (150, 120), 20, 0, 360, (160, 110, 100), -1)
    assert without_border(blown_rgb) is blown_rgb


@pytest.mark.parametrize("inside_px", [0, 1, 30])
def test_picture_of_hardly_anything_but_border_stays_whole(inside_px: int) -> None:
    picture_rgb = np.full((100, 120, 3), 255, np.uint8)
    picture_rgb[50 : 50 + inside_px, 50 : 50 + inside_px] = 128
    assert without_border(picture_rgb) is picture_rgb
