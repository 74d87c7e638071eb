"""Files whose headers would keep a worker busy for half a minute are refused at once; real ones are read."""

import struct
import time
import zlib
from collections.abc import Callable
from typing import Final

import pytest

from inference.decoding import decode
from inference.errors import UnreadableImage
from tests.inference.kinds import files_of_every_kind
from tests.inference.pictures import PHOTOS, corners, file, photo

PATIENCE_S = 5  # most of these took longer, up to half a minute; to refuse one takes up to 0.8 s
END = b"\xff\xd9"


def segments(number: int, marker: int, content: bytes) -> bytes:
    return (bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content) * number


def chunks(number: int, name: bytes, content: bytes = b"") -> bytes:
    return (struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))) * number


def jpeg_with(header: bytes) -> bytes:
    whole = file(corners(), "JPEG")
    return whole[:2] + header + whole[2:]


def png_with(before: bytes = b"", after: bytes = b"") -> bytes:
    """Return a PNG with chunks behind its size, and behind its pixels."""
    whole = file(corners(), "PNG")
    return whole[:33] + before + whole[33:-12] + after + whole[-12:]


def gif_with(blocks: bytes) -> bytes:
    whole = file(corners("P"), "GIF")
    colours = 13 + 3 * 2 ** ((whole[10] & 7) + 1)
    return whole[:colours] + blocks + whole[colours:]


def segments_between_scans(number: int) -> bytes:
    whole = file(corners(), "JPEG", progressive=True)
    return whole.removesuffix(END) + segments(number, 0xFE, b"a") + END


PACKED: Final = zlib.compress(bytes(2**19))
PACKED_BADLY: Final = PACKED[:-4] + b"\0\0\0\0"  # the checksum is wrong, so that it is unpacked for nothing
LIST_OF_NOTHING: Final = b"Photoshop 3.0\0" + b"8BIM\0\1\0\0\0\0\0\0" * 5400
BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "EXIF that is joined, 4 MB": lambda: jpeg_with(segments(350_000, 0xE1, b"Exif\0\0ab")),
    "EXIF that is joined, 20 MB in large pieces": lambda: jpeg_with(segments(2_000, 0xE1, b"Exif\0\0".ljust(9_990))),
    "comments, 20 MB": lambda: jpeg_with(segments(4_000_000, 0xFE, b"a")),
    "segments that are kept, 20 MB": lambda: jpeg_with(segments(4_000_000, 0xE5, b"a")),
    "a few thousand segments": lambda: jpeg_with(segments(2_000, 0xE5, b"a")),
    "segments between scans, 20 MB": lambda: segments_between_scans(4_000_000),
    "lists of Photoshop, 20 MB": lambda: jpeg_with(segments(300, 0xED, LIST_OF_NOTHING)),
    "filling, 4 MB": lambda: jpeg_with(b"\xff" * 4_200_000),
    "markers that no length follows, 4 MB": lambda: jpeg_with(b"\xff\xf0" * 2_100_000),
    "private chunks of PNG, 5 MB": lambda: png_with(before=chunks(390_000, b"vpAg")),
    "empty pixels of PNG, 5 MB": lambda: png_with(after=chunks(390_000, b"IDAT")),
    "packed profiles of PNG, 5 MB": lambda: png_with(before=chunks(5_000, b"iCCP", b"a\0\0" + PACKED)),
    "packed texts of PNG, 3 MB": lambda: png_with(before=chunks(5_000, b"zTXt", b"a\0\0" + PACKED_BADLY)),
    "comments of GIF, 20 MB": lambda: gif_with(b"\x21\xfe\1a\0" * 4_000_000),
    "pieces of a comment of GIF, 20 MB": lambda: gif_with(b"\x21\xfe" + b"\1a" * 10_000_000 + b"\0"),
    "what is nothing in GIF, 20 MB": lambda: gif_with(b"a" * 20_000_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_header_that_costs_more_than_its_pixels_is_refused_at_once(name: str) -> None:
    bomb = BOMBS[name]()
    began = time.monotonic()
    with pytest.raises(UnreadableImage, match=r"pieces|segments"):
        decode(bomb)
    assert time.monotonic() - began < PATIENCE_S


def refused_for_its_header(content: bytes) -> bool:
    try:
        decode(content)
    except UnreadableImage as error:
        return "pieces" in str(error) or "segments" in str(error) or "scans" in str(error)
    return False


@pytest.mark.parametrize("name", sorted(path.name for path in PHOTOS.iterdir() if path.suffix != ".md"))
def test_no_real_photo_is_refused_for_its_header(name: str) -> None:
    assert not refused_for_its_header(photo(name))


@pytest.mark.parametrize("name", files_of_every_kind())
def test_no_kind_of_file_is_refused_for_its_header(name: str) -> None:
    assert not refused_for_its_header(files_of_every_kind()[name])


@pytest.mark.parametrize(
    "rich",
    [
        jpeg_with(segments(30, 0xE1, b"Exif\0\0") + segments(320, 0xE2, bytes(65_000)) + b"\xff" * 400),
        png_with(before=chunks(1_000, b"vpAg"), after=chunks(10_000, b"IDAT")),
        gif_with(b"\x21\xfe\1a\0" * 1_000),
    ],
    ids=["JPEG", "PNG", "GIF"],
)
def test_header_with_more_than_cameras_write_is_read(rich: bytes) -> None:
    assert decode(rich).shape == (32, 64, 3)


@pytest.mark.parametrize(("more", "is_refused"), [(20, False), (21, True)])
def test_jpeg_in_three_times_as_many_scans_as_encoders_write_is_refused(more: int, *, is_refused: bool) -> None:
    """Of 64 megapixels, 99 scans took 14 s."""
    content = file(corners(), "JPEG", progressive=True)
    last = content.rindex(b"\xff\xda")
    scans = content[:last] + content[last:-2] * (more + 1) + END
    assert content.count(b"\xff\xda") == 10
    assert refused_for_its_header(scans) == is_refused
