"""JPEG at the size that is needed, and honest about damage."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile

from inference import opencv
from inference.errors import TruncatedImage, UnreadableImage

REDUCTIONS: Final = {
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_COLOR_RGB | (cv2.IMREAD_REDUCED_COLOR_2 & ~cv2.IMREAD_COLOR_BGR),
    4: cv2.IMREAD_COLOR_RGB | (cv2.IMREAD_REDUCED_COLOR_4 & ~cv2.IMREAD_COLOR_BGR),
    8: cv2.IMREAD_COLOR_RGB | (cv2.IMREAD_REDUCED_COLOR_8 & ~cv2.IMREAD_COLOR_BGR),
}
_MAX_SCANS: Final = 30  # encoders write about ten; each costs libjpeg up to 0.14 s, at 64 megapixels
_MAX_SEGMENTS: Final = 2000  # of the first picture: 64 KB of each fill 20 MB in 320, and cameras write about ten
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]", re.DOTALL)  # of those that a length follows; and the end
_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_ALL_FREQUENCIES: Final = b"\0\x3f\0"  # at their full precision: ITU-T T.81, section B.2.3
_BYTES_A_COEFFICIENT: Final = 2
_ENDS_EARLY: Final = re.compile(rb"premature end", re.IGNORECASE)
_EXTRANEOUS: Final = re.compile(rb"(\d+) extraneous bytes before marker 0xd9")
_MAX_PADDING_BYTES: Final = 16  # some cameras fill up their last word


def coefficient_bytes(header: JpegImageFile, photo: bytes) -> int:
    """Return the memory that libjpeg takes for this file, at whatever size it decodes it.

    Of a file in several scans, such as a progressive one, it keeps every coefficient; of others a few lines.

    Raises:
        UnreadableImage: more scans or segments than any encoder writes.
    """
    components = len(header.layer)
    if "progressive" not in header.info and _components(photo, next(_scans(photo), len(photo))) == components:
        return 0
    if len(list(islice(_scans(photo), _MAX_SCANS + 1))) > _MAX_SCANS:
        raise UnreadableImage("too many scans")
    blocks = [across * down for _, across, down, _ in header.layer]
    most = max(across for _, across, _, _ in header.layer) * max(down for _, _, down, _ in header.layer)
    return header.width * header.height * sum(blocks) * _BYTES_A_COEFFICIENT // most


def _scans(photo: bytes) -> Iterator[int]:
    """Yield where each scan of the first picture is described; phones append videos and second pictures."""
    place = 2
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.search(photo, place)
        if found is None or found[0] == _END:
            return
        place = found.end()
        if found[0] == _SCAN:
            yield place
        place += int.from_bytes(photo[place : place + 2], "big")
    raise UnreadableImage("too many segments")


def _components(photo: bytes, scan: int) -> int:
    return int.from_bytes(photo[scan + 2 : scan + 3], "big")


def _plainly_told(photo: bytes) -> bytes:
    """Return a file in one scan, which says that it tells of all frequencies.

    Many Samsung phones say something else, of which libjpeg warns, though it heeds it not; and then of nothing more.

    Source: github.com/lovell/sharp/issues/1578.
    """
    scan = next(_scans(photo))
    told = scan + 3 + 2 * _components(photo, scan)
    is_plain = photo[told : told + 3] == _ALL_FREQUENCIES
    return photo if is_plain else photo[:told] + _ALL_FREQUENCIES + photo[told + 3 :]


def reduced(photo: bytes, factor: int, *, is_in_one_scan: bool) -> NDArray[np.uint8] | None:
    """Decode a grey or colour JPEG at 1, 1/2, 1/4 or 1/8 of its size.

    Args:
        photo: the file. One that lacks nothing but its end is read: OpenCV reads none without, and of one with an end
            put behind it libjpeg says whether pixels are missing, but whether scans are.
        factor: 1, 2, 4 or 8.
        is_in_one_scan: whether every pixel is told of once, as in files that are not progressive.

    Returns:
        (H, W, 3) uint8, RGB, not turned by EXIF; None where OpenCV can't read it and doesn't say why.

    Raises:
        TruncatedImage: the file ends too early.
        UnreadableImage: it is damaged in the middle, which would show as stripes and false colours; as far as libjpeg
            says so, which tells of the first oddity of a file only.
    """
    flags = REDUCTIONS[factor] | cv2.IMREAD_IGNORE_ORIENTATION
    photo = _plainly_told(photo) if is_in_one_scan else photo
    image_rgb, complaint = opencv.decoded(photo, flags)
    if image_rgb is None and is_in_one_scan:
        image_rgb, complaint = opencv.decoded(photo + _END, flags)
    _refuse_damage(complaint)
    return image_rgb


def _refuse_damage(complaint: bytes) -> None:
    if _ENDS_EARLY.search(complaint):
        raise TruncatedImage(complaint.decode("ascii", "replace"))
    padding = _EXTRANEOUS.search(complaint)
    is_padded = padding is not None and int(padding[1]) <= _MAX_PADDING_BYTES
    if b"Corrupt" in complaint and not is_padded:
        raise UnreadableImage(complaint.decode("ascii", "replace"))
