"""Strips that were compressed apart make the file that the whole picture would give."""

import io
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.pictures.strips import joined, jpeg, strip


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("width", [1080, 64, 17])
def test_joined_strips_are_the_picture_compressed_at_once(width: int) -> None:
    image_rgb = noise(320, width)
    cuts = [0, 16, 64, 208, 320]
    assert joined(strip(image_rgb[top:end]) for top, end in pairwise(cuts)) == jpeg(image_rgb)


def test_one_strip_can_stand_in_many_places() -> None:
    black, white = (strip(np.full((16, 96, 3), level, np.uint8)) for level in (0, 255))
    file = io.BytesIO(joined([black, white, *[black] * 9, white]))
    shown = np.asarray(Image.open(file, formats=["JPEG"]).convert("L"))
    assert shown.shape == (192, 96)
    np.testing.assert_array_equal(shown[8::16, 0] > 127, [False, True, *[False] * 9, True])


def test_strip_of_half_a_row_of_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        strip(noise(24, 32))


def test_type_stays_crisp() -> None:
    """Half the colours' resolution is hidden in photos; ink on paper keeps its full contrast from pixel to pixel."""
    image_rgb = np.full((64, 64, 3), (251, 249, 246), np.uint8)
    image_rgb[:, 20:64:8] = (28, 36, 48)
    shown = np.asarray(Image.open(io.BytesIO(jpeg(image_rgb)), formats=["JPEG"]).convert("L")).astype(int)
    assert (shown[:, 22:60:8] - shown[:, 20:60:8][:, :5]).min() > 190
