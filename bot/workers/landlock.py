"""Landlock, with which a process of Linux gives up what it may open: for those that decode other people's photos.

Numbers and structures: linux/landlock.h, docs.kernel.org/userspace-api/landlock.html.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bot.prctl import gain_no_privileges

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every processor but Alpha
_VERSION: Final = 1  # asks for nothing but the version
_PATH_BENEATH: Final = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_DEEDS: Final = {1: 13, 2: 14, 3: 15, 4: 15}  # how many deeds on files a version knows; later ones 16
_TCP: Final = 0b11, 4  # to wait for others and to call them, since version 4
_OUTSIDE: Final = 0b11, 6  # to call abstract sockets and signal processes that are not shut in, since version 6


def version() -> int:
    """Return which Landlock this kernel has; 0 for none, or where something keeps it from this process."""
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION)) if sys.platform == "linux" else 0


def shut_in(readable: Iterable[Path]) -> bool:
    """Let this thread, and those that it starts, open nothing but what is named here, to read it, for good.

    Nor may it run programs, make connections by TCP, signal other processes or look into them.

    Args:
        readable: files and folders with all that is in them; those that are not there are passed over.

    Returns:
        whether it is so.
    """
    known = version()
    if not known:
        return False
    handled = (1 << _DEEDS.get(known, 16)) - 1
    others = [bits if known >= since else 0 for bits, since in (_TCP, _OUTSIDE)]
    attributes = struct.pack("=QQQ", handled, *others)
    rules = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow(rules, path)
        gain_no_privileges()
        return _call(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(rules: int, path: Path) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        _call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", allowed, opened), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: bytes | int | None) -> int:
    words = [one if isinstance(one, bytes | None) else ctypes.c_long(one) for one in arguments]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *words))
