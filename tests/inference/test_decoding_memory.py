"""The largest accepted files fit into 300 MB, Python and libraries included; measured in a process of its own."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.decoding import MAX_BYTES, MOST_LONG_SIDE_PX, Wanted, decode
from inference.errors import ImageTooLarge
from tests.inference.pictures import file

LIMIT_MB = 300
SIDE_PX = 64
HEIC = Path(__file__).with_name("one_colour_8064x6048.heic")  # to write it takes ten seconds
MEASURED = """
import sys
from pathlib import Path
from inference.decoding import Wanted, decode
from inference.errors import ImageTooLarge
try:
    shape = decode(Path(sys.argv[1]).read_bytes(), Wanted(int(sys.argv[2]), int(sys.argv[3]))).shape
except ImageTooLarge:
    shape = ()
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024, *shape)
"""


def slope(width_px: int, height_px: int, channels: int = 3) -> NDArray[np.uint8]:
    """Return a large picture that makes a small file."""
    line = np.linspace(0, 255, width_px).astype(np.uint8)[None, :, None]
    return np.ascontiguousarray(np.broadcast_to(line, (height_px, width_px, channels)))


def deep(width_px: int, height_px: int) -> bytes:
    """Return a PNG with 16 bits a channel and transparency: twice as large as what is made of it."""
    line = b"\0" + slope(width_px, 1, 4).astype(">u2").tobytes()
    squeezer = zlib.compressobj(1)
    squeezed = b"".join(squeezer.compress(line) for _ in range(height_px)) + squeezer.flush()
    header = struct.pack(">IIBBBBB", width_px, height_px, 16, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", squeezed), (b"IEND", b""))
    )


def _heic(bits: int, chroma: int) -> bytes:
    values = np.full((SIDE_PX, SIDE_PX, 3), 2**bits // 2, np.uint8 if bits == 8 else np.uint16)
    picture = pillow_heif.from_bytes("RGB" if bits == 8 else "RGB;16", (SIDE_PX, SIDE_PX), values.tobytes())
    written = io.BytesIO()
    picture.save(written, quality=50, chroma=chroma)
    return written.getvalue()


def _webp(frames: int) -> bytes:
    first, *others = [Image.new("RGB", (SIDE_PX, SIDE_PX), (number * 60, 0, 0)) for number in range(frames)]
    return file(first, "WEBP", save_all=frames > 1, append_images=others)


LARGEST = {
    "JPEG of 64 megapixels": lambda: file(Image.fromarray(slope(8000, 8000)), "JPEG", quality=60),
    "progressive JPEG of 64 megapixels": lambda: file(
        Image.fromarray(slope(8000, 8000)), "JPEG", quality=60, progressive=True, subsampling="4:2:0"
    ),
    "16-bit PNG of 54 megapixels": lambda: deep(8000, 6800),
    "WebP of 31 megapixels": lambda: file(Image.fromarray(slope(6000, 5200)), "WEBP", method=0, quality=40),
    "HEIC of 48 megapixels, in tiles as phones write it": HEIC.read_bytes,
}
"""Each with the most pixels of its kind that are accepted."""


def peak_mb(photo: bytes, folder: Path, wanted: Wanted) -> tuple[int, list[int]]:
    """Return the most memory that a process had which decoded this photo, and the shape of what came out, if any."""
    path = folder / "photo"
    path.write_bytes(photo.ljust(MAX_BYTES, b"\0"))  # what follows a picture is ignored, and takes memory
    command = [sys.executable, "-c", MEASURED, str(path), str(wanted.short_side_px), str(wanted.long_side_px)]
    root = Path(__file__).parents[2]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # it takes 10 MB itself
    said = subprocess.run(command, cwd=root, env=bare, capture_output=True, text=True, check=True).stdout.split()
    return int(said[0]), [int(number) for number in said[1:]]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read where Linux writes it")
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(MOST_LONG_SIDE_PX, MOST_LONG_SIDE_PX)], ids=["all", "closer"])
@pytest.mark.parametrize("name", LARGEST)
def test_largest_accepted_file_fits_into_memory(name: str, wanted: Wanted, tmp_path: Path) -> None:
    peak, shape = peak_mb(LARGEST[name](), tmp_path, wanted)
    assert 750 <= max(shape) <= wanted.long_side_px
    assert peak < LIMIT_MB


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read where Linux writes it")
def test_compressed_emptiness_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A decompression bomb: 72 megapixels, unpacked 576 MB."""
    bomb = deep(9000, 8000)
    assert len(bomb) < 8_000_000
    peak, shape = peak_mb(bomb, tmp_path, Wanted())
    assert (peak < 120, shape) == (True, [])


@pytest.mark.parametrize(
    ("ordinary", "larger"),
    [
        (_heic(bits=8, chroma=420), _heic(bits=10, chroma=420)),
        (_heic(bits=8, chroma=420), _heic(bits=8, chroma=444)),
        (_webp(frames=1), _webp(frames=2)),
    ],
    ids=["HEIC of 10 bits", "HEIC in full colour", "animated WebP"],
)
def test_kinds_that_take_more_memory_are_refused_earlier(
    ordinary: bytes, larger: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.decoding._MAX_WORK_BYTES", SIDE_PX**2 * 7.2)
    assert decode(ordinary).shape == (SIDE_PX, SIDE_PX, 3)
    with pytest.raises(ImageTooLarge):
        decode(larger)
