"""The filter of system calls refuses what nobody needs to look at a photo, and nothing else."""

import errno
import re
import struct
from pathlib import Path
from typing import Final

import pytest

from bot.doctor import machine
from bot.doctor.check import State
from bot.workers import seccomp
from bot.workers.system_calls import LAST, NEVER, SOMETIMES, UNKNOWN

ALLOWED, REFUSED, NOT_THERE = 0, errno.EPERM, errno.ENOSYS
OWN, OTHER = 4711, 1
MACHINES: Final = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
I386: Final = 0x4000_0003  # AUDIT_ARCH_I386
X32: Final = 0x4000_0000  # __X32_SYSCALL_BIT
HEADERS: Final = {
    "x86_64": [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")],
    "aarch64": [Path("/usr/include/asm-generic/unistd.h")],
}
of_every_machine = pytest.mark.parametrize("name", MACHINES)


def answer(name: str, number: int, *arguments: int, architecture: int = 0) -> int:
    """Run the filter as the kernel would, and return the error that it gives; 0 for none."""
    six = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, architecture or MACHINES[name], 0, *six)
    steps = list(struct.iter_unpack("=HBBI", seccomp.program(name, OWN)))
    at = held = 0
    while True:
        what, then, otherwise, value = steps[at]
        is_so = {0x15: held == value, 0x25: held > value, 0x45: bool(held & value)}
        at += 1
        if what == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif what == 0x06:
            return ALLOWED if value == 0x7FFF_0000 else value - 0x0005_0000
        else:
            at += then if is_so[what] else otherwise


def numbers(name: str, calls: dict[str, tuple[int, int | None]]) -> set[int]:
    found = (both[list(MACHINES).index(name)] for both in calls.values())
    return {number for number in found if number is not None}


@of_every_machine
def test_calls_that_nobody_needs_are_refused_and_all_others_go_on(name: str) -> None:
    refused = {number for number in range(LAST + 1) if answer(name, number) == REFUSED}
    assert refused - numbers(name, SOMETIMES) == numbers(name, NEVER)
    assert {number for number in range(LAST + 1) if answer(name, number) == NOT_THERE} == numbers(name, UNKNOWN)


@of_every_machine
def test_calls_that_came_later_or_are_another_machines_are_not_there(name: str) -> None:
    assert {answer(name, number) for number in range(LAST + 1, LAST + 200)} == {NOT_THERE}
    assert {answer(name, X32 | number) for number in range(LAST + 200)} == {NOT_THERE}
    assert {answer(name, number, architecture=I386) for number in range(LAST + 1)} == {REFUSED}


@of_every_machine
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("openat", (0, 0, 0o2000000), ALLOWED),  # O_CLOEXEC
        ("openat", (0, 0, 0o2), REFUSED),  # O_RDWR
        ("openat", (0, 0, 0o1000), REFUSED),  # O_TRUNC, which with O_RDONLY empties a file
        ("open", (0, 0o101), REFUSED),  # O_WRONLY | O_CREAT
        ("open", (0, 0), ALLOWED),
        ("clone", (0x3D0F00,), ALLOWED),  # as the C library starts a thread
        ("clone", (0x1200011,), REFUSED),  # as it forks
        ("fcntl", (5, 4), ALLOWED),  # F_SETFL
        ("fcntl", (5, 8), REFUSED),  # F_SETOWN
        ("fcntl", (5, 10), REFUSED),  # F_SETSIG
        ("fcntl", (5, 15), REFUSED),  # F_SETOWN_EX
        ("ioctl", (5, 0x5401), ALLOWED),  # TCGETS
        ("ioctl", (5, 0x5412), REFUSED),  # TIOCSTI: as if it had been typed
        ("ioctl", (5, 0x4008_6602), REFUSED),  # FS_IOC_SETFLAGS, as of chattr
        ("prctl", (4, 1), REFUSED),  # PR_SET_DUMPABLE
        ("prctl", (15, 0), ALLOWED),  # PR_SET_NAME
        ("prlimit64", (0, 7), ALLOWED),
        ("prlimit64", (OTHER, 7), REFUSED),
        ("tgkill", (OWN, OWN, 6), ALLOWED),
        ("tgkill", (OTHER, OTHER, 6), REFUSED),
    ],
)
def test_some_calls_depend_on_what_is_asked_for(
    name: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    for number in numbers(name, {call: SOMETIMES[call]}):
        assert answer(name, number, *arguments) == expected


@of_every_machine
def test_high_half_of_an_argument_that_the_kernel_does_not_read_changes_nothing(name: str) -> None:
    (number,) = numbers(name, {"prlimit64": SOMETIMES["prlimit64"]})
    assert answer(name, number, 1 << 32 | OTHER) == REFUSED


@of_every_machine
def test_numbers_are_those_of_the_kernels_headers(name: str) -> None:
    header = next((path for path in HEADERS[name] if path.exists()), None)
    if header is None:
        pytest.skip("needs the headers of linux-libc-dev")
    told: dict[str, int] = {}
    for call, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(encoding="utf-8")):
        told.setdefault(call, int(number))
    for call, both in (NEVER | UNKNOWN | SOMETIMES).items():
        assert both[list(MACHINES).index(name)] == told.get(call), call


def test_machine_that_is_not_known_changes_nothing_and_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as strange:
        strange.setattr(seccomp, "_MACHINES", {})
        assert not seccomp.refuse_what_nobody_needs()
        assert machine.filtering(is_there=seccomp.is_there()).state is State.WARNING
    assert machine.filtering(is_there=True).state is State.OK
