"""What a process of Linux gives up by prctl(2), for itself and for good."""

import ctypes
import sys
from typing import Final

SET_DUMPABLE: Final = 4  # PR_SET_DUMPABLE: whose memory and first environment others of its user may read
_NO_NEW_PRIVILEGES: Final = 38  # PR_SET_NO_NEW_PRIVS


def keep_to_itself() -> None:
    """Let nobody but root read this process's memory and first environment, nor dump it; nothing but on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)


def gain_no_privileges() -> None:
    """Let no program that this thread runs have more rights than it has; else it may shut nothing in. Linux only."""
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
