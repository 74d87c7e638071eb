"""The preprocessing that training and production share."""

import numpy as np

from inference.image import lesion_view, normalized, resized, scaled_down
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
