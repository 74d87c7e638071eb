"""OpenCV's decoder, and what it and its libraries say of a file."""

import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_SAID_BY_DECODER: Final = re.compile(
    rb"^(Corrupt JPEG|Premature end|Warning: unknown JFIF|Inconsistent|Invalid SOS|Unknown Adobe"
    rb"|\[ ?WARN|\[ ?ERROR|\s*$)"
)
_only_one = threading.Lock()  # the standard error is shared


def decoded(photo: bytes, flags: int) -> tuple[NDArray[np.uint8] | None, bytes]:
    """Decode a picture, and listen to what libjpeg writes to the standard error: it tells of damage nowhere else.

    What others write there meanwhile is passed on.

    Args:
        photo: a file that OpenCV reads.
        flags: of cv2.imdecode.

    Returns:
        the pixels, None where it refuses; and the complaint, empty where nothing is wrong.
    """
    content = np.frombuffer(photo, np.uint8)
    pixels, complaint = with_complaint(lambda: cv2.imdecode(content, flags))
    return None if pixels is None else pixels.astype(np.uint8, copy=False), complaint


def with_complaint(read: Callable[[], cv2.typing.MatLike | None]) -> tuple[cv2.typing.MatLike | None, bytes]:
    """Return what was read, and what the decoder wrote to the standard error."""
    with _only_one:
        try:
            theirs = os.dup(2)
        except OSError:  # a process without a standard error hears of no damage
            return _read(read), b""
        try:
            said, ours = os.pipe()
        except OSError:  # nor does one that may open nothing more
            os.close(theirs)
            return _read(read), b""
        os.set_blocking(said, False)
        os.set_blocking(ours, False)  # whoever finds the pipe full loses a line; nobody waits
        try:
            os.dup2(ours, 2)
            image = _read(read)
        finally:
            os.dup2(theirs, 2)
            os.close(theirs)
            os.close(ours)
            complaint = _complaint(said)
    return image, complaint


def _read(read: Callable[[], cv2.typing.MatLike | None]) -> cv2.typing.MatLike | None:
    try:
        return read()
    except cv2.error:
        return None


def _complaint(said: int) -> bytes:
    written = b""
    with suppress(BlockingIOError):  # somebody else still holds the other end: a process that was started meanwhile
        written = os.read(said, 2**16)
    os.close(said)
    if not written:
        return b""
    lines = written.splitlines(keepends=True)
    others = b"".join(line for line in lines if not _SAID_BY_DECODER.match(line))
    if others:
        with suppress(OSError):  # a log that can't be written is no fault of the photo
            os.write(2, others)
    return b"".join(line for line in lines if _SAID_BY_DECODER.match(line))
