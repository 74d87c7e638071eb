"""A filter of system calls, with which a process of Linux gives up what Landlock does not know.

That is: sockets of every kind, the limits and the pace of other processes, who may read a file, and processes of its
own. Refused is what looking at photos does not need, see system_calls; all else goes on. Numbers and structures:
linux/seccomp.h, linux/filter.h, linux/bpf_common.h, linux/audit.h. It is written here because pyseccomp on PyPI needs
the system's libseccomp, and seccompy there, which needs nothing, is only weeks old.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.prctl import SET_DUMPABLE, gain_no_privileges
from bot.workers.system_calls import LAST, NEVER, SOMETIMES, UNKNOWN, Numbers

_MACHINES: Final = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}  # the column, and AUDIT_ARCH_…
_SET_SECCOMP: Final = 22  # PR_SET_SECCOMP, of prctl(2) too: seccomp(2) is not what systemd lets services call
_FILTER: Final = 2  # SECCOMP_MODE_FILTER

_LOAD, _IF_EQUAL, _IF_GREATER, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # BPF_LD|W|ABS, BPF_JMP|…, BPF_RET
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # where they lie in seccomp_data; of an argument the low half comes first
_ALLOW: Final = 0x7FFF_0000
_REFUSE: Final = 0x0005_0000 | errno.EPERM
_UNKNOWN: Final = 0x0005_0000 | errno.ENOSYS  # as an older kernel answers, whereupon the C library takes an older call

_ANY_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC  # Landlock allows the last before its version 3
_THREAD: Final = 0x1_0000  # CLONE_THREAD
_WHO_HEARS: Final = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: any signal to any process, through an open file
_HARMLESS: Final = (  # to ask whether it is a terminal, as Python does (TCGETS, TCGETS2), and what fcntl does as well
    *(0x5401, 0x802C_542A),
    *(0x5421, 0x5450, 0x5451),  # FIONBIO, FIONCLEX, FIOCLEX
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an argument has to be. Only the low half of it counts for the kernel, as these are integers.

    Attributes:
        call: its name.
        argument: which, from 0.
        test: _IF_EQUAL or _IF_ANY_BIT.
        values: one of which is enough.
        is_allowed: whether the call is, then; otherwise it is the other way round.
    """

    call: str
    argument: int
    test: int
    values: tuple[int, ...]
    is_allowed: bool


def is_there() -> bool:
    """Whether this kernel has filters of system calls, and this program knows the machine."""
    if _column() is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_SET_SECCOMP, _FILTER, None, 0, 0) == -1 and ctypes.get_errno() == errno.EFAULT  # no filter there


def refuse_what_nobody_needs() -> bool:
    """Let this thread, and those that it starts, make no calls that looking at photos does not need, for good.

    Returns:
        whether it is so.
    """
    if not is_there():
        return False
    code = program(os.uname().machine, os.getpid())
    held = ctypes.create_string_buffer(code)
    length = len(code) // struct.calcsize("=HBBI")
    gain_no_privileges()
    filtering = struct.pack("@HP", length, ctypes.addressof(held))
    return bool(ctypes.CDLL(None).prctl(_SET_SECCOMP, _FILTER, filtering, 0, 0) == 0)


def program(machine: str, process_id: int) -> bytes:
    """Return the filter, as the kernel runs it at each call.

    Args:
        machine: x86_64 or aarch64.
        process_id: of the process that it is for, which may end itself.
    """
    column, architecture = _MACHINES[machine]
    steps = [
        _step(_LOAD, _MACHINE),
        _step(_IF_EQUAL, architecture, then=1),  # not another kind's calls, such as i386's on x86_64
        _step(_RETURN, _REFUSE),
        _step(_LOAD, _NUMBER),
        _step(_IF_GREATER, LAST, otherwise=1),  # x32's are among them
        _step(_RETURN, _UNKNOWN),
    ]
    for calls, answer in ((NEVER, _REFUSE), (UNKNOWN, _UNKNOWN)):
        for number in _there(calls.values(), column):
            steps += [_step(_IF_EQUAL, number, otherwise=1), _step(_RETURN, answer)]
    for rule in _rules(process_id):
        for number in _there([SOMETIMES[rule.call]], column):
            steps += _steps(rule, number)
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _column() -> int | None:
    """Return where this machine's numbers stand; None where they do not."""
    if sys.platform != "linux" or sys.maxsize < 2**32:  # a program of 32 bits on it has others
        return None
    column, _ = _MACHINES.get(os.uname().machine, (None, None))
    return column


def _there(calls: Iterable[Numbers], column: int) -> Iterator[int]:
    return (number for numbers in calls if (number := numbers[column]) is not None)


def _rules(process_id: int) -> list[_Rule]:
    return [
        _Rule("open", 1, _IF_ANY_BIT, (_ANY_WRITING,), is_allowed=False),
        _Rule("openat", 2, _IF_ANY_BIT, (_ANY_WRITING,), is_allowed=False),
        _Rule("clone", 0, _IF_ANY_BIT, (_THREAD,), is_allowed=True),
        _Rule("fcntl", 1, _IF_EQUAL, _WHO_HEARS, is_allowed=False),
        _Rule("ioctl", 1, _IF_EQUAL, _HARMLESS, is_allowed=True),
        _Rule("prctl", 0, _IF_EQUAL, (SET_DUMPABLE,), is_allowed=False),
        _Rule("prlimit64", 0, _IF_EQUAL, (0,), is_allowed=True),
        _Rule("tgkill", 0, _IF_EQUAL, (process_id,), is_allowed=True),
    ]


def _steps(rule: _Rule, number: int) -> list[bytes]:
    then, otherwise = (_ALLOW, _REFUSE) if rule.is_allowed else (_REFUSE, _ALLOW)
    inner = [_step(_LOAD, _ARGUMENTS + 8 * rule.argument)]
    for value in rule.values:
        inner += [_step(rule.test, value, otherwise=1), _step(_RETURN, then)]
    inner.append(_step(_RETURN, otherwise))
    return [_step(_IF_EQUAL, number, otherwise=len(inner)), *inner]


def _step(what: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """Return one instruction: what is done with a value, and how many are passed over where it is so, or not."""
    return struct.pack("=HBBI", what, then, otherwise, value)
