"""Looks for known vulnerabilities in what the locks pin: `python -m ops.audit requirements.txt …`.

pip-audit asks, by the hashed pins and nothing else. A vulnerability ends it with status 1. Where advisories can't be
reached, it says so and lets the rest of `make check` go on: no network is no fault of the code.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_AUDIT: Final = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off")
_TIMEOUT_S: Final = 300
_MISSING: Final = "No module named pip_audit"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of an audit.

    Attributes:
        line: what people read.
        is_bad: whether anything is known against a pin, or nobody could look.
        is_whole: whether every pin was looked up.
    """

    line: str
    is_bad: bool = False
    is_whole: bool = False


def verdict(lock: str, told: str, complaint: str) -> Verdict:
    """Return what pip-audit's answer means.

    Args:
        lock: the file that was audited.
        told: what it wrote to standard output; JSON, where it came to an end.
        complaint: what it wrote to standard error.
    """
    if _MISSING in complaint:
        return Verdict(f"{lock}: not audited, for pip-audit is not installed.", is_bad=True)
    try:
        pins: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(f"{lock}: not audited, for the advisories can't be reached.")
    known = [f"{pin['name']} {pin['version']} ({_ids(pin)})" for pin in pins if pin.get("vulns")]
    if known:
        return Verdict(f"{lock}: known vulnerabilities in {', '.join(known)}.", is_bad=True)
    unseen = sum("skip_reason" in pin for pin in pins)
    if unseen:
        return Verdict(f"{lock}: nothing known, but {unseen} of {len(pins)} pins could not be looked up.")
    return Verdict(f"{lock}: nothing known against {len(pins)} pins.", is_whole=True)


def _ids(pin: dict[str, Any]) -> str:
    return ", ".join(str(one["id"]) for one in pin["vulns"])


def audited(lock: str) -> Verdict:
    """Return what is known against the pins of a lock."""
    command = [sys.executable, *_AUDIT, "--requirement", lock]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)  # noqa: S603 - its words are ours
    except subprocess.TimeoutExpired:
        return verdict(lock, "", "")
    return verdict(lock, done.stdout, done.stderr)


def main(locks: Sequence[str]) -> int:
    """Audit each lock; returns 1 where anything is known."""
    verdicts = [audited(lock) for lock in locks]
    for one in verdicts:
        if not one.is_whole:
            print(one.line, file=sys.stderr)
    return int(any(one.is_bad for one in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
