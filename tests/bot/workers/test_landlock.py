"""Where the kernel has no Landlock, nothing changes, and the doctor says so."""

import pytest

from bot.doctor import machine
from bot.doctor.check import State
from bot.workers import landlock
from tests.conversations.service import ROOT


def test_kernel_without_landlock_changes_nothing_and_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as old:
        old.setattr(landlock, "_call", lambda *_: -1)
        assert not landlock.shut_in([])
        assert machine.shutting_in(landlock.version()).state is State.WARNING
    assert machine.shutting_in(1).state is State.OK
    assert (ROOT / "README.md").read_bytes()
