"""Whatever happens to a file on its way, only one kind of error comes out."""

import contextlib
import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.decoding import decode
from inference.errors import UnreadableImage
from tests.inference.kinds import files_of_every_kind
from tests.inference.pictures import EVERY_FORMAT, photo

FILES = tuple(photo(name) for name in EVERY_FORMAT) + tuple(files_of_every_kind().values())
HEAD_BYTES = 400  # where sizes, offsets and metadata stand
NUMBERS = (b"\xff", b"\0\0", b"\xff\xff", b"\xea\x60", b"\0\0\xea\x60", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff")
"""What a header may claim: nothing, 60000, as much as there is."""
PATIENCE_S = 20  # a hang takes minutes; a busy machine, a second


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with some bytes changed, most of them near its beginning, put in, or cut off, or another file's end."""
    content = bytearray(draw(st.sampled_from(FILES)))
    last = min(len(content) - 1, draw(st.sampled_from([HEAD_BYTES, len(content) - 1])))
    for place in draw(st.lists(st.integers(0, last), max_size=12)):
        content[place] = draw(st.integers(0, 255))
    for place in draw(st.lists(st.integers(0, last), max_size=2)):
        number = draw(st.sampled_from(NUMBERS))
        content[place : place + len(number)] = number
    place = draw(st.integers(0, last))
    content[place:place] = draw(st.binary(max_size=30))
    if draw(st.integers(0, 9)) == 0:
        content[draw(st.integers(0, last)) :] = draw(st.sampled_from(FILES))[-draw(st.integers(1, 500)) :]
    return bytes(content[: draw(st.sampled_from([len(content), draw(st.integers(0, len(content)))]))])


@settings(max_examples=200, deadline=None)
@given(content=damaged())
def test_damaged_photo_is_read_or_refused(content: bytes) -> None:
    began = time.monotonic()
    with contextlib.suppress(UnreadableImage):
        image_rgb = decode(content)
        assert image_rgb.ndim == 3
        assert image_rgb.dtype == np.uint8
        assert 1 <= max(image_rgb.shape[:2]) <= 1280
    assert time.monotonic() - began < PATIENCE_S


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=300), beginning=st.sampled_from([content[:24] for content in FILES]))
def test_file_that_only_begins_like_a_photo_breaks_nothing(content: bytes, beginning: bytes) -> None:
    with contextlib.suppress(UnreadableImage):
        decode(beginning + content)
