"""The heat-map shows what speaks for a class."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inference.heatmap import _enlarged, class_heatmap, overlay
from tests.inference.pictures import skin


@pytest.fixture
def class_activation_map() -> NDArray[np.float32]:
    """Class 2 is seen in one place; something speaks against it in another, and for other classes in a third."""
    maps = np.zeros((7, 7, 7), np.float32)
    maps[2, 1, 5] = 4
    maps[2, 6, 0] = -9
    maps[3:, 3, 3] = 9
    return maps


def test_heat_is_strongest_where_the_class_is_seen(class_activation_map: NDArray[np.float32]) -> None:
    heatmap = class_heatmap(class_activation_map, 2)
    assert heatmap.dtype == np.float32
    assert np.argwhere(heatmap == 1).tolist() == [[1, 5]]
    assert heatmap.min() == 0


def test_what_speaks_against_a_class_or_for_others_is_no_heat(class_activation_map: NDArray[np.float32]) -> None:
    heatmap = class_heatmap(class_activation_map, 2)
    assert heatmap[6, 0] == heatmap[3, 3] == 0


def test_nothing_in_favour_is_an_empty_map(class_activation_map: NDArray[np.float32]) -> None:
    assert not class_heatmap(np.zeros_like(class_activation_map), 0).any()


def test_without_heat_the_grey_photo_shows() -> None:
    image_rgb = skin(60)
    grey = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2GRAY)
    shown = overlay(image_rgb, np.zeros((7, 7), np.float32))
    np.testing.assert_array_equal(shown, np.repeat(grey[..., None], 3, axis=2))


def hot_cell(row: int, column: int) -> NDArray[np.float32]:
    heatmap = np.zeros((7, 7), np.float32)
    heatmap[row, column] = 1
    return heatmap


def is_white(image_rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    white: NDArray[np.bool_] = image_rgb.min(axis=2) > 250
    return white


def test_heat_colours_its_own_place() -> None:
    shown = overlay(skin(490), hot_cell(1, 5)).astype(int)
    colourfulness = shown.max(axis=2) - shown.min(axis=2)
    assert colourfulness[95:115, 375:395].min() > 50
    assert colourfulness[300:, :200].max() == 0


def test_more_heat_is_lighter_so_that_nobody_needs_colour() -> None:
    levels = np.linspace(0, 1, 500, dtype=np.float32)
    black = np.zeros((50, 500, 3), np.uint8)
    shown = cv2.cvtColor(overlay(black, np.tile(levels, (50, 1))), cv2.COLOR_RGB2GRAY)[25].astype(int)
    shown = np.concatenate([shown[:240], shown[260:]])  # between them runs the outline
    assert (np.diff(shown) >= -1).all()
    assert shown[-1] > shown[200] + 80


def test_lesion_stays_visible_under_the_strongest_heat() -> None:
    striped = np.full((480, 480, 3), 180, np.uint8)
    striped[::2] = 60
    shown = cv2.cvtColor(overlay(striped, hot_cell(3, 3)), cv2.COLOR_RGB2GRAY)[230:250, 240].astype(int)
    assert np.abs(np.diff(shown)).min() > 40


def test_outline_runs_around_the_hot_place_on_light_and_dark_skin() -> None:
    for level in (235, 30):
        shown = overlay(np.full((490, 490, 3), level, np.uint8), hot_cell(3, 3))
        rows, columns = np.nonzero(is_white(shown))
        assert 170 < rows.min() < 215
        assert 275 < rows.max() < 320
        assert 170 < columns.min() < 215
        assert 275 < columns.max() < 320
        beside = shown[245, columns.min() - 8 : columns.min()].astype(int).mean(axis=1)
        assert beside.min() < 200 - level / 4  # its dark edge


def test_outline_is_open_where_the_hot_place_leaves_the_photo() -> None:
    shown = overlay(np.zeros((490, 490, 3), np.uint8), hot_cell(3, 0))
    assert is_white(shown).any()
    assert not is_white(shown)[225:265, :20].any()


@pytest.mark.parametrize("level", [0, 0.5, 1])
def test_even_heat_has_no_outline(level: float) -> None:
    shown = overlay(np.zeros((200, 200, 3), np.uint8), np.full((7, 7), level, np.float32))
    assert np.ptp(shown.reshape(-1, 3), axis=0).max() == 0


def test_heat_has_neither_steps_nor_edges_and_is_strongest_where_the_map_is() -> None:
    heat = _enlarged(hot_cell(2, 4), 490, 490).astype(int)
    assert heat.max() == 255
    assert np.argwhere(heat == 255).mean(axis=0) == pytest.approx((174.5, 314.5), abs=1)
    assert max(np.abs(np.diff(heat, 2, axis=axis)).max() for axis in (0, 1)) <= 2


def test_overlay_keeps_the_photo_as_it_was() -> None:
    image_rgb = skin(60)
    kept = image_rgb.copy()
    overlay(image_rgb, np.ones((7, 7), np.float32))
    np.testing.assert_array_equal(image_rgb, kept)
