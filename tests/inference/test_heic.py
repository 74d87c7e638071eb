"""HEIC as phones write it, in tiles; libheif leaves green what is missing of one."""

import random

import numpy as np
import pytest
from PIL import Image

from inference.decoding import decode
from inference.errors import TruncatedImage
from tests.inference.pictures import file, skin


def tiled_heic() -> bytes:
    """Return a picture of 5 × 5 tiles; a phone's has 48 of them."""
    return file(Image.fromarray(skin(300)), "HEIF", tile_size=64)


def pixels_in_64_bits(length: int) -> bytes:
    """Return a second box of pixels, whose length is told as of a large one: ISO/IEC 14496-12, section 4.2."""
    return (1).to_bytes(4, "big") + b"mdat" + (16 + length).to_bytes(8, "big") + bytes(length)


@pytest.mark.parametrize("left", [0.95, 0.8, 0.6, 0.2])
def test_heic_in_tiles_that_ends_early_is_truncated(left: float) -> None:
    whole = tiled_heic()
    with pytest.raises(TruncatedImage):
        decode(whole[: int(len(whole) * left)])


def test_heic_that_ends_early_in_a_large_box_is_truncated() -> None:
    whole = tiled_heic() + pixels_in_64_bits(1000)
    np.testing.assert_array_equal(decode(whole), decode(tiled_heic()))
    with pytest.raises(TruncatedImage):
        decode(whole[:-1])


def test_heic_whose_pixels_go_on_to_the_end_of_the_file_is_read() -> None:
    whole = bytearray(tiled_heic())
    length = whole.index(b"mdat") - 4
    whole[length : length + 4] = bytes(4)
    np.testing.assert_array_equal(decode(bytes(whole)), decode(tiled_heic()))


@pytest.mark.parametrize("appended", [b"\0\0\0\x18ftypmp42", b"", b"\xff\xff\xff\xfffree", bytes(20)])
def test_what_follows_the_pixels_of_heic_is_not_missed(appended: bytes) -> None:
    """Phones append videos, and marks of their own."""
    whole = tiled_heic()
    np.testing.assert_array_equal(decode(whole + appended + random.Random(0).randbytes(5000)), decode(whole))
