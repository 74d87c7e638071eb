"""Headers that cost more than their pixels, and what refuses them."""

import io
from typing import Final

from inference.errors import UnreadableImage

_MOST_READS: Final = 60_000  # three a chunk: 20,000 chunks of PNG, as 20 MiB in pieces of 1 KiB; Pillow takes 0.4 s
_COSTS_AS: Final = 1200  # reads: 50 such pieces, which take Pillow up to 0.8 s; cameras and programs write a few
_JOINED_OR_WALKED: Final = (b"Exif\0\0", b"Photoshop 3.0\0")  # each is copied with all before it; in each is a list
_UNPACKED: Final = frozenset({b"iCCP", b"zTXt", b"iTXt"})  # a kilobyte of each is unpacked to a megabyte


class Header(io.BytesIO):
    """A file for Pillow, which reads headers in Python, piece by piece: it may take only so many.

    To count what is read, not what a parser of ours would find, leaves no way to write a header that the two read
    differently. Without this limit, comments, filling and empty chunks of 4 to 21 MB took 6 to 28 s, joined EXIF of
    4 MB 28 s, packed texts of 3 MB 13 s, and what is kept of the pieces up to 957 MB.
    """

    def __init__(self, photo: bytes) -> None:
        super().__init__(photo)
        self._reads_left = _MOST_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read a piece.

        Raises:
            UnreadableImage: there have been more than any picture has.
        """
        piece = super().read(size)
        is_costly = piece.startswith(_JOINED_OR_WALKED) or piece[4:8] in _UNPACKED  # of a chunk its name comes fifth
        self._reads_left -= _COSTS_AS if is_costly else 1
        if self._reads_left < 0:
            raise UnreadableImage("its header is in too many pieces")
        return piece
