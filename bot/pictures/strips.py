"""A JPEG that is put together from strips, so that what never changes is compressed once.

A JPEG with a restart marker after each row of blocks holds rows that know nothing of each other. Strips of whole rows
can therefore be compressed apart, kept, and joined: byte for byte the file that the whole picture would give.

Source: ITU-T T.81, sections B.1.1.3, B.2.2 and E.1.4 (frame header, restart markers).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from inference.image import RgbImage

ROW_PX: Final = 16  # height of a row of blocks, colour at half the resolution: a strip is a multiple of it
_QUALITY: Final = 90  # at half the colours' resolution, which is what messengers make of a photo anyway
_RESTART: Final = re.compile(rb"\xff[\xd0-\xd7]")  # cannot occur in a row: there 0xff is always followed by 0
_FRAME: Final = b"\xff\xc0"
_SCAN: Final = b"\xff\xda"
_END: Final = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Strip:
    """A compressed part of a picture, as wide as the picture.

    Attributes:
        width_px: the same in all strips of one picture.
        rows: its rows of blocks, from top to bottom.
    """

    width_px: int
    rows: tuple[bytes, ...]


def strip(image_rgb: RgbImage) -> Strip:
    """Compress a part of a picture.

    Args:
        image_rgb: (H, W, 3) uint8, RGB; H a multiple of ROW_PX.
    """
    height, width = image_rgb.shape[:2]
    if height % ROW_PX:
        raise ValueError(f"a strip is a multiple of {ROW_PX} px high, not {height}")
    _, scan = _parts(jpeg(image_rgb))
    return Strip(width, tuple(_RESTART.split(scan)))


def joined(strips: Iterable[Strip]) -> bytes:
    """Return the JPEG of strips of one width, from top to bottom."""
    strips = tuple(strips)
    rows = [row for part in strips for row in part.rows]
    marked = [part for number, row in enumerate(rows) for part in (row, bytes((0xFF, 0xD0 + number % 8)))]
    return b"".join([_header(strips[0].width_px, ROW_PX * len(rows)), *marked[:-1], _END])


def jpeg(image_rgb: RgbImage) -> bytes:
    """Return a picture as a JPEG with a restart marker after each row of blocks.

    Args:
        image_rgb: (H, W, 3) uint8, RGB.
    """
    blocks = -(-image_rgb.shape[1] // ROW_PX)
    options = {
        cv2.IMWRITE_JPEG_QUALITY: _QUALITY,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR: cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
        cv2.IMWRITE_JPEG_RST_INTERVAL: blocks,
    }
    image_bgr = cv2.cvtColor(image_rgb, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", image_bgr, [number for option in options.items() for number in option])[1].tobytes()


@lru_cache(maxsize=8)
def _header(width_px: int, height_px: int) -> bytes:
    header, _ = _parts(jpeg(np.zeros((ROW_PX, width_px, 3), np.uint8)))
    height_at = header.index(_FRAME) + 5  # marker, length and precision stand before it
    return header[:height_at] + height_px.to_bytes(2, "big") + header[height_at + 2 :]


def _parts(file: bytes) -> tuple[bytes, bytes]:
    """Split a JPEG into all that stands before its rows, and its rows with the markers between them."""
    scan_at = file.index(_SCAN) + 2
    scan_at += int.from_bytes(file[scan_at : scan_at + 2], "big")
    return file[:scan_at], file[scan_at : -len(_END)]
