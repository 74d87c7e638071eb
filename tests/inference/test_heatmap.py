"""The heat-map shows what speaks for a class."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.heatmap import class_heatmap, overlay
from tests.inference.pictures import skin


@pytest.fixture
def class_activation_map() -> NDArray[np.float32]:
    """Class 2 is seen in one place; every class in another."""
    maps = np.zeros((7, 7, 7), np.float32)
    maps[2, 1, 5] = 4
    maps[:, 6, 0] = 9
    return maps


def test_heat_is_strongest_where_the_class_is_seen(class_activation_map: NDArray[np.float32]) -> None:
    heatmap = class_heatmap(class_activation_map, 2)
    assert heatmap.dtype == np.float32
    assert np.argwhere(heatmap == 1).tolist() == [[1, 5]]
    assert heatmap.min() == 0


def test_what_speaks_for_every_class_is_no_evidence(class_activation_map: NDArray[np.float32]) -> None:
    assert class_heatmap(class_activation_map, 2)[6, 0] == 0


def test_nothing_in_favour_is_an_empty_map(class_activation_map: NDArray[np.float32]) -> None:
    assert not class_heatmap(np.zeros_like(class_activation_map), 0).any()


def test_without_heat_the_grey_photo_shows() -> None:
    image_rgb = skin(60)
    grey = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY)
    shown = overlay(image_rgb, np.zeros((7, 7), np.float32))
    np.testing.assert_array_equal(shown, np.repeat(grey[..., None], 3, axis=2))


def test_heat_colours_its_own_place() -> None:
    heatmap = np.zeros((7, 7), np.float32)
    heatmap[1, 5] = 1
    shown = overlay(skin(70), heatmap).astype(int)
    colourfulness = shown.max(axis=2) - shown.min(axis=2)
    assert colourfulness[12:18, 52:58].min() > 50
    assert colourfulness[40:, :30].max() == 0


def test_more_heat_is_lighter_so_that_nobody_needs_colour() -> None:
    levels = np.linspace(0.3, 1, 50, dtype=np.float32)
    black = np.zeros((50, 50, 3), np.uint8)
    shown = cv2.cvtColor(overlay(black, np.tile(levels, (50, 1))), cv2.COLOR_RGB2GRAY)[25].astype(int)
    assert (np.diff(shown) >= 0).all()
    assert shown[-1] > shown[0] + 80


def test_overlay_keeps_the_photo_as_it_was() -> None:
    image_rgb = skin(60)
    kept = image_rgb.copy()
    overlay(image_rgb, np.ones((7, 7), np.float32))
    np.testing.assert_array_equal(image_rgb, kept)
