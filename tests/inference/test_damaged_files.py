"""Whatever happens to a file on its way, only one kind of error comes out."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UnreadableImage
from inference.image import decode
from tests.inference.pictures import EVERY_FORMAT, photo

FILES = tuple(photo(name) for name in EVERY_FORMAT)
HEAD_BYTES = 400  # where sizes, offsets and metadata stand


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real photo with some bytes changed, most of them near its beginning, put in, or cut off."""
    content = bytearray(draw(st.sampled_from(FILES)))
    last = draw(st.sampled_from([HEAD_BYTES, len(content) - 1]))
    for place in draw(st.lists(st.integers(0, last), max_size=12)):
        content[place] = draw(st.integers(0, 255))
    place = draw(st.integers(0, last))
    content[place:place] = draw(st.binary(max_size=30))
    return bytes(content[: draw(st.sampled_from([len(content), draw(st.integers(0, len(content)))]))])


@settings(max_examples=250, deadline=None)
@given(content=damaged())
def test_damaged_photo_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(UnreadableImage):
        image_rgb = decode(content)
        assert image_rgb.ndim == 3
        assert 1 <= max(image_rgb.shape[:2]) <= 1280


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=300), beginning=st.sampled_from([content[:24] for content in FILES]))
def test_file_that_only_begins_like_a_photo_is_refused(content: bytes, beginning: bytes) -> None:
    with contextlib.suppress(UnreadableImage):
        decode(beginning + content)
